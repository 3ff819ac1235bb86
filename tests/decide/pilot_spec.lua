-- The worth of a pilot, against sums that can be done by hand.

local hana = require "hana"

local function near(expected, got, tolerance)
  assert(
    math.abs(expected - got) <= tolerance,
    ("expected %.9g, got %.9g (tolerance %.3g)"):format(expected, got, tolerance)
  )
end

-- A costs 100 times its error, B costs 60.
local function against_60(error, more)
  local given = {
    cases_per_year = 100,
    cost_of_error = 1,
    draws = 20000,
    seed = 1,
    alternatives = {
      { kind = "ask", name = "a", error = error },
      { kind = "lookup", name = "b", setup = 60, error = 0 },
    },
  }
  for key, value in pairs(more or {}) do
    given[key] = value
  end
  return hana.decide(given)
end

-- P(k of n) under a beta prior with whole parameters: C(n, k) B(a + k, b + n - k) / B(a, b), all
-- factors written out.
local function beta_binomial(n, k, a, b)
  local p = 1.0
  for i = 0, k - 1 do
    p = p * (a + i) * (n - i) / (k - i)
  end
  for i = 0, n - k - 1 do
    p = p * (b + i)
  end
  for i = 0, n - 1 do
    p = p / (a + b + i)
  end
  return p
end

describe("the worth of a pilot", function()
  -- Under Beta(1, 1) each k of 0..n is as likely as any other, and the mean after k is
  -- (k + 1) / (n + 2). The worth is 50 - average of min(100 (k + 1) / (n + 2), 60). One case:
  -- 50 - (33.3 + 60)/2; three: 50 - (20 + 40 + 60 + 60)/4.
  it("is the beta-binomial sum under a flat prior", function()
    local d = against_60(hana.dist.beta(1, 1))
    near(50 - (100 / 3 + 60) / 2, d:pilot{ n = 1 }.worth, 1e-9)
    near(5, d:pilot{ n = 3 }.worth, 1e-9)
    -- Of endlessly many cases: perfect information, 8 (see decide_spec).
    near(8, d:pilot{ n = 1000000 }.worth, 1e-4)
  end)

  it("is the beta-binomial sum under any beta prior", function()
    local a, b = 3, 4
    local d = against_60(hana.dist.beta(a, b), {})
    local now = math.min(100 * a / (a + b), 60)
    for _, n in ipairs{ 1, 2, 7, 30 } do
      local after, all = 0, 0
      for k = 0, n do
        local p = beta_binomial(n, k, a, b)
        all = all + p
        after = after + p * math.min(100 * (a + k) / (a + b + n), 60)
      end
      near(1, all, 1e-12)
      near(now - after, d:pilot{ n = n, alternative = "a", input = "error" }.worth, 1e-9)
    end
  end)

  it("never exceeds that of perfect information and never falls with more cases", function()
    local d = against_60(hana.dist.beta(3, 4))
    local last = 0
    for _, row in ipairs(d:pilot().grid) do
      assert.is_true(row.worth >= last - 1e-12)
      last = row.worth
    end
    assert.is_true(last <= d.best.evpi.error * 1.05)
  end)

  -- Measured counts are the prior Beta(wrong + 1/2, right + 1/2).
  it("starts from what was measured", function()
    local measured = against_60(hana.measured.counts(11, 20))
    local same = against_60(hana.dist.beta(11.5, 9.5))
    near(same:pilot{ n = 40 }.worth, measured:pilot{ n = 40 }.worth, 1e-12)
  end)

  -- Drop-off acts through the margin, in the same way: a costs 100 x 1 x drop-off.
  it("is known for drop-off, coverage and errors", function()
    local d = hana.decide{
      cases_per_year = 100,
      cost_of_error = 0,
      draws = 1000,
      alternatives = {
        { kind = "ask", name = "a", error = 0, drop_off = hana.dist.beta(1, 1), margin = 1 },
        { kind = "lookup", name = "b", setup = 60, error = 0 },
      },
    }
    local pilot = d:pilot{ n = 3 }
    assert.equal("drop_off", pilot.input)
    near(5, pilot.worth, 1e-9)
  end)

  -- A uniform distribution on 0..1 is Beta(1, 1); another is replaced by the beta of its mean and
  -- standard deviation.
  it("takes other distributions of a share as the beta like them", function()
    near(5, against_60(hana.dist.uniform(0, 1)):pilot{ n = 3 }.worth, 1e-9)
  end)

  it("is weighed against its price", function()
    local d = against_60(hana.dist.beta(1, 1), { currency = "USD" })
    local p = d:pilot{ n = 3, per_case = 1, setup = 1 }
    near(4, p.price, 1e-12)
    near(1, p.net, 1e-9)
    assert.equal("run it", p.verdict)
    assert.matches("Observe 3 cases", p.sentence, 1, true)
    assert.equal("do not run it", d:pilot{ n = 3, per_case = 2 }.verdict)
    -- Free cases: as many as are looked at. Dear ones: few.
    assert.equal(100000, d:pilot().n)
    local best = d:pilot{ per_case = 0.1 }
    assert.is_true(best.n >= 10 and best.n <= 50)
    for _, row in ipairs(best.grid) do
      assert.is_true(row.net <= best.net)
    end
    assert.same({ "n", "worth", "price", "net" }, best:table():names())
    assert.matches("<svg", best:plot():svg(), 1, true)
  end)

  -- Costs of 0 and 2 in 50 of 100 rows each: mean 1, variance 1, known to sd 1/sqrt(101). Of a
  -- pilot of n rows the mean moves with sd s = sqrt(n / (n + 100)) / sqrt(101); against a price of
  -- 1 the worth of 100 cases a year is 100 s L(0) = 100 s / sqrt(2 pi) (the gamma distribution is
  -- a normal one to within 1% here).
  it("of a measured cost is that of a normal mean", function()
    local truth, said = {}, {}
    for i = 1, 100 do
      truth[i], said[i] = 0.0, i <= 50 and 2.0 or 0.0
    end
    local cost = hana.measured(
      hana.column(truth),
      hana.column(said),
      { cost = "abs(truth - predicted)" }
    )
    near(1, cost.cost, 1e-12)
    near(1 / math.sqrt(101), cost.cost_sd, 1e-12)
    local d = hana.decide{
      cases_per_year = 100,
      draws = 20000,
      alternatives = {
        { kind = "ask", name = "a", error = cost },
        { kind = "lookup", name = "b", setup = 100, error = 0 },
      },
    }
    assert.equal("loss", d:pilot{ n = 300 }.input)
    for _, n in ipairs{ 10, 300 } do
      local s = math.sqrt(n / (n + 100)) / math.sqrt(101)
      local worth = 100 * s / math.sqrt(2 * math.pi)
      near(worth, d:pilot{ n = n }.worth, 0.01 * worth)
    end
  end)

  -- x and y are measured on the same rows, with errors that go together (r). Cases of x alone move
  -- the mean of y by r times as much (both have the same sd), so that for r = 1 nothing can be
  -- learned about which is better.
  it("knows that errors measured on the same rows go together", function()
    local truth, said = {}, {}
    for i = 1, 200 do
      truth[i], said[i] = "a", i <= 20 and "b" or "a"
    end
    local function one()
      return hana.measured(hana.column(truth), hana.column(said))
    end
    local function with(paired)
      return hana.decide{
        cases_per_year = 1000,
        cost_of_error = 1,
        draws = 5000,
        seed = 7,
        paired = paired,
        alternatives = {
          { kind = "rule", name = "x", error = one() },
          { kind = "model", name = "y", error = one(), setup = 1 },
        },
      }
    end
    near(0, with(nil):pilot{ n = 100, together = false }.worth, 1e-9)
    assert.is_true(with(false):pilot{ n = 100 }.worth > 1)
    -- Both errors rise and fall together, so that y costs 1 more in nearly every draw (not in all:
    -- each keeps draws of its own, only their order is shared).
    assert.is_true(with(nil).best.probability > 0.9)
    assert.is_true(math.abs(with(false).best.probability - 0.5) < 0.1)
    assert.matches("compared row by row", with(nil).paragraph, 1, true)
  end)

  -- x and y are wrong for 20 and 14 of 200 rows, 4 of them the same. Their errors are known to
  -- sd_x and sd_y with correlation r; n more rows judged for both move the mean difference of the
  -- costs by a normal distribution with s^2 = sd_x^2 n/(n + 201) + sd_y^2 n/(n + 201) - 2 r sd_x
  -- sd_y n/(n + 201). Against a mean difference of m (in costs) that is worth s L(m/s).
  it("of rows on which both alternatives are judged is that of their difference", function()
    local truth, x, y = {}, {}, {}
    for i = 1, 200 do
      truth[i] = "a"
      x[i] = i <= 20 and "b" or "a"
      y[i] = i > 16 and i <= 30 and "b" or "a"
    end
    local a = hana.measured(hana.column(truth), hana.column(x))
    local b = hana.measured(hana.column(truth), hana.column(y))
    local d = hana.decide{
      cases_per_year = 1000,
      cost_of_error = 1,
      seed = 3,
      alternatives = {
        { kind = "rule", name = "x", error = a },
        { kind = "model", name = "y", error = b, setup = 20 },
      },
    }
    local function moments(wrong)
      local mean = (wrong + 0.5) / 201
      return mean, math.sqrt(mean * (1 - mean) / 202)
    end
    local mean_x, sd_x = moments(20)
    local mean_y, sd_y = moments(14)
    local r = hana.measured.correlation(a, b)
    local m = 1000 * (mean_x - mean_y) - 20
    for _, n in ipairs{ 50, 1000 } do
      local part = n / (n + 201)
      local s = 1000 * math.sqrt(part * (sd_x ^ 2 + sd_y ^ 2 - 2 * r * sd_x * sd_y))
      local z = math.abs(m) / s
      local tail = 0
      for k = 0, 100000 do
        local t = z + (k + 0.5) * 1e-4
        tail = tail + 1e-4 * math.exp(-t * t / 2) / math.sqrt(2 * math.pi)
      end
      local worth = s * (math.exp(-z * z / 2) / math.sqrt(2 * math.pi) - z * tail)
      -- 40,000 draws, and beta distributions that are a little skewed: 4%.
      near(worth, d:pilot{ n = n }.worth, 0.04 * worth)
    end
    assert.is_true(d:pilot().together)
    assert.equal("x, y", d:pilot().alternative)
    -- Judging one of them tells less.
    local alone = d:pilot{ n = 1000, alternative = "x", input = "error" }.worth
    assert.is_true(alone < d:pilot{ n = 1000 }.worth)
    assert.error_matches(
      function() d:pilot{ together = true, input = "error" } end,
      "leave 'alternative' and 'input' out"
    )
  end)

  it("is refused where no case would show anything", function()
    local d = against_60(0.4)
    assert.error_matches(function() d:pilot{ n = 5 } end, "no case would show more about any input")
    d = against_60(hana.dist.beta(1, 1))
    assert.error_matches(function() d:pilot{ together = true } end, "measured on the same rows")
    assert.error_matches(function() d:pilot{ m = 5 } end, "unknown option 'm' for pilot")
    assert.error_matches(function() d:pilot{ n = 0 } end, "'n' must be a whole number >= 1, got 0")
    assert.error_matches(function() d:pilot{ n = 2000000 } end, "at most 1000000 cases")
    assert.error_matches(function() d:pilot{ alternative = "c" } end, "no alternative 'c'")
    assert.error_matches(
      function() d:pilot{ input = "eror" } end,
      "no share or cost that cases would show: 'eror'; did you mean 'error'"
    )
    assert.error_matches(
      function() d:pilot{ per_case = -1 } end,
      "'per_case' must be a number >= 0"
    )
  end)
end)
