local hana = require "hana"

local function list(column) return column:totable() end

describe("a column", function()
  local df = hana.frame{
    { "i", { 3, 1, hana.null, 3 } }, { "f", { 0.5, 0 / 0, 2.0, -1.0 } },
    { "s", { "b", "", hana.null, "가" } }, { "b", { true, false, hana.null, true } },
  }

  it("gives Lua values of its type", function()
    assert.equal("integer", math.type(df.i[1]))
    assert.equal("float", math.type(df.f[3]))
    assert.is_true(df.f[2] ~= df.f[2])
    assert.equal("", df.s[2])
    assert.equal("가", df.s[4])
    assert.is_false(df.b[2])
    assert.is_nil(df.i[3])
    assert.is_nil(df.s[3])
  end)

  it("knows length, type and name", function()
    assert.equal(4, #df.i)
    assert.equal("int", df.i:type())
    assert.equal("i", df.i:name())
    assert.equal(1, df.i:nulls())
  end)

  it("is walked past its nulls", function()
    local n, seen = 0, {}
    for i, v in df.i:values() do
      n = n + 1
      seen[i] = v
    end
    assert.equal(4, n)
    assert.same({ [1] = 3, [2] = 1, [4] = 3 }, seen)
  end)

  it("is walked by ipairs to its first null or its end", function()
    local seen = {}
    for i, v in ipairs(df.i) do seen[i] = v end
    assert.same({ 3, 1 }, seen)
    seen = {}
    for i, v in ipairs(hana.column{ 5, 6, 7 }) do seen[i] = v end
    assert.same({ 5, 6, 7 }, seen)
  end)

  it("becomes a list with hana.null", function()
    assert.same({ 3, 1, hana.null, 3 }, list(df.i))
    assert.equal(hana.null, list(df.s)[3])
  end)

  it("has row numbers from 1 to its length", function()
    assert.error_matches(function() return df.i[0] end, "row 0 is out of range 1%.%.4")
    assert.error_matches(function() return df.i[6] end, "row 6 is out of range 1%.%.4")
    assert.error_matches(function() return df.i[1.5] end, "out of range")
  end)

  it("has its unique values in ascending order", function()
    assert.same({ 1, 3 }, list(df.i:unique()))
    assert.same({ "", "b", "가" }, list(df.s:unique()))
  end)

  it("has the aggregates as methods", function()
    assert.equal(7, df.i:sum())
    assert.is_near(7 / 3, df.i:mean(), 1e-12)
    assert.equal(1, df.i:min())
    assert.equal(3, df.i:max())
    assert.equal(3, df.i:count())
    assert.equal(2, df.i:n_unique())
    assert.equal(3, df.i:quantile(0.5))
    assert.is_true(df.b:any())
    assert.is_false(df.b:all())
  end)

  it("raises for an unknown method with the nearest", function()
    assert.error_matches(function() return df.i:maen() end, "did you mean 'mean'")
  end)

  it("has levels when it is a category", function()
    local c = hana.frame{ { "c", { "y", "x", "y" }, "category" } }.c
    assert.equal("category", c:type())
    assert.equal("y", c[1])
    assert.equal(2, #c:levels())
    assert.error_matches(function() df.i:levels() end, "expected category")
  end)

  it("gives dates as ISO 8601", function()
    local d = hana.frame{
      { "d", { "2024-02-29", hana.null }, "date" },
      { "t", { "2024-02-29T12:30:00Z", hana.null }, "datetime" },
    }
    assert.equal("2024-02-29", d.d[1])
    assert.equal("2024-02-29T12:30:00Z", d.t[1])
    assert.is_nil(d.d[2])
  end)

  it("prints itself", function()
    assert.equal("i: int[4] 3, 1, null, 3", tostring(df.i))
  end)

  it("is described", function()
    local d = df.i:describe()
    assert.equal(1, #d)
    assert.equal(1, d.nulls[1])
  end)
end)

describe("arithmetic of columns", function()
  local df = hana.frame{
    { "a", { 1, 2, hana.null } }, { "b", { 0.5, 4.0, 1.0 } }, { "s", { "x", "y", "z" } },
  }

  it("works cell by cell, null with anything being null", function()
    assert.same({ 1.5, 6.0, hana.null }, list(df.a + df.b))
    assert.same({ 0, 1, hana.null }, list(df.a - 1))
    assert.same({ 9, 8, hana.null }, list(10 - df.a))
    assert.same({ 2, 4, hana.null }, list(2 * df.a))
    assert.same({ 0.5, 1.0, hana.null }, list(df.a / 2))
    assert.same({ 0, 1, hana.null }, list(df.a // 2))
    assert.same({ 1, 0, hana.null }, list(df.a % 2))
    assert.same({ 1.0, 4.0, hana.null }, list(df.a ^ 2))
    assert.same({ -1, -2, hana.null }, list(-df.a))
    assert.same({ "x!", "y!", "z!" }, list(df.s .. "!"))
  end)

  it("refuses other things", function()
    assert.has_error(function() return df.a + df.s end)
    assert.error_matches(function() return df.a + {} end, "a column and a table cannot be combined")
    assert.has_error(function() return df.a // 0 end)
  end)

  it("has no order, and equality is identity", function()
    assert.error_matches(function() return df.a < 30 end, 'use df:filter%("a > 30"%)')
    assert.error_matches(function() return df.a >= df.b end, "use df:filter")
    assert.is_true(df.a == df.a)
    assert.is_false(df.a == df.b)
    assert.is_true(df.a:equal(hana.frame{ { "x", { 1, 2, hana.null } } }.x))
  end)
end)

describe("hana.column", function()
  it("makes a column from a list", function()
    local c = hana.column({ 1, hana.null, 3 }, "c")
    assert.same({ 1, hana.null, 3 }, list(c))
    assert.equal("c", c:name())
  end)
end)
