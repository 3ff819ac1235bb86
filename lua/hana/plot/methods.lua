-- Pictures of models: what `model:plot()` draws.

local plot = require "hana.plot"

local M = {}

local limit = 25

---What the model's terms weigh: estimates with their intervals where theory gives them, else
---importances; the largest first.
---@param model hana.Model
---@param options table? options of hana.plot: title, width, height, lang
---@return hana.Plot
function M.plot(model, options)
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
  for key, value in pairs(options or {}) do
    spec[key] = value
  end
  return plot.new(spec)
end

return M
