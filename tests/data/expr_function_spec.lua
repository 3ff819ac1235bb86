local hana = require "hana"
local core = require "hana.core"

local null, nan, inf = hana.null, 0 / 0, 1 / 0

local df = hana.frame{
  { "x", { 2.5, -2.5, null, 0.0 } },
  { "k", { 7, -7, null, 0 } },
  { "s", { "Kim", "ÉCOLE", null, "a,b,,c" } },
  { "b", { true, false, null, true } },
}
local with_category = df:cast{ s = "category" }

local function column(text, frame) return core.eval(frame or df, text) end
local function values(text, frame) return column(text, frame):totable() end

local function message(text, frame)
  local ok, err = pcall(core.eval, frame or df, text)
  assert.is_false(ok, text)
  return tostring(err)
end

-- Each row: an expression, its values.
local function check(list)
  for _, case in ipairs(list) do
    local got, expected = values(case[1]), case[2]
    for i = 1, 4 do
      local a, b = expected[i], got[i]
      local same = a == b and math.type(a) == math.type(b) or (a ~= a and b ~= b)
      assert.is_true(same, ("%s: row %d is %s, expected %s"):format(case[1], i, tostring(b),
        tostring(a)))
    end
  end
end

describe("functions of numbers", function()
  it("keep ints ints where they can", function()
    check{
      { "abs(x)", { 2.5, 2.5, null, 0.0 } }, { "abs(k)", { 7, 7, null, 0 } },
      { "sign(x)", { 1.0, -1.0, null, 0.0 } }, { "sign(k)", { 1, -1, null, 0 } },
      { "floor(x)", { 2.0, -3.0, null, 0.0 } }, { "ceil(x)", { 3.0, -2.0, null, 0.0 } },
      { "floor(k)", { 7, -7, null, 0 } }, { "sqrt(k)", { math.sqrt(7), nan, null, 0.0 } },
      { "exp(x) > 1", { true, false, null, false } }, { "log10(1000)", { 3.0, 3.0, 3.0, 3.0 } },
      { "log(x)", { math.log(2.5), nan, null, -inf } },
      { "log1p(1e-20)", { 1e-20, 1e-20, 1e-20, 1e-20 } },
      { "pow(k, 2)", { 49.0, 49.0, null, 0.0 } },
    }
  end)

  it("round halves away from 0, to the nearest decimal", function()
    check{
      { "round(x)", { 3.0, -3.0, null, 0.0 } }, { "round(2.675, 2)", { 2.67, 2.67, 2.67, 2.67 } },
      { "round(0.285, 2)", { 0.28, 0.28, 0.28, 0.28 } },
      { "round(1.005, 2)", { 1.0, 1.0, 1.0, 1.0 } },
      { "round(1234.5, -2)", { 1200.0, 1200.0, 1200.0, 1200.0 } },
      { "round(1250, -2)", { 1300, 1300, 1300, 1300 } },
      { "round(-1250, -2)", { -1300, -1300, -1300, -1300 } },
      { "round(k, 3)", { 7, -7, null, 0 } }, { "round(1e300, 10)", { 1e300, 1e300, 1e300, 1e300 } },
    }
  end)

  it("choose the least and the greatest; null is null, NaN is NaN", function()
    check{
      { "least(x, 0)", { 0.0, -2.5, null, 0.0 } }, { "greatest(k, 1, 3)", { 7, 3, null, 3 } },
      { "greatest(0 / 0, x)", { nan, nan, null, nan } },
      { "least(s, 'L')", { "Kim", "L", null, "L" } },
      { "clip(x, -1, 1)", { 1.0, -1.0, null, 0.0 } }, { "clip(k, nil, 3)", { 3, -7, null, 0 } },
      { "is_nan(0 / 0)", { true, true, true, true } },
      { "is_nan(x)", { false, false, null, false } },
    }
  end)

  it("refuse integers that do not fit, in the rows that count", function()
    local big = hana.frame{ { "k", { 1, math.maxinteger, math.mininteger } } }
    assert.matches("integer overflow in row 2: 9223372036854775807 + 1", message("k + 1", big), 1,
      true)
    assert.matches("integer overflow in row 3", message("k - 1", big), 1, true)
    assert.matches("integer overflow in row 2", message("k * 2", big), 1, true)
    assert.matches("integer overflow in row 3", message("- k", big), 1, true)
    assert.matches("integer overflow in row 3", message("abs(k)", big), 1, true)
    assert.matches("integer overflow in row 3", message("k // -1", big), 1, true)
    assert.matches("by the integer 0 in row 1", message("k // 0", big), 1, true)
    assert.matches("by the integer 0 in row 1", message("k % (k - k)", big), 1, true)
    assert.matches("integer overflow: the sum does not fit", message("sum(k + 0) + sum(k)",
      hana.frame{ { "k", { math.maxinteger, 1 } } }), 1, true)
    assert.same({ 1 // -1, math.maxinteger // -1 }, values("k // -1", big:head(2)))
    assert.same({ 0, 0, 0 }, values("k % -1", big))
    assert.same({ 2, 0, -1 }, values("if_else(k == 1, k + 1, if_else(k > 0, 0, -1))", big))
    assert.same({ true, true, false }, values("k > 1 or (k < 0 and false) or k + 1 == 2", big))
  end)

  it("compare int with float exactly", function()
    local f = hana.frame{ { "k", { 9007199254740993, 9007199254740992, null, math.maxinteger } },
      { "x", { 9007199254740992.0, 9007199254740992.0, 1.0, 2.0 ^ 63 } } }
    assert.same({ true, false, null, false }, values("k > x", f))
    assert.same({ false, true, null, false }, values("k == x", f))
    assert.same({ true, false, null, true }, values("k ~= x", f))
    assert.same({ false, true, null, true }, values("x >= k", f))
    assert.same({ false, true, null, false }, values("k == 9007199254740992.0", f))
  end)
end)

describe("logic", function()
  it("has three values", function()
    local all = hana.frame{
      { "a", { true, true, true, false, false, false, null, null, null } },
      { "b", { true, false, null, true, false, null, true, false, null } },
    }
    assert.same({ true, false, null, false, false, false, null, false, null }, values("a and b",
      all))
    assert.same({ true, true, true, true, false, null, true, null, null }, values("a or b", all))
    assert.same({ false, false, false, true, true, true, null, null, null }, values("not a", all))
    assert.equal(1, #all:filter("a and b"))
    assert.equal(3, #all:filter("is_null(a)"))
  end)

  it("chooses values, and what is not chosen cannot fail", function()
    check{
      { "if_else(b, k, 1)", { 7, 1, null, 0 } }, { "if_else(b, k, 0.5)", { 7.0, 0.5, null, 0.0 } },
      { "if_else(k == 0, 0, 10 // k)", { 1, -2, null, 0 } },
      { "k ~= 0 and 10 // k == 1", { true, false, null, false } },
      { "case_when(k > 0, 'up', k < 0, 'down', 'flat')", { "up", "down", "flat", "flat" } },
      { "case_when(k > 0, 1)", { 1, null, null, null } },
      { "coalesce(k, 10 // 5)", { 7, -7, 2, 0 } },
      { "coalesce(nil, x, k, 1)", { 2.5, -2.5, 1.0, 0.0 } },
      { "is_null(s) or len(s) > 3", { false, true, true, true } },
      { "between(k, -7, 0)", { false, true, null, true } },
      { "if_else(b, s, nil)", { "Kim", null, null, "a,b,,c" } },
    }
    assert.equal("category", column("if_else(b, s, nil)", with_category):type())
    assert.equal("string", column("if_else(b, s, 'x')", with_category):type())
  end)
end)

describe("functions of text", function()
  local cases = {
    { "lower(s)", { "kim", "école", null, "a,b,,c" } },
    { "upper(s)", { "KIM", "ÉCOLE", null, "A,B,,C" } },
    { "trim(' ' .. s .. '\u{3000}')", { "Kim", "ÉCOLE", null, "a,b,,c" } },
    { "normalize('e\u{301} \u{FF21}')", { "é A", "é A", "é A", "é A" } },
    { "len(s)", { 3, 5, null, 6 } }, { "#s", { 3, 5, null, 6 } },
    { "sub(s, 2)", { "im", "COLE", null, ",b,,c" } }, { "sub(s, 1, 1)", { "K", "É", null, "a" } },
    { "sub(s, -2, -1)", { "im", "LE", null, ",c" } }, { "sub(s, 9)", { "", "", null, "" } },
    { "sub(s, 0, 2)", { "Ki", "ÉC", null, "a," } },
    { "sub(s, -99, 2)", { "Ki", "ÉC", null, "a," } },
    { "replace(s, ',', '')", { "Kim", "ÉCOLE", null, "abc" } },
    { "replace(s, '.', '!')", { "Kim", "ÉCOLE", null, "a,b,,c" } },
    { "contains(s, 'CO')", { false, true, null, false } },
    { "starts_with(s, 'K')", { true, false, null, false } },
    { "ends_with(s, 'c')", { false, false, null, true } },
    { "contains(s, '')", { true, true, null, true } },
    { "matches(s, '^.{5}$')", { false, true, null, false } },
    { "extract(s, '(.)(.)$', 2)", { "m", "E", null, "c" } },
    { "extract(s, ',')", { null, null, null, "," } },
    { "extract(s, '(x)|m')", { null, null, null, null } },
    { "split_part(s, ',', 3)", { null, null, null, "" } },
    { "split_part(s, ',', 1)", { "Kim", "ÉCOLE", null, "a" } },
    { "split_part(s, ',', -1)", { "Kim", "ÉCOLE", null, "c" } },
    { "s .. '-' .. k .. '-' .. x", { "Kim-7-2.5", "ÉCOLE--7--2.5", null, "a,b,,c-0-0.0" } },
    { "s < 'L'", { true, false, null, false } }, { "s == 'Kim'", { true, false, null, false } },
    { "is_in(s, { 'Kim', 'x' })", { true, false, null, false } },
    { "s >= 'Kim'", { true, true, null, true } }, { "'L' > s", { true, false, null, false } },
  }
  it("work on characters", function() check(cases) end)

  it("give the same for a category, once a level", function()
    for _, case in ipairs(cases) do
      assert.same(case[2], values(case[1], with_category), case[1])
    end
  end)

  it("say what is wrong with a pattern", function()
    assert.matches("matches(s, '(')\n             ^^^", message("matches(s, '(')"), 1, true)
    assert.matches("written out", message("matches(s, s)"), 1, true)
    assert.matches("1 group", message("extract(s, '(a)', 2)"), 1, true)
  end)

  it("order an ordered category by its levels", function()
    local f = df:mutate{ { "c", "cut(x, { -10, -1, 1, 10 }, { 'low', 'mid', 'high' })" } }
    assert.same({ "high", "low", null, "mid" }, f.c:totable())
    assert.same({ true, false, null, true }, values("c >= 'mid'", f))
    assert.same({ false, true, null, false }, values("c < 'mid'", f))
    assert.matches("no level", message("c < 'middle'", f), 1, true)
    assert.same({ "(1, 10]", "(-10, -1]", null, "(-1, 1]" }, values("cut(x, { -10, -1, 1, 10 })"))
    assert.same({ null, null, null, null }, values("cut(x, { 100, 200 })"))
    assert.matches("ascending", message("cut(x, { 1, 1 })"), 1, true)
  end)

  it("compare ordered categories by their levels or not at all", function()
    local sizes = { "category", { "S", "M", "L", "XL" } }
    local f = hana.frame{
      { "x", { "S", "L", null, "M" } }, { "y", { "M", "M", "M", "S" } },
      { "t", { "M", "M", "M", "S" } }, { "u", { "M", "M", "M", "S" } },
    }:cast{ x = sizes, y = sizes, u = { "category", { "M", "S" } } }
    assert.same({ true, false, null, false }, values("x < y", f))
    assert.same({ false, true, null, true }, values("between(x, 'M', 'L')", f))
    assert.same({ false, true, null, true }, values("between(x, y, 'XL')", f))
    assert.same({ true, false, null, false }, values("x == 'S' or x == y and t == y", f))
    assert.equal("category", core.eval(f, "if_else(x < y, x, y)"):type())
    for _, text in ipairs{ "x < t", "t >= x", "x < u", "between(x, t, 'L')" } do
      assert.matches("same ordered levels; string(...) on both sides", message(text, f), 1, true)
    end
    assert.same({ false, true, null, true }, values("string(x) < t", f))
    assert.matches("least goes by bytes, this is an ordered category", message("least(x, 'M')", f),
      1, true)
  end)
end)

describe("conversions", function()
  it("read and write every type", function()
    check{
      { "int(x)", { 2, -2, null, 0 } }, { "int(b)", { 1, 0, null, 1 } },
      { "int('12')", { 12, 12, 12, 12 } },
      { "float(k)", { 7.0, -7.0, null, 0.0 } }, { "float('1e3')", { 1e3, 1e3, 1e3, 1e3 } },
      { "bool(k)", { true, true, null, false } }, { "bool('true')", { true, true, true, true } },
      { "string(x)", { "2.5", "-2.5", null, "0.0" } }, { "string(k)", { "7", "-7", null, "0" } },
      { "string(b)", { "true", "false", null, "true" } },
      { "category(s)", { "Kim", "ÉCOLE", null, "a,b,,c" } },
      { "category(s) == 'Kim'", { true, false, null, false } },
      { "if_else(matches(s, '^K'), 1, int('5'))", { 1, 5, null, 5 } },
    }
    assert.equal("category", column("category(s)"):type())
    local ends = hana.frame{ { "k", { math.mininteger, math.maxinteger, -10 } } }
    assert.same({ "-9223372036854775808", "9223372036854775807", "-10" },
      values("string(k)", ends))
    assert.equal("float", column("float(nil)"):type())
    assert.equal("string", column("string(nil)"):type())
  end)

  it("refuse what cannot be converted, naming row and value", function()
    assert.matches("'Kim' is no int in row 1", message("int(s)"), 1, true)
    assert.matches("inf is no int in row 1", message("int(x / 0)"), 1, true)
    assert.matches("'ÉCOLE' is no number in row 2", message("float(if_else(k > 0, '1', s))"), 1,
      true)
    assert.matches("nil alone has no type", message("nil"), 1, true)
  end)
end)

describe("lists", function()
  it("are searched by value", function()
    check{
      { "is_in(k, { 7, 0 })", { true, false, null, true } },
      { "is_in(k, { 7.0, 0.5 })", { true, false, null, false } },
      { "is_in(x, { 2.5, -7 })", { true, false, null, false } },
      { "is_in(b, { true })", { true, false, null, true } },
      { "is_in(k, {})", { false, false, null, false } },
    }
    assert.matches("is_null(x)", message("is_in(k, { 1, nil })"), 1, true)
  end)
end)
