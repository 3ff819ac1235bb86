-- Decisions whose answers can be derived by hand. Each derivation stands beside its spec; Monte
-- Carlo figures are held to four standard errors.

local hana = require "hana"

local draws = 100000

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

-- Unit normal loss integral E max(0, Z - z) (Raiffa and Schlaifer, 1961).
local function unit_loss(z)
  return math.exp(-z * z / 2) / math.sqrt(2 * math.pi) - z * upper_tail(z)
end

-- Beta function of whole numbers: (a-1)! (b-1)! / (a+b-1)!.
local function beta(a, b)
  local value = 1 / b
  for i = 1, a - 1 do
    value = value * i / (b + i)
  end
  return value
end

-- P(X < Y) for independent X ~ Beta(a, b) and Y ~ Beta(c, d) with whole parameters: conditioning on
-- X and writing Y's upper tail as a binomial sum gives
-- P(Y > X) = sum over i < c of B(a + i, b + d) / ((d + i) B(1 + i, d) B(a, b)).
local function below(a, b, c, d)
  local sum = 0
  for i = 0, c - 1 do
    sum = sum + beta(a + i, b + d) / ((d + i) * beta(1 + i, d) * beta(a, b))
  end
  return sum
end

-- One case a year at a price of 1000 makes the cost of an alternative 1000 times its error.
local function of_errors(x, y, more)
  local given = {
    cases_per_year = 1,
    cost_of_error = 1000,
    draws = draws,
    seed = 3,
    alternatives = {
      { kind = "ask", name = "x", error = x },
      { kind = "model", name = "y", error = y },
    },
  }
  for key, value in pairs(more or {}) do
    given[key] = value
  end
  return hana.decide(given)
end

-- Costs X ~ N(1000, 100^2) and Y ~ N(1050, 200^2).
local function of_normals(more)
  local given = {
    cases_per_year = 0,
    draws = draws,
    seed = 3,
    alternatives = {
      { kind = "ask", name = "x", setup = hana.dist.normal(1000, 100), error = 0 },
      { kind = "lookup", name = "y", setup = hana.dist.normal(1050, 200), error = 0 },
    },
  }
  for key, value in pairs(more or {}) do
    given[key] = value
  end
  return hana.decide(given)
end

describe("two alternatives with beta errors", function()
  -- X ~ Beta(7, 33), Y ~ Beta(9, 31). EVPI = E X - E min(X, Y) = E max(0, X - Y)
  -- = E[X; X > Y] - E[Y; X > Y]. Weighting a beta density by its variable raises the first
  -- parameter by one, so that E[X; X > Y] = 7/40 P(Beta(8, 33) > Y) and E[Y; X > Y] =
  -- 9/40 P(X > Beta(10, 31)).
  it("have the probability and the worth of knowing that the beta sums give", function()
    local d = of_errors(hana.dist.beta(7, 33), hana.dist.beta(9, 31))
    near(below(7, 33, 9, 31), d.best.probability, 4 * 0.5 / math.sqrt(draws))
    near(175, d.best.mean, 1e-9)
    local evpi = 1000
      * (7 / 40 * (1 - below(8, 33, 9, 31)) - 9 / 40 * (1 - below(7, 33, 10, 31)))
    -- max(0, X - Y) has a standard deviation below that of X - Y, 0.089.
    near(evpi, d.evpi, 4 * 89 / math.sqrt(draws))
    assert.equal("measure this first", d.verdict)
  end)

  it("beat each other in shares that add up", function()
    local d = of_errors(hana.dist.beta(7, 33), hana.dist.beta(9, 31))
    near(1, d.alternatives[1].beats[2] + d.alternatives[2].beats[1], 1e-12)
    near(d.best.probability, d.alternatives[1].beats[2], 1e-12)
    assert.same({}, d.dominated)
  end)
end)

describe("correlated inputs", function()
  -- A Gaussian copula with Spearman's correlation q has Pearson's r = 2 sin(pi q / 6). X - Y is
  -- normal with variance s^2 = 100^2 + 200^2 - 2 r 100 200.
  it("change the worth of perfect information as a joint normal distribution does", function()
    for _, q in ipairs{ 0.6, -0.5, 1 } do
      local d = of_normals{ correlation = { { "x.setup", "y.setup", q } } }
      local r = 2 * math.sin(math.pi * q / 6)
      local s = math.sqrt(100 ^ 2 + 200 ^ 2 - 2 * r * 100 * 200)
      near(s * unit_loss(50 / s), d.evpi, 4 * s / math.sqrt(draws))
      near(1 - upper_tail(50 / s), d.best.probability, 4 * 0.5 / math.sqrt(draws))
      -- Neither mean moves: the two are never multiplied.
      near(1000, d.best.mean, 1e-9)
      near(1000 - 164.485, d.best.low, 4 * math.sqrt(0.0475 / draws) * 100 / 0.1031)
    end
  end)

  -- Knowing Y: E[X | Y] - Y = -50 + (r 100/200 - 1)(Y - 1050), normal with sd 200 - 100 r, so that
  -- knowing it is worth (200 - 100 r) L(50 / (200 - 100 r)); knowing X, E[Y | X] - X has the sd
  -- |200 r - 100|. The partition method has a little bias of its own: 3%.
  it("tell about each other", function()
    local q = 0.6
    local r = 2 * math.sin(math.pi * q / 6)
    local d = of_normals{ correlation = { { "x.setup", "y.setup", q } } }
    local sd = 200 - 100 * r
    local worth = sd * unit_loss(50 / sd)
    near(worth, d.alternatives[2].evpi.setup, 0.03 * worth)
    d = of_normals{ correlation = { { "x.setup", "y.setup", -q } } }
    sd = 100 + 200 * r
    worth = sd * unit_loss(50 / sd)
    near(worth, d.alternatives[1].evpi.setup, 0.03 * worth)
  end)

  -- E[labels x price] = 1000 x 2 + r 100 x 0.3.
  it("of one alternative move its expected cost by their covariance", function()
    local q = 0.7
    local function with(correlation)
      return hana.decide{
        cases_per_year = 0,
        draws = draws,
        seed = 4,
        correlation = correlation,
        alternatives = {
          {
            kind = "model",
            name = "m",
            labels = hana.dist.normal(1000, 100),
            per_label = hana.dist.normal(2, 0.3),
            error = 0,
          },
        },
      }
    end
    near(2000, with(nil).best.mean, 1e-9)
    local d = with{ { "m.labels", "m.per_label", q } }
    near(2000 + 2 * math.sin(math.pi * q / 6) * 30, d.best.mean, 4 * d.best.sd / math.sqrt(draws))
    local matrix = with{ inputs = { "m.labels", "m.per_label" }, matrix = { { 1, q }, { q, 1 } } }
    assert.equal(d.best.mean, matrix.best.mean)
  end)

  it("give the same bits for one and two threads", function()
    local threads = hana.threads()
    local function run(n)
      hana.threads(n)
      return of_normals{ correlation = { { "x.setup", "y.setup", 0.4 } } }
    end
    local one, two = run(1), run(2)
    hana.threads(threads)
    for _, key in ipairs{ "mean", "low", "high", "sd", "probability" } do
      assert.equal(one.alternatives[1][key], two.alternatives[1][key])
    end
    assert.equal(one.evpi, two.evpi)
    assert.equal(one.alternatives[2].evpi.setup, two.alternatives[2].evpi.setup)
  end)

  it("are refused where they cannot be", function()
    local function refuse(pattern, correlation)
      assert.error_matches(
        function()
          of_normals{
            draws = 100,
            correlation = correlation,
            cost_of_error = hana.dist.uniform(1, 2),
          }
        end,
        pattern
      )
    end
    refuse("no input 'x.setupp' to correlate; did you mean 'x.setup'", {
      { "x.setupp", "y.setup", 0.5 },
    })
    refuse("must lie in %-1..1, got 1.5", { { "x.setup", "y.setup", 1.5 } })
    refuse("cannot be correlated with itself", { { "x.setup", "x.setup", 0.5 } })
    refuse("not positive definite", {
      inputs = { "x.setup", "y.setup", "cost_of_error" },
      matrix = { { 1, 0.9, -0.9 }, { 0.9, 1, 0.9 }, { -0.9, 0.9, 1 } },
    })
    refuse("must have 2 numbers", { inputs = { "x.setup", "y.setup" }, matrix = { { 1 }, { 1 } } })
  end)
end)

describe("a looked-up value that ages", function()
  local function lookup(age, half_life, more)
    local given = {
      cases_per_year = 100,
      cost_of_error = 1,
      draws = draws,
      seed = 2,
      alternatives = {
        { kind = "lookup", name = "old", error = 0, age = age, half_life = half_life },
        { kind = "rule", name = "b", setup = 20, error = 0 },
      },
    }
    for key, value in pairs(more or {}) do
      given.alternatives[1][key] = value
    end
    return hana.decide(given)
  end

  -- After two half-lives a quarter of the right values (0.9) still hold: 1 - 0.9/4 are wrong.
  it("is wrong as often as its half-life says", function()
    local d = lookup(2, 1, { error = 0.1 })
    near(100 * (1 - 0.9 / 4), d.alternatives[1].mean, 1e-9)
  end)

  it("has an exact expected cost under uncertain ages and half-lives", function()
    -- E 2^-x over x uniform on 0..1 is (1 - 1/2) / ln 2.
    local uniform = lookup(hana.dist.uniform(0, 1), 1)
    near(100 * (1 - 0.5 / math.log(2)), uniform.alternatives[1].mean, 1e-9)
    -- Over an exponential age of mean 3 it is 1 / (1 + 3 ln 2 / h).
    local d = lookup(hana.dist.gamma(1, 3), 5)
    near(100 * (1 - 1 / (1 + 0.6 * math.log(2))), d.alternatives[1].mean, 0.02)
    -- With an exponential age and h uniform on 1..2: E = integral of h / (h + c) = 1 - c ln((2 + c)
    -- / (1 + c)), c = 3 ln 2.
    local c = 3 * math.log(2)
    d = lookup(hana.dist.gamma(1, 3), hana.dist.uniform(1, 2))
    near(100 * c * math.log((2 + c) / (1 + c)), d.alternatives[1].mean, 0.02)
    -- The draws agree.
    near(d.alternatives[1].mean, (d.alternatives[1].low + d.alternatives[1].high) / 2, 25)
  end)

  -- The old value loses to b (20) where 100 (1 - 2^-x) = 20, that is x = log2(1/0.8).
  it("stops being worth it at a certain age", function()
    local at = math.log(1 / 0.8, 2)
    near(at, lookup(0.1, 1).break_even.age, 1e-9)
    near(at, lookup(3, 1).alternatives[1].break_even.age, 1e-9)
    -- And with the age of 3, from half-life 3 / at on.
    near(3 / at, lookup(3, 1).alternatives[1].break_even.half_life, 1e-9)
  end)

  -- x uniform on 0..1, c = log2(1/0.8): b is the better (20 against 27.9). Knowing x is worth
  -- 20 - [ 100 (c - 0.2 / ln 2) + 20 (1 - c) ]: the old value is taken below c.
  it("has an age that is worth knowing", function()
    local d = lookup(hana.dist.uniform(0, 1), 1)
    local c = math.log(1 / 0.8, 2)
    local worth = 20 - (100 * (c - 0.2 / math.log(2)) + 20 * (1 - c))
    near(worth, d.evpi, 4 * 10 / math.sqrt(draws))
    near(worth, d.alternatives[1].evpi.age, 0.03 * worth)
  end)

  it("needs both numbers", function()
    assert.error_matches(function() lookup(2, nil) end, "'age' .* and 'half_life' .* go together")
    assert.error_matches(function() lookup(2, 0) end, "'half_life' must be > 0")
  end)
end)

describe("discounted years", function()
  local function over(years, more)
    local given = {
      cases_per_year = 100,
      cost_of_error = 1,
      years = years,
      discount = 0.1,
      draws = draws,
      alternatives = {
        { kind = "rule", name = "rule", error = 0.5, per_year = 10 },
        { kind = "model", name = "model", setup = 130, error = 0, per_year = 10 },
      },
    }
    for key, value in pairs(more or {}) do
      given[key] = value
    end
    return hana.decide(given)
  end

  -- Years uniform on 0..2: the horizon is y up to 1 and 1 + (y - 1)/1.1 beyond; its mean is
  -- (1/2)(1/2 + 1 + 1/2.2).
  it("may be uncertain", function()
    near(60 * (0.75 + 0.25 / 1.1), over(hana.dist.uniform(0.0001, 2)).alternatives[1].mean, 0.01)
    near(60 * (1 + 1 / 1.1 + 0.5 / 1.21), over(2.5).alternatives[1].mean, 1e-9)
  end)

  -- The model saves 50 a year and costs 130: the horizon must be 2.6 = 1 + 1/1.1 + x/1.21, so that
  -- x = 1.21 (1.6 - 1/1.1).
  it("break even where the saving has paid the set-up back", function()
    local at = 2 + 1.21 * (1.6 - 1 / 1.1)
    near(at, over(1).break_even.years, 1e-9)
    local d = over(at)
    near(d.alternatives[1].mean, d.alternatives[2].mean, 1e-9)
    -- Without interest, 2.6 years; at 50% a year the horizon never exceeds 3, at 65% never 2.6.
    near(2.6, over(1, { discount = 0 }).break_even.years, 1e-12)
    assert.is_number(over(1, { discount = 0.5 }).break_even.years)
    assert.is_nil(over(1, { discount = 0.65 }).break_even.years)
  end)
end)

describe("a chain of three", function()
  -- Reach after each link is a product of independent factors, so that the expected cost of the
  -- chain is its formula at the means, and the draws must agree with it.
  it("with uncertain coverage and drop-off costs what its formula says at the means", function()
    local d = hana.decide{
      cases_per_year = 1000,
      cost_of_error = 10,
      draws = draws,
      seed = 9,
      alternatives = {
        { kind = "model", name = "model", per_case = 6, error = hana.dist.beta(3, 7) },
        {
          kind = "lookup",
          name = "lookup",
          per_case = 0.1,
          coverage = hana.dist.beta(6, 4),
          error = hana.dist.beta(1, 19),
        },
        {
          kind = "ask",
          name = "ask",
          per_case = 1.5,
          drop_off = hana.dist.beta(2, 18),
          margin = 4,
          coverage = hana.dist.beta(5, 5),
          error = hana.dist.beta(2, 18),
        },
      },
    }
    assert.equal("lookup, else ask, else model", tostring(d.chain))
    -- 0.1 + 0.6*0.05*10 + 0.4*(1.5 + 0.1*4 + 0.9*0.5*0.1*10) + 0.4*0.9*0.5*(6 + 0.3*10)
    near(1000 * (0.1 + 0.3 + 0.94 + 1.62), d.chain.mean, 1e-9)
    assert.is_true(d.chain.low < d.chain.mean and d.chain.mean < d.chain.high)
    -- The 90% interval of the share that reaches the model alone spans hundreds.
    assert.is_true(d.chain.high - d.chain.low > 500)
  end)
end)

describe("cost against volume", function()
  -- Rule: 0.3 * 10 a case. Model: 9000 + 0.1 * 10 a case. Equal at 4500 cases.
  it("is a line an alternative", function()
    local d = hana.decide{
      cases_per_year = 1000,
      cost_of_error = 10,
      draws = 100,
      alternatives = {
        { kind = "rule", name = "rule", error = 0.3 },
        { kind = "model", name = "model", setup = 9000, error = 0.1 },
      },
    }
    local v = d:volume{ from = 0, to = 9000, points = 3 }
    assert.same({ "cases_per_year", "rule", "model" }, v:names())
    assert.same({ 0.0, 4500.0, 9000.0 }, v:col("cases_per_year"):totable())
    assert.same({ 0.0, 13500.0, 27000.0 }, v:col("rule"):totable())
    assert.same({ 9000.0, 13500.0, 18000.0 }, v:col("model"):totable())
    assert.matches("<svg", d:plot({ kind = "volume" }):svg(), 1, true)
    assert.error_matches(function() d:plot "volum" end, "did you mean 'volume'")
    assert.error_matches(function() d:volume{ from = 5, to = 1 } end, "0 <= from < to")
  end)
end)

describe("dominance", function()
  -- Both pay the same price of an error, whatever it is, and b is wrong twice as often.
  it("is found where one alternative is cheaper whatever the inputs turn out to be", function()
    local d = hana.decide{
      cases_per_year = 100,
      cost_of_error = hana.dist.gamma(2, 5),
      draws = 10000,
      alternatives = {
        { kind = "ask", name = "a", error = 0.1 },
        { kind = "model", name = "b", error = 0.2 },
        { kind = "rule", name = "c", error = 0, setup = 100 },
      },
    }
    assert.same({ "b" }, d.dominated)
    assert.equal("a", d.alternatives[2].dominated_by)
    assert.matches("“b” costs more than “a” in every draw", d.paragraph, 1, true)
  end)
end)
