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
