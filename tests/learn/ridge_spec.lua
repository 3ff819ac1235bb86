local hana = require "hana"
local golden = require "tests.learn.golden"

local reference = golden.read "linear"

local function data(name)
  local d = reference.data[name]
  return golden.frame(d.x, { { "y", d.y }, { "w", d.w } })
end

describe("ridge", function()
  for _, case in ipairs(reference.ridge) do
    it("equals scikit-learn: " .. case.name, function()
      local m = hana.ridge{ lambda = case.lambda, intercept = case.intercept }
      m:fit(data(case.data), { target = "y", weights = "w" })
      local expected = { table.unpack(case.coef) }
      if case.intercept then table.insert(expected, 1, case.at_zero) end
      local estimate = {}
      for i, term in ipairs(golden.figures(m, "term")) do
        estimate[term] = golden.figures(m, "estimate")[i]
      end
      local got, names = {}, {}
      if case.intercept then got[1] = estimate["(intercept)"] end
      for name in pairs(reference.data[case.data].x) do names[#names + 1] = name end
      for j = 1, #names do got[#got + 1] = estimate["x" .. j] end
      golden.assert_near(expected, got, 1e-9, case.name)
    end)
  end

  it("gives standard errors only without a penalty", function()
    local df, roles = data "tall", { target = "y", weights = "w" }
    local m = hana.ridge{ lambda = 1 }:fit(df, roles)
    for _, name in ipairs{ "std_error", "statistic", "p_value", "low", "high" } do
      assert.is_nil(m:summary():table()[name][1])
    end
    m = hana.ridge{ lambda = 0 }:fit(df, roles)
    golden.assert_near(golden.figures(hana.linear_regression{}:fit(df, roles), "std_error"),
      golden.figures(m, "std_error"), 1e-12)
  end)

  it("refuses a negative penalty by name", function()
    assert.error_matches(function() hana.ridge{ lambda = -1 } end,
      "ridge: option 'lambda' must be a number >= 0, got %-1")
  end)

  it("gives a constant column no say", function()
    local df, big = data("tall"):drop{ "w" }, {}
    for i = 1, #df do big[i] = 1e9 end
    df = df:mutate{ { "c", big } }
    local m = hana.ridge{ lambda = 1 }:fit(df, "y")
    local same = hana.ridge{ lambda = 1 }:fit(df:drop{ "c" }, "y")
    golden.assert_near(same:predict(df):totable(), m:predict(df):totable(), 1e-12)
  end)

  it("bears a lambda close to 0 where columns are almost equal", function()
    local x, y, z = {}, {}, {}
    for i = 1, 40 do
      x[i] = math.sin(i)
      z[i] = x[i] + 1e-9 * math.cos(i * i)
      y[i] = 2 * x[i] + 1
    end
    local df = hana.frame{ { "x", x }, { "z", z }, { "y", y } }
    local p = hana.ridge{ lambda = 1e-12 }:fit(df, "y"):predict(df)
    golden.assert_near(y, p:totable(), 1e-6)
  end)

  local rows, y, w = {}, {}, {}
  for i = 1, 50 do
    rows[i] = { math.sin(i), math.cos(3 * i), i % 7 / 7 }
    y[i] = rows[i][1] - 2 * rows[i][2] + math.sin(i * i)
    w[i] = i % 3 + 1
  end
  golden.properties(it, function(o)
    o.lambda = 0.5
    return hana.ridge(o)
  end, golden.matrix(rows, { { "y", y } }), w, 1e-12)

  it("learns from one row", function()
    local df = hana.frame{ { "x", { 1.0 } }, { "y", { 5.0 } } }
    assert.equal(5, hana.ridge{}:fit(df, "y"):predict(df)[1])
  end)
end)
