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

local names = { "confusion", "classification_report" }

for _, metric in ipairs(core.metrics()) do
  local name = metric.name
  names[#names + 1] = name
  -- Where the figure is not defined it is NaN, and a warning says why.
  M[name] = function(truth, predicted, options)
    local value, why = core.metric(name, column_of(truth), column_of(predicted), options)
    if why then warn(name, ": ", why) end
    return value
  end
end

local function unknown(_, name) core.unknown("unknown metric", tostring(name), "", names) end

return { metrics = setmetatable(M, { __index = unknown }) }
