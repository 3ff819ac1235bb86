--- How good an estimator is with fewer rows, and what more labels are worth.
local core = require "hana.core"
local frame = require "hana.frame"
local result = require "hana.result"
local roles_of = require "hana.roles"

local M = {}

local own = { "sizes", "repeats", "test", "metric", "seed" }

local default_sizes = { 0.1, 0.2, 0.35, 0.5, 0.7, 1 }

local function split_metric(metric)
  if type(metric) == "table" then return metric[1], metric[2] end
  return metric
end

-- Mean and 95% interval of each size, over the repeats.
local function summarize(curve)
  local m = #curve.sizes
  local mean, low, high = {}, {}, {}
  for s = 1, m do
    local values = {}
    for r = 1, curve.repeats do values[r] = curve.values[(r - 1) * m + s] end
    local _
    mean[s], _, low[s], high[s] = core.corrected_mean(values, curve.n_test / curve.sizes[m])
  end
  return frame.new{
    { "n", curve.sizes }, { "mean", mean }, { "low", low }, { "high", high },
  }
end

--- The metric of clones of an estimator against the number of training rows. In each repeat some
--- labeled rows are set aside for testing; of the others the first n are trained on for each size
--- n, so that the sizes are nested and paired.
---@param model hana.Model
---@param data hana.Frame
---@param options { target: string, metric: string|table?, sizes: number[]?, repeats: integer?,
---  test: number?, seed: integer? } and the roles of fit; sizes are shares of the training rows
---  (at most 1) or rows; a metric of your own is
---  { "name", function(truth, predicted, proba), higher = true }
---@return hana.Result with table() (n, mean, low, high), metric, values
function M.learning_curve(model, data, options)
  local roles, settings = roles_of("learning_curve", options, own)
  local metric, args = split_metric(settings.metric)
  if not metric then
    -- The same question as cross_validate answers: what the target is.
    local kind = roles.task or (roles.target and data:col(roles.target):type())
    metric = (kind == "regression" or kind == "float") and "mae" or "accuracy"
  end
  if type(args) == "function" then
    settings.metric, settings.fn = metric, args
    settings.higher = type(options.metric) == "table" and options.metric.higher == true
  else
    settings.metric, settings.args = metric, args
  end
  settings.sizes = settings.sizes or default_sizes
  local curve = core.learning_curve(model, data, roles, settings)
  local table_ = summarize(curve)
  local m = #curve.sizes
  local first, last = table_.mean[1], table_.mean[m]
  local better = curve.higher_is_better and last > first or
    (not curve.higher_is_better and last < first)
  local step = math.abs(last - table_.mean[math.max(1, m - 1)])
  local noise = (table_.high[m] - table_.low[m]) / 2
  curve.metric = metric
  curve.estimator = model:describe()
  curve.verdict = better and (step > noise and "rising" or "flattening") or "flat"
  curve.sentence = ("%s: %s %.4g with %d rows, %.4g with %d."):format(curve.estimator, metric,
    first, curve.sizes[1], last, curve.sizes[m])
  return result.new("learning curve", curve, {
    table = table_,
    plot = function(c)
      local hana = require "hana"
      return hana.plot{ data = c:table(), x = "n", y = "mean",
        layers = { { geom = "ribbon", low = "low", high = "high" }, { geom = "line" },
          { geom = "point" } }, title = c.metric .. " by training rows" }
    end,
  })
end

-- Metrics between 0 and 1 are spoken of in percentage points.
local shares = {}
for _, name in ipairs{ "accuracy", "balanced_accuracy", "precision", "recall", "f1", "matthews",
  "cohen_kappa", "roc_auc", "pr_auc", "r2", "mape" } do
  shares[name] = true
end

local sentences = {
  buy = "Buy about %d more labels: they are expected to bring %s after their price " ..
    "(90%% interval %s to %s), and pay with probability %.0f%%.",
  stop = "Stop: the next label is worth %s and costs %s.",
  cannot_tell = "Your data cannot tell: %d more labels would bring %s in expectation, but " ..
    "anything from %s to %s is possible (they pay with probability %.0f%%).",
}

local function money(x) return ("%.4g"):format(x) end

local value_keys = { per_label = true, value_per_point = true, point = true, most = true,
  draws = true, seed = true }

--- How many more labels are worth their price, from a learning curve, up to four times the data at
--- hand. A power law, an exponential and a flat line are fitted and mixed by how well they fit;
--- the intervals come from resampled repeats.
---@param curve hana.Result of learning_curve
---@param options { per_label: number, value_per_point: number, point: number?, most: number?,
---  draws: integer?, seed: integer? } a point is 0.01 for shares (accuracy, f1, ...), else 1 unit
---  of the metric
---@return hana.Result with labels, labels_low, labels_high, gain, probability, marginal, table()
function M.value_of_data(curve, options)
  options = options or {}
  for key in pairs(options) do
    if not value_keys[key] then
      local names = {}
      for name in pairs(value_keys) do names[#names + 1] = name end
      core.unknown("unknown option", tostring(key), " for value_of_data", names)
    end
  end
  for _, key in ipairs{ "per_label", "value_per_point" } do
    if type(options[key]) ~= "number" then
      core.raise(("value_of_data: option '%s' must be a number"):format(key))
    end
  end
  local point = options.point or (shares[curve.metric] and 0.01 or 1)
  local value = core.value_of_data({
    sizes = curve.sizes, values = curve.values, repeats = curve.repeats, n_test = curve.n_test,
    higher_is_better = curve.higher_is_better,
  }, {
    per_label = options.per_label, per_unit = options.value_per_point / point,
    most = options.most, draws = options.draws, seed = options.seed or curve.seed,
  })
  -- The optimum was sought on a fine grid; people look at 25 points of it.
  local columns = {}
  for i, name in ipairs{ "rows", "value", "low", "high", "net" } do
    local thin = {}
    for k = 1, #value[name], 10 do thin[#thin + 1] = value[name][k] end
    columns[i] = { name == "rows" and "n" or name, thin }
    value[name] = nil
  end
  local grid = frame.new(columns)
  if value.verdict == "stop" then
    value.sentence = sentences.stop:format(money(value.marginal), money(options.per_label))
  else
    local numbers = { math.floor(value.labels), money(value.gain), money(value.gain_low),
      money(value.gain_high), 100 * value.probability }
    value.sentence = sentences[value.verdict]:format(table.unpack(numbers))
  end
  value.now = curve.sizes[#curve.sizes]
  return result.new("value of data", value, { table = grid,
    plot = function(v)
      local hana = require "hana"
      return hana.plot{ data = v:table(), x = "n", y = "value",
        layers = { { geom = "ribbon", low = "low", high = "high" }, { geom = "line" } } }
    end })
end

return M
