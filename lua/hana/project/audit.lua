-- What a column holds, and what is odd about it.

local core = require "hana.core"
local scales = require "hana.plot.scales"

local M = {}

local null = core.null

---@class hana.Audit
---@field name string
---@field type string
---@field n integer
---@field nulls integer
---@field distinct integer
---@field numeric boolean
---@field flags table[] { key, values }

local function add_flag(audit, key, values)
  audit.flags[#audit.flags + 1] = { key = key, values = values or {} }
end

local function numbers(audit, kept)
  table.sort(kept)
  local n, sum = #kept, 0
  for i = 1, n do
    sum = sum + kept[i]
  end
  audit.min, audit.max, audit.mean = kept[1], kept[n], sum / n
  audit.q1, audit.median, audit.q3 =
    scales.quantile(kept, 0.25), scales.quantile(kept, 0.5), scales.quantile(kept, 0.75)
  local squares = 0
  for i = 1, n do
    squares = squares + (kept[i] - audit.mean) ^ 2
  end
  audit.sd = n > 1 and math.sqrt(squares / (n - 1)) or 0
  -- Tukey's outer fences.
  local reach = 3 * (audit.q3 - audit.q1)
  if reach > 0 then
    local low, high, far = audit.q1 - reach, audit.q3 + reach, 0
    for i = 1, n do
      if kept[i] < low or kept[i] > high then far = far + 1 end
    end
    if far > 0 then add_flag(audit, "far", { n = far, low = low, high = high }) end
  end
  if n > 20 and audit.min < 0 and audit.q1 > 0 then
    local below = 0
    for i = 1, n do
      if kept[i] < 0 then below = below + 1 end
    end
    if below < 0.02 * n then add_flag(audit, "negative", { n = below }) end
  end
end

local function levels(audit, counts)
  local list = {}
  for level, count in pairs(counts) do
    list[#list + 1] = { level = level, count = count }
  end
  table.sort(list, function(a, b)
    if a.count ~= b.count then return a.count > b.count end
    return tostring(a.level) < tostring(b.level)
  end)
  audit.top = {}
  for i = 1, math.min(#list, 12) do
    audit.top[i] = list[i]
  end
  local folded, clashes = {}, 0
  for _, item in ipairs(list) do
    if type(item.level) == "string" then
      local key = item.level:lower():gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")
      if folded[key] and folded[key] ~= item.level then clashes = clashes + 1 end
      folded[key] = folded[key] or item.level
    end
  end
  if clashes > 0 and #list < 1000 then add_flag(audit, "spelling", { n = clashes }) end
end

---@param name string
---@param values any[] cells, hana.null for missing
---@param kind string the column's type
---@return hana.Audit
function M.column(name, values, kind)
  local audit = {
    name = name,
    type = kind,
    n = #values,
    nulls = 0,
    distinct = 0,
    flags = {},
    numeric = kind == "float" or kind == "int",
  }
  local counts, kept, nan = {}, {}, 0
  for i = 1, #values do
    local v = values[i]
    if v == null or v == nil then
      audit.nulls = audit.nulls + 1
    elseif v ~= v then
      nan = nan + 1
    else
      if not counts[v] then
        counts[v] = 0
        audit.distinct = audit.distinct + 1
      end
      counts[v] = counts[v] + 1
      if audit.numeric then kept[#kept + 1] = v end
    end
  end
  local present = audit.n - audit.nulls
  if audit.nulls > 0 and audit.nulls >= 0.2 * audit.n then
    add_flag(audit, present == 0 and "empty" or "sparse", { share = audit.nulls / audit.n })
  end
  if nan > 0 then add_flag(audit, "nan", { n = nan }) end
  if present > 1 and audit.distinct == 1 then add_flag(audit, "constant") end
  if present > 20 and audit.distinct == present and kind ~= "float" then add_flag(audit, "id") end
  if audit.numeric then
    if #kept > 0 then numbers(audit, kept) end
  elseif kind ~= "block" then
    levels(audit, counts)
  end
  return audit
end

---@param df any a frame
---@return hana.Audit[]
function M.frame(df)
  local types, out = df:types(), {}
  for i, name in ipairs(df:names()) do
    local kind = types[i] or types[name]
    out[i] = kind == "block"
        and {
          name = name,
          type = kind,
          n = #df,
          nulls = 0,
          distinct = 0,
          flags = {},
          numeric = false,
        }
      or M.column(name, df:col(name):totable(), kind)
  end
  return out
end

---How many rows are equal to an earlier one in all columns (or in those named).
---@param df any
---@param names string[]?
function M.duplicates(df, names)
  local keys, seen, n = M.row_keys(df, names), {}, 0
  for _, key in ipairs(keys) do
    if seen[key] then n = n + 1 end
    seen[key] = true
  end
  return n
end

---A text for each row that is equal exactly for rows with equal cells.
function M.row_keys(df, names)
  names = names or df:names()
  local types, columns = df:types(), {}
  for _, name in ipairs(names) do
    if types[name] ~= "block" then columns[#columns + 1] = df:col(name):totable() end
  end
  local keys, cells = {}, {}
  for i = 1, #df do
    for j, column in ipairs(columns) do
      local v = column[i]
      cells[j] = v == null and "\0" or tostring(v)
    end
    keys[i] = table.concat(cells, "\1", 1, #columns)
  end
  return keys
end

return M
