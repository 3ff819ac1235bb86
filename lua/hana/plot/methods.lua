-- Pictures of models: what `model:plot()` draws.

local core = require "hana.core"
local plot = require "hana.plot"

local M = {}

local limit = 25

-- Options of the caller over those that the picture has of its own.
local function drawn(spec, options)
  for key, value in pairs(options or {}) do
    spec[key] = value
  end
  return plot.new(spec)
end

---What the model's terms weigh: estimates with their intervals where theory gives them, else
---importances; the largest first. With `geom = "tree"` a decision tree as a tree, with `geom =
---"boundary"` what it predicts over two columns.
---@param model hana.Model
---@param options table? options of hana.plot: title, width, height, lang
---@return hana.Plot
function M.plot(model, options)
  if options and (options.geom == "tree" or options.geom == "boundary") then
    local _, leaves = 1, 1
    if options.geom == "tree" then
      _, leaves = model:rules():gsub("%->", "")
    end
    local height = options.geom == "tree" and 60 + 44 * leaves or nil
    return drawn({ model = model, height = height }, options)
  end
  local rows = {}
  for _, row in model:summary():table():rows() do
    local value = row.importance or row.estimate
    if row.term ~= "(intercept)" and value then
      rows[#rows + 1] =
        { term = row.term, class = row.class, value = value, low = row.low, high = row.high }
    end
  end
  table.sort(rows, function(a, b)
    if math.abs(a.value) ~= math.abs(b.value) then return math.abs(a.value) > math.abs(b.value) end
    return a.term < b.term
  end)
  local data = { term = {}, value = {}, low = {}, high = {} }
  local bounds = true
  for i = 1, math.min(limit, #rows) do
    local row = rows[i]
    data.term[i] = row.class and ("%s: %s"):format(row.class, row.term) or row.term
    data.value[i] = row.value
    bounds = bounds and row.low ~= nil and row.high ~= nil
    if bounds then
      data.low[i], data.high[i] = row.low, row.high
    end
  end
  local spec = { data = data, x = "term", y = "value", height = 90 + 30 * #data.term }
  if bounds and #rows > 0 then
    spec.geom, spec.low, spec.high = "errorbar", "low", "high"
  else
    spec.geom = "bar"
  end
  spec.horizontal = true
  return drawn(spec, options)
end

local kinds = { "predictions", "misses", "confusion", "roc", "pr", "calibration", "metrics" }

-- The out-of-fold rows with the probability of the positive class as `probability`.
local function with_probability(cv)
  local positive = cv.positive
  if type(positive) == "number" then positive = cv.classes[positive] end
  positive = positive or cv.classes and cv.classes[#cv.classes]
  if not cv.has_proba then
    core.raise("cross-validation: this estimator gives no probabilities, so there is no such plot")
  end
  return cv:predictions():rename{ probability = "p_" .. tostring(positive) }, positive
end

---A picture of a cross-validation: "predictions" against the truth (for numbers), "misses",
---"confusion" (for classes), "roc", "pr", "calibration" (with probabilities), or the "metrics" of
---each fold.
---@param cv hana.Result
---@param options table? { kind = } and options of hana.plot
---@return hana.Plot
function M.cross_validation(cv, options)
  local given = {}
  for key, value in pairs(options or {}) do
    given[key] = value
  end
  local classes = cv.task == "classification"
  local kind = given.kind or (classes and "confusion" or "predictions")
  given.kind = nil
  if kind == "predictions" or kind == "misses" then
    if classes then core.raise(("cross-validation: '%s' is for numbers"):format(kind)) end
    local rows = cv:predictions()
    if kind == "misses" then
      rows = rows:mutate{ { "miss", "prediction - truth" } }
      return drawn({ data = rows, geom = "histogram", x = "miss" }, given)
    end
    return drawn({
      data = rows,
      x = "truth",
      y = "prediction",
      layers = { { geom = "point" }, { geom = "abline", slope = 1, intercept = 0 } },
    }, given)
  elseif kind == "confusion" then
    if not classes then core.raise("cross-validation: 'confusion' is for classes") end
    return drawn({ data = cv:predictions(), geom = kind, x = "prediction", y = "truth" }, given)
  elseif kind == "roc" or kind == "pr" or kind == "calibration" then
    if not classes then core.raise(("cross-validation: '%s' is for classes"):format(kind)) end
    local rows, positive = with_probability(cv)
    return drawn(
      { data = rows, geom = kind, x = "probability", y = "truth", positive = positive },
      given
    )
  elseif kind == "metrics" then
    local data = { metric = {}, value = {} }
    for _, row in cv.scores:rows() do
      for _, v in ipairs(cv.folds:col(row.metric):totable()) do
        if type(v) == "number" then
          data.metric[#data.metric + 1], data.value[#data.value + 1] = row.metric, v
        end
      end
    end
    return drawn({ data = data, geom = "box", x = "metric", y = "value" }, given)
  end
  core.unknown("cross-validation: no plot", tostring(kind), "", kinds)
end

return M
