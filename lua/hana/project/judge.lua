-- Judging models on the same folds: scores a fold, their means with intervals, paired differences.

local core = require "hana.core"

local M = {}

local metric_info

---What a metric takes and which way is better.
---@param name string
---@return { name: string, takes: string, higher_is_better: boolean }
function M.metric(name)
  if not metric_info then
    metric_info = {}
    for _, info in ipairs(core.metrics()) do
      metric_info[info.name] = info
    end
  end
  local info = metric_info[name]
  if not info then
    local names = {}
    for key in pairs(metric_info) do
      names[#names + 1] = key
    end
    core.unknown("unknown metric", tostring(name), "", names)
  end
  return info
end

---Metrics that are shown where the script asks for none.
function M.defaults(task, first)
  local list = task == "classification"
      and { "accuracy", "balanced_accuracy", "log_loss", "roc_auc" }
    or { "mae", "rmse", "r2" }
  if not first then return list end
  local out = { first }
  for _, name in ipairs(list) do
    if name ~= first then out[#out + 1] = name end
  end
  return out
end

---Student's t quantile for two-sided 95% by Hill's expansion of the normal one (good to 1% for 3
---and more degrees of freedom).
local function t95(df)
  local z = 1.959963984540054
  local v = math.max(df, 2)
  return z
    + (z ^ 3 + z) / (4 * v)
    + (5 * z ^ 5 + 16 * z ^ 3 + 3 * z) / (96 * v ^ 2)
    + (3 * z ^ 7 + 19 * z ^ 5 + 17 * z ^ 3 - 15 * z) / (384 * v ^ 3)
end

---Mean and 95% interval over folds. Folds share training rows, so that their variance is enlarged
---by
---the share of test to training rows (Nadeau and Bengio, Machine Learning 52, 2003).
---@param values number[]
---@param folds integer
function M.interval(values, folds)
  local n, mean = #values, 0
  for _, v in ipairs(values) do
    mean = mean + v / n
  end
  if n < 2 then return { mean = mean, low = mean, high = mean, n = n } end
  local squares = 0
  for _, v in ipairs(values) do
    squares = squares + (v - mean) ^ 2
  end
  local se = math.sqrt(squares / (n - 1) * (1 / n + 1 / math.max(1, folds - 1)))
  local half = t95(n - 1) * se
  return { mean = mean, low = mean - half, high = mean + half, se = se, n = n }
end

---Scores by fold from out-of-fold predictions.
---@param cv any the result of hana.cross_validate
---@param names string[] metrics
---@param positive any
---@return table<string, number[]>
function M.by_fold(cv, names, positive)
  local all, out = cv:predictions(), {}
  local repeats, folds = all:col("repeat"):totable(), all:col("fold"):totable()
  local rows, order = {}, {}
  for i = 1, #folds do
    local key = repeats[i] .. ":" .. folds[i]
    if not rows[key] then
      rows[key], order[#order + 1] = {}, key
    end
    table.insert(rows[key], i)
  end
  -- Probabilities stand under p_<class>; metrics want a column a class.
  local classes, renamed = {}, {}
  for _, name in ipairs(all:names()) do
    local class = name:match("^p_(.*)$")
    if class then
      classes[#classes + 1] = name
      renamed[class] = name
    end
  end
  for _, name in ipairs(names) do
    local info, values = M.metric(name), {}
    for k, key in ipairs(order) do
      local part = all:take(rows[key])
      local predicted = info.takes == "proba" and part:select(classes):rename(renamed)
        or part:col("prediction")
      values[k] = core.metric(
        name,
        part:col("truth"),
        predicted,
        positive ~= nil and { positive = positive } or nil
      )
    end
    out[name] = values
  end
  return out
end

---The difference between two models fold by fold, signed so that above zero is better.
function M.paired(mine, other, name, folds)
  local info, values = M.metric(name), {}
  for k, v in ipairs(mine) do
    values[k] = info.higher_is_better and v - other[k] or other[k] - v
  end
  return M.interval(values, folds)
end

---Whether the first of two scores is better.
function M.better(name, a, b)
  if M.metric(name).higher_is_better then return a > b end
  return a < b
end

---@param value number
---@return boolean
function M.is_number(value) return type(value) == "number" and value == value end

return M
