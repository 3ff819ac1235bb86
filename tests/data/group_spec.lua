local hana = require "hana"

local null, nan = hana.null, 0 / 0

local df = hana.frame{
  { "city", { "Seoul", "Busan", null, "Seoul", "Busan", "Seoul" } },
  { "x", { 1.0, 2.0, 3.0, null, 5.0, 6.0 } },
  { "k", { 1, 2, 2, 1, 2, 3 } },
}

local function rows(frame)
  local out = {}
  for i, row in frame:rows() do
    local cells = {}
    for j, name in ipairs(frame:names()) do cells[j] = tostring(row[name]):gsub("^%-nan", "nan") end
    out[i] = table.concat(cells, " ")
  end
  return out
end

describe("groups", function()
  it("come out in key order, null last", function()
    local got = df:group_by{ "city" }:summarize{
      { "n", "count()" }, { "present", "count(x)" }, { "mean", "mean(x)" }, { "top", "max(x)" },
    }
    assert.same({ "city", "n", "present", "mean", "top" }, got:names())
    assert.same({ "Busan 2 2 3.5 5.0", "Seoul 3 2 3.5 6.0", "nil 1 1 3.0 3.0" }, rows(got))
  end)

  it("take several keys, and expressions over aggregates", function()
    local got = df:group_by{ "k", "city" }:summarize{
      { "share", "sum(x) / count()" }, { "median", "median(x)" },
    }
    assert.same({ "1 Seoul 0.5 1.0", "2 Busan 3.5 3.5", "2 nil 3.0 3.0", "3 Seoul 6.0 6.0" },
      rows(got))
  end)

  it("put NaN into one group between numbers and null", function()
    local f = hana.frame{ { "x", { nan, 1.0, null, -nan, -0.0, 0.0, null } } }
    assert.same({ "-0.0 2", "1.0 1", "nan 2", "nil 2" }, rows(f:count{ "x" }))
  end)

  it("are one when there are no keys, none when there are no rows", function()
    assert.same({ "6 17.0" }, rows(df:summarize{ { "n", "count()" }, { "total", "sum(x)" } }))
    local none = df:head(0)
    assert.same({ "0 nil" }, rows(none:summarize{ { "n", "count()" }, { "m", "mean(x)" } }))
    assert.equal(0, #none:group_by{ "city" }:summarize{ { "n", "count()" } })
  end)

  it("follow the levels of a category", function()
    local f = df:cast{ city = "category" }
    assert.equal("category", f:count{ "city" }.city:type())
    assert.same({ "Busan 2", "Seoul 3", "nil 1" }, rows(f:count{ "city" }))
  end)

  it("give columns and frames group by group", function()
    local shares = df:group_by{ "city" }:mutate{ { "share", "x / sum(x)" } }
    assert.same({ "Seoul", "Busan", null, "Seoul", "Busan", "Seoul" }, shares.city:totable())
    assert.same({ 1 / 7, 2 / 7, 1.0, null, 5 / 7, 6 / 7 }, shares.share:totable())
    local first = df:group_by{ "city" }:apply(function(part) return part:head(1) end)
    assert.same({ "Busan 2.0 2", "Seoul 1.0 1", "nil 3.0 2" }, rows(first))
  end)

  it("have a number, and one expression for several columns", function()
    local groups = hana.frame{
      { "g", { "x", "y", "x", null } }, { "v", { 1, 2, 3, 4 } }, { "w", { 2.0, 0.0, 4.0, 1.0 } },
    }:group_by{ "g" }
    assert.equal(3, #groups)
    local got = groups:mutate_each({ "v", "w" }, ".x - mean(.x)", { suffix = "_c" })
    assert.same({ "g", "v", "w", "v_c", "w_c" }, got:names())
    assert.same({ -1.0, 0.0, 1.0, 0.0 }, got.v_c:totable())
    assert.same({ -1.0, 0.0, 1.0, 0.0 }, got.w_c:totable())
  end)

  it("see lags, ranks and nulls of their own rows only", function()
    local f = hana.frame{ { "g", { 2, 1, 2, null, 1, 2 } }, { "x", { 5, 1, 7, 9, null, 6 } } }
    local got = f:group_by{ "g" }:mutate{
      { "before", "lag(x)" }, { "d", "x - before" }, { "twice", "float(string(count())) * 2" },
    }
    assert.same({ null, null, 5, null, 1, 7 }, got.before:totable())
    assert.same({ null, null, 2, null, null, -1 }, got.d:totable())
    assert.same({ 6.0, 4.0, 6.0, 2.0, 4.0, 6.0 }, got.twice:totable())
    assert.same({ "1 1", "2 7", "2 6", "nil 9" },
      rows(f:group_by{ "g" }:filter("x >= mean(x)"):sort{ "g", { "x", "desc" } }))
    assert.error_matches(function() f:group_by{ "g" }:filter("x + 1") end, "needs true or false")
  end)

  it("are many without trouble", function()
    local key, value = {}, {}
    for i = 1, 50000 do key[i], value[i] = (i * 7919) % 25000, i % 10 end
    local many = hana.frame{ { "key", key }, { "value", value } }
      :group_by{ "key" }:summarize{ { "n", "count()" }, { "s", "sum(value)" } }
    assert.equal(25000, #many)
    assert.equal(0, many.key[1])
    assert.equal(24999, many.key[25000])
    for i = 1, 25000, 999 do assert.equal(2, many.n[i]) end
  end)

  it("name what is wrong", function()
    assert.error_matches(function() df:group_by{ "citty" } end, "did you mean 'city'")
    assert.error_matches(function() df:group_by{ "city" }:summarize{ { "x", "x + 1" } } end, "x")
    assert.error_matches(function()
      df:group_by{ "city" }:summarize{ { "city", "count()" } }
    end, "city")
  end)
end)

describe("distinct", function()
  it("keeps the first row of each combination, in the frame's order", function()
    assert.same({ "Seoul 1.0 1", "Busan 2.0 2", "nil 3.0 2" }, rows(df:distinct{ "city" }))
    assert.equal(6, #df:distinct())
  end)

  it("takes 0.0 and -0.0 as one value, NaN as one and null as one", function()
    local f = hana.frame{ { "x", { -0.0, nan, 0.0, null, nan, null } } }
    assert.same({ "-0.0", "nan", "nil" }, rows(f:distinct()))
  end)
end)
