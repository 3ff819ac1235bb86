-- What `standardize` makes, against scikit-learn (reference/make_steps.py) and by hand.
local hana = require "hana"
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local reference = dofile(here .. "reference/steps.lua")

local function near(expected, got, tolerance)
  assert.is_true(got ~= nil and math.abs(expected - got) <= (tolerance or 1e-12),
    ("%s instead of %s"):format(got, expected))
end

local numbers = hana.frame{
  { "a", { 1, 2.5, hana.null, 4, 7.25 } }, { "b", { 200.0, 180, 210, hana.null, 190 } },
}

local function same(rows, frame, names)
  for i, row in ipairs(rows) do
    for j, name in ipairs(names) do near(row[j], frame[name][i]) end
  end
end

setup(function() warn("@off") end)
teardown(function() warn("@on") end)

describe("standardize", function()
  it("equals scikit-learn's StandardScaler", function()
    local made = hana.pipeline{ hana.impute{ strategy = "mean" }, hana.standardize{} }
      :fit(numbers):transform(numbers)
    same(reference.scaled, made, { "a", "b" })
  end)

  it("only centers a constant column, whatever rounding leaves of it", function()
    local values = {}
    for i = 1, 1000 do values[i] = 27.35 end
    local df = hana.frame{ { "c", values } }
    local model = hana.pipeline{ hana.standardize{} }:fit(df)
    local made = model:transform(df)
    for i = 1, 1000 do near(0, made.c[i], 1e-9) end
    near(0.65, model:transform(hana.frame{ { "c", { 28.0 } } }).c[1], 1e-9)
    assert.matches("constant", table.concat(model:warnings(), " "))
  end)
end)
