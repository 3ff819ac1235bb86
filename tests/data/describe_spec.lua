local hana = require "hana"

local null = hana.null

describe("describe", function()
  local df = hana.frame{
    { "x", { 3.5, null, -1.25, 8.0, 3.5, 0.5, 12.75 } },
    { "k", { 5, 1, 4, 2, 3, 6, 8 } },
    { "yes", { true, false, true, null, true, false, true } },
    { "word", { "b", "a", "b", "a", null, "c", "" } },
  }
  local d = df:describe()

  it("has a row a column", function()
    assert.same({ "name", "type", "n", "nulls", "distinct", "mean", "sd", "min", "q25", "median",
      "q75", "max", "top", "earliest", "latest" }, d:names())
    assert.same({ "x", "k", "yes", "word" }, d.name:totable())
    assert.same({ "float", "int", "bool", "string" }, d.type:totable())
    assert.same({ 6, 7, 6, 6 }, d.n:totable())
    assert.same({ 1, 0, 1, 1 }, d.nulls:totable())
    assert.same({ 5, 7, 2, 4 }, d:col"distinct":totable())
  end)

  -- numpy 2.4: np.mean, np.std(ddof=1), np.quantile([3.5, -1.25, 8, 3.5, .5, 12.75], ...)
  it("gives numbers as numpy does", function()
    local expected = { mean = 4.5, sd = 5.125914552545721, min = -1.25, q25 = 1.25, median = 3.5,
      q75 = 6.875, max = 12.75 }
    for name, value in pairs(expected) do assert.near(value, d[name][1], 1e-12) end
    assert.near(29 / 7, d.mean[2], 1e-12)
    assert.equal(4.0, d.median[2])
  end)

  it("gives the share of true and the most frequent text", function()
    assert.near(4 / 6, d.mean[3], 1e-15)
    assert.same({ null, null, null, "a" }, d.top:totable())
    assert.same({ null, null }, { d.sd:totable()[3], d.sd:totable()[4] })
  end)

  it("gives the range of times", function()
    local when = hana.frame{
      { "day", hana.column({ "2026-03-01", null, "2025-12-31" }):cast "date" },
      { "t", hana.column({ "2026-01-01T10:00:00Z", "2026-01-01T09:00:00Z", null })
        :cast "datetime" },
      { "none", hana.column({ null, null, null }):cast "date" },
    }:describe()
    assert.same({ "2025-12-31", "2026-01-01T09:00:00Z", null }, when.earliest:totable())
    assert.same({ "2026-03-01", "2026-01-01T10:00:00Z", null }, when.latest:totable())
    assert.same({ null, null, null, null }, d.earliest:totable())
  end)

  it("takes empty frames", function()
    local none = df:head(0):describe()
    assert.same({ 0, 0, 0, 0 }, none.n:totable())
    assert.same({ null, null, null, null }, none.mean:totable())
    assert.same({ null, null, null, null }, none.top:totable())
  end)
end)
