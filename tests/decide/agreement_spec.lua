-- Two ways to the same figures: exact means and lines, which hold for independent inputs, against
-- means and slices of the draws, which are used for correlated ones. A correlation of one in a
-- billion takes the second way and changes nothing else.

local hana = require "hana"

-- A small generator, so that the cases are the same everywhere.
local function generator(seed)
  local state = seed
  return function(low, high)
    state = (1103515245 * state + 12345) % 2147483648
    return low + (high - low) * state / 2147483648
  end
end

local function share(uniform)
  local kind = math.floor(uniform(0, 3))
  if kind == 0 then return hana.dist.beta(uniform(0.5, 6), uniform(0.5, 6)) end
  if kind == 1 then return hana.dist.uniform(uniform(0, 0.4), uniform(0.5, 1)) end
  return hana.dist.pert(uniform(0, 0.2), uniform(0.2, 0.5), uniform(0.5, 1))
end

local function amount(uniform, scale)
  local kind = math.floor(uniform(0, 3))
  if kind == 0 then return hana.dist.gamma(uniform(1, 4), scale * uniform(0.2, 1)) end
  if kind == 1 then return hana.dist.log_normal(math.log(scale), uniform(0.1, 0.6)) end
  return hana.dist.triangular(0, scale * uniform(0.2, 1), scale * uniform(1, 2))
end

local function decision(seed, correlation, change)
  local uniform = generator(seed)
  local alternatives = {}
  for i, kind in ipairs{ "ask", "lookup", "model" } do
    alternatives[i] = {
      kind = kind,
      name = kind,
      setup = amount(uniform, 400),
      per_case = amount(uniform, 0.3),
      per_year = amount(uniform, 100),
      hours = amount(uniform, 5),
      labels = amount(uniform, 100),
      per_label = amount(uniform, 0.5),
      drop_off = share(uniform),
      margin = amount(uniform, 2),
      coverage = share(uniform),
      uncovered = share(uniform),
      uncovered_loss = amount(uniform, 1),
      error = share(uniform),
      loss = amount(uniform, 0.5),
      age = amount(uniform, 2),
      half_life = hana.dist.uniform(1, uniform(2, 6)),
    }
  end
  if change then change(alternatives) end
  return hana.decide{
    cases_per_year = amount(uniform, 200),
    years = hana.dist.uniform(0.5, uniform(1, 6)),
    discount = seed % 2 == 0 and 0.08 or nil,
    hourly = amount(uniform, 20),
    cost_of_error = amount(uniform, 5),
    draws = change and 100 or 60000,
    seed = seed,
    correlation = correlation,
    alternatives = alternatives,
  }
end

describe("exact means and lines", function()
  for seed = 1, 6 do
    it("agree with the draws, case " .. seed, function()
      local exact = decision(seed)
      local drawn = decision(seed, { { "ask.setup", "ask.hours", 1e-9 } })
      for i, a in ipairs(exact.alternatives) do
        local b = drawn.alternatives[i]
        local error = 4.5 * a.sd / math.sqrt(exact.draws)
        assert(
          math.abs(a.mean - b.mean) < error,
          ("%s: %.6g exactly, %.6g drawn (tolerance %.3g)"):format(a.name, a.mean, b.mean, error)
        )
      end
      if #exact.chain > 1 then
        local error = 4.5 * math.max(exact.best.sd, 1) / math.sqrt(exact.draws)
        assert.is_true(math.abs(exact.chain.mean - drawn.chain.mean) < 2 * error)
      end
      -- What it is worth to know an input: lines against slices. Slices see a little more than
      -- there is (the noise of their means), up to about the error of a mean.
      local error = 6 * exact.best.sd / math.sqrt(exact.draws)
      for i, a in ipairs(exact.alternatives) do
        for name, worth in pairs(a.evpi) do
          local other = drawn.alternatives[i].evpi[name]
          assert(
            math.abs(worth - other) < 0.08 * worth + error,
            ("%s.%s: %.6g by its line, %.6g by slices"):format(a.name, name, worth, other)
          )
        end
      end
      assert.is_true(math.abs(exact.evpi - drawn.evpi) < 0.08 * exact.evpi + error)
    end)
  end

  it("put break-evens where the costs are equal", function()
    local found = 0
    for seed = 1, 6 do
      local d = decision(seed)
      for i, a in ipairs(d.alternatives) do
        for name, at in pairs(a.break_even) do
          -- Ages break even at the mean half-life, not at every half-life there may be.
          if name ~= "age" and name ~= "half_life" then
            local again = decision(seed, nil, function(given) given[i][name] = at end)
            local mine, others = again.alternatives[i].mean, math.huge
            for j, b in ipairs(again.alternatives) do
              if j ~= i then others = math.min(others, b.mean) end
            end
            assert(
              math.abs(mine - others) < 1e-9 * others,
              ("%s.%s at %.6g: %.9g and %.9g"):format(a.name, name, at, mine, others)
            )
            found = found + 1
          end
        end
      end
    end
    assert.is_true(found > 20)
  end)
end)
