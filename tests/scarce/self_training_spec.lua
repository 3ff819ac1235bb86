local hana = require "hana"
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local iris = hana.read_csv(here .. "../../examples/data/iris/iris.csv", { quiet = true })
local target = iris:names()[#iris:names()]

-- Labels of every 10th row only.
local function few()
  local label = ("if_else(row_number() %% 10 == 1, string(`%s`), nil)"):format(target)
  return iris:mutate{ { "label", label } }:drop{ target }
end

setup(function() warn("@off") end)
teardown(function() warn("@on") end)

describe("self_training", function()
  it("learns from unlabeled rows what labels alone do not show", function()
    local df = few()
    local base = hana.logistic_regression{ lambda = 0.1 }
    local model = hana.self_training{ base = base, threshold = 0.8 }:fit(df, "label")
    assert.is_true(model.iterations >= 1)
    local right = hana.metrics.accuracy(iris[target], model:predict(df))
    local alone = hana.metrics.accuracy(iris[target],
      base:clone():fit(df:drop_null{ "label" }, "label"):predict(df))
    assert.is_true(right > 0.85)
    assert.is_true(right >= alone - 0.05)
  end)

  it("is its base when every row has a label", function()
    local base = hana.logistic_regression{ lambda = 0.5 }
    local a = hana.self_training{ base = base }:fit(iris, target):predict_proba(iris)
    local b = base:clone():fit(iris, target):predict_proba(iris)
    for _, name in ipairs(b:names()) do
      for i = 1, #iris do assert.are.equal(b[name][i], a[name][i]) end
    end
  end)

  it("adds nothing when it is never sure enough", function()
    local df = few()
    local base = hana.logistic_regression{ lambda = 100 }
    local a = hana.self_training{ base = base, threshold = 0.999 }:fit(df, "label")
    local b = base:clone():fit(df:drop_null{ "label" }, "label")
    assert.are.equal(0, a.iterations)
    local first = function(model) return model:predict_proba(df):row(1)[model.classes[1]] end
    assert.are.equal(first(b), first(a))
  end)

  it("takes a pipeline as its base, whose steps see labeled and labeled-by-now rows", function()
    local model = hana.self_training{ base = hana.pipeline{ hana.standardize{},
      hana.logistic_regression{ lambda = 0.1 } } }:fit(few(), "label")
    assert.are.equal(#iris, #model:predict(few()))
  end)

  it("scores labeled rows only in a cross-validation", function()
    local cv = hana.cross_validate(hana.self_training{ base = hana.naive_bayes{} }, few(),
      { target = "label", folds = 3, seed = 1 })
    assert.are.equal(15, #cv:predictions())
  end)

  it("refuses numbers, bases without probabilities, and no labels at all", function()
    local df = iris:mutate{ { "y", "1.5 * row_number()" } }
    assert.error_matches(function()
      hana.self_training{ base = hana.logistic_regression{} }:fit(df, "y")
    end, "class")
    assert.error_matches(function()
      hana.self_training{ base = hana.lookup{ keys = { iris:names()[1] } } }:fit(few(), "label")
    end, "no probabilities")
    assert.error_matches(function()
      hana.self_training{ base = hana.logistic_regression{} }
        :fit(few():mutate{ { "label", "string(nil)" } }, "label")
    end, "null")
  end)
end)
