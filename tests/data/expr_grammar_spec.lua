local hana = require "hana"
local core = require "hana.core"
local slow = require "tests.data.slow"

local null = hana.null

local df = hana.frame{
  { "x", { 2.0, -3.5, 0.25 } },
  { "k", { 7, -2, 3 } },
  { "name", { "Kim", null, "김철수" } },
  { "도시", { "서울", "부산", "서울" } },
  { "with space", { 1, 2, 3 } },
  { "a`b", { 4, 5, 6 } },
  { "count", { 1, 2, 3 } },
}

local function values(text, params)
  return core.eval(df, text, params):totable()
end

local function message(text, params)
  local ok, err = pcall(core.eval, df, text, params)
  assert.is_false(ok)
  return (tostring(err):gsub("^[^\n]-%.lua:%d+: ", ""))
end

-- Random operators without parentheses: Lua itself says how they bind.
local function random_arithmetic(random)
  local parts = { random:pick{ "", "- ", "" } }
  local n = random:below(6)
  for i = 1, n do
    parts[#parts + 1] = random:pick{ "a", "b", "2", "3.5", "(a - b)", "- a", "(- b)" }
    if i < n then parts[#parts + 1] = random:pick{ "+", "-", "*", "/", "//", "%", "^" } end
  end
  return table.concat(parts, " ")
end

local function random_logic(random)
  local parts = {}
  local n = random:below(5)
  for i = 1, n do
    parts[#parts + 1] = random:pick{ "p", "q", "not p", "not q", "(p or q)", "a < b",
      "a + 1 >= b * 2",
      "a .. b == 'x'", "not (p and q)", "p == q", "true ~= q" }
    if i < n then parts[#parts + 1] = random:pick{ "and", "or" } end
  end
  return table.concat(parts, " ")
end

describe("the grammar of expressions", function()
  it("binds operators as Lua does", function()
    local random = slow.random(3)
    for _ = 1, 3000 do
      local text = random:below(2) == 1 and random_arithmetic(random) or random_logic(random)
      local env = { a = random:below(9) - 4.5, b = random:below(9) - 4, p = random:below(2) == 1,
        q = random:below(2) == 1 }
      local expected = assert(load("return " .. text, "=", "t", env))
      local ok, want = pcall(expected)
      local frame = hana.frame{ { "a", { env.a } }, { "b", { env.b } }, { "p", { env.p } },
        { "q", { env.q } } }
      local done, got = pcall(function() return core.eval(frame, text)[1] end)
      if ok then
        if not done then error(text .. ": " .. got, 0) end
        if not slow.same(want, got) then
          error(("%s is %s, Lua says %s"):format(text, got, want), 0)
        end
      end
    end
  end)

  it("reads Lua's literals", function()
    assert.same({ 255, 255, 255 }, values("0xFF"))
    assert.same({ 0.5, 0.5, 0.5 }, values("0x.8"))
    assert.same({ 1500.0, 1500.0, 1500.0 }, values("1.5e3"))
    assert.same({ 1e20, 1e20, 1e20 }, values("100000000000000000000"))
    for _, text in ipairs{ [['a\tb\65\x41\u{AC00}']], [["it's"]], "[[a\\d]]", "[==[]]]==]" } do
      assert.equal(load("return " .. text)(), values(text)[1])
    end
  end)

  it("takes names of any letters, in backticks what is left", function()
    assert.same({ true, false, true }, values("도시 == '서울'"))
    assert.same({ 2, 3, 4 }, values("`with space` + 1"))
    assert.same({ 4, 5, 6 }, values("`a``b`"))
    assert.same({ 4, 5, 6 }, values("count + count()"))
  end)

  it("puts parameters in as values, never as text", function()
    assert.same({ true, false, true }, values("k > $min", { min = 0 }))
    assert.same({ false, null, false }, values("name == $n", { n = "x' or true or 'x" }))
    assert.same({ true, false, true }, values("is_in(도시, $list)", { list = { "서울", "대구" } }))
    assert.equal(
      "parameter '$mim' was given no value; did you mean '$min'?\n  k > $mim\n      ^^^^",
      message("k > $mim", { min = 0 }))
  end)

  it("refuses a parameter that stands nowhere", function()
    local rows = hana.frame{ { "k", { 1, 2 } }, { "g", { "a", "b" } } }
    local params = { min = 0, mas = 3 }
    local calls = {
      filter = function(p) return rows:filter("k > $min and k < $max", p) end,
      mutate = function(p)
        return rows:mutate({ { "a", "k - $min" }, { "b", "$max" }, { "c", { 1, 2 } } }, p)
      end,
      mutate_each = function(p)
        return rows:mutate_each("k", ".x - $min + $max", { params = p })
      end,
      summarize = function(p) return rows:summarize({ a = "sum(k) - $min", b = "$max" }, p) end,
    }
    local groups = rows:group_by "g"
    function calls.filter_by(p) return groups:filter("k > $min and k < $max", p) end
    function calls.mutate_by(p) return groups:mutate({ a = "k - $min", b = "$max" }, p) end
    function calls.summarize_by(p)
      return groups:summarize({ a = "sum(k) - $min", b = "$max" }, p)
    end
    for name, call in pairs(calls) do
      local verb = name:gsub("_by$", "")
      assert.equal(name == "summarize" and 1 or 2, #call{ min = 0, max = 3 })
      assert.error_matches(function() call(params) end, "did you mean '%$?ma[sx]'")
      assert.error_matches(function() call{ min = 0, max = 3, other = 1 } end,
        verb .. ": no expression has the parameter 'other'")
    end
    assert.error_matches(function() rows:filter("k > 1 and g ~= '$x'", { x = 1 }) end,
      "no expression has the parameter 'x'")
  end)

  it("points at what is wrong", function()
    assert.equal("unknown column 'nam'; did you mean 'name'?\n  len(nam) > 3\n      ^^^",
      message("len(nam) > 3"))
    assert.equal("unknown function 'lenn'; did you mean 'len'?\n  lenn(name)\n  ^^^^",
      message("lenn(name)"))
    assert.equal("expected a value, found the end of the expression\n  k +\n     ^", message("k +"))
    assert.equal("expected ',' or ')', found 'k'\n  abs(x k)\n        ^", message("abs(x k)"))
    assert.equal("len(x) takes 1 argument, got 2\n  len(name, 2)\n  ^^^^^^^^^^^^",
      message("len(name, 2)"))
    assert.equal("the expression is empty", message("  "))
  end)

  it("counts the caret in characters as wide as they print", function()
    assert.equal("'+' takes numbers, this is text; texts are joined by '..'\n" ..
      "  도시 + 1\n  ^^^^", message("도시 + 1"))
    assert.equal("unknown column 'y'\n  '서울' == y\n            ^", message("'서울' == y"))
  end)

  it("shows the window of a long text around the mistake", function()
    local long = ("k + "):rep(60) .. "oops" .. (" + k"):rep(60)
    local lines = {}
    for line in message(long):gmatch("[^\n]+") do lines[#lines + 1] = line end
    assert.equal(3, #lines)
    assert.is_true(#lines[2] < 100)
    assert.equal("oops", lines[2]:sub(lines[3]:find("%^+")))
  end)

  it("says what to write instead of other languages' operators", function()
    assert.matches("use ~= instead of !=", message("k != 3"), 1, true)
    assert.matches("use `and` instead of &", message("k > 1 & k < 3"), 1, true)
    assert.matches("use `and` instead of &&", message("k > 1 && k < 3"), 1, true)
    assert.matches("use `or` instead of |", message("k > 1 | k < 3"), 1, true)
    assert.matches("use `not` instead of !", message("!(k > 1)"), 1, true)
    assert.matches("use == to compare", message("k = 1"), 1, true)
    assert.matches("use ^ instead of **", message("k ** 2"), 1, true)
    assert.matches("begins a comment", message("k --1"), 1, true)
    assert.matches("use is_null(x)", message("name == nil"), 1, true)
    assert.matches("use not is_null(x)", message("name ~= nil"), 1, true)
    assert.matches("between", message("0 < k < 3"), 1, true)
    assert.matches("coalesce", message("k or 0"), 1, true)
    assert.matches("goes into backticks", message("a.b"), 1, true)
  end)

  it("refuses what clashes, under the part that does", function()
    local clashes = {
      { "name - 1", 1 }, { "1 + name", 5 }, { "k and true", 1 }, { "not k", 5 }, { "k == 'a'", 6 },
      { "x > true", 5 }, { "if_else(k, 1, 2)", 9 }, { "if_else(true, 1, 'a')", 18 },
      { "sum(name)", 5 }, { "lower(k)", 7 }, { "true + 1", 1 }, { "is_in(k, { 'a' })", 12 },
      { "{ 1 } == k", 1 }, { "k + { 1 }", 5 }, { "abs({ 1 })", 5 }, { "{ k }", 3 },
    }
    for _, clash in ipairs(clashes) do
      local caret = message(clash[1]):match("\n  ( *)%^+$")
      assert.equal(clash[2], caret and #caret + 1, clash[1])
    end
  end)

  it("refuses a block, and a filter that is not true or false", function()
    local block = hana.read_csv({ text = "a,p1,p2\n1,2,3\n" },
      { blocks = { p = "p*" }, quiet = true })
    local ok, err = pcall(core.eval, block, "a + p")
    assert.is_false(ok)
    assert.matches("column 'p' is a block of many", tostring(err), 1, true)
    ok, err = pcall(df.filter, df, "k + 1")
    assert.is_false(ok)
    local message_of_filter = "a filter needs true or false, this is an int\n  k + 1\n  ^^^^^"
    assert.matches(message_of_filter, tostring(err), 1, true)
    assert.equal(3, #df:filter("mean(k) > 0"))
    assert.equal(0, #df:filter("true and nil"))
    assert.equal(3, #df:filter("nil or true"))
  end)

  it("has a limit to its depth", function()
    local deep = ("("):rep(10000) .. "k" .. (")"):rep(10000)
    assert.matches("nested more than 200 deep", message(deep), 1, true)
    assert.matches("nested more than 200 deep", message(("- "):rep(5000) .. "k"), 1, true)
    assert.matches("more than 1000 operators", message(("k + "):rep(5000) .. "k"), 1, true)
    assert.same({ 7 * 900, -2 * 900, 3 * 900 }, values(("k + "):rep(899) .. "k"))
    local cases = ("k == 1, 1, "):rep(3000)
    assert.matches("more than 2000 parts", message("case_when(" .. cases .. "2)"), 1, true)
  end)

  it("refuses bytes that are no UTF-8", function()
    assert.matches("not UTF-8", message("'\xFF'"), 1, true)
    assert.matches("not UTF-8", message("'\\xFF'"), 1, true)
  end)
end)
