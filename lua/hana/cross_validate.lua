--- Cross-validation: how an estimator does on rows that it was not fitted to.
local core = require "hana.core"
local frame = require "hana.frame"
local read_metric = require("hana.metrics").read
local result = require "hana.result"
local roles_of = require "hana.roles"

local M = {}

-- Options of the verb itself; all others are roles.
local own = { "folds", "repeats", "stratify", "metrics", "seed" }

-- The rows of one fold of one repeat, for metrics written in Lua.
local function fold_rows(predictions, repeat_, fold)
  return predictions:filter("`repeat` == $r and fold == $f", { r = repeat_, f = fold })
end

local function proba_of(rows, classes)
  local columns = {}
  for _, class in ipairs(classes) do
    columns[#columns + 1] = { tostring(class), rows["p_" .. tostring(class)] }
  end
  return frame.new(columns)
end

local function host_metric(metric, folds, predictions, info)
  local values = {}
  for i, row in folds:rows() do
    local rows = fold_rows(predictions, row["repeat"], row.fold)
    local proba = info.has_proba and proba_of(rows, info.classes) or nil
    local value = metric.fn(rows.truth, rows.prediction, proba)
    if type(value) ~= "number" then
      core.raise(("cross_validate: metric '%s' gave %s, expected a number"):format(
        metric.name, type(value)))
    end
    values[i] = value + 0.0
  end
  return values
end

-- Where a metric cannot be: an interval that reaches beyond says nothing there.
local least = { r2 = -math.huge, matthews = -1, cohen_kappa = -1, adjusted_rand = -1 }
local most = {}
for _, name in ipairs{ "accuracy", "balanced_accuracy", "precision", "recall", "f1", "matthews",
  "cohen_kappa", "adjusted_rand", "roc_auc", "pr_auc", "r2", "brier", "ece" } do
  most[name] = 1
end

local function clip(metric, low, high)
  if metric.fn or (metric.args and metric.name == "cost") then return low, high end
  return math.max(low, least[metric.name] or 0), math.min(high, most[metric.name] or math.huge)
end

local function summarize(folds, metrics, warnings)
  local test, train = folds.n_test:sum(), folds.n_train:sum()
  local columns = { metric = {}, mean = {}, sd = {}, low = {}, high = {}, better = {} }
  for i, metric in ipairs(metrics) do
    local values = folds[metric.label]:totable()
    local mean, sd, low, high, n = core.corrected_mean(values, test / train)
    if n < #values then
      local text = "cross_validate: %s is not defined in %d of %d folds, and the mean leaves "
        .. "them out"
      text = text:format(metric.label, #values - n, #values)
      warnings[#warnings + 1] = text
      warn(text)
    end
    low, high = clip(metric, low, high)
    columns.metric[i], columns.mean[i] = metric.label, mean
    columns.sd[i], columns.low[i], columns.high[i] = sd, low, high
    columns.better[i] = metric.higher == nil and core.null or metric.higher and "higher" or "lower"
  end
  return frame.new{
    { "metric", columns.metric }, { "mean", columns.mean }, { "sd", columns.sd },
    { "low", columns.low }, { "high", columns.high }, { "better", columns.better },
  }
end

local methods = {}

--- A row a metric: its mean over the folds, standard deviation and 95% interval (corrected
--- resampled t-test of Nadeau and Bengio, 2003), and which way is better.
---@return hana.Frame
function methods:summary() return self.scores end

--- A row a scored row: row, repeat, fold, truth, prediction, and p_<class> where there are
--- probabilities.
---@return hana.Frame
function methods:predictions() return self.predicted end

--- Mean, low and high of one metric.
---@param metric string
---@return number mean, number low, number high
function methods:score(metric)
  for _, row in self.scores:rows() do
    if row.metric == metric then return row.mean, row.low, row.high end
  end
  core.unknown("no metric", metric, " in this cross-validation", self.scores.metric:totable())
end

local function print_text(cv)
  local times = #cv.folds / cv.folds["repeat"]:max()
  return ("%s: %d folds, %d repeat%s, %d rows scored\n%s"):format(
    cv.estimator, times, cv.folds["repeat"]:max(), cv.folds["repeat"]:max() == 1 and "" or "s",
    #cv.predicted, tostring(cv.scores))
end

local function number(x) return x and ("%.4g"):format(x) or "none" end

local function sentence_of(estimator, scores, folds)
  local first = scores:row(1)
  return ("%s: %s %s (95%% interval %s to %s) over %d folds"):format(estimator, first.metric,
    number(first.mean), number(first.low), number(first.high), #folds)
end

-- The result of these fields, which a project keeps and brings back.
function M.from(fields)
  return result.new("cross-validation", fields, {
    table = function(cv) return cv.scores end,
    plot = function(cv, wanted)
      return require("hana.plot.methods").cross_validation(cv, wanted)
    end,
    text = print_text, methods = methods, optional = { "positive" },
  })
end

--- Judges clones of an estimator by cross-validation; a fitted state is ignored. Rows without a
--- label are always training rows and never scored; rows of one `group` stay together; with
--- `by_time` each fold is predicted from the rows before it.
---@param model hana.Model
---@param data hana.Frame
---@param options { target: string, folds: integer?, repeats: integer?, stratify: boolean?,
---  metrics: table?, seed: integer? } and the roles of fit
---@return hana.Result with folds (a frame), summary(), predictions(), score(metric)
function M.cross_validate(model, data, options)
  local roles, settings = roles_of("cross_validate", options, own)
  if type(options) == "string" then options = roles end
  local metrics, built_in = {}, {}
  for i, entry in ipairs(options.metrics or {}) do
    metrics[i] = read_metric(entry, "cross_validate")
  end
  for _, metric in ipairs(metrics) do
    if not metric.fn then built_in[#built_in + 1] = metric end
  end
  local folds, predictions, info =
    core.cross_validate(model, data, roles, settings, options.metrics and built_in)
  if not options.metrics then
    for i, name in ipairs(info.metrics) do metrics[i] = read_metric(name, "cross_validate") end
  end
  for _, metric in ipairs(metrics) do
    if metric.fn then
      folds = folds:mutate{ { metric.label, host_metric(metric, folds, predictions, info) } }
    end
  end
  local scores, estimator = summarize(folds, metrics, info.warnings), model:describe()
  return M.from{
    verdict = "estimated", sentence = sentence_of(estimator, scores, folds),
    estimator = estimator, folds = folds, predicted = predictions, scores = scores,
    task = info.task, classes = info.classes,
    positive = info.positive, has_proba = info.has_proba, seed = info.seed,
    warnings = info.warnings,
  }
end

return M
