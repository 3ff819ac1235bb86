--- Models: constructors from the registry, and the methods that need no speed.
local core = require "hana.core"
local read_metric = require("hana.metrics").read
local result = require "hana.result"

local M = {}

---@class hana.Model
---@field fitted boolean
---@field converged boolean? nil where the method does not iterate
---@field iterations integer?
---@field classes any[]? nil in regression
---@field name string
---@field kind string the part's name

local methods = core.model_methods

-- Methods that other modules bring: loaded on first use. One line a name.
local modules = {
  plot = "hana.plot.methods",
}

for name, module in pairs(modules) do
  methods[name] = function(...)
    methods[name] = require(module)[name]
    return methods[name](...)
  end
end

--- Whether a value is a model.
---@param value any
---@return boolean
function M.is(value)
  return type(value) == "userdata" and (getmetatable(value) or {}).__name == "hana.model"
end

-- Weights by class as texts, whatever the type of the target; the other spelling of unlabeled.
local function prepared(options)
  local weights = options.class_weights
  if type(weights) ~= "table" and options.unlabelled == nil then return options end
  local out = {}
  for key, value in pairs(options) do out[key] = value end
  if type(weights) == "table" then
    out.class_weights = {}
    for class, weight in pairs(weights) do out.class_weights[tostring(class)] = weight end
  end
  if options.unlabelled ~= nil then out.unlabeled, out.unlabelled = options.unlabelled, nil end
  return out
end

-- The options of a part, and the one that takes { {name, expression}, ... } by itself.
local function options_of(name)
  local known, expressions = { name = true }, nil
  for _, part in ipairs(core.parts()) do
    if part.name == name then
      for _, option in ipairs(part.options) do
        known[option.name] = true
        if option.kind == "a list of { name, expression }" then expressions = option.name end
      end
    end
  end
  return known, expressions
end

-- { bmi = "weight / (height / 100)^2" } as well as { {"bmi", "..."} }, in sorted order.
local function listed(options, known)
  local names, out = {}, {}
  for key, value in pairs(options) do
    if type(key) == "string" and type(value) == "string" and not known[key] then
      names[#names + 1] = key
    else
      out[key] = value
    end
  end
  table.sort(names)
  for i, name in ipairs(names) do out[i] = { name, options[name] } end
  return out
end

--- The function that makes a part of that name: `hana.ridge{ lambda = 1 }`.
---@param name string
---@return fun(options: table?): hana.Model
function M.constructor(name)
  local known, expressions = options_of(name)
  return function(options)
    if type(options) == "table" then options = prepared(options) end
    if expressions and type(options) == "table" and #options == 0 and not options[expressions] then
      options = listed(options, known)
    end
    local made = core.model(name, options)
    -- Functions of a named part are what a saved model of that name is found by.
    if type(options) == "table" and options.name then
      for key, value in pairs(options) do
        if type(value) == "function" then core.register(options.name .. "." .. key, value) end
      end
    end
    return made
  end
end

--- Writes the fitted model as one file of dependency-free C99: the whole pipeline as tables and
--- loops, with a self-test (compile with -D<PREFIX>_TEST). The code belongs to you.
---@param path string
---@param options { prefix: string? }? what all names begin with; "model"
---@return string path
function methods:export_c(path, options)
  for key in pairs(options or {}) do
    if key ~= "prefix" then
      core.unknown("unknown option", tostring(key), " for export_c", { "prefix" })
    end
  end
  core.write_file(path, core.export_c(self, options and options.prefix or "model"))
  return path
end

local function listing(wanted)
  local names, kinds, tags, help = {}, {}, {}, {}
  for _, part in ipairs(core.parts()) do
    if (part.kind == "step") == (wanted == "step") then
      local n = #names + 1
      names[n], kinds[n], help[n] = part.name, part.kind, part.help
      tags[n] = table.concat(part.tags, " ")
    end
  end
  return core.frame{
    { "name", names, "string" }, { "kind", kinds, "string" }, { "tags", tags, "string" },
    { "help", help, "string" },
  }
end

--- All estimators: name, kind, tags, help.
---@return hana.Frame
function M.estimators() return listing("estimator") end

--- All preparation steps: name, kind, tags, help.
---@return hana.Frame
function M.steps() return listing("step") end

--- Coefficients with their errors where theory gives them, else importances.
---@return hana.Result
function methods:summary()
  local frame = core.summary(self)
  local info = self:info()
  local rows = info.rows and (", %d rows"):format(info.rows) or ""
  local fields = {
    model = self, info = info, sentence = self:describe() .. rows,
    verdict = self.converged == false and "not converged" or "fitted",
  }
  return result.new("summary", fields, {
    table = frame,
    plot = function(_, options) return self:plot(options) end,
  })
end

local function truth_of(self, df)
  local roles = core.roles(self)
  if not roles.target then core.raise(("score: %s has no target"):format(self.name)) end
  return df:col(roles.target), roles
end

-- Predictions of a model on a frame, made when they are first asked for.
local function predictions_of(self, df)
  return setmetatable({}, { __index = function(t, what)
    local made
    if what == "labels" then
      made = self:predict(df)
    elseif core.task(self) == "classification" then
      made = self:predict_proba(df)
    end
    rawset(t, what, made)
    return made
  end })
end

local function check_metric(self, metric, target)
  local classes = core.task(self) == "classification"
  if metric.takes and (metric.takes == "numbers") == classes then
    core.raise(("score: %s takes %s, and '%s' %s"):format(metric.name,
      metric.takes == "proba" and "probabilities of classes" or metric.takes, target,
      classes and "has classes" or "is a number"))
  end
end

local function judge(metric, truth, predictions, positive)
  if metric.fn then
    local value = metric.fn(truth, predictions.labels, predictions.proba)
    if type(value) ~= "number" then
      core.raise(("score: metric '%s' gave %s, expected a number"):format(metric.name, type(value)))
    end
    return value
  end
  local args = metric.args
  if positive ~= nil then
    args = { positive = positive }
    for key, value in pairs(metric.args or {}) do args[key] = value end
  end
  local predicted = metric.takes == "proba" and predictions.proba or predictions.labels
  local value, why = core.metric(metric.name, truth, predicted, args)
  if why then warn(metric.name, ": ", why) end
  return value
end

--- How good the predictions are on rows it was not fitted on: accuracy for classes, r2 for
--- numbers, or the metric that is named. `{ metrics = { ... } }` gives a frame: metric, value,
--- better.
---@param df hana.Frame
---@param metric string|table|nil a name, { name, options of the metric }, { name, function(truth,
---  predicted, proba) }, or { metrics = a list of such }
---@return number|hana.Frame
function methods:score(df, metric)
  local truth, roles = truth_of(self, df)
  local seen = core.seen_rows(self, df)
  if seen > 0 then
    core.raise(("score: %d of the %d rows were used to fit %s: judge it on rows it has not seen"
      .. " (df:split, hana.cross_validate)"):format(seen, #df, self.name))
  end
  local predictions = predictions_of(self, df)
  if type(metric) ~= "table" or metric[1] ~= nil then
    metric = metric or (core.task(self) == "classification" and "accuracy" or "r2")
    local one = read_metric(metric, "score")
    check_metric(self, one, roles.target)
    return judge(one, truth, predictions, roles.positive)
  end
  for key in pairs(metric) do
    if key ~= "metrics" then
      core.unknown("unknown option", tostring(key), " for score", { "metrics" })
    end
  end
  if type(metric.metrics) ~= "table" or #metric.metrics == 0 then
    core.raise("score: option 'metrics' must be a list of metrics")
  end
  local names, values, better = {}, {}, {}
  for i, entry in ipairs(metric.metrics) do
    local one = read_metric(entry, "score")
    check_metric(self, one, roles.target)
    names[i], values[i] = one.label, judge(one, truth, predictions, roles.positive) + 0.0
    better[i] = one.higher == nil and core.null or one.higher and "higher" or "lower"
  end
  return core.frame{
    { "metric", names }, { "value", values }, { "better", better, "string" },
  }
end

--- The same fitted model with another decision: what `hana.threshold` gives, or the probability
--- from which the positive class is predicted.
---@param threshold number|table a number, or { low =, high = }: between them it abstains
---@return hana.Model
function methods:with_threshold(threshold)
  local low, high = threshold, threshold
  if type(threshold) == "table" then low, high = threshold.low, threshold.high end
  if type(low) ~= "number" or type(high) ~= "number" then
    core.raise("with_threshold: a number or what hana.threshold gives expected")
  end
  return core.with_threshold(self, low, high)
end

--- The student of a distillation, as a model of its own.
---@return hana.Model
function methods:student()
  for _, child in ipairs(core.fitted_children(self)) do
    if child[1] == "student" then return child[2] end
  end
  core.raise(("%s has no student"):format(self.name))
end

local function holds_models(value)
  if type(value) ~= "table" then return M.is(value) end
  for _, item in pairs(value) do
    if holds_models(item) then return true end
  end
  return false
end

--- All options by their path ("lambda", "one_hot.min_count", "base.max_depth").
---@param given boolean? only those that were set
---@return table<string, any>
function methods:params(given)
  local out, children = {}, core.children(self)
  for name, value in pairs(core.params(self, given)) do
    if not holds_models(value) then out[name] = value end
  end
  for _, child in ipairs(children) do
    for path, value in pairs(child[2]:params(given)) do out[child[1] .. "." .. path] = value end
  end
  return out
end

--- The parts it is made of, { {path, model}, ... }: fitted ones where it is fitted.
---@return table[]
function methods:parts()
  local parts = core.children(self)
  if not self.fitted then return parts end
  local fitted = {}
  for _, child in ipairs(core.fitted_children(self)) do fitted[child[1]] = child[2] end
  for _, part in ipairs(parts) do part[2] = fitted[part[1]] or part[2] end
  return parts
end

--- The same model, unfitted, with one option changed: "one_hot.min_count", "base.max_depth".
---@param path string
---@param value any
---@return hana.Model
function methods:with(path, value) return core.with(self, path, value) end

return M
