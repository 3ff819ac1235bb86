-- What `derive` makes.
local hana = require "hana"

local function near(expected, got, tolerance)
  assert.is_true(got ~= nil and math.abs(expected - got) <= (tolerance or 1e-12),
    ("%s instead of %s"):format(got, expected))
end

setup(function() warn("@off") end)
teardown(function() warn("@on") end)

describe("derive's columns", function()
  it("come by name too, in sorted order", function()
    local df = hana.frame{ { "x", { 1, 2 } } }
    local part = hana.derive{ b = "x + 1", a = "x * 2" }
    local out = hana.pipeline{ part }:fit(df):transform(df)
    assert.same({ "x", "a", "b" }, out:names())
    assert.equal("둘", hana.derive{ name = "둘", a = "x" }.name)
    assert.error_matches(function() hana.derive{ a = 3 } end, "unknown option 'a' for derive")
  end)
end)

describe("derive", function()
  it("adds columns in order and travels with the model", function()
    local df = hana.frame{ { "h", { 1.7, 1.8 } }, { "w", { 70.0, 90.0 } }, { "y", { 1.0, 2.0 } } }
    local model = hana.pipeline{ hana.derive{ { "bmi", "w / h^2" }, { "double", "2 * bmi" } },
      hana.ridge{} }:fit(df, "y")
    local made = hana.pipeline{ hana.derive{ { "bmi", "w / h^2" }, { "double", "2 * bmi" } } }
      :fit(df):transform(df)
    near(2 * 70 / 1.7 ^ 2, made.double[1])
    assert.are.equal(2, #model:predict(df:drop{ "y" }))
  end)

  it("refuses expressions over other rows, and the target", function()
    assert.error_matches(function() hana.derive{ { "z", "x - mean(x)" } } end, "other rows")
    local df = hana.frame{ { "x", { 1.0, 2.0 } }, { "y", { 1.0, 2.0 } } }
    assert.error_matches(function()
      hana.pipeline{ hana.derive{ { "z", "y * 2" } }, hana.ridge{} }:fit(df, "y")
    end, "'y'")
  end)
end)
