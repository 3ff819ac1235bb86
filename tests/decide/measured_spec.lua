local hana = require "hana"

describe("measured", function()
  it("counts what is wrong by an expression", function()
    local truth = hana.column{ 170, 180, 190, 160 }
    local said = hana.column{ 171, 186, 190, 155 }
    local m = hana.measured(truth, said, { wrong = "abs(truth - predicted) > 4" })
    assert.equal(4, m.n)
    assert.equal(2, m.wrong)
    assert.equal(0.5, m.share)
    assert.equal((1 + 6 + 0 + 5) / 4, m.mae)
    assert.equal((1 + 6 + 0 - 5) / 4, m.bias)
    -- Misses -5, 0, 1, 6: the 5% quantile lies 0.15 of the way from the first to the second.
    assert.is_true(math.abs(m.miss_low - (-5 + 0.15 * 5)) < 1e-12)
    assert.is_true(math.abs(m.miss_high - (6 - 0.15 * 5)) < 1e-12)
  end)

  it(
    "leaves rows without truth out, and takes nulls among the predictions as not covered",
    function()
      local null = hana.null
      local m = hana.measured(
        hana.column{ "a", "b", null, "b", "a" },
        hana.column{ "a", "a", "a", null, "a" }
      )
      assert.equal(4, m.rows)
      assert.equal(3, m.covered)
      assert.equal(3, m.n)
      assert.equal(1, m.wrong)
      local d = hana.decide{
        cases_per_year = 1,
        draws = 100,
        alternatives = { { kind = "lookup", error = m } },
      }
      assert.equal("measured", d.best.inputs.coverage.source)
      assert.matches("3 of 4", tostring(m), 1, true)
    end
  )

  it("counts each row of a cross-validation once, however often it was predicted", function()
    local x, y = {}, {}
    for i = 1, 60 do
      x[i], y[i] = i + 0.0, (i % 7) + 0.5 * i
    end
    local df = hana.frame{ { "x", x }, { "y", y } }
    local cv = hana.cross_validate(
      hana.ridge{ lambda = 1 },
      df,
      { target = "y", folds = 4, repeats = 3, seed = 2 }
    )
    local m = hana.measured(cv, { wrong = "abs(truth - predicted) > 2" })
    assert.equal(60, m.rows)
    -- By hand from the predictions.
    local wrong, miss, p = 0, 0, cv:predictions()
    for _, row in p:rows() do
      local off = math.abs(row.truth - row.prediction)
      miss = miss + off
      if off > 2 then wrong = wrong + 1 end
    end
    assert.equal(180, #p)
    assert.is_true(wrong > 0)
    assert.is_true(math.abs(wrong / 3 - m.wrong) < 1e-9)
    assert.is_true(math.abs(miss / 180 - m.mae) < 1e-9)
  end)

  local truth = hana.column{ "spam", "spam", "ham", "ham", "ham", "spam", "ham", "ham" }
  local said = hana.column{ "spam", "ham", "ham", "spam", "ham", "ham", "ham", "ham" }

  it("weighs the mistakes of classes by their costs", function()
    -- 5 right, 2 spam taken for ham (1 each), 1 ham taken for spam (50). Under Dirichlet's
    -- distribution with 1/2 for each of the costs 0, 1 and 50 the shares are 5.5, 2.5 and 1.5 of
    -- 9.5.
    local mean = (2.5 + 1.5 * 50) / 9.5
    local square = (2.5 + 1.5 * 2500) / 9.5
    local sd = math.sqrt((square - mean ^ 2) / 10.5)
    local a = hana.measured(truth, said, { costs = { fn = 1, fp = 50 }, positive = "spam" })
    local b = hana.measured(
      truth,
      said,
      { costs = { spam = { ham = 1 }, ham = { spam = 50 } } }
    )
    for _, m in ipairs{ a, b } do
      assert.is_true(math.abs(m.cost - mean) < 1e-12)
      assert.is_true(math.abs(m.cost_sd - sd) < 1e-12)
      assert.equal(3, m.wrong)
    end
    local dist = a:cost_dist()
    assert.is_true(math.abs(dist[1] * dist[2] - mean) < 1e-12)
    assert.is_true(math.abs(math.sqrt(dist[1]) * dist[2] - sd) < 1e-12)
    local cells = a:confusion()
    assert.same({ "truth", "predicted", "n", "cost" }, cells:names())
    assert.same({ 4.0, 1.0, 2.0, 1.0 }, cells:col("n"):totable())
    assert.same({ "ham", "ham", "spam", "spam" }, cells:col("truth"):totable())
    assert.same({ "truth", "predicted", "n" }, hana.measured(truth, said):confusion():names())
    -- In a decision the cost of an error plays no part, the measured cost does.
    local d = hana.decide{
      cases_per_year = 10,
      cost_of_error = 999,
      draws = 20000,
      alternatives = { { kind = "model", name = "m", error = a } },
    }
    assert.is_true(math.abs(d.best.mean - 10 * mean) < 1e-9)
    assert.is_true(math.abs(d.best.sd - 10 * sd) < 0.05 * 10 * sd)
    assert.equal("measured", d.best.inputs.loss.source)
    assert.matches("measured on 8 cases", tostring(d), 1, true)
  end)

  it("is the share wrong where each mistake costs 1", function()
    local m = hana.measured(truth, said, { costs = { fn = 1, fp = 1 }, positive = "spam" })
    -- Two levels: Beta(3 + 1/2, 5 + 1/2).
    assert.is_true(math.abs(m.cost - 3.5 / 9) < 1e-12)
    assert.is_true(math.abs(m.cost_sd ^ 2 - 3.5 * 5.5 / (81 * 10)) < 1e-12)
  end)

  it("takes what a miss costs from an expression", function()
    -- Misses 1, 6, 0, 5: half a unit of money a centimetre beyond 2, at most 1.8.
    local m = hana.measured(
      hana.column{ 170, 180, 190, 160 },
      hana.column{ 171, 186, 190, 155 },
      { cost = "least(1.8, greatest(0, 0.5 * (abs(truth - predicted) - 2)))" }
    )
    assert.is_true(math.abs(m.cost - 3.3 / 4) < 1e-12)
    -- The Bayesian bootstrap: the variance of the rows over n + 1.
    local variance = (1.8 ^ 2 + 1.5 ^ 2) / 4 - (3.3 / 4) ^ 2
    assert.is_true(math.abs(m.cost_sd ^ 2 - variance / 5) < 1e-12)
    assert.equal(2, m.wrong)
    assert.equal(3, m.mae)
  end)

  it("takes a measured cost where nothing is known, too", function()
    local nothing = hana.measured(truth, hana.column{ "ham", "ham", "ham", "ham", "ham", "ham",
      "ham", "ham" }, { costs = { fn = 1, fp = 50 }, positive = "spam" })
    local d = hana.decide{
      cases_per_year = 10,
      draws = 1000,
      alternatives = {
        { kind = "lookup", name = "l", error = 0, coverage = 0.5, uncovered = nothing },
      },
    }
    assert.is_true(math.abs(d.best.mean - 10 * 0.5 * nothing.cost) < 1e-9)
  end)

  it("knows how far two figures measured on the same rows go together", function()
    local t = hana.column{ "a", "a", "a", "a" }
    local function of(...) return hana.measured(t, hana.column{ ... }) end
    local correlation = hana.measured.correlation
    local first = of("b", "a", "a", "a")
    assert.is_true(math.abs(correlation(first, of("b", "a", "a", "a")) - 1) < 1e-12)
    -- Deviations (3,-1,-1,-1)/4 and (-1,3,-1,-1)/4: -4/12.
    assert.is_true(
      math.abs(correlation(of("b", "a", "a", "a"), of("a", "b", "a", "a")) + 1 / 3) < 1e-12
    )
    -- Not the same rows, or no rows at all.
    assert.is_nil(correlation(of("b", "a", "a", "a"), hana.measured(truth, said)))
    assert.is_nil(correlation(of("b", "a", "a", "a"), hana.measured.counts(1, 4)))
  end)

  it("refuses costs that cannot be", function()
    local function refuse(pattern, options, t, p)
      assert.error_matches(
        function() hana.measured(t or truth, p or said, options) end,
        pattern
      )
    end
    refuse("need 'positive'", { costs = { fn = 1 } })
    refuse("no class 'spm' in the data; did you mean 'spam'", {
      costs = { fn = 1 },
      positive = "spm",
    })
    refuse("fn must be a number >= 0, got %-1", { costs = { fn = -1 }, positive = "spam" })
    refuse("no class 'hm'", { costs = { spam = { hm = 1 } } })
    refuse("not both", { costs = { fn = 1 }, cost = "1", positive = "spam" })
    local n = hana.column{ 1.0, 2.0 }
    refuse("'costs' are of classes", { costs = { fn = 1 }, wrong = "true" }, n, n)
    refuse("'cost' must be a number >= 0, got %-1", { cost = "0 - truth" }, n, n)
    refuse("'cost' must be a number for a row", { cost = "truth > 1" }, n, n)
    assert.error_matches(
      function()
        hana.decide{
          cases_per_year = 1,
          alternatives = {
            {
              kind = "ask",
              loss = 1,
              error = hana.measured(truth, said, { costs = { fn = 1 }, positive = "spam" }),
            },
          },
        }
      end,
      "'loss' would count it twice"
    )
  end)

  it("refuses what cannot be counted", function()
    local n, t = hana.column{ 1.0, 2.0 }, hana.column{ "a", "b" }
    assert.error_matches(function() hana.measured(n, n) end, "say what is wrong for a number")
    assert.error_matches(
      function() hana.measured(n, hana.column{ 1.0 }, { wrong = "truth > 0" }) end,
      "truth has 2 rows and predicted 1"
    )
    assert.error_matches(
      function() hana.measured(n, n, { wrong = "truth - predicted" }) end,
      "must be true or false"
    )
    assert.error_matches(
      function() hana.measured(t, t, { worng = "x" }) end,
      "did you mean 'wrong'"
    )
    assert.error_matches(
      function() hana.measured(n) end,
      "give the true values and the predicted ones"
    )
    assert.error_matches(function() hana.measured.counts(3, 2) end, "0 <= wrong <= n")
  end)
end)
