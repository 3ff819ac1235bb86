local hana = require "hana"
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local make = dofile(here .. "compositions_data.lua")

local df, new = make(200), make(50, 77)

setup(function() warn("@off") end)
teardown(function() warn("@on") end)

describe("bagging", function()
  it("averages its bags", function()
    local bag = hana.bagging{ base = hana.ridge{ lambda = 1 }, bags = 7, seed = 3 }
      :fit(df, { target = "y", features = { "x", "z" } })
    local predicted = bag:predict(new)
    local spread = 0
    for i = 1, #new do spread = spread + math.abs(predicted[i] - new.x[i] - 0.5 * new.z[i]) end
    assert.is_true(spread / #new < 0.1)
  end)

  it("makes an unstable learner better", function()
    local roles = { target = "c", features = { "x", "z" }, folds = 5, repeats = 2, seed = 1,
      metrics = { "log_loss" } }
    local tree = hana.decision_tree{}
    local alone = hana.cross_validate(tree, df, roles):score("log_loss")
    local bagged = hana.cross_validate(hana.bagging{ base = tree, bags = 30 }, df, roles)
      :score("log_loss")
    assert.is_true(bagged < alone)
  end)

  it("counts votes where there are no probabilities", function()
    local bag = hana.bagging{ base = hana.lookup{ keys = { "c" } }, bags = 5 }
      :fit(df:mutate{ { "k", "c" } }, { target = "k", features = { "c" } })
    assert.are.equal("yes", bag:predict(hana.frame{ { "c", { "yes" } } })[1])
  end)

  it("draws a share of the rows, without replacement when asked", function()
    local all = hana.bagging{ base = hana.ridge{ lambda = 1 }, bags = 1, replace = false }
      :fit(df, { target = "y", features = { "x", "z" } })
    local plain = hana.ridge{ lambda = 1 }:fit(df, { target = "y", features = { "x", "z" } })
    for i = 1, #new do
      assert.is_true(math.abs(all:predict(new)[i] - plain:predict(new)[i]) < 1e-9)
    end
    assert.error_matches(function() hana.bagging{ base = hana.ridge{}, share = 0 } end, "'share'")
  end)

  it("holds a pipeline as its base, addressed by path", function()
    local base = hana.pipeline{ hana.standardize{}, hana.ridge{ lambda = 1 } }
    local bag = hana.bagging{ base = base, bags = 3 }
    assert.are.equal(3, bag:params().bags)
    assert.are.equal(#new, #bag:fit(df, { target = "y", features = { "x" } }):predict(new))
  end)
end)
