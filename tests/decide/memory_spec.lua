-- The decision under an allocator that gives out, and the processes of plots.

local core = require "hana.core"
local hana = require "hana"
local sweep = dofile "tests/bindings/sweep.lua"

describe("when memory runs out", function()
  local function decide()
    return hana.decide{
      cases_per_year = 100,
      cost_of_error = 2,
      draws = 500,
      seed = 1,
      alternatives = {
        { kind = "ask", name = "a", error = hana.dist.beta(2, 9) },
        { kind = "model", name = "b", setup = 5, error = hana.dist.pert(0.1, 0.2, 0.4) },
      },
    }
  end

  local function tied()
    local d = hana.decide{
      cases_per_year = 100,
      cost_of_error = 2,
      draws = 500,
      seed = 1,
      correlation = { { "a.error", "b.error", 0.5 }, { "a.age", "a.error", 0.2 } },
      alternatives = {
        {
          kind = "lookup",
          name = "a",
          error = hana.dist.beta(2, 9),
          age = hana.dist.uniform(0, 1),
          half_life = 2,
        },
        { kind = "model", name = "b", setup = 5, error = hana.dist.pert(0.1, 0.2, 0.4) },
      },
    }
    return d:pilot{ n = 10 }
  end

  local truth, x, y = {}, {}, {}
  for i = 1, 40 do
    truth[i], x[i], y[i] = "a", i <= 5 and "b" or "a", i >= 38 and "b" or "a"
  end
  local labels = hana.column(truth)
  local both = hana.decide{
    cases_per_year = 100,
    cost_of_error = 2,
    draws = 200,
    seed = 1,
    alternatives = {
      { kind = "rule", name = "x", error = hana.measured(labels, hana.column(x)) },
      { kind = "model", name = "y", error = hana.measured(labels, hana.column(y)), setup = 3 },
    },
  }
  local function together() return both:pilot{ n = 10 } end

  local function run()
    return core.process({ "cat" }, { input = "some text", seconds = 20 })
  end

  it("decide fails cleanly in the library", function() sweep.library_fails(decide) end)
  it("a pilot fails cleanly in the library", function() sweep.library_fails(together) end)
  it("correlated inputs fail cleanly in the library", function() sweep.library_fails(tied) end)
  it("decide fails cleanly in Lua", function() sweep.lua_fails(decide) end)
  it("process fails cleanly in the library", function() sweep.library_fails(run) end)
end)

describe("process", function()
  it("gives exit code, output and complaints", function()
    local code, out, complaint =
      core.process({ "sh", "-c", "cat; echo no >&2; exit 3" }, { input = "text" })
    assert.same({ 3, "text", "no\n" }, { code, out, complaint })
  end)

  it("ends what takes too long", function()
    local start = core.clock()
    assert.error_matches(
      function() core.process({ "sleep", "20" }, { seconds = 0.3 }) end,
      "did not end within"
    )
    assert.is_true(core.clock() - start < 5)
  end)

  it("says what is missing", function()
    assert.error_matches(
      function() core.process({ "no-such-program" }, { missing = "install it" }) end,
      "install it"
    )
  end)
end)
