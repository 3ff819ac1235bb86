--- Metrics: `hana.metrics.f1(truth, predicted, options)`. One function a metric of the library, and
--- the tables that go with them.
local core = require "hana.core"

local M = {}

local function column_of(values)
  return type(values) == "table" and core.column(values) or values
end

--- How often each class was predicted as each: a row a true class, a column a predicted one.
---@param truth hana.Column
---@param predicted hana.Column
---@return hana.Frame
function M.confusion(truth, predicted)
  return core.confusion(column_of(truth), column_of(predicted))
end

--- Precision, recall, F1 and support of each class, and their means. What is not defined is null,
--- and counts as 0 in the means, which a warning says.
---@param truth hana.Column
---@param predicted hana.Column
---@return hana.Frame
function M.classification_report(truth, predicted)
  local report = core.classification_report(column_of(truth), column_of(predicted))
  for _, name in ipairs{ "precision", "recall", "f1" } do
    local n = #report - report[name]:count()
    if n > 0 then
      warn("classification_report: ", name, " is not defined for ", n == 1 and "a class" or
        n .. " classes", ", and counts as 0 in the means")
    end
  end
  return report
end

--- How well labels part the rows: the mean silhouette with Euclidean distances over the columns
--- of numbers; near 1 where clusters are apart, 0 where they touch, below 0 where rows are
--- misplaced. Scale the columns first; the time grows with the square of the rows.
---@param features hana.Frame
---@param labels hana.Column rows with null are left out
---@return number
function M.silhouette(features, labels) return core.silhouette(features, column_of(labels)) end

local names, by_name = { "confusion", "classification_report", "silhouette" }, {}

for _, metric in ipairs(core.metrics()) do
  local name = metric.name
  names[#names + 1] = name
  by_name[name] = metric
  -- Where the figure is not defined it is NaN, and a warning says why.
  M[name] = function(truth, predicted, options)
    local value, why = core.metric(name, column_of(truth), column_of(predicted), options)
    if why then warn(name, ": ", why) end
    return value
  end
end

local function unknown(_, name) core.unknown("unknown metric", tostring(name), "", names) end

-- A metric as verbs take it: "f1", { "cost", { fn = 50 } },
-- { "mine", function(truth, predicted, proba) }. `takes` is "labels", "proba" or "numbers" and
-- `higher` whether more is better, both nil for a function.
local function read(entry, verb)
  if type(entry) == "string" then entry = { entry } end
  if type(entry) ~= "table" or type(entry[1]) ~= "string" then
    core.raise(verb .. ": a metric is a name, { name, options } or { name, function }")
  end
  local name, what = entry[1], entry[2]
  if type(what) == "function" then return { name = name, label = name, fn = what } end
  local known = by_name[name]
  if not known then
    local all = {}
    for key in pairs(by_name) do all[#all + 1] = key end
    core.unknown("unknown metric", name, "", all)
  end
  return {
    name = name, label = name, args = what, higher = known.higher_is_better, takes = known.takes,
  }
end

return { metrics = setmetatable(M, { __index = unknown }), read = read }
