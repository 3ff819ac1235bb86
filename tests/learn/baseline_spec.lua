local hana = require "hana"

local df = hana.frame{ { "x", { 1, 2, 3, 4 } }, { "y", { 1.0, 2, 3, 10 } }, { "w", { 1, 1, 1, 5 } },
  { "c", { "a", "b", "b", "b" } } }
local roles = { target = "y", features = { "x" } }

describe("baseline", function()
  it("predicts mean, median or a constant", function()
    assert.are.equal(4, hana.baseline{}:fit(df, roles):predict(df)[1])
    assert.are.equal(2.5, hana.baseline{ strategy = "median" }:fit(df, roles):predict(df)[1])
    local seven = hana.baseline{ strategy = "constant", value = 7 }
    assert.are.equal(7, seven:fit(df, roles):predict(df)[1])
    local weighted = { target = "y", features = { "x" }, weights = "w" }
    assert.are.equal(7, hana.baseline{}:fit(df, weighted):predict(df)[1])
    assert.are.equal(10, hana.baseline{ strategy = "median" }:fit(df, weighted):predict(df)[1])
  end)

  it("predicts the shares of the classes, or the commonest", function()
    local proba = hana.baseline{}:fit(df, { target = "c", features = { "x" } }):predict_proba(df)
    assert.are.equal(0.75, proba.b[1])
    local sure = hana.baseline{ strategy = "most_frequent" }
      :fit(df, { target = "c", features = { "x" } }):predict_proba(df)
    assert.are.equal(1, sure.b[1])
  end)

  it("needs no features, and takes dates, texts and nulls", function()
    local odd = hana.frame{ { "d", { hana.null, "b" } }, { "y", { 1.0, 3 } } }
    assert.are.equal(2, hana.baseline{}:fit(odd, "y"):predict(odd)[2])
  end)

  it("refuses a statistic of the wrong kind", function()
    assert.error_matches(function()
      hana.baseline{ strategy = "median" }:fit(df, { target = "c", features = { "x" } })
    end, "median")
    assert.error_matches(function() hana.baseline{ strategy = "prior" }:fit(df, roles) end, "prior")
  end)
end)
