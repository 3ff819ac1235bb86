local hana = require "hana"
local golden = require "tests.learn.golden"

local reference = golden.read "knn"

describe("knn", function()
  local data
  for _, case in ipairs(reference.cases) do
    data = case.x and case or data
    local d = data
    it(("equals scikit-learn: %d rows of %d, %d neighbors, %s"):format(#d.x, #d.x[1],
      case.neighbors, case.weights), function()
      local queries = golden.matrix(d.q)
      local options = { neighbors = case.neighbors, weights = case.weights }
      local roles = { target = "y", out_of_range = "ignore" }
      local m = hana.knn(options):fit(golden.matrix(d.x, { { "y", d.y } }), roles)
      golden.assert_near(case.predict, m:predict(queries):totable(), 1e-12)
      m = hana.knn(options):fit(golden.matrix(d.x, { { "y", d.k } }), roles)
      golden.assert_near(golden.flat(case.proba), golden.proba(m, queries), 1e-12)
    end)
  end

  it("takes the lower row among equally near ones", function()
    local df = hana.frame{ { "x", { 1.0, -1, 1, -1 } }, { "y", { 10.0, 20, 30, 40 } } }
    local zero = hana.frame{ { "x", { 0.0 } } }
    assert.equal(10, hana.knn{ neighbors = 1 }:fit(df, "y"):predict(zero)[1])
    assert.equal(20, hana.knn{ neighbors = 3 }:fit(df, "y"):predict(zero)[1])
  end)

  it("takes the lower row in a tree as without one", function()
    local x, z, y = {}, {}, {}
    for i = 1, 900 do x[i], z[i], y[i] = i % 5 + 0.0, i % 7 + 0.0, i + 0.0 end
    local tree = hana.frame{ { "a", x }, { "b", z }, { "y", y } }
    local more = { { "a", x }, { "b", z } }
    local zeros = {}
    for i = 1, 900 do zeros[i] = 0.0 end
    for j = 1, 8 do more[#more + 1] = { "z" .. j, zeros } end
    more[#more + 1] = { "y", y }
    local flat = hana.frame(more)
    for _, k in ipairs{ 1, 4, 40 } do
      local a = hana.knn{ neighbors = k }:fit(tree, "y"):predict(tree)
      local b = hana.knn{ neighbors = k }:fit(flat, "y"):predict(flat)
      assert.same(b:totable(), a:totable())
    end
  end)

  it("asks equal rows only, where weights go by distance", function()
    local df = hana.frame{ { "x", { 0.0, 0, 1, 2 } }, { "y", { 1.0, 3, 9, 9 } } }
    local m = hana.knn{ neighbors = 3, weights = "distance" }:fit(df, "y")
    assert.equal(2, m:predict(df)[1])
  end)

  it("asks all rows where there are fewer than neighbors", function()
    local df = hana.frame{ { "x", { 0.0, 1 } }, { "y", { 1.0, 3 } } }
    assert.equal(2, hana.knn{ neighbors = 5 }:fit(df, "y"):predict(df)[1])
  end)

  local rows, y, w = {}, {}, {}
  for i = 1, 60 do
    rows[i] = { math.sin(i), math.cos(3 * i), i % 7 / 7 }
    y[i] = rows[i][1] - 2 * rows[i][2]
    w[i] = i % 3 + 1
  end
  golden.properties(it, hana.knn, golden.matrix(rows, { { "y", y } }), w, 1e-12)
end)
