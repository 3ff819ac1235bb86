local hana = require "hana"

local null, nan, inf = hana.null, 0 / 0, 1 / 0

local function cells(column)
  local out = {}
  for i = 1, #column do out[i] = tostring(column[i]):gsub("^%-nan$", "nan") end
  return table.concat(out, " ")
end

describe("sort", function()
  it("puts NaN behind numbers and nulls behind all, in both directions", function()
    local df = hana.frame{ { "x", { 1.5, null, nan, -inf, inf, -2.0 } } }
    assert.equal("-inf -2.0 1.5 inf nan nil", cells(df:sort{ "x" }.x))
    assert.equal("inf 1.5 -2.0 -inf nan nil", cells(df:sort{ { "x", "desc" } }.x))
  end)

  it("is stable, and takes -0.0 for 0.0", function()
    local df = hana.frame{ { "x", { 0.0, 1.0, -0.0, 1.0, 0.0 } }, { "i", { 1, 2, 3, 4, 5 } } }
    assert.equal("1 3 5 2 4", cells(df:sort{ "x" }.i))
    assert.equal("2 4 1 3 5", cells(df:sort{ { "x", "desc" } }.i))
  end)

  it("takes orders under names, in sorted order", function()
    local df = hana.frame{ { "b", { 1, 2, 1 } }, { "a", { 1, 1, 2 } }, { "type", { 1, 2, 3 } } }
    assert.same({ 3, 2, 1 }, df:sort{ a = "desc", b = "desc" }.type:totable())
    assert.same({ 3, 2, 1 }, df:sort{ type = "desc" }.type:totable())
    assert.error_matches(function() df:sort{ a = "down" } end, "'a'")
  end)

  it("orders by the second key where the first is equal", function()
    local df = hana.frame{ { "a", { "y", "x", "y", "x", null } }, { "b", { 1, 2, 3, null, 5 } } }
    local sorted = df:sort{ "a", { "b", "desc" } }
    assert.equal("x x y y nil", cells(sorted.a))
    assert.equal("2 nil 3 1 5", cells(sorted.b))
  end)

  it("orders texts by bytes and categories by their levels", function()
    local df = hana.frame{ { "s", { "é", "b", "B", "", "서울", "ab", "b\0", null } } }
    assert.equal("|B|ab|b|b\0|é|서울|nil", (cells(df:sort{ "s" }.s):gsub(" ", "|")))
  end)

  it("orders whole numbers exactly", function()
    local least, most = math.mininteger, math.maxinteger
    local df = hana.frame{ { "k", { most, 9007199254740993, least, null, 9007199254740992, 0 } } }
    local sorted = df:sort{ "k" }
    assert.same({ least, 0, 9007199254740992, 9007199254740993, most, null }, sorted.k:totable())
  end)

  it("orders many rows", function()
    local values, state = {}, 1
    for i = 1, 20000 do
      state = state * 48271 % 2147483647
      values[i] = (state - 1073741823) / 7
    end
    local sorted = hana.frame{ { "x", values } }:sort{ "x" }.x:totable()
    table.sort(values)
    assert.same(values, sorted)
  end)

  -- Each kind of number that the parts of the sort treat apart: keys and rows that fit a word and
  -- such that do not, one value that stretches the range, long runs of the same upper bits.
  describe("of many rows", function()
    local n = 600000
    local rows = hana.frame{ { "i", { 0 } } }
    setup(function()
      local numbers = {}
      for i = 1, n do numbers[i] = i end
      rows = hana.frame{ { "i", numbers } }:mutate{ { "r", "i * 48271 % 2147483647" } }
    end)

    local function ordered(key, keep)
      local df = rows:mutate{ { "k", key } }
      if keep then df = df:filter(keep) end
      local sorted = df:sort{ "k" }:mutate{ { "before", "lag(k)" }, { "i_before", "lag(i)" } }
      assert.equal(#df, #sorted)
      assert.equal(df.i:sum(), sorted.i:sum())
      assert.equal(0, #sorted:filter("k < before or k == before and i < i_before"), key)
      assert.equal(0, #sorted:filter("not is_null(k) and is_null(before) and i_before > 0"), key)
      return sorted
    end

    it("that are whole numbers", function()
      for _, key in ipairs{
        "r", "-r", "r % 1000", "r // 1000000000", "i", "-i", "7", "r * 4294967296",
        "r * 4294967296 + i", "if_else(i == 5, 4611686018427387904, r % 3)",
        "if_else(i % 2 == 0, 4611686018427387904, r % 1000)",
        "if_else(i == 5, -4611686018427387904, r)", "if_else(r % 7 == 0, nil, r)",
      } do
        ordered(key)
      end
    end)

    it("that are floating numbers", function()
      for _, key in ipairs{
        "r / 7", "-r / 7", "1 / r", "r * 1.0", "1 + r * 1e-18", "1 + (r % 4096) * 2.2e-16",
        "if_else(i == 5, 1e300, r * 1e-300)", "if_else(i % 3 == 0, 0.0, -0.0) * 1.0",
        "if_else(r % 5 == 0, 1 / (i - i), r / 3)", "exp(float(r % 1400) - 700)",
      } do
        ordered(key)
      end
    end)

    it("by several keys that do not fit one word", function()
      local df = rows:mutate{ { "a", "r % 3 * 1.5" }, { "b", "r / 7" }, { "c", "-i" } }
      local sorted = df:sort{ "a", { "b", "desc" }, "c" }
        :mutate{ { "x", "lag(a)" }, { "y", "lag(b)" } }
      assert.equal(0, #sorted:filter("a < x or a == x and b > y"))
      assert.equal(df.i:sum(), sorted.i:sum())
    end)

    it("with the same result for one thread", function()
      local threads = hana.threads()
      local two = rows:mutate{ { "k", "1 + r % 1024 * 1e-18" } }:sort{ "k" }
      hana.threads(1)
      local one = rows:mutate{ { "k", "1 + r % 1024 * 1e-18" } }:sort{ "k" }
      hana.threads(threads)
      assert.equal("equal", one:compare(two).verdict)
    end)
  end)

  it("takes empty frames and frames of one row", function()
    local df = hana.frame{ { "x", { 3 } } }
    assert.equal("3", cells(df:sort{ "x" }.x))
    assert.equal(0, #df:head(0):sort{ "x" })
  end)

  it("keeps the rows' ids with the rows", function()
    local df = hana.frame{ { "x", { 3, 1, 2 } } }
    local again = df:sort{ "x" }:sort{ { "x", "desc" } }
    assert.equal("3 2 1", cells(again.x))
  end)

  it("names what is wrong", function()
    local df = hana.frame{ { "age", { 1 } } }
    assert.error_matches(function() df:sort{ "agee" } end, "did you mean 'age'")
    assert.error_matches(function() df:sort{ { "age", "down" } } end, "asc.*desc.*down")
    assert.error_matches(function() df:sort{} end, "at least one column")
  end)
end)
