local hana = require "hana"
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local make = dofile(here .. "../learn/compositions_data.lua")

local df = make(300)

setup(function() warn("@off") end)
teardown(function() warn("@on") end)

describe("learning_curve", function()
  it("gives the metric by rows, nested and paired", function()
    local function curve_of(model)
      return hana.learning_curve(model, df, { target = "y", features = { "x", "z" },
        metric = "mae", sizes = { 0.1, 0.5, 1 }, repeats = 6, seed = 2 })
    end
    local curve = curve_of(hana.ridge{ lambda = 1 })
    assert.are.same({ 24, 120, 240 }, curve.sizes)
    local t = curve:table()
    assert.are.equal(18, #curve.values)
    local tree = curve_of(hana.decision_tree{ min_leaf = 3 }):table()
    assert.is_true(tree.mean[3] < 0.9 * tree.mean[1])
    -- The largest size of a repeat is a fit to all its training rows: about the cross-validation.
    local cv = hana.cross_validate(hana.ridge{ lambda = 1 }, df, { target = "y",
      features = { "x", "z" }, folds = 5, repeats = 5, seed = 9, metrics = { "mae" } })
    assert.is_true(math.abs(cv:score("mae") - t.mean[3]) < 0.03)
  end)

  it("takes class metrics, rows as sizes, and gives the same for one thread and two", function()
    local options = { target = "c", features = { "x", "z" },
      metric = { "f1", { average = "macro" } },
      sizes = { 20, 60, 200 }, repeats = 3, seed = 1 }
    local before = hana.threads()
    hana.threads(1)
    local one = hana.learning_curve(hana.logistic_regression{}, df, options)
    hana.threads(2)
    local two = hana.learning_curve(hana.logistic_regression{}, df, options)
    hana.threads(before)
    assert.are.same(one.values, two.values)
    assert.are.same({ 20, 60, 200 }, one.sizes)
  end)

  it("takes a metric written in Lua", function()
    local function curve(metric)
      return hana.learning_curve(hana.logistic_regression{}, df, { target = "c",
        features = { "x", "z" }, metric = metric, sizes = { 20, 200 }, repeats = 3, seed = 1 })
    end
    local mine = curve{ "hits", function(truth, predicted, proba)
      assert(#proba == #truth)
      local n = 0
      for i = 1, #truth do if truth[i] == predicted[i] then n = n + 1 end end
      return n / #truth
    end, higher = true }
    assert.are.same(curve("accuracy").values, mine.values)
    assert.is_true(mine.higher_is_better)
    assert.error_matches(function()
      curve{ "none", function() return "much" end }
    end, "'none' gave a string")
  end)

  it("says what is wrong", function()
    local function fails(options, text)
      options.target = options.target or "y"
      assert.error_matches(function() hana.learning_curve(hana.ridge{}, df, options) end, text)
    end
    fails({ features = { "x" }, sizes = { 0.5, 0.2 } }, "ascend")
    fails({ features = { "x" }, sizes = { 5000 } }, "5000")
    fails({ features = { "x" }, metric = "mean_error" }, "mean_error")
    fails({ features = { "x" }, test = 0.9 }, "'test'")
  end)
end)
