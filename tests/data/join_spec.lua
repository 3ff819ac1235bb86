local hana = require "hana"

local null, nan = hana.null, 0 / 0

local left = hana.frame{
  { "id", { 2, 1, null, 3, 2 } }, { "name", { "b", "a", "none", "c", "b2" } },
}
local right = hana.frame{
  { "id", { 2, 4, null, 2, 1 } }, { "city", { "Seoul", "Busan", "Jeju", "Daegu", "Ulsan" } },
}

local function rows(df)
  local out = {}
  for i, row in df:rows() do
    local cells = {}
    for j, name in ipairs(df:names()) do cells[j] = tostring(row[name]) end
    out[i] = table.concat(cells, " ")
  end
  return out
end

setup(function() warn "@off" end)

describe("join", function()
  it("inner: all pairs of equal keys, in the order of the left frame", function()
    assert.same({ "2 b Seoul", "2 b Daegu", "1 a Ulsan", "2 b2 Seoul", "2 b2 Daegu" },
      rows(left:join(right, { by = "id" })))
  end)

  it("left: left rows without a partner get nulls", function()
    assert.same({ "2 b Seoul", "2 b Daegu", "1 a Ulsan", "nil none nil", "3 c nil", "2 b2 Seoul",
      "2 b2 Daegu" }, rows(left:join(right, { by = "id", how = "left" })))
  end)

  it("right: the right frame's rows without a partner stand last, with their keys", function()
    assert.same({ "2 b Seoul", "2 b Daegu", "1 a Ulsan", "2 b2 Seoul", "2 b2 Daegu", "4 nil Busan",
      "nil nil Jeju" }, rows(left:join(right, { by = "id", how = "right" })))
  end)

  it("full: both", function()
    assert.same({ "2 b Seoul", "2 b Daegu", "1 a Ulsan", "nil none nil", "3 c nil", "2 b2 Seoul",
      "2 b2 Daegu", "4 nil Busan", "nil nil Jeju" },
      rows(left:join(right, { by = "id", how = "full" })))
  end)

  it("semi and anti: left rows with and without a partner, each once", function()
    assert.same({ "2 b", "1 a", "2 b2" }, rows(left:join(right, { by = "id", how = "semi" })))
    assert.same({ "nil none", "3 c" }, rows(left:join(right, { by = "id", how = "anti" })))
  end)

  it("compares whole and floating numbers by value, exactly", function()
    local whole = hana.frame{ { "k", { 1, 9007199254740993, 9007199254740992, 3 } } }
    local floating = hana.frame{ { "k", { 1.0, 9007199254740992.0, 3.5, nan, null } },
      { "v", { "one", "big", "half", "nan", "null" } } }
    assert.same({ "1 one", "9007199254740992 big" }, rows(whole:join(floating, { by = "k" })))
    assert.same({ "1.0 one", "9.007199254741e+15 big" },
      rows(floating:join(whole, { by = "k", how = "semi" })))
  end)

  it("compares categories and strings by text", function()
    local words = hana.frame{ { "s", { "x", "y", "z", null } } }
    local levels = hana.frame{ { "s", { "z", "x", "w" } }, { "n", { 1, 2, 3 } } }
      :cast{ s = "category" }
    assert.same({ "x 2", "z 1" }, rows(words:join(levels, { by = "s" })))
    assert.same({ "z 1", "x 2" }, rows(levels:join(words, { by = "s" })))
    local full = words:join(levels, { by = "s", how = "full" })
    assert.equal("string", full.s:type())
    assert.same({ "x 2", "y nil", "z 1", "nil nil", "w 3" }, rows(full))
  end)

  it("unites the levels of two categories", function()
    local a = hana.frame{ { "s", { "p", "q" } } }:cast{ s = "category" }
    local b = hana.frame{ { "s", { "q", "r" } }, { "n", { 1, 2 } } }:cast{ s = "category" }
    local full = a:join(b, { by = "s", how = "full" })
    assert.equal("category", full.s:type())
    assert.same({ "p nil", "q 1", "r 2" }, rows(full))
  end)

  it("takes several keys under different names", function()
    local a = hana.frame{ { "x", { 1, 1, 2 } }, { "y", { "u", "v", "u" } } }
    local b = hana.frame{
      { "p", { 1, 2, 2 } }, { "q", { "v", "u", "v" } }, { "n", { 10, 20, 30 } },
    }
    local joined = a:join(b, { by = { x = "p", y = "q" }, how = "left" })
    assert.same({ "x", "y", "n" }, joined:names())
    assert.same({ "1 u nil", "1 v 10", "2 u 20" }, rows(joined))
  end)

  it("takes equal and different names in one table", function()
    local a = hana.frame{ { "k", { 1, 1, 2 } }, { "l", { "x", "y", "x" } } }
    local b = hana.frame{ { "k", { 1, 2, 1 } }, { "r", { "y", "x", "z" } }, { "v", { 7, 8, 9 } } }
    for _, by in ipairs{ { "k", l = "r" }, { "k", { "l", "r" } }, { { "k", "k" }, { "l", "r" } },
      { k = "k", l = "r" } } do
      assert.same({ "1 x nil", "1 y 7", "2 x 8" }, rows(a:join(b, { by = by, how = "left" })))
    end
    assert.error_matches(function() a:join(b, { by = { "k", { "l" } } }) end,
      "element 2 of 'by' must be a name or { left, right }")
    assert.same({ "1 x", "1 y", "2 x" }, rows(a:join(a, { by = hana.cols{ type = "any" } })))
    assert.same({ "1 x", "1 y", "2 x" },
      rows(a:join(a, { by = { hana.cols{ type = "number" }, "l" } })))
    assert.error_matches(function() a:join(b, { by = { k = 1 } }) end, "for 'k' must be a name")
    assert.error_matches(function() a:join(b, { by = {} }) end, "'by' names no column")
  end)

  it("gives equal names of the right frame a suffix", function()
    local a = hana.frame{ { "id", { 1 } }, { "v", { 1 } } }
    local b = hana.frame{ { "id", { 1 } }, { "v", { 2 } } }
    assert.same({ "id", "v", "v_right" }, a:join(b, { by = "id" }):names())
    assert.same({ "id", "v", "v2" }, a:join(b, { by = "id", suffix = "2" }):names())
    assert.error_matches(function() a:join(b, { by = "id", suffix = "" }) end, "'v'.*suffix")
    assert.error_matches(function() a:join(b, { by = "id", suffix = "a\0b" }) end, "NUL byte")
  end)

  it("gives equal names of both frames suffixes of their own", function()
    local a = hana.frame{ { "id", { 1, 2 } }, { "v", { 5, 6 } }, { "w", { 1, 1 } } }
    local b = hana.frame{ { "id", { 2, 3 } }, { "v", { 7, 8 } }, { "x", { 2, 2 } } }
    local out = a:join(b, { by = "id", suffix = { "_l", "_r" }, how = "full" })
    assert.same({ "id", "v_l", "w", "v_r", "x" }, out:names())
    assert.same({ hana.null, 7, 8 }, out.v_r:totable())
    assert.same({ "id", "v", "w", "v_r", "x" },
      a:join(b, { by = "id", suffix = { "", "_r" } }):names())
    assert.same({ "id", "v", "w" },
      a:join(b, { by = "id", suffix = { "_l", "_r" }, how = "semi" }):names())
    -- A key of the left keeps its name.
    assert.same({ "id", "v_l", "w", "id_r", "x" },
      a:join(b:rename{ key = "id", id = "v" }, { by = { id = "key" }, suffix = { "_l", "_r" } })
        :rename{ v_l = "v" }:names())
    for _, wrong in ipairs{ { "_l" }, { "_l", 2 }, { a = "_l" }, 3, true } do
      assert.error_matches(function() a:join(b, { by = "id", suffix = wrong }) end,
        "suffix' must be a string")
    end
    assert.error_matches(function() a:join(b, { by = "id", suffix = { "_a", "_a" } }) end,
      "must differ")
    local taken = hana.frame{ { "id", { 1 } }, { "v", { 1 } }, { "v_l", { 1 } } }
    assert.error_matches(function() taken:join(b, { by = "id", suffix = { "_l", "_r" } }) end,
      "v_l")
  end)

  it("takes empty frames on either side", function()
    local none_left, none_right = left:head(0), right:head(0)
    assert.equal(0, #none_left:join(right, { by = "id", how = "left" }))
    assert.equal(5, #none_left:join(right, { by = "id", how = "full" }))
    assert.equal(5, #left:join(none_right, { by = "id", how = "left" }))
    assert.equal(0, #left:join(none_right, { by = "id", how = "right" }))
    assert.same({ "id", "name", "city" }, left:join(none_right, { by = "id" }):names())
  end)

  it("warns of keys that multiply, and refuses what no memory would hold", function()
    local ones = {}
    for i = 1, 50000 do ones[i] = 1 end
    local many = hana.frame{ { "k", ones } }
    local few = many:head(200)
    local run = require "tests.host.run"
    local script = [[
      local hana = require "hana"
      local ones = {}
      for i = 1, 200 do ones[i] = 1 end
      local df = hana.frame{ { "k", ones } }
      print(#df:join(df, { by = "k" }))]]
    local out, err = run.run(run.hana, { "-e", script })
    assert.equal("40000\n", out)
    assert.matches("40000 rows come out of 200 and 200", err)
    assert.equal(200, #few:join(many:head(1), { by = "k" }))
    assert.error_matches(function() many:join(many, { by = "k" }) end,
      "more than 2147483647 rows would come out of 50000 and 50000")
  end)

  it("names what is wrong", function()
    local text = hana.frame{ { "id", { "2" } } }
    assert.error_matches(function() left:join(text, { by = "id" }) end, "'id' is int.*is string")
    assert.error_matches(function() left:join(right, { by = "idd" }) end, "did you mean 'id'")
    assert.error_matches(function() left:join(right, { by = "id", how = "lefft" }) end,
      "did you mean 'left'")
    assert.error_matches(function() left:join(right, { by = "id", how = "outer" }) end,
      "join: option 'how' must be inner, left, right, full, semi or anti, got 'outer'")
    assert.error_matches(function() left:join(right, { by = { id = "cty" } }) end,
      "join: no column 'cty' in the right frame; did you mean 'city'")
    assert.error_matches(function() left:join(right, { on = "id" }) end, "unknown option 'on'")
  end)
end)
