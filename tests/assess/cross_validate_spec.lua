local hana = require "hana"
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local make = dofile(here .. "../learn/compositions_data.lua")

local df = make(120)
local roles = { target = "c", positive = "yes", features = { "x", "z" }, folds = 4, repeats = 3,
  seed = 8 }

local function with(more)
  local out = {}
  for key, value in pairs(roles) do out[key] = value end
  for key, value in pairs(more) do out[key] = value end
  return out
end

describe("cross_validate", function()
  it("predicts every row once a repeat, by a model that has not seen it", function()
    local cv = hana.cross_validate(hana.logistic_regression{}, df, roles)
    assert.are.equal(12, #cv.folds)
    local predictions = cv:predictions()
    assert.are.equal(360, #predictions)
    assert.are.equal(120, #predictions:filter("`repeat` == 2"):distinct{ "row" })
    -- By hand for one fold.
    local held = predictions:filter("`repeat` == 1 and fold == 3")
    local train = df:without(held:col("row"):totable())
    local model = hana.logistic_regression{}:fit(train, { target = "c", positive = "yes",
      features = { "x", "z" } })
    warn("@off")
    local p = model:predict_proba(df:take(held:col("row"):totable())).yes
    warn("@on")
    for i = 1, #held do assert.is_true(math.abs(p[i] - held.p_yes[i]) < 1e-12) end
  end)

  it("says what it found in a sentence, and knows its options", function()
    local cv = hana.cross_validate(hana.logistic_regression{}, df, with{ metrics = { "log_loss" } })
    assert.equal("estimated", cv.verdict)
    local mean, low, high = cv:score("log_loss")
    assert.equal(("logistic_regression: log_loss %.4g (95%% interval %.4g to %.4g) over 12 folds")
      :format(mean, low, high), cv.sentence)
    assert.error_matches(function() hana.cross_validate(hana.ridge{}, df, { fold = 3 }) end,
      "unknown option 'fold' for cross_validate; did you mean 'folds'")
    assert.error_matches(function() hana.learning_curve(hana.ridge{}, df, { targt = "c" }) end,
      "unknown option 'targt' for learning_curve; did you mean 'target'")
  end)

  it("computes metrics a fold, and their mean with the corrected interval", function()
    local cv = hana.cross_validate(hana.logistic_regression{}, df,
      with{ metrics = { "accuracy", "f1", { "cost", { fn = 5, fp = 1 } } } })
    local sum, n = 0, #cv.folds
    for _, row in cv.folds:rows() do
      local held = cv:predictions():filter("`repeat` == $r and fold == $f",
        { r = row["repeat"], f = row.fold })
      local accuracy = hana.metrics.accuracy(held.truth, held.prediction)
      assert.is_true(math.abs(row.accuracy - accuracy) < 1e-12)
      sum = sum + row.accuracy
    end
    local mean, low, high = cv:score("accuracy")
    assert.is_true(math.abs(mean - sum / n) < 1e-12)
    -- Nadeau and Bengio: t(n - 1) * sd * sqrt(1 / n + test / train); t(11) = 2.2009852.
    local sd = cv.folds.accuracy:sd()
    local half = 2.200985160082949 * sd * math.sqrt(1 / 12 + 30 / 90)
    assert.is_true(math.abs((high - low) / 2 - half) < 1e-9)
  end)

  it("takes metrics written in Lua, and models too", function()
    local cv = hana.cross_validate(hana.logistic_regression{}, df, with{ metrics = { "accuracy",
      { "hits", function(truth, predicted, proba)
        assert(#proba == #truth)
        local n = 0
        for i = 1, #truth do if truth[i] == predicted[i] then n = n + 1 end end
        return n / #truth
      end } } })
    for _, row in cv.folds:rows() do assert.are.equal(row.accuracy, row.hits) end
    assert.error_matches(function()
      hana.cross_validate(hana.logistic_regression{}, df, with{ metrics = { "acuracy" } })
    end, "accuracy")
  end)

  it("gives the same for one thread and two", function()
    local before = hana.threads()
    local bags = hana.bagging{ base = hana.decision_tree{}, bags = 3 }
    hana.threads(1)
    local one = hana.cross_validate(bags, df, roles)
    hana.threads(2)
    local two = hana.cross_validate(bags, df, roles)
    hana.threads(before)
    local a, b = one:predictions().p_yes, two:predictions().p_yes
    for i = 1, #a do assert.are.equal(a[i], b[i]) end
  end)

  it("keeps groups together", function()
    local grouped = df:mutate{ { "g", "int(row_number() / 5)" } }
    local cv = hana.cross_validate(hana.naive_bayes{}, grouped,
      { target = "c", features = { "x", "z" }, group = "g", folds = 4, seed = 3 })
    local seen = {}
    for _, row in cv:predictions():rows() do
      local g = grouped.g[row.row]
      seen[g] = seen[g] or row.fold
      assert.are.equal(seen[g], row.fold)
    end
  end)

  it("predicts the later from the earlier by time", function()
    local dated = df:mutate{ { "t", "120 - row_number()" } }
    local cv = hana.cross_validate(hana.ridge{}, dated, { target = "y", features = { "x" },
      by_time = "t", folds = 3 })
    local folds = cv.folds
    assert.are.same({ 30, 60, 90 }, folds.n_train:totable())
    for _, row in cv:predictions():rows() do
      assert.is_true(dated.t[row.row] >= 30 * row.fold)
    end
  end)

  it("fits clones: the model stays as it was", function()
    local model = hana.ridge{ lambda = 1 }:fit(df, { target = "y", features = { "x", "z" } })
    local before = model:predict(df)[1]
    hana.cross_validate(model, df, { target = "y", features = { "x" }, folds = 3 })
    assert.are.equal(before, model:predict(df)[1])
  end)

  it("never scores unlabeled rows, and keeps a level that a fold lacks", function()
    local some = df:mutate{ { "c", "if_else(row_number() % 3 == 0, nil, c)" },
      { "rare", "if_else(row_number() == 5, 'once', 'often')" } }
    warn("@off")
    local cv = hana.cross_validate(hana.self_training{ base = hana.logistic_regression{} }, some,
      { target = "c", features = { "x", "rare" }, folds = 4, seed = 2 })
    warn("@on")
    assert.are.equal(80, #cv:predictions())
  end)

  it("says what is wrong in one line", function()
    local function fails(options, text)
      assert.error_matches(function() hana.cross_validate(hana.ridge{}, df, options) end, text)
    end
    fails({ target = "y", folds = 1 }, "'folds'")
    fails({ target = "y", folds = 500 }, "500")
    fails({ target = "nowhere" }, "nowhere")
    fails({ target = "c" }, "ridge")
    fails({ folds = 3 }, "target")
    fails({ target = "y", fold = 3 }, "fold")
  end)
end)
