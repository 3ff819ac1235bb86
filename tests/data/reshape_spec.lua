local hana = require "hana"

local null = hana.null

local function rows(df)
  local out = {}
  for i, row in df:rows() do
    local cells = {}
    for j, name in ipairs(df:names()) do cells[j] = tostring(row[name]) end
    out[i] = table.concat(cells, " ")
  end
  return out
end

local wide = hana.frame{
  { "shop", { "A", "B" } }, { "q1", { 10, 30 } }, { "q2", { null, 40 } },
  { "open", { true, false } },
}

describe("pivot_longer", function()
  it("gives a row for each column, in their order", function()
    local long = wide:pivot_longer{ columns = { "q1", "q2" }, name = "quarter", value = "sales" }
    assert.same({ "shop", "open", "quarter", "sales" }, long:names())
    assert.same({ "A true q1 10", "A true q2 nil", "B false q1 30", "B false q2 40" }, rows(long))
    assert.equal("category", long.quarter:type())
  end)

  it("takes a selector, and unites whole and floating numbers", function()
    local df = hana.frame{ { "id", { "x" } }, { "m_a", { 1 } }, { "m_b", { 2.5 } } }
    local long = df:pivot_longer{ columns = hana.cols{ matches = "^m_" } }
    assert.same({ "x m_a 1.0", "x m_b 2.5" }, rows(long))
  end)

  it("takes empty frames", function()
    local long = wide:head(0):pivot_longer{ columns = { "q1" }, name = "quarter", value = "sales" }
    assert.equal(0, #long)
    assert.same({ "shop", "q2", "open", "quarter", "sales" }, long:names())
  end)

  it("names what is wrong", function()
    assert.error_matches(function() wide:pivot_longer{ columns = { "q1", "open" } } end,
      "pivot_longer: int and bool")
    assert.error_matches(function() wide:pivot_longer{ columns = { "q3" } } end, "'q3'")
    assert.error_matches(function() wide:pivot_longer{ columns = {} } end, "no columns")
    assert.error_matches(function() wide:pivot_longer{ name = "n" } end, "'columns' is missing")
    assert.error_matches(function()
      wide:pivot_longer{ columns = { "q1", "q2" }, name = "shop" }
    end, "pivot_longer: .*'shop'")
  end)
end)

describe("pivot_wider", function()
  local long = hana.frame{
    { "shop", { "B", "A", "B", "C" } }, { "quarter", { "q2", "q1", "q1", "q2" } },
    { "sales", { 40, 10, 30, null } },
  }

  it("takes what pivot_longer gives by default, and names the option that is missing", function()
    local back = wide:pivot_longer{ columns = { "q1", "q2" } }:pivot_wider{}
    assert.same(rows(wide:select{ "shop", "open", "q1", "q2" }), rows(back))
    assert.error_matches(function() long:pivot_wider{} end, "option 'name' is missing")
    assert.error_matches(function() long:pivot_wider{ name = "quarter" } end,
      "option 'value' is missing")
  end)

  it("gives a column for each value and a row for each other combination", function()
    local got = long:pivot_wider{ name = "quarter", value = "sales" }
    assert.same({ "shop", "q2", "q1" }, got:names())
    assert.same({ "B 40 30", "A nil 10", "C nil nil" }, rows(got))
  end)

  it("orders the columns of a category by its levels", function()
    local got = long:cast{ quarter = "category" }:pivot_wider{ name = "quarter", value = "sales" }
    assert.same({ "shop", "q1", "q2" }, got:names())
  end)

  it("undoes pivot_longer", function()
    local back = wide:pivot_longer{ columns = { "q1", "q2" }, name = "quarter", value = "sales" }
      :pivot_wider{ name = "quarter", value = "sales" }
    assert.same({ "shop", "open", "q1", "q2" }, back:names())
    assert.same({ "A true 10 nil", "B false 30 40" }, rows(back))
  end)

  it("keeps only the columns that are asked for", function()
    local got = wide:pivot_longer{ columns = { "q1", "q2" }, name = "quarter", value = "sales" }
      :pivot_wider{ name = "quarter", value = "sales", id = { "shop" } }
    assert.same({ "shop", "q1", "q2" }, got:names())
  end)

  -- pandas 2: d.pivot_table(index="id", columns="k", values=["x", "y"], aggfunc=..., dropna=False)
  it("takes several values, an aggregate and what fills the rest", function()
    local d = hana.frame{
      { "id", { 1, 1, 2, 2, 2, null } }, { "k", { "b", "a", "a", "a", "c", "b" } },
      { "x", { 1, 2, 3, 4, null, 6 } }, { "y", { 1.5, 2.5, 3.5, 4.5, 5.5, 6.5 } },
    }
    local got = d:pivot_wider{ name = "k", value = { "x", "y" }, aggregate = "mean" }
    assert.same({ "id", "x_b", "x_a", "x_c", "y_b", "y_a", "y_c" }, got:names())
    assert.same({ "1 1.0 2.0 nil 1.5 2.5 nil", "2 nil 3.5 nil nil 4.0 5.5",
      "nil 6.0 nil nil 6.5 nil nil" }, rows(got))
    -- A null that stands there stays; what no row goes to is filled.
    local once = d:distinct{ "id", "k" }:drop{ "y" }
    assert.same({ "1 1 2 0", "2 0 3 nil", "nil 6 0 0" },
      rows(once:pivot_wider{ name = "k", value = "x", fill = 0 }))
    assert.same({ "1 2 4 nil", "2 nil 14 0", "nil 12 nil nil" }, rows(d:pivot_wider{ name = "k",
      value = "x", id = "id", aggregate = "sum(.x * 2)" }))
    assert.error_matches(function()
      d:pivot_wider{ name = "k", value = "x", id = "id", aggregate = ".x * 2" }
    end, "one value is wanted")
    assert.error_matches(function() once:pivot_wider{ name = "k", value = "x", fill = "no" } end,
      "option 'fill' is a string, which column 'x' of type int cannot hold")
    assert.error_matches(function() d:pivot_wider{ names = "k" } end, "did you mean 'name'")
    assert.same({ "id" }, d:head(0):pivot_wider{ name = "k", value = { "x", "y" } }:names())
  end)

  it("names what is wrong", function()
    local twice = hana.concat{ long, long:take{ 2 } }
    assert.error_matches(function() twice:pivot_wider{ name = "quarter", value = "sales" } end,
      "rows 2 and 5 .*aggregate")
    local hole = hana.frame{ { "k", { "a", null } }, { "v", { 1, 2 } } }
    assert.error_matches(function() hole:pivot_wider{ name = "k", value = "v" } end,
      "'k' is null in row 2")
    assert.error_matches(function() long:pivot_wider{ name = "quarter", value = "sale" } end,
      "did you mean 'sales'")
    local nul = hana.frame{ { "k", { "a", "b\0c" } }, { "v", { 1, 2 } } }
    assert.error_matches(function() nul:pivot_wider{ name = "k", value = "v" } end,
      "value 'b' of column 'k' contains a NUL byte")
  end)
end)

describe("nulls", function()
  local df = hana.frame{
    { "a`b", { 1, null, 3, null } }, { "s", { "x", "y", null, "x" } },
    { "f", { null, 1.5, 2.5, 5.0 } },
  }

  it("are dropped row by row", function()
    assert.equal(0, #df:drop_null())
    assert.same({ "1 x nil", "3 nil 2.5" }, rows(df:drop_null{ "a`b" }))
    assert.same({ "nil y 1.5", "nil x 5.0" }, rows(df:drop_null{ "s", "f" }))
    assert.equal(4, #df:drop_null{})
  end)

  it("are filled by values and by statistics", function()
    local got = df:fill_null{ ["a`b"] = 0, s = { stat = "mode" }, f = { stat = "mean" } }
    assert.same({ "1 x 3.0", "0 y 1.5", "3 x 2.5", "0 x 5.0" }, rows(got))
    assert.equal("int", got:types()["a`b"])
    assert.error_matches(function() df:fill_null{ s = { stat = "mod" } } end,
      "column 's': stat must be mean, .* got 'mod'; did you mean 'mode'")
    assert.error_matches(function() df:fill_null{ s = { stats = "mode" } } end,
      "column 's': unknown option 'stats'; did you mean 'stat'")
  end)

  it("are filled along the rows, of the frame or of a group", function()
    local prices = hana.frame{
      { "shop", { "a", "b", "a", "b", "a", "b" } }, { "price", { 1, null, null, 4, null, null } },
      { "size", { null, "S", null, null, "L", null } },
    }:cast{ size = { "category", { "S", "L" } } }
    local got = prices:fill_null{ price = { stat = "forward" }, size = { stat = "backward" } }
    assert.same({ 1, 1, 1, 4, 4, 4 }, got.price:totable())
    assert.same({ "S", "S", "L", "L", "L", null }, got.size:totable())
    assert.same({ "S", "L" }, got.size:levels():totable())
    assert.is_true(got.size:ordered())
    assert.equal("int", got:types().price)
    assert.same({ 1, 1, null, 4, 4, null },
      prices:fill_null{ price = { stat = "forward", limit = 1 } }.price:totable())

    local groups = prices:group_by{ "shop" }
    got = groups:fill_null{ price = { stat = "forward" }, size = { stat = "backward", limit = 1 } }
    assert.same({ 1, null, 1, 4, 1, 4 }, got.price:totable())
    assert.same({ null, "S", "L", null, "L", null }, got.size:totable())
    assert.same({ 1.0, 4.0, 1.0, 4.0, 1.0, 4.0 },
      groups:fill_null{ price = { stat = "mean" } }.price:totable())
    assert.same({ 1, 0, 0, 4, 0, 0 }, groups:fill_null{ price = 0 }.price:totable())
    assert.same({ "L", "S", "L", "L", "L", "L" }, groups:fill_null{ size = "L" }.size:totable())

    local function fails(what, message)
      assert.error_matches(function() prices:fill_null(what) end, message, 1, true)
    end
    fails({ price = { stat = "forwards" } }, "did you mean 'forward'?")
    fails({ price = { stat = "mean", limit = 1 } }, "limit goes with forward and backward")
    for _, limit in ipairs{ 0, 1.5, "2" } do
      fails({ price = { stat = "forward", limit = limit } },
        "column 'price': limit must be a whole number >= 1, got " .. limit)
    end
  end)

  it("are filled by an expression in mutate, which the error for a text says", function()
    assert.error_matches(function() df:fill_null{ f = "mean(f)" } end, "fill_null: column 'f' is "
      .. "float, got the text 'mean(f)'; an expression fills by df:mutate{ [\"f\"] = "
      .. "\"coalesce(`f`, ...)\" }", 1, true)
    assert.error_matches(function() df:group_by{ "s" }:fill_null{ f = "0" } end, "got the text '0'")
  end)
end)
