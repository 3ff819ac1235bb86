local hana = require "hana"
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local make = dofile(here .. "compositions_data.lua")

local df = make(80)

describe("pipeline", function()
  it("is what its parts are, one after the other", function()
    local scaled = hana.pipeline{ hana.standardize{ columns = { "x", "z" } } }
    local prepared = scaled:fit(df, { target = "y", features = { "x", "z" } }):transform(df)
    local by_hand = hana.ridge{ lambda = 2 }
      :fit(hana.bind_columns{ prepared:select{ "x", "z" }, df:select{ "y" } }, "y")
    local whole = hana.pipeline{ hana.standardize{}, hana.ridge{ lambda = 2 } }
      :fit(df, { target = "y", features = { "x", "z" } })
    for i, value in whole:predict(df):values() do
      assert.are.equal(by_hand:predict(prepared)[i], value)
    end
  end)

  it("names equal parts apart and takes options by path", function()
    local p = hana.pipeline{ hana.impute{ strategy = "median" }, hana.impute{ strategy = "mode" },
      hana.decision_tree{ max_depth = 2 } }
    local text = tostring(p)
    assert.matches("impute, impute, decision_tree", text)
    local core = require "hana.core"
    local deeper = core.with(p, "decision_tree.max_depth", 5)
    local bare = core.with(p, "max_depth", 5)
    assert.are.equal(deeper:fit(df, { target = "y", features = { "x", "z" } }):size(),
      bare:fit(df, { target = "y", features = { "x", "z" } }):size())
    assert.error_matches(function() core.with(p, "strategy", "mean") end, "several parts")
    assert.error_matches(function() core.with(p, "tree.max_depth", 5) end, "no part 'tree'")
  end)

  it("refuses an estimator that is not last, and no parts", function()
    assert.error_matches(function()
      hana.pipeline{ hana.ridge{}, hana.standardize{} }
    end, "part 1, 'ridge'")
    assert.error_matches(function() hana.pipeline{} end, "at least one part")
  end)

  it("transforms when all its parts are steps, and does not predict then", function()
    local p = hana.pipeline{ hana.standardize{} }:fit(df, { target = "y", features = { "x" } })
    assert.are.equal(#df, #p:transform(df))
    assert.error_matches(function() p:predict(df) end, "transforms and does not predict")
  end)

  it("gives the summary and rules of its last part", function()
    local p = hana.pipeline{ hana.standardize{}, hana.decision_tree{ max_depth = 2 } }
      :fit(df, { target = "y", features = { "x", "z" } })
    assert.matches("x", p:rules())
    assert.are.equal("term", p:summary():table():names()[1])
  end)
end)
