local hana = require "hana"
local silhouette = hana.metrics.silhouette

local n = 120

local function data()
  local a, b, three, two = {}, {}, {}, {}
  for i = 1, n do
    a[i] = (i * 7919 % 1009) / 100 + (i % 3) * 4.0
    b[i] = (i * 104729 % 997) / 50.0
    three[i] = i == 5 and "alone" or "c" .. i % 3
    two[i] = i % 2 == 0
  end
  return hana.frame{ { "a", a }, { "b", b } }, hana.column(three), hana.column(two)
end

describe("silhouette", function()
  local x, three, two = data()

  -- reference/silhouette.py, scikit-learn 1.9.1
  it("is scikit-learn's", function()
    assert.near(-0.19245745180190843, silhouette(x, three), 1e-12)
    assert.near(-0.012148673431787264, silhouette(x, two), 1e-12)
  end)

  it("is by hand what it is for four rows", function()
    -- Distances within 1, to the other cluster 9 and 10, or 10 and 11.
    local line = hana.frame{ { "x", { 0, 1, 10, 11 } } }
    local value = ((1 - 1 / 10.5) * 2 + (1 - 1 / 9.5) * 2) / 4
    assert.near(value, silhouette(line, { 1, 1, 2, 2 }), 1e-15)
    assert.near(value, silhouette(hana.concat{ line, hana.frame{ { "x", { 500 } } } },
      { 1, 1, 2, 2, hana.null }), 1e-15)
    assert.equal(0.0, silhouette(hana.frame{ { "x", { 3, 3, 3, 3 } } }, { 1, 1, 2, 2 }))
  end)

  it("is the same for any number of threads", function()
    local before = hana.threads()
    hana.threads(1)
    local one = silhouette(x, three)
    hana.threads(2)
    assert.equal(one, silhouette(x, three))
    hana.threads(before)
  end)

  it("names what is wrong", function()
    local function fails(message, ...)
      local arguments = table.pack(...)
      assert.error_matches(function() silhouette(table.unpack(arguments)) end, message)
    end
    fails("119 labels for 120 rows", x, hana.column(
      { table.unpack(three:totable(), 1, n - 1) }))
    fails("1 cluster of 2 rows", x:head(2), { "a", "a" })
    fails("2 clusters of 2 rows", x:head(2), { "a", "b" })
    fails("column 'a' has no finite value in row 1", x:mutate{ a = "lag(a)" }, three)
    fails("column 'a' is string, expected numbers", x:cast{ a = "string" }, three)
    fails("no columns", x:select{}, three)
  end)
end)
