local hana = require "hana"

local function data()
  local x, c, y, k = {}, {}, {}, {}
  for i = 1, 60 do
    x[i] = i / 10
    c[i] = i % 3 == 0 and "a" or "b"
    y[i] = 2 * x[i] + (c[i] == "a" and 1 or 0) + ((i * 7) % 5 - 2) * 0.01
    k[i] = x[i] + ((i * 7) % 5 - 2) * 0.5 > 3 and "yes" or "no"
  end
  return hana.frame{ { "x", x }, { "c", c }, { "y", y }, { "k", k } }
end

describe("a model", function()
  it("is made by its name and options", function()
    local m = hana.ridge{ lambda = 2 }
    assert.equal(2, m:params().lambda)
    assert.equal("ridge", m.name)
    assert.is_false(m.fitted)
    assert.is_nil(m.classes)
    assert.matches("not fitted", tostring(m))
    assert.equal("ridge", hana.ridge().name)
  end)

  it("refuses options with the model's and the option's name", function()
    local _, message = pcall(function() hana.ridge{ lamda = 1 } end)
    assert.matches(
      "model_spec%.lua:%d+: unknown option 'lamda' for ridge; did you mean 'lambda'%?$", message)
    assert.error_matches(function() hana.ridge{ lambda = -1 } end,
      "ridge: option 'lambda' must be a number >= 0, got %-1")
    assert.error_matches(function() hana.ridge{ 1 } end, "ridge: options have names")
    assert.error_matches(function() hana.ridge(3) end, "ridge: a table of options expected")
    assert.error_matches(function() return hana.ridgee end, "did you mean 'ridge'")
  end)

  it("says that it is not fitted", function()
    local m, df = hana.ridge{}, data()
    for _, name in ipairs{ "predict", "predict_proba", "transform", "score" } do
      assert.error_matches(function() m[name](m, df) end, "ridge is not fitted yet: call fit first")
    end
    assert.error_matches(function() m:save("x") end, "not fitted")
    assert.error_matches(function() m:summary() end, "not fitted")
  end)

  it("gives itself from fit, and a column of the target's type from predict", function()
    local df = data()
    local m = hana.ridge{ lambda = 0.01 }
    assert.equal(m, m:fit(df, { target = "y", ignore = { "k" } }))
    assert.is_true(m.fitted)
    local p = m:predict(df)
    assert.equal(60, #p)
    assert.equal("float", p:type())
    assert.equal("y", p:name())
    assert.is_near(df.y[30], p[30], 0.1)
  end)

  it("takes the target alone as roles", function()
    local m = hana.ridge{}:fit(data():drop{ "k" }, "y")
    assert.equal("y", m:info().roles.target)
  end)

  it("raises for unknown roles and columns", function()
    assert.error_matches(function() hana.ridge{}:fit(data(), { taget = "y" }) end,
      "did you mean 'target'")
    assert.error_matches(function() hana.ridge{}:fit(data(), "yy") end, "yy")
    assert.error_matches(function() hana.ridge{}:fit(data(), { target = "k" }) end, ".")
    assert.error_matches(function() hana.ridge{}:fit(3, "y") end, "frame expected, got number")
  end)

  it("keeps its fitted state when a refit fails", function()
    local df = data():drop{ "k" }
    local m = hana.ridge{}:fit(df, "y")
    local before = m:predict(df)
    assert.has_error(function() m:fit(df, "nothing") end)
    assert.is_true(m.fitted)
    assert.is_true(before:equal(m:predict(df)))
  end)

  it("has classes and their probabilities", function()
    local df = data():drop{ "y" }
    local m = hana.logistic_regression{ lambda = 1 }:fit(df, { target = "k", positive = "yes" })
    assert.same({ "no", "yes" }, m.classes)
    assert.is_boolean(m.converged)
    assert.is_number(m.iterations)
    local p = m:predict_proba(df)
    assert.same({ "no", "yes" }, p:names())
    assert.is_near(1, p.no[1] + p.yes[1], 1e-12)
    assert.equal("string", m:predict(df):type())
  end)

  it("takes class weights by the classes themselves", function()
    local df = hana.frame{ { "x", { 1.0, 2.0, 3.0, 4.0 } }, { "k", { 0, 1, 0, 1 } } }
    local roles = { target = "k", task = "classification" }
    local even = hana.logistic_regression{ lambda = 1 }:fit(df, roles)
    local tilted = hana.logistic_regression{ lambda = 1, class_weights = { [0] = 1, [1] = 9 } }
      :fit(df, roles)
    assert.is_true(tilted:predict_proba(df):col("1")[1] > even:predict_proba(df):col("1")[1] + 0.1)
  end)

  it("has an unfitted clone and a changed copy", function()
    local m = hana.ridge{ lambda = 3 }:fit(data():drop{ "k" }, "y")
    local c = m:clone()
    assert.is_false(c.fitted)
    assert.equal(3, c:params().lambda)
    local w = m:with("lambda", 4)
    assert.is_false(w.fitted)
    assert.equal(4, w:params().lambda)
    assert.equal(3, m:params().lambda)
    assert.error_matches(function() m:with("lamda", 4) end, "lamda")
  end)

  it("has a summary that prints itself", function()
    local m = hana.ridge{}:fit(data():drop{ "k" }, "y")
    local s = m:summary()
    assert.same({ "term", "estimate" }, { s:table():names()[1], s:table():names()[2] })
    assert.matches("estimate", tostring(s))
    assert.equal("fitted", s.verdict)
    assert.is_true(m:size() > 0)
  end)

  it("is judged on rows it has not seen", function()
    local train, test = data():drop{ "k" }:split{ test = 0.3, seed = 1 }
    local m = hana.ridge{ lambda = 0.01 }:fit(train, "y")
    assert.is_true(m:score(test) > 0.99)
    assert.is_true(m:score(test, "rmse") < 0.1)
    assert.error_matches(function() m:score(train) end, "42 of the 42 rows were used to fit ridge")
  end)

  it("is judged by metrics as cross_validate takes them", function()
    local train, test = data():drop{ "y" }:split{ test = 0.3, seed = 1, stratify = "k" }
    warn "@off"
    local m = hana.logistic_regression{}:fit(train, { target = "k", positive = "yes" })
    local f1, share = m:score(test, "f1"), m:predict_proba(test).yes:mean()
    local cost = m:score(test, { "cost", { fn = 5, fp = 1 } })
    local mine = { "mine", function(_, _, proba) return proba.yes:mean() end }
    local scores = m:score(test, { metrics = { "f1", { "cost", { fn = 5, fp = 1 } }, mine,
      "log_loss" } })
    assert.equal(share, m:score(test, mine))
    warn "@on"
    assert.same({ "f1", "cost", "mine", "log_loss" }, scores.metric:totable())
    assert.same({ "higher", "lower", hana.null, "lower" }, scores.better:totable())
    assert.same({ f1, cost, share }, { table.unpack(scores.value:totable(), 1, 3) })
    assert.error_matches(function() m:score(test, { metric = "f1" }) end, "did you mean 'metrics'")
    assert.error_matches(function() m:score(test, "rmse") end, "rmse takes numbers, and 'k' has")
    local line = hana.ridge{}:fit(data():head(30):select{ "x", "y" }, "y")
    assert.error_matches(function() line:score(data():tail(30), "f1") end,
      "f1 takes labels, and 'y' is a number")
    assert.error_matches(function() line:score(data():tail(30), { metrics = {} }) end, "metrics")
  end)

  it("names the columns that may be identifiers in one warning", function()
    local df = data():drop{ "k" }:mutate{ { "id", "rank(x)" }, { "no", "rank(x) + 100" } }
      :cast{ id = "int", no = "int" }
    warn "@off"
    local two = hana.ridge{}:fit(df, "y"):warnings()
    local one = hana.ridge{}:fit(df:drop{ "no" }, "y"):warnings()
    warn "@on"
    assert.equal(1, #two)
    assert.matches('^2 columns are distinct in .* ignore = { "id", "no" }$', two[1])
    assert.same({ "column 'id' is distinct in nearly all of the 60 rows: if it is an identifier, "
      .. 'say ignore = { "id" }' }, { table.unpack(one) })
  end)

  it("is kept in a file", function()
    local path = os.tmpname()
    local df = data():drop{ "k" }
    local m = hana.ridge{ lambda = 0.5 }:fit(df, "y")
    m:save(path)
    local back = hana.load(path)
    assert.is_true(back.fitted)
    assert.equal(0.5, back:params().lambda)
    assert.is_true(m:predict(df):equal(back:predict(df)))
    os.remove(path)
  end)

  it("has no fields that it does not have", function()
    local m = hana.ridge{}
    assert.error_matches(function() return m.clases end, "did you mean 'classes'")
    assert.error_matches(function() m.lambda = 3 end, "cannot be set")
  end)

  it("takes the seeds of the session one after the other", function()
    local df = data():drop{ "k" }
    hana.seed(7)
    local a, b = hana.ridge{}:fit(df, "y"):info().seed, hana.ridge{}:fit(df, "y"):info().seed
    assert.not_equal(a, b)
    hana.seed(7)
    assert.equal(a, hana.ridge{}:fit(df, "y"):info().seed)
    hana.seed(1)
  end)
end)

describe("a pipeline", function()
  it("takes its parts as list elements", function()
    local df = data()
    local p = hana.pipeline{
      hana.derive{ { "x2", "x^2" } }, hana.standardize{}, hana.ridge{}, name = "line",
    }
    assert.equal("line", p.name)
    p:fit(df, { target = "y", ignore = { "k" } })
    assert.is_near(df.y[30], p:predict(df)[30], 0.2)
    assert.is_true(p:transform(df):has("x2"))
    local names = {}
    for i, part in ipairs(p:parts()) do names[i] = part[1] end
    assert.same({ "derive", "standardize", "ridge" }, names)
    assert.equal(9, p:with("ridge.lambda", 9):parts()[3][2]:params().lambda)
  end)
end)

describe("a pipeline of other things", function()
  it("says which element is no estimator", function()
    for _, case in ipairs{ { 3, "an integer" }, { "ridge", "a string" }, { {}, "a %w+" },
      { hana.ridge, "a? ?function" }, { hana.frame{}, "a? ?frame" } } do
      assert.error_matches(function() hana.pipeline{ hana.impute{}, case[1] } end,
        "pipeline: option 'parts' must be a list of estimators, got " .. case[2] .. " at 2")
    end
  end)
end)

describe("params", function()
  it("are addressed by path", function()
    local p = hana.bagging{ base = hana.pipeline{ hana.one_hot{ min_count = 3 }, hana.ridge{} } }
    assert.equal(3, p:params()["base.one_hot.min_count"])
    assert.same({ ["base.one_hot.min_count"] = 3 }, p:params(true))
    assert.equal(5, p:with("base.one_hot.min_count", 5):params()["base.one_hot.min_count"])
  end)
end)

describe("the list of parts", function()
  it("has a row for each estimator and step", function()
    local e = hana.estimators()
    assert.same({ "name", "kind", "tags", "help" }, e:names())
    assert.equal(1, #e:filter("name == 'ridge'"))
    assert.same({ "name", "kind", "tags", "help" }, hana.steps():names())
  end)
end)
