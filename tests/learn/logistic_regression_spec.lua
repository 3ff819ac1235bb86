local hana = require "hana"
local golden = require "tests.learn.golden"

local reference = golden.read "logistic"

local function data(target, more)
  local columns = { { "y", reference[target] }, { "w", reference.w } }
  for _, column in ipairs(more or {}) do columns[#columns + 1] = column end
  return golden.frame(reference.x, columns)
end

-- The golden coefficients in the order of a summary: class by class, the intercept first.
local function as_summary(coef, at_zero)
  local out = {}
  for k, row in ipairs(coef) do
    if at_zero then out[#out + 1] = at_zero[k] end
    for _, value in ipairs(row) do out[#out + 1] = value end
  end
  return out
end

local function quietly(f)
  warn "@off"
  local result = f()
  warn "@on"
  return result
end

describe("logistic_regression", function()
  for _, case in ipairs(reference.penalized) do
    local name = ("%s classes, lambda %g, intercept %s"):format(case.target, case.lambda,
      case.intercept)
    it("equals scikit-learn: " .. name, function()
      local df = data(case.target)
      local m = hana.logistic_regression{ lambda = case.lambda, intercept = case.intercept }
      m:fit(df, { target = "y", weights = "w" })
      assert.is_true(m.converged)
      golden.assert_near(as_summary(case.coef, case.intercept and case.at_zero),
        golden.figures(m, "estimate"), 1e-6)
      golden.assert_near(golden.flat(case.proba), golden.proba(m, df:head(10)), 1e-7)
    end)
  end

  it("learns from class probabilities as from weighted rows of each class", function()
    local soft = { {}, {}, {} }
    for i, row in ipairs(reference.soft) do
      for k = 1, 3 do soft[k][i] = row[k] end
    end
    local proba = hana.frame{ { "0", soft[1] }, { "1", soft[2] }, { "2", soft[3] } }
    local df = data("three"):drop{ "y" }
    local m = hana.logistic_regression{}:fit(df, { target_proba = proba, weights = "w" })
    golden.assert_near(as_summary(reference.from_soft.coef, reference.from_soft.at_zero),
      golden.figures(m, "estimate"), 1e-6)
  end)

  it("has the estimates and Wald errors of statsmodels without a penalty", function()
    local m = hana.logistic_regression{ lambda = 0 }
    m:fit(data "two", { target = "y", weights = "w" })
    assert.is_true(m.converged)
    golden.assert_near(reference.binary.estimate, golden.figures(m, "estimate"), 1e-8)
    golden.assert_near(reference.binary.std_error, golden.figures(m, "std_error"), 1e-8)
  end)

  it("has those of its multinomial model, coefficients summing to zero", function()
    local m = hana.logistic_regression{ lambda = 0 }:fit(data("three"):drop{ "w" }, "y")
    golden.assert_near(golden.flat(reference.multinomial.estimate),
      golden.figures(m, "estimate"), 1e-8)
    golden.assert_near(golden.flat(reference.multinomial.std_error),
      golden.figures(m, "std_error"), 1e-8)
    local classes = golden.figures(m, "class")
    assert.equal("0", classes[1])
    assert.equal("2", classes[#classes])
  end)

  it("gives no errors with a penalty", function()
    local m = hana.logistic_regression{}:fit(data "two", { target = "y", weights = "w" })
    assert.is_nil(m:summary():table().std_error[1])
  end)

  describe("on separated classes", function()
    local x, y = {}, {}
    for i = 1, 10 do x[i], y[i] = i + 0.0, i > 5 and "Y" or "N" end
    local df = hana.frame{ { "x", x }, { "y", y } }

    it("does not pretend to have converged without a penalty", function()
      local m = quietly(function() return hana.logistic_regression{ lambda = 0 }:fit(df, "y") end)
      assert.is_false(m.converged)
      assert.matches("separated .* lambda > 0", table.concat(m:warnings(), "\n"))
      assert.is_nil(m:summary():table().p_value[2])
      assert.same(y, m:predict(df):totable())
    end)

    it("converges to moderate numbers with one", function()
      local m = hana.logistic_regression{ lambda = 0.1 }:fit(df, "y")
      assert.is_true(m.converged)
      assert.same({}, m:warnings())
      assert.is_true(math.abs(m:summary():table().estimate[2]) < 50)
    end)

    it("sees that classes are separated in part", function()
      local part = hana.frame{
        { "x", { 1.0, 2, 3, 3, 4, 5 } }, { "y", { "N", "N", "N", "Y", "Y", "Y" } },
      }
      local m = quietly(function()
        return hana.logistic_regression{ lambda = 0 }:fit(part, "y")
      end)
      assert.is_false(m.converged)
      assert.matches("partly separated", table.concat(m:warnings(), "\n"))
    end)
  end)

  it("names columns that depend on each other", function()
    local df = data "two"
    local copy = df:drop{ "w" }:mutate{ { "twice", df.x1 + df.x1 } }
    assert.error_matches(function() hana.logistic_regression{ lambda = 0 }:fit(copy, "y") end,
      "is a linear combination of")
  end)

  it("reports a stop at max_iter", function()
    local m = quietly(function()
      return hana.logistic_regression{ max_iter = 1 }:fit(data("two"):drop{ "w" }, "y")
    end)
    assert.is_false(m.converged)
    assert.equal(1, m.iterations)
  end)

  local rows, y, w = {}, {}, {}
  for i = 1, 60 do
    rows[i] = { math.sin(i), math.cos(3 * i), i % 7 / 7 }
    local score = rows[i][1] - 2 * rows[i][2] + 1.5 * math.sin(i * i)
    y[i] = score > 1 and "high" or score < -1 and "low" or "middle"
    w[i] = i % 3 + 1
  end
  golden.properties(it, hana.logistic_regression, golden.matrix(rows, { { "y", y } }), w, 1e-10)
end)
