local hana = require "hana"

local draws = 200000

local function near(expected, got, tolerance)
  assert(
    math.abs(expected - got) <= tolerance,
    ("expected %.9g, got %.9g (tolerance %.3g)"):format(expected, got, tolerance)
  )
end

-- Upper tail of the standard normal by its continued fraction (Abramowitz and Stegun 26.2.14), good
-- to 1e-9 for z >= 0.2 with 400 terms.
local function upper_tail(z)
  local f = z
  for k = 400, 1, -1 do
    f = z + k / f
  end
  return math.exp(-z * z / 2) / math.sqrt(2 * math.pi) / f
end

describe("decide", function()
  it("computes the expected cost by its formula", function()
    local d = hana.decide{
      cases_per_year = 1000,
      years = 2,
      hourly = 60,
      cost_of_error = 10,
      draws = 100,
      alternatives = {
        {
          kind = "model",
          name = "m",
          setup = 500,
          per_case = 0.2,
          per_year = 300,
          hours = 10,
          labels = 200,
          per_label = 0.5,
          drop_off = 0.05,
          margin = 8,
          coverage = 0.9,
          uncovered = 0.6,
          error = 0.1,
        },
      },
    }
    -- 500 + 10*60 + 200*0.5 + 300*2 = 1800; a case: 0.2 + 0.05*8 + 0.95*(0.9*0.1 + 0.1*0.6)*10 =
    -- 2.025; 2000 cases: 4050. Together 5850.
    near(5850, d.best.mean, 1e-9)
    near(5850, d.best.low, 1e-9)
    near(5850, d.best.high, 1e-9)
    assert.equal(1, d.best.probability)
  end)

  it("discounts years as an annuity paid at the start of each", function()
    local d = hana.decide{
      cases_per_year = 100,
      years = 3,
      discount = 0.1,
      cost_of_error = 1,
      draws = 100,
      alternatives = {
        { kind = "rule", error = 0.5, per_year = 10 },
      },
    }
    -- (100*0.5 + 10) * (1 + 1/1.1 + 1/1.21)
    near(60 * (1 + 1 / 1.1 + 1 / 1.21), d.best.mean, 1e-9)
  end)

  it("has the value of perfect information of two actions under a normal difference", function()
    -- Costs X ~ N(1000, 100^2) and Y ~ N(1050, 200^2), independent. The difference Y - X is normal
    -- with mean 50 and sd s = sqrt(100^2 + 200^2). EVPI = E max(0, X - Y) = s * L(50/s) with the
    -- unit normal loss integral L(z) = phi(z) - z (1 - Phi(z)) (Raiffa and Schlaifer, 1961). P(X
    -- cheapest) = Phi(50/s).
    local d = hana.decide{
      cases_per_year = 0,
      draws = draws,
      alternatives = {
        { kind = "ask", name = "x", setup = hana.dist.normal(1000, 100), error = 0 },
        { kind = "lookup", name = "y", setup = hana.dist.normal(1050, 200), error = 0 },
      },
    }
    local s = math.sqrt(100 ^ 2 + 200 ^ 2)
    local z = 50 / s
    local loss = math.exp(-z * z / 2) / math.sqrt(2 * math.pi) - z * upper_tail(z)
    -- The sd of max(0, X - Y) is below s; four standard errors.
    near(s * loss, d.evpi, 4 * s / math.sqrt(draws))
    near(1 - upper_tail(z), d.best.probability, 4 * 0.5 / math.sqrt(draws))
    -- Knowing only Y: E[cost | Y] of x stays 1000, so that the same integral with sd 200 holds.
    local zy = 50 / 200
    local loss_y = math.exp(-zy * zy / 2) / math.sqrt(2 * math.pi) - zy * upper_tail(zy)
    near(200 * loss_y, d.alternatives[2].evpi.setup, 4 * 200 / math.sqrt(draws))
    -- 90% interval of x: 1000 -+ 1.6449 * 100. The density at the 5% quantile is 0.1031/100, so
    -- that the standard error of the quantile is sqrt(0.05*0.95/draws) * 100/0.1031.
    near(1000 - 164.485, d.best.low, 4 * math.sqrt(0.0475 / draws) * 100 / 0.1031)
    near(1000 + 164.485, d.best.high, 4 * math.sqrt(0.0475 / draws) * 100 / 0.1031)
    assert.equal("measure this first", d.verdict)
    assert.equal("y", d.measure.alternative.name)
    assert.equal("setup", d.measure.input)
  end)

  it("knows how often a uniform error beats a fixed price, and what knowing it is worth", function()
    -- A costs 100 U with U ~ Beta(1, 1); B costs 60. A has the lower mean (50). P(A cheapest) = P(U
    -- < 0.6) = 0.6. EVPI = 50 - E min(100 U, 60) = 50 - (100 * 0.6^2/2 + 60 * 0.4) = 8.
    local d = hana.decide{
      cases_per_year = 100,
      cost_of_error = 1,
      draws = draws,
      alternatives = {
        { kind = "ask", name = "a", error = hana.dist.beta(1, 1) },
        { kind = "lookup", name = "b", setup = 60, error = 0 },
      },
    }
    near(50, d.best.mean, 1e-9)
    near(0.6, d.best.probability, 4 * 0.5 / math.sqrt(draws))
    near(8, d.evpi, 4 * 13 / math.sqrt(draws))
    near(8, d.best.evpi.error, 4 * 13 / math.sqrt(draws))
    near(0.6, d.best.break_even.error, 1e-12)
  end)

  it("finds break-evens at which the costs are equal", function()
    local function with(drop_off, volume, price, model_error)
      return hana.decide{
        cases_per_year = volume or 120000,
        cost_of_error = price or 12.5,
        hourly = 60,
        draws = 100,
        alternatives = {
          {
            kind = "ask",
            name = "ask",
            setup = 2000,
            per_case = 0.01,
            drop_off = drop_off or hana.dist.pert(0.002, 0.01, 0.03),
            margin = 20,
            error = 0.05,
          },
          {
            kind = "model",
            name = "model",
            setup = 30000,
            per_year = 12000,
            hours = 200,
            error = model_error or 0.4,
          },
        },
      }
    end
    local d = with()
    assert.equal("ask", d.best.name)
    assert.equal("ask", d.verdict)
    local at = d.break_even
    local again = with(at.drop_off)
    near(again.alternatives[1].mean, again.alternatives[2].mean, 1e-6)
    again = with(nil, nil, nil, d.alternatives[2].break_even.error)
    near(again.alternatives[1].mean, again.alternatives[2].mean, 1e-6)
    -- Asking is cheaper at every volume and at every price of an error: its set-up is lower, each
    -- case costs less, and it is wrong less often.
    assert.is_nil(at.cases_per_year)
    assert.is_nil(at.cost_of_error)
  end)

  it("finds the volume from which a model pays", function()
    -- Rule: 0.3 * 10 a case. Model: 9000 + 0.1 * 10 a case. Equal at 9000 / 2 = 4500 cases.
    local function at(volume)
      return hana.decide{
        cases_per_year = volume,
        cost_of_error = 10,
        draws = 100,
        alternatives = {
          { kind = "rule", name = "rule", error = 0.3 },
          { kind = "model", name = "model", setup = 9000, error = 0.1 },
        },
      }
    end
    near(4500, at(1000).break_even.cases_per_year, 1e-9)
    near(4500, at(20000).break_even.cases_per_year, 1e-9)
    assert.equal("rule", at(4499).best.name)
    assert.equal("model", at(4501).best.name)
  end)

  it("orders a chain of three", function()
    local d = hana.decide{
      cases_per_year = 1000,
      cost_of_error = 10,
      draws = 1000,
      alternatives = {
        { kind = "model", name = "model", setup = 100, error = 0.3 },
        {
          kind = "lookup",
          name = "lookup",
          setup = 50,
          per_case = 0.1,
          coverage = 0.6,
          error = 0.05,
        },
        {
          kind = "ask",
          name = "ask",
          per_case = 1.5,
          drop_off = 0.1,
          margin = 4,
          coverage = 0.5,
          error = 0.1,
        },
      },
    }
    -- Look up, ask, predict:
    -- 100 + 50 + 1000 * (0.1 + 0.6*0.05*10 + 0.4*(1.5 + 0.1*4 + 0.9*0.5*0.1*10) +
    -- 0.4*0.9*0.5*0.3*10)
    --   = 150 + 1000 * (0.1 + 0.3 + 0.94 + 0.54) = 2030
    -- Look up, predict: 150 + 1000 * (0.1 + 0.3 + 0.4*0.3*10) = 1750, the cheapest order.
    assert.equal("lookup, else model", tostring(d.chain))
    near(1750, d.chain.mean, 1e-9)
    -- Predict alone 3100, so that the chain is said in the sentence.
    assert.matches("lookup, else model", d.sentence, 1, true)
    -- With a dearer model the third link comes in.
    local dear = hana.decide{
      cases_per_year = 1000,
      cost_of_error = 10,
      draws = 1000,
      alternatives = {
        { kind = "model", name = "model", setup = 100, per_case = 6, error = 0.3 },
        {
          kind = "lookup",
          name = "lookup",
          setup = 50,
          per_case = 0.1,
          coverage = 0.6,
          error = 0.05,
        },
        {
          kind = "ask",
          name = "ask",
          per_case = 1.5,
          drop_off = 0.1,
          margin = 4,
          coverage = 0.5,
          error = 0.1,
        },
      },
    }
    -- 150 + 1000 * (0.1 + 0.3 + 0.94 + 0.18*(6 + 3)) = 3110; without the model the last link leaves
    -- 0.18 of the cases wrong: 50 + 1000 * (0.1 + 0.3 + 0.94 + 1.8) = 3190.
    assert.equal("lookup, else ask, else model", tostring(dear.chain))
    near(3110, dear.chain.mean, 1e-9)
  end)

  it("never asks twice in a chain", function()
    local d = hana.decide{
      cases_per_year = 100,
      cost_of_error = 100,
      draws = 100,
      alternatives = {
        { kind = "ask", name = "one", coverage = 0.5, error = 0 },
        { kind = "ask", name = "two", coverage = 0.4, error = 0 },
      },
    }
    assert.equal("one", tostring(d.chain))
  end)

  it(
    "gives the same bits for one and two threads, and for an alternative whatever stands beside it",
    function()
      local ask = {
        kind = "ask",
        name = "ask",
        drop_off = hana.dist.pert(0, 0.01, 0.1),
        margin = 10,
        error = hana.dist.beta(2, 30),
      }
      local model = {
        kind = "model",
        name = "model",
        setup = hana.dist.gamma(2, 100),
        error = hana.dist.beta(8, 20),
      }
      local function run(list)
        return hana.decide{
          cases_per_year = 500,
          cost_of_error = 3,
          draws = 30000,
          seed = 5,
          alternatives = list,
        }
      end
      local threads = hana.threads()
      hana.threads(1)
      local one = run{ ask, model }
      hana.threads(2)
      local two = run{ ask, model }
      hana.threads(threads)
      for _, key in ipairs{ "mean", "low", "high", "sd", "probability" } do
        assert.equal(one.alternatives[1][key], two.alternatives[1][key])
        assert.equal(one.alternatives[2][key], two.alternatives[2][key])
      end
      assert.equal(one.evpi, two.evpi)
      local alone = run{ ask }
      assert.equal(one.alternatives[1].low, alone.alternatives[1].low)
      assert.equal(one.alternatives[1].sd, alone.alternatives[1].sd)
    end
  )

  it("says when nothing should be built", function()
    local d = hana.decide{
      cases_per_year = 10,
      cost_of_error = 1,
      draws = 100,
      alternatives = {
        { kind = "rule", name = "as today", current = true, error = 0.5 },
        { kind = "model", name = "model", setup = 1000, error = 0 },
      },
    }
    assert.equal("do not build", d.verdict)
    assert.matches("Leave it as it is", d.sentence)
    assert.matches("Do not build", d.sentence)
  end)

  it("says when no single input would settle the choice", function()
    -- Both cost 20, and nothing is left to be known.
    local d = hana.decide{
      cases_per_year = 100,
      cost_of_error = 1,
      draws = 100,
      alternatives = {
        { kind = "rule", name = "a", error = 0.2 },
        { kind = "model", name = "b", setup = 10, error = 0.1 },
      },
    }
    assert.equal("cannot tell", d.verdict)
    assert.matches("The data cannot tell", d.sentence, 1, true)
    assert.matches("cannot tell", tostring(d), 1, true)
  end)

  it("has a paragraph that says what the choice rests on", function()
    local function with(lang)
      return hana.decide{
        cases_per_year = 1000,
        cost_of_error = 10,
        lang = lang,
        currency = "USD",
        alternatives = {
          { kind = "ask", name = "form", error = hana.measured.counts(5, 100), setup = 900 },
          { kind = "model", name = "net", error = hana.dist.beta(12, 88), setup = 500 },
        },
      }
    end
    local en, ko = with("en").paragraph, with("ko").paragraph
    assert.matches("Measured: 1 of the 2 inputs that are not known exactly", en, 1, true)
    assert.matches("The choice is nearest to turning on", en, 1, true)
    assert.matches("on 100 cases first would be worth $", en, 1, true)
    assert.matches("2개 가운데 1개를 측정했고", ko, 1, true)
    assert.matches("먼저 100건에서", ko, 1, true)
  end)

  it("says what is measured and what is assumed", function()
    local d = hana.decide{
      cases_per_year = 100,
      cost_of_error = 1,
      draws = 1000,
      lang = "en",
      alternatives = {
        {
          kind = "ask",
          name = "ask",
          error = hana.measured.counts(5, 100),
          drop_off = 0.1,
          margin = 1,
        },
        { kind = "lookup", name = "lookup", coverage = hana.dist.beta(6, 4), error = 0.1 },
      },
    }
    assert.equal("measured", d.alternatives[1].inputs.error.source)
    assert.equal("assumed", d.alternatives[1].inputs.drop_off.source)
    local text = tostring(d)
    assert.matches("measured: 5 of 100 wrong", text, 1, true)
    assert.matches("assumed, not measured", text, 1, true)
    -- Jeffreys' posterior: mean (5 + 1/2) / (100 + 1).
    near(100 * (0.1 + 0.9 * 5.5 / 101), d.alternatives[1].mean, 1e-9)
  end)

  it("speaks Korean", function()
    local d = hana.decide{
      cases_per_year = 100,
      cost_of_error = 1,
      draws = 100,
      lang = "ko",
      currency = "KRW",
      alternatives = {
        { kind = "ask", name = "입력 필드", error = 0.1 },
        { kind = "model", name = "모델", setup = 500, error = 0.1 },
      },
    }
    assert.matches("직접 묻습니다", d.sentence, 1, true)
    assert.matches("만들지 않습니다", d.sentence, 1, true)
    assert.matches("₩10", d.sentence, 1, true)
  end)

  it("is a result: table, json, plots", function()
    local d = hana.decide{
      cases_per_year = 100,
      cost_of_error = 1,
      draws = 1000,
      alternatives = {
        { kind = "ask", name = "ask", error = hana.dist.beta(2, 9) },
        { kind = "model", name = "model", setup = 5, error = 0.3 },
      },
    }
    local frame = d:table()
    assert.same({ "name", "kind", "cost", "low", "high", "probability" }, frame:names())
    assert.equal(2, #frame)
    local plain = hana.json.decode(d:json())
    assert.equal(d.verdict, plain.verdict)
    assert.equal(d.best.name, plain.best)
    assert.matches("<svg", d:plot():svg(), 1, true)
    assert.matches("<svg", d:tornado():svg(), 1, true)
  end)

  it("refuses what cannot be, naming alternative and input", function()
    local function refuse(pattern, alternative, more)
      local given = { cases_per_year = 10, alternatives = { alternative } }
      for key, value in pairs(more or {}) do
        given[key] = value
      end
      assert.error_matches(function() hana.decide(given) end, pattern)
    end
    refuse("alternative 'x': 'error' is missing", { kind = "ask", name = "x" })
    refuse(
      "unknown option 'eror' for alternative 'x'; did you mean 'error'",
      { kind = "ask", name = "x", eror = 1 }
    )
    refuse(
      "'kind' must be ask, lookup, rule or model, got poll",
      { kind = "poll", name = "x", error = 0 }
    )
    refuse(
      "x: 'error' is a share of cases and must stay in 0..1",
      { kind = "ask", name = "x", error = 1.5 }
    )
    refuse(
      "use a beta or pert distribution",
      { kind = "ask", name = "x", error = hana.dist.normal(0.1, 0.1) }
    )
    refuse("x: 'setup' must be >= 0, got %-1", { kind = "ask", name = "x", error = 0, setup = -1 })
    refuse("'years' must be > 0", { kind = "ask", name = "x", error = 0 }, { years = 0 })
    refuse(
      "must be a number, a hana.dist.%* or a hana.measured",
      { kind = "ask", name = "x", error = "low" }
    )
    refuse(
      "'setup' is an amount; measured counts are a share",
      { kind = "ask", name = "x", error = 0, setup = hana.measured.counts(1, 2) }
    )
    refuse(
      "unknown option 'curency' for decide; did you mean 'currency'",
      { kind = "ask", error = 0 },
      { curency = "USD" }
    )
    refuse("'draws' must be >= 100", { kind = "ask", error = 0 }, { draws = 10 })
    assert.error_matches(
      function() hana.decide{ cases_per_year = 1, alternatives = {} } end,
      "at least one alternative"
    )
    assert.error_matches(
      function() hana.decide{ alternatives = { { kind = "ask", error = 0 } } } end,
      "'cases_per_year' is missing"
    )
    assert.error_matches(
      function()
        hana.decide{
          cases_per_year = 1,
          alternatives = { { kind = "ask", error = 0 }, { kind = "ask", error = 0 } },
        }
      end,
      "two alternatives are named 'ask'"
    )
  end)
end)
