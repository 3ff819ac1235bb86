local hana = require "hana"
local m = hana.metrics

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

-- Runs f with warnings collected instead of shown.
local function warnings_of(f, ...)
  local collected, saved = {}, warn
  _G.warn = function(...) collected[#collected + 1] = table.concat({ ... }) end
  local ok, value = pcall(f, ...)
  _G.warn = saved
  assert(ok, value)
  return value, table.concat(collected, "\n")
end

local function is_nan(x) return x ~= x end

describe("metrics", function()
  describe("against scikit-learn (reference/metrics.py)", function()
    local here = debug.getinfo(1, "S").source:match("^@(.*/)") or ""
    local reference = hana.json.decode(read(here .. "reference/metrics.json"))

    local function inputs(figure)
      local data = reference[({ score = "binary", proba = "several" })[figure.data] or figure.data]
      local predicted = figure.data == "score" and data.score or data.predicted
      if figure.data == "proba" then
        predicted = hana.frame{ a = data.proba.a, b = data.proba.b, c = data.proba.c,
                                d = data.proba.d }
      end
      return data, predicted
    end

    for _, figure in ipairs(reference.figures) do
      local options = {}
      for key, value in pairs(figure.options) do options[key] = value end
      local label = ("%s of %s%s %s"):format(figure.metric, figure.data,
        figure.weighted and ", weighted" or "", hana.json.encode(figure.options))
      it(label, function()
        local data, predicted = inputs(figure)
        if figure.weighted then options.weights = hana.column(data.weight) end
        local value = warnings_of(m[figure.metric], hana.column(data.truth), predicted, options)
        assert.near(figure.value, value, 1e-12 * math.max(1, math.abs(figure.value)))
      end)
    end
  end)

  describe("roc_auc", function()
    local truth = { "Y", "N", "Y", "N", "N", "Y", "N", "Y" }

    it("counts ties one half, whatever the order of the rows", function()
      -- 16 pairs: counted by hand, 8 won, 0 lost by more than a tie.
      local score = { 0.2, 0.2, 0.7, 0.7, 0.2, 0.2, 0.7, 0.7 }
      local reversed, backwards = {}, {}
      for i = 1, 8 do reversed[i], backwards[i] = truth[9 - i], score[9 - i] end
      assert.equal(0.5, m.roc_auc(truth, score, { positive = "Y" }))
      assert.equal(0.5, m.roc_auc(reversed, backwards, { positive = "Y" }))
      assert.equal(0.5, m.roc_auc(truth, { 1, 1, 1, 1, 1, 1, 1, 1 }, { positive = "Y" }))
    end)

    it("is 1 and 0 for perfect and reversed orders", function()
      assert.equal(1, m.roc_auc({ "N", "N", "Y" }, { 0.1, 0.2, 0.3 }))
      assert.equal(0, m.roc_auc({ "N", "N", "Y" }, { 0.3, 0.2, 0.1 }))
    end)

    it("is NaN with one class, and says so", function()
      local value, why = warnings_of(m.roc_auc, { "N", "N" }, { 0.5, 0.1 }, { positive = "Y" })
      assert.is_true(is_nan(value))
      assert.matches("one class", why)
    end)

    it("asks which class is positive where it cannot know", function()
      assert.error_matches(function() m.roc_auc({ "N", "N" }, { 0.5, 0.1 }) end, "1 class")
      assert.error_matches(function() m.roc_auc({ "a", "b", "c" }, { 0.5, 0.1, 0.2 }) end,
        "3 classes")
    end)

    it("takes the column of the positive class", function()
      local proba = hana.frame{ { "N", { 0.9, 0.8, 0.3 } }, { "Y", { 0.1, 0.2, 0.7 } } }
      local y = hana.column{ "N", "Y", "Y" }
      assert.equal(m.roc_auc(y, proba), m.roc_auc(y, proba.Y))
      assert.equal(m.roc_auc(y, proba), m.roc_auc(y, proba, { positive = "N" }))
    end)

    it("refuses a truth that the probabilities do not know", function()
      local proba = hana.frame{ { "N", { 0.9 } }, { "Y", { 0.1 } } }
      assert.error_matches(function() m.roc_auc({ "maybe" }, proba) end,
        "truth of row 1 is 'maybe'")
    end)
  end)

  describe("precision, recall and f1", function()
    it("of nothing predicted positive: 0, but precision is undefined", function()
      local truth, predicted = { "Y", "N", "Y", "N" }, { "N", "N", "N", "N" }
      assert.equal(0, m.f1(truth, predicted, { positive = "Y" }))
      assert.equal(0, m.recall(truth, predicted, { positive = "Y" }))
      assert.equal(0.5, m.accuracy(truth, predicted))
      local value, why = warnings_of(m.precision, truth, predicted, { positive = "Y" })
      assert.is_true(is_nan(value))
      assert.matches("nothing is predicted positive", why)
    end)

    it("of no positives at all are undefined, with a reason", function()
      local value, why = warnings_of(m.f1, { "N", "N" }, { "N", "N" }, { positive = "Y" })
      assert.is_true(is_nan(value))
      assert.matches("f1: the positive class occurs neither", why)
      assert.equal(1, m.accuracy({ "N", "N" }, { "N", "N" }))
    end)

    it("say what a mean over classes sets to 0", function()
      local _, why = warnings_of(m.precision, { "a", "b", "c" }, { "a", "b", "b" },
        { average = "macro" })
      assert.matches("never predicted", why)
    end)

    it("take the second of two classes as positive, and any type of label", function()
      assert.equal(1, m.recall({ "N", "Y" }, { "Y", "Y" }))
      assert.equal(0.5, m.precision({ false, true }, { true, true }))
      assert.equal(0.5, m.precision({ 0, 1 }, { 1, 1 }, { positive = 1 }))
      assert.equal(0.5, m.precision({ 3, 9 }, { 3.0, 3.0 }, { positive = 3 }))
    end)

    it("leave rows without a prediction out", function()
      local predicted = hana.column{ "Y", hana.null, "N", "Y" }
      assert.equal(1, m.accuracy({ "Y", "Y", "N", "Y" }, predicted))
      local counts = m.confusion({ "Y", "Y", "N", "Y" }, predicted)
      assert.same({ 0, 1 }, counts.abstained:totable())
    end)

    it("need to know the positive class or an average", function()
      assert.error_matches(function()
        m.f1({ "a", "b", "c" }, { "a", "b", "c" }, { average = "binary" })
      end, "f1 of 3 classes needs positive")
    end)
  end)

  it("refuse missing truths, other types, other lengths and unknown names", function()
    assert.error_matches(function() m.accuracy({ "a", hana.null }, { "a", "b" }) end,
      "accuracy: the truth of row 2 is missing")
    assert.error_matches(function() m.accuracy({ "a" }, { 1 }) end, "string and int labels")
    assert.error_matches(function() m.mae({ 1.0 }, { "a" }) end, "the prediction is string")
    assert.error_matches(function() m.mae({ 1.0, 2.0 }, { 1.0 }) end, "1 predictions for 2 rows")
    assert.error_matches(function() return m.f2 end, "unknown metric 'f2'; did you mean 'f1'")
    assert.error_matches(function() m.f1({ "a" }, { "a" }, { positiv = "a" }) end,
      "unknown option 'positiv' for f1; did you mean 'positive'")
  end)

  describe("ece and brier", function()
    local truth, p = { 0, 1, 0, 1, 1 }, { 0.05, 0.15, 0.85, 0.95, 1 }

    it("leave empty bins out and put 1 into the last (Guo et al. 2017, by hand)", function()
      -- Bins: |0.05 - 0|, |0.15 - 1|, |0.85 - 0|, |1.95 - 2|, over 5 rows.
      assert.near((0.05 + 0.85 + 0.85 + 0.05) / 5, m.ece(truth, p), 1e-12)
      assert.near((0.05 ^ 2 + 2 * 0.85 ^ 2 + 0.05 ^ 2) / 5, m.brier(truth, p), 1e-12)
    end)

    it("can take another number of bins", function()
      -- One bin: the mean probability against the share of positives.
      assert.near(math.abs(3 / 5 - 0.6), m.ece(truth, p, { bins = 1 }), 1e-12)
    end)
  end)

  it("tell probabilities from scores", function()
    assert.error_matches(function() m.log_loss({ 0, 1 }, { 0.2, 1.7 }) end,
      "log_loss: %-?%d%.7 in row 2 is not a probability")
    assert.error_matches(function() m.brier({ 0, 1 }, { -1, 0.7 }) end, "brier: .* in row 1")
    assert.error_matches(function() m.ece({ 0, 1 }, { -1, 0.7 }) end, "ece: .* in row 1")
    assert.equal(1, m.roc_auc({ 0, 1 }, { -1, 1.7 }))
  end)

  describe("cost", function()
    local truth = { "Y", "Y", "N", "N", "N" }
    local predicted = { "N", "Y", "Y", "Y", "N" }

    it("is the mean cost of a row", function()
      assert.equal((50 + 2) / 5, m.cost(truth, predicted, { positive = "Y", fn = 50, fp = 1 }))
    end)

    it("comes from a matrix as well", function()
      local matrix = { Y = { N = 50 }, N = { Y = 1, N = -1 } }
      assert.equal((50 + 2 - 1) / 5, m.cost(truth, predicted, { matrix = matrix }))
      assert.error_matches(function() m.cost(truth, predicted, { matrix = { Y = { N = 1 } } }) end,
        "no number for truth 'N', predicted 'Y'")
      assert.error_matches(function() m.cost(truth, predicted) end, "fn and fp, or matrix")
    end)
  end)

  describe("of numbers", function()
    it("say where they are not defined", function()
      local value, why = warnings_of(m.r2, { 1, 1 }, { 1, 2 })
      assert.is_true(is_nan(value))
      assert.matches("one value throughout", why)
      value, why = warnings_of(m.mape, { 0, 1 }, { 1, 2 })
      assert.is_true(is_nan(value))
      assert.matches("true value is 0", why)
      value, why = warnings_of(m.poisson_deviance, { 1, 2 }, { 0, 2 })
      assert.is_true(is_nan(value))
      assert.matches("not above 0", why)
      value, why = warnings_of(m.mae, { 1.0 }, hana.frame{ { "p", { hana.null, 2.0 } } }:head(1).p)
      assert.is_true(is_nan(value))
      assert.matches("no row has a prediction", why)
    end)

    it("median_ae lies between the middle two", function()
      assert.equal(2.5, m.median_ae({ 0, 0, 0, 0 }, { 1, 2, 3, 9 }))
      assert.equal(3, m.median_ae({ 0, 0, 0, 0 }, { 1, 2, 3, 9 },
        { weights = hana.column{ 1, 1, 2, 1 } }))
    end)
  end)

  it("agreement beyond chance has its edges", function()
    local value, why = warnings_of(m.matthews, { "a", "b" }, { "a", "a" })
    assert.equal(0, value)
    assert.matches("limit 0", why)
    value, why = warnings_of(m.matthews, { "a", "a" }, { "a", "b" })
    assert.is_true(is_nan(value))
    assert.matches("one class only", why)
    value = warnings_of(m.cohen_kappa, { "a", "a" }, { "a", "a" })
    assert.is_true(is_nan(value))
    assert.equal(1, m.adjusted_rand({ 0, 0, 1, 1 }, { 7, 7, 5, 5 }))
    assert.near(-0.5, m.adjusted_rand({ 0, 0, 1, 1 }, { 0, 1, 0, 1 }), 1e-12)
  end)

  describe("classification_report", function()
    it("has a row a class and two means", function()
      local report = m.classification_report({ "a", "a", "b", "c" }, { "a", "b", "b", "b" })
      assert.same({ "class", "precision", "recall", "f1", "support" }, report:names())
      assert.same({ "a", "b", "c", "macro", "weighted" }, report.class:totable())
      assert.same({ 2, 1, 1, 4, 4 }, report.support:totable())
      assert.equal(1, report.precision[1])
      assert.is_nil(report.precision[3])
      assert.near((1 + 1 / 3 + 0) / 3, report.precision[4], 1e-12)
      assert.near((2 * 0.5 + 1 + 0) / 4, report.recall[5], 1e-12)
    end)
  end)

  it("each knows its direction and what it takes", function()
    local core = require "hana.core"
    local known = {}
    for _, metric in ipairs(core.metrics()) do known[metric.name] = metric end
    assert.is_true(known.roc_auc.higher_is_better)
    assert.is_false(known.log_loss.higher_is_better)
    assert.equal("proba", known.brier.takes)
    assert.equal("labels", known.f1.takes)
    assert.equal("numbers", known.rmse.takes)
  end)
end)
