local hana = require "hana"
local core = require "hana.core"

local null, nan = hana.null, 0 / 0

-- Values of numpy 1.x and pandas: reference/expr_aggregates.py. Quantiles are R's type 7.
local x = { 3.25, -1.5, 8.0, 2.75, 0.1, 19.0, 4.5 }
local y = { 1.0, 0.5, 2.25, 1.5, 0.0, 3.0, 2.0 }
local df = hana.frame{
  { "x", x }, { "y", y },
  { "v", { 2.0, 1.0, 2.0, null, 5.0, 1.0, 2.0 } },
  { "k", { 3, 1, null, 1, 3, 2, 1 } },
  { "s", { "b", "a", null, "b", "", "a", "c" } },
  { "b", { true, false, null, true, true, false, true } },
  { "g", { "p", "q", "p", "q", "p", "p", "q" } },
}

local function one(text, frame)
  local column = (frame or df):summarize{ { "r", text } }.r
  assert.equal(1, #column)
  return column[1], column:type()
end

local function values(text, frame) return core.eval(frame or df, text):totable() end

local function near(expected, got, tolerance)
  assert.is_true(math.abs(got - expected) <= tolerance * math.max(1, math.abs(expected)),
    ("%.17g, expected %.17g"):format(got, expected))
end

describe("aggregates", function()
  it("agree with numpy", function()
    near(5.1571428571428575, one("mean(x)"), 1e-15)
    near(46.57702380952381, one("var(x)"), 1e-14)
    near(6.824736171422585, one("sd(x)"), 1e-14)
    near(0.8824310144989219, one("corr(x, y)"), 1e-14)
    local quantiles = { [0] = -1.5, [0.1] = -0.54, [0.25] = 1.425, [0.5] = 3.25, [0.9] = 12.4,
      [1] = 19.0 }
    for p, value in pairs(quantiles) do near(value, one(("quantile(x, %g)"):format(p)), 1e-14) end
    assert.equal(3.25, one("median(x)"))
  end)

  it("leave nulls out", function()
    assert.equal(7, one("count()"))
    assert.equal(6, one("count(v)"))
    assert.equal(13.0, one("sum(v)"))
    assert.equal(11, one("sum(k)"))
    assert.equal(11 / 6, one("mean(k)"))
    assert.equal(4, one("sum(b)"))
    assert.equal(4 / 6, one("mean(b)"))
    assert.equal(3, one("n_unique(v)"))
    assert.equal(4, one("n_unique(s)"))
    assert.equal(2.0, one("median(v)"))
    assert.equal(true, one("any(b)"))
    assert.equal(false, one("all(b)"))
    assert.equal(true, one("all(b or not b)"))
  end)

  it("keep the type of what they choose", function()
    assert.same({ "", "string" }, { one("min(s)") })
    assert.same({ "c", "string" }, { one("max(s)") })
    assert.same({ 3, "int" }, { one("max(k)") })
    assert.same({ 1, "int" }, { one("mode(k)") })
    assert.same({ "a", "string" }, { one("mode(s)") })
    assert.same({ true, "bool" }, { one("mode(b)") })
    assert.same({ "p", "string" }, { one("first(g)") })
    assert.same({ "q", "string" }, { one("last(g)") })
    local c = df:cast{ s = "category" }
    assert.same({ "c", "category" }, { one("max(s)", c) })
    assert.same({ "a", "category" }, { one("mode(s)", c) })
  end)

  it("have a value or null where there is nothing", function()
    local none = df:head(0)
    for text, expected in pairs{ ["count()"] = 0, ["sum(x)"] = 0.0, ["sum(k)"] = 0,
      ["n_unique(s)"] = 0,
      ["any(b)"] = false, ["all(b)"] = true } do
      assert.equal(expected, (one(text, none)), text)
    end
    for _, text in ipairs{ "mean(x)", "sd(x)", "median(x)", "min(s)", "max(k)", "mode(g)",
      "first(x)",
      "corr(x, y)" } do
      assert.is_nil((one(text, none)), text)
    end
    assert.is_nil((one("sd(x)", df:head(1))))
    assert.is_nil((one("corr(x, 1.0)")))
    local constant = hana.frame{ { "x", { 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1 } } }
    assert.is_nil((one("corr(x, x + 1)", constant)))
    assert.equal(0.0, (one("var(x)", constant)))
    -- What differs in the last digit differs.
    local ulp = 2 ^ -52
    local nearly = hana.frame{ { "x", { 1, 1 + ulp, 1 + 2 * ulp } }, { "y", { 1.0, 2.0, 3.0 } } }
    near(1, one("corr(x, y)", nearly), 1e-12)
  end)

  it("show a NaN", function()
    local f = hana.frame{ { "x", { 1.0, nan, 3.0 } } }
    for _, text in ipairs{ "sum(x)", "mean(x)", "sd(x)", "min(x)", "max(x)", "median(x)",
      "mode(x)" } do
      local got = one(text, f)
      assert.is_true(text == "mode(x)" and got == 1.0 or got ~= got, text)
    end
    assert.equal(3, one("n_unique(x)", f))
  end)

  -- NIST/ITL Statistical Reference Datasets, univariate summary: the certified standard deviations.
  it("keep their digits on NIST's hard sets", function()
    local function alternating(base, low, high)
      local list = { base }
      for i = 1, 1000 do list[i + 1] = i % 2 == 1 and low or high end
      return hana.frame{ { "x", list } }
    end
    assert.equal(1.0, one("sd(x)", hana.frame{ { "x", { 10000001.0, 10000003.0, 10000002.0 } } }))
    near(0.1, one("sd(x)", alternating(1.2, 1.1, 1.3)), 1e-13)
    near(0.1, one("sd(x)", alternating(1000000.2, 1000000.1, 1000000.3)), 1e-9)
    near(0.1, one("sd(x)", alternating(10000000.2, 10000000.1, 10000000.3)), 1e-8)
    near(1.2, one("mean(x)", alternating(1.2, 1.1, 1.3)), 1e-15)
  end)

  it("are exact for integers", function()
    local big = hana.frame{ { "k", { 9007199254740993, 9007199254740993, 9007199254740996 } } }
    assert.equal(27021597764222982, one("sum(k)", big))
    assert.equal(3.0, one("var(k)", big))
    local offset = hana.frame{ { "k", { 5000000000000, 5000000000001, 5000000000002,
      5000000000003 } } }
    assert.equal(5 / 3, one("var(k)", offset))
    near(5 / 3, one("var(float(k))", offset), 1e-15)
    assert.equal(math.maxinteger - 1.0, one("mean(k)", hana.frame{ { "k", { math.maxinteger,
      math.maxinteger } } }))
  end)

  it("are broadcast beside rows, and nest", function()
    assert.equal(2.0 - 13 / 6, values("v - mean(v)")[1])
    assert.same({ true, false, true, null, true, false, true }, values("v > mean(v) - 1"))
    near(0, one("mean(x - mean(x))"), 1e-14)
    assert.equal(7, one("sum(1)"))
    assert.equal(3, #df:filter("x > mean(x)") + 1)
  end)

  it("want one value, not one a row", function()
    local ok, err = pcall(df.summarize, df, { { "r", "x + mean(x)" } })
    assert.is_false(ok)
    assert.matches("x + mean(x)\n  ^", tostring(err), 1, true)
  end)

  it("are methods of columns", function()
    near(5.1571428571428575, df.x:mean(), 1e-15)
    assert.equal(3.25, df.x:median())
    near(12.4, df.x:quantile(0.9), 1e-14)
    assert.equal(11, df.k:sum())
    assert.equal("a", df.s:mode())
    near(0.8824310144989219, df.x:corr(df.y), 1e-14)
  end)

  it("run over groups as over the groups' frames", function()
    local texts = { "count()", "count(v)", "sum(v)", "sum(k)", "mean(x)", "mean(k)", "sd(x)",
      "var(k)",
      "median(x)", "quantile(v, 0.3)", "min(s)", "max(x)", "first(s)", "last(k)", "n_unique(s)",
      "mode(k)", "corr(x, y)", "any(b)", "all(b)", "sum(x) / count() + max(k)" }
    local columns = {}
    for j, text in ipairs(texts) do columns[j] = { "r" .. j, text } end
    local got = df:group_by{ "g" }:summarize(columns)
    for i, key in ipairs{ "p", "q" } do
      local part = df:filter("g == $key", { key = key })
      for j, text in ipairs(texts) do
        local expected, value = one(text, part), got:col("r" .. j)[i]
        if math.type(expected) == "float" then near(expected, value, 1e-14)
        else assert.equal(expected, value, text) end
      end
    end
  end)
end)

describe("windows", function()
  it("look at other rows", function()
    assert.same({ null, 2.0, 1.0, 2.0, null, 5.0, 1.0 }, values("lag(v)"))
    assert.same({ 2.0, null, 5.0, 1.0, 2.0, null, null }, values("lead(v, 2)"))
    assert.same({ null, null, "b", "a", null, "b", "" }, values("lag(s, 2)"))
    assert.same({ null, -1.0, 1.0, null, null, -4.0, 1.0 }, values("diff(v)"))
    assert.same({ 2.0, 3.0, 5.0, null, 10.0, 11.0, 13.0 }, values("cumsum(v)"))
    assert.same({ 3, 4, null, 5, 8, 10, 11 }, values("cumsum(k)"))
    assert.same({ 1, 1, null, 1, 2, 3, 3 }, values("cumsum(k > 1)"))
    assert.same({ null, 0.5, null, null, 0.5, 1.0, 0.5 }, values("rolling_mean(k > 1, 2)"))
    assert.same({ 2.0, 2.0, 2.0, null, 5.0, 5.0, 5.0 }, values("cummax(v)"))
    assert.same({ 4.0, 1.5, 4.0, null, 6.0, 1.5, 4.0 }, values("rank(v)"))
    assert.same({ 1, 2, 3, 4, 5, 6, 7 }, values("row_number()"))
    assert.same({ 0.0, 0.0 }, { values("x - lag(x, 0)")[1], values("x - lead(x, 0)")[7] })
  end)

  it("carry values over nulls, so many rows at most", function()
    local gaps = hana.frame{
      { "v", { null, 1.5, null, null, nan, null, null, null } },
      { "s", { "a", null, "", null, null, "b", null, null } },
      { "g", { "p", "q", "p", "q", "p", "q", "p", "q" } },
      { "t", { null, "2024-02-29T10:00:00Z", null, null, null, null, "1969-07-20T20:17:40Z",
        null } },
    }:cast{ s = "category", t = "datetime" }
    local function texts(text) return values("string(" .. text .. ")", gaps) end
    assert.same({ null, "1.5", "1.5", "1.5", "nan", "nan", "nan", "nan" }, texts "fill_forward(v)")
    assert.same({ null, "1.5", "1.5", null, "nan", "nan", null, null }, texts "fill_forward(v, 1)")
    assert.same({ "1.5", "1.5", "nan", "nan", "nan", null, null, null }, texts "fill_backward(v)")
    assert.same({ "1.5", "1.5", null, "nan", "nan", null, null, null },
      texts "fill_backward(v, 1)")
    assert.same({ "a", "a", "", "", "", "b", "b", "b" }, texts "fill_forward(s)")
    assert.same({ "a", "", "", "b", "b", "b", null, null }, texts "fill_backward(s)")
    local filled = gaps:mutate{ { "s", "fill_forward(s, 2)" }, { "t", "fill_backward(t)" } }
    assert.equal("category", filled:types().s)
    assert.same({ "2024-02-29T10:00:00Z", "1969-07-20T20:17:40Z" },
      { filled.t[1], filled.t[3] })
    local groups = gaps:group_by{ "g" }:mutate{ { "f", "fill_forward(s)" },
      { "b", "fill_backward(v, 1)" } }
    assert.same({ "a", null, "", null, "", "b", "", "b" }, groups.f:totable())
    assert.equal(1.5, groups.b[2])
    assert.is_nil(groups.b[1])
    assert.is_nil(groups.b[4])
    local function fails(text, message)
      assert.error_matches(function() core.eval(gaps, text) end, message, 1, true)
    end
    fails("fill_forward(v, 0)", "the number of rows is at least 1")
    fails("fill_forward(v, 1.5)", "the number of rows")
    fails("fill_forward(nil)", "fill_forward of nil means nothing")
    assert.same({}, values("fill_forward(v)", gaps:head(0)))
  end)

  it("look at the rows of their own group", function()
    local function by_group(text) return df:group_by{ "g" }:mutate{ { "r", text } }.r:totable() end
    assert.same({ null, null, 2.0, 1.0, 2.0, 5.0, null }, by_group("lag(v)"))
    assert.same({ 2.0, 1.0, 4.0, null, 9.0, 10.0, 3.0 }, by_group("cumsum(v)"))
    assert.same({ 1, 1, 2, 2, 3, 4, 3 }, by_group("row_number()"))
    assert.same({ 2.5, 1.0, 2.5, null, 4.0, 1.0, 2.0 }, by_group("rank(v)"))
    assert.same({ null, null, 5.625, 0.625, 4.05, 9.55, 3.625 }, by_group("rolling_mean(x, 2)"))
  end)

  it("average what lies in the window, and nothing else", function()
    local got = values("rolling_mean(x, 3)")
    assert.same({ null, null }, { got[1], got[2] })
    local pandas = { 3.25, 3.0833333333333335, 3.6166666666666667, 7.283333333333334,
      7.866666666666667 }
    for i, value in ipairs(pandas) do near(value, got[i + 2], 1e-15) end
    assert.same({ null, 1.5, 1.5, null, null, 3.0, 1.5 }, values("rolling_mean(v, 2)"))
    assert.same({ null, null, null, null, null, null, null }, values("rolling_mean(x, 8)"))
    local spike = hana.frame{ { "x", { 1.0, 2.0, -7e32, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0 } } }
    local means = values("rolling_mean(x, 5)", spike)
    assert.same({ 6.0, 8.0, 10.0 }, { means[8], means[9], means[10] })
    local zeros = hana.frame{ { "z", { 0.6, 0.7, 9007199254740993.0, 0.0, 0.0, 0.0, 0.0 } } }
    assert.same({ 0.0, 0.0 }, { table.unpack(values("rolling_mean(z, 3)", zeros), 6) })
  end)

  it("average long windows over many blocks", function()
    local list = {}
    for i = 1, 40000 do list[i] = (i * 7919) % 1000 end
    local f = hana.frame{ { "k", list } }
    for _, width in ipairs{ 1, 2, 7, 100, 16384, 30000 } do
      local got = values(("rolling_mean(k, %d)"):format(width), f)
      local sum = 0
      for i = 1, #list do
        sum = sum + list[i] - (list[i - width] or 0)
        assert.equal(i >= width and sum / width or null, got[i])
      end
    end
  end)
end)
