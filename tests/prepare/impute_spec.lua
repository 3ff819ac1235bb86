-- What `impute` makes.
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

describe("impute", function()
  it("fills with mean, median and mode as scikit-learn does", function()
    for strategy, theirs in pairs{ mean = "mean", median = "median", mode = "most_frequent" } do
      local made = hana.pipeline{ hana.impute{ strategy = strategy } }:fit(numbers)
        :transform(numbers)
      same(reference[theirs], made, { "a", "b" })
    end
  end)

  it("fills texts, categories, bools and ints, keeping their types", function()
    local df = hana.frame{
      { "s", { "x", "y", hana.null, "y" } }, { "t", { true, hana.null, true, false } },
      { "i", { 3, 3, hana.null, 9 } },
    }:mutate{ { "c", "category(s)" } }
    local made = hana.pipeline{ hana.impute{ strategy = "mode" } }:fit(df):transform(df)
    assert.are.equal("y", made.s[3])
    assert.are.equal("y", made.c[3])
    assert.are.equal("category", made.c:type())
    assert.is_true(made.t[2])
    assert.are.equal(3, made.i[3])
    assert.are.equal("int", made.i:type())
    local text = hana.pipeline{ hana.impute{ strategy = "constant", value = "none" } }
    assert.are.equal("none", text:fit(df):transform(df).c[3])
  end)

  it("turns an int column to float when what it fills in is none", function()
    local df = hana.frame{ { "i", { 1, 2, hana.null } } }
    local made = hana.pipeline{ hana.impute{ strategy = "mean" } }:fit(df):transform(df)
    assert.are.equal("float", made.i:type())
    near(1.5, made.i[3])
  end)

  it("fills a computed NaN too, and uses training values at prediction", function()
    local model = hana.pipeline{ hana.impute{ strategy = "mean" } }:fit(numbers)
    local new = hana.frame{ { "a", { 0 / 0, 1 } }, { "b", { hana.null, 5.5 } } }
    local made = model:transform(new)
    near(3.6875, made.a[1])
    near(195, made.b[1])
  end)

  it("says so when there is nothing to learn from", function()
    local df = hana.frame{ { "x", { 1.5, 2 } } }:mutate{ { "empty", "float(nil)" } }
    assert.error_matches(function() hana.pipeline{ hana.impute{} }:fit(df) end, "'empty'")
    assert.error_matches(function() hana.impute{ strategy = "constant" } end, "'value'")
    assert.error_matches(function() hana.impute{ value = 3 } end, "constant")
  end)
end)
