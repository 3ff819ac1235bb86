local hana = require "hana"
local core = require "hana.core"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or ""

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

local function near(expected, got, tolerance)
  assert(
    math.abs(expected - got) <= tolerance * math.max(1, math.abs(expected)),
    ("expected %.15g, got %.15g"):format(expected, got)
  )
end

describe("distributions", function()
  it(
    "have scipy's means, standard deviations and quantiles (reference/distributions.py)",
    function()
      local reference = hana.json.decode(read(here .. "reference/distributions.json"))
      assert.is_true(#reference.cases >= 9)
      for _, case in ipairs(reference.cases) do
        local mean, sd, low, high =
          core.dist_summary(hana.dist[case.kind](table.unpack(case.parameters)))
        near(case.mean, mean, 1e-12)
        near(case.sd, sd, 1e-12)
        near(case.q05, low, 1e-9)
        near(case.q95, high, 1e-9)
      end
    end
  )

  it("of no width are numbers", function()
    for _, d in ipairs{
      hana.dist.pert(2, 2, 2),
      hana.dist.triangular(2, 2, 2),
      hana.dist.uniform(2, 2),
      hana.dist.log_uniform(2, 2),
      hana.dist.constant(2),
    } do
      local mean, sd, low, high = core.dist_summary(d)
      assert.same({ 2, 0, 2, 2 }, { mean, sd, low, high })
    end
  end)

  it(
    "print themselves",
    function()
      local d = hana.dist.pert(0.002, 0.01, 0.03)
      assert.equal("pert(0.002, 0.01, 0.03)", tostring(d))
    end
  )

  it("refuse parameters that cannot be", function()
    assert.error_matches(
      function() hana.dist.beta(0, 1) end,
      "dist.beta: it must be a > 0 and b > 0, got 0, 1"
    )
    assert.error_matches(function() hana.dist.pert(1, 0, 2) end, "low <= mode <= high, got 1, 0, 2")
    assert.error_matches(
      function() hana.dist.uniform(1) end,
      "dist.uniform: high must be a finite number, got nil"
    )
    assert.error_matches(function() hana.dist.normal(0 / 0, 1) end, "mean must be a finite number")
    assert.error_matches(
      function() hana.dist.normal("a", 1) end,
      "mean must be a finite number, got a"
    )
  end)
end)
