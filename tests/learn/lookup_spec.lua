local hana = require "hana"

local past = hana.frame{
  { "who", { "kim", "kim", "lee", "kim", "park", hana.null, "lee" } },
  { "day", { 1, 3, 2, 2, 1, 9, 2 } },
  { "size", { 90.0, 96, 84, 93, hana.null, 70, 88 } },
  { "fit", { "loose", "slim", "slim", "slim", "loose", "slim", "loose" } },
}
local new = hana.frame{ { "who", { "lee", "kim", "park", "nobody", hana.null } },
  { "day", { 5, 5, 5, 5, 5 } } }

describe("lookup", function()
  it("gives a statistic of the past rows with the same key, null without a hit", function()
    local function by(statistic)
      local model = hana.lookup{ keys = { "who" }, statistic = statistic }
        :fit(past, { target = "size", features = { "who", "day" } })
      return model:predict(new):totable()
    end
    assert.are.same({ 86, 93, hana.null, hana.null, hana.null }, by("median"))
    assert.are.same({ 86, 93, hana.null, hana.null, hana.null }, by("mean"))
    assert.are.same({ 84, 90, hana.null, hana.null, hana.null }, by("min"))
    assert.are.same({ 88, 96, hana.null, hana.null, hana.null }, by("max"))
  end)

  it("takes the latest row, or the statistic of the latest ones", function()
    local model = hana.lookup{ keys = { "who" }, latest_by = "day" }
      :fit(past, { target = "size", features = { "who", "day" } })
    assert.are.same({ 86, 96, hana.null, hana.null, hana.null }, model:predict(new):totable())
  end)

  it("gives the most frequent class", function()
    local model = hana.lookup{ keys = { "who" } }
      :fit(past, { target = "fit", features = { "who", "day" } })
    assert.are.equal("slim", model:predict(new)[2])
    assert.is_nil(model:predict(new)[4])
    assert.error_matches(function() model:predict_proba(new) end, "no probabilities")
    assert.error_matches(function()
      hana.lookup{ keys = { "who" }, statistic = "mean" }
        :fit(past, { target = "fit", features = { "who", "day" } })
    end, "mean")
  end)

  it("compares several keys, ints with floats, and keeps parts apart", function()
    local df = hana.frame{ { "a", { "x", "xy", "x" } }, { "b", { "yz", "z", "q" } },
      { "n", { 1, 2, 3 } }, { "y", { 1.0, 2, 3 } } }
    local model = hana.lookup{ keys = { "a", "b", "n" } }:fit(df, "y")
    local asked = hana.frame{ { "a", { "x", "xy", "xyz" } }, { "b", { "yz", "z", "" } },
      { "n", { 1.0, 2.0, 1.0 } } }
    assert.are.same({ 1, 2, hana.null }, model:predict(asked):totable())
  end)

  it("counts what it knows in a cross-validation, nulls being its coverage", function()
    local df = hana.frame{
      { "k", { "a", "a", "b", "b", "c", "d" } }, { "y", { 1.0, 1, 2, 2, 3, 4 } },
    }
    local cv = hana.cross_validate(hana.lookup{ keys = { "k" } }, df,
      { target = "y", folds = 6, seed = 2 })
    local predicted = cv:predictions()
    assert.are.equal(2, predicted:filter("is_null(prediction)"):nrow())
  end)

  it("says that it keeps rows", function()
    local model = hana.lookup{ keys = { "who" } }
      :fit(past, { target = "size", features = { "who", "day" } })
    assert.is_true(model:info().keeps_rows)
  end)

  it("names missing keys", function()
    assert.error_matches(function() hana.lookup{} end, "'keys'")
    assert.error_matches(function()
      hana.lookup{ keys = { "whom" } }:fit(past, { target = "size", features = { "who", "day" } })
    end, "'whom'")
  end)
end)
