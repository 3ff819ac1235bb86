--- Aggregates and functions that look at other rows, in plain Lua: what summarize and mutate give,
--- group by group. An aggregate is a function(values, column) of a group's cells, nulls left out
--- but for first and last, that gives the value and how far a float may be off.
local hana = require "hana"
local slow = require "tests.data.slow"

local M = {}
local null, is_nan = hana.null, slow.is_nan

local function number(v) return v == true and 1 or v == false and 0 or v end

-- The exact sum of whole numbers as two parts, high * 2^32 + low.
local function halves(values)
  local high, low = 0, 0
  for _, v in ipairs(values) do
    v = number(v)
    high, low = high + (v >> 32 | (v < 0 and ~0 << 32 or 0)), low + (v & 0xFFFFFFFF)
  end
  return high + (low >> 32), low & 0xFFFFFFFF
end

local function has_nan(values)
  for _, v in ipairs(values) do
    if is_nan(v) then return true end
  end
  return false
end

-- Half a digit of the largest number that went into a float.
local function slack_of(values)
  local most = 0.0
  for _, v in ipairs(values) do
    local size = math.abs(v)
    if size > most and size < math.huge then most = size end
  end
  return 1e-13 * most * (#values + 1)
end

local function sum(values, column)
  if column.type ~= "float" then
    local high, low = halves(values)
    if high >= 1 << 31 or high < -(1 << 31) then slow.refuse "integer overflow" end
    return high << 32 | low
  end
  local total = 0.0
  for _, v in ipairs(values) do total = total + v end
  return total, slack_of(values)
end

local function mean(values, column)
  local n = #values
  if n == 0 then return null end
  if column.type == "float" then
    local total, slack = sum(values, column)
    return total / n, slack
  end
  local high, low = halves(values)
  return (high * 4294967296.0 + low) / n
end

local function moments(x, y)
  local n, dx, dy, finite = #x, {}, {}, true
  for i = 1, n do
    local a, b = number(x[i]) - number(x[1]), number(y[i]) - number(y[1])
    -- Whole numbers whose difference is none.
    local far_x, far_y = x[i] + 0.0 - x[1], y[i] + 0.0 - y[1]
    if math.type(a) == "integer" and math.abs(far_x) > 9e18 then a = far_x end
    if math.type(b) == "integer" and math.abs(far_y) > 9e18 then b = far_y end
    dx[i], dy[i] = a + 0.0, b + 0.0
    finite = finite and math.abs(x[i]) < math.huge and math.abs(y[i]) < math.huge
  end
  if not finite then return 0 / 0, 0 end
  local mx, my = 0.0, 0.0
  for i = 1, n do mx, my = mx + dx[i] / n, my + dy[i] / n end
  local total, size = 0.0, 0.0
  for i = 1, n do
    total = total + (dx[i] - mx) * (dy[i] - my)
    size = math.max(size, math.abs(dx[i]), math.abs(dy[i]))
  end
  return total, 1e-12 * size * size * n
end

local function var(values)
  if #values < 2 then return null end
  local total, slack = moments(values, values)
  return total / (#values - 1), slack
end

local function sd(values)
  local square, slack = var(values)
  if square == null then return null end
  local root = math.sqrt(square)
  return root, square > 0 and math.min(slack / root, math.sqrt(slack)) or math.sqrt(slack or 0)
end

local function sorted(values, column)
  local key = slow.sortable(column)
  local out = {}
  for _, v in ipairs(values) do
    local at = #out + 1
    while at > 1 do
      local other = out[at - 1]
      local a, b = key(other), key(v)
      local before
      if is_nan(v) then
        before = true
      elseif is_nan(other) then
        before = false
      elseif type(a) == "string" then
        before = slow.byte_order(a, b) <= 0
      else
        before = a <= b
      end
      if before then break end
      out[at] = other
      at = at - 1
    end
    out[at] = v
  end
  return out
end
M.sorted = sorted

function M.quantile(values, column, p)
  local n = #values
  if n == 0 then return null end
  if has_nan(values) then return 0 / 0 end
  local list = sorted(values, column)
  local at = (n - 1) * p
  local low = math.floor(at)
  local a, b = list[low + 1] + 0.0, list[math.min(low + 2, n)] + 0.0
  if at == low or a == b then return a, slack_of(values) end
  return a + (b - a) * (at - low), slack_of(values)
end

-- A NaN wins both ways.
local function extreme(values, column, first)
  if #values == 0 then return null end
  for _, v in ipairs(values) do
    if is_nan(v) then return v end
  end
  local list = sorted(values, column)
  return first and list[1] or not first and list[#list], 0
end

local function different(values)
  local seen, n, nan = {}, 0, 0
  for _, v in ipairs(values) do
    if is_nan(v) then
      nan = 1
    elseif not seen[v] then
      seen[v] = true
      n = n + 1
    end
  end
  return n + nan
end

local function mode(values, column)
  local best, most, run, last = null, 0, 0, nil
  for _, v in ipairs(sorted(values, column)) do
    local equal = last ~= nil and (v == last or is_nan(v) and is_nan(last))
    run = equal and run + 1 or 1
    if run > most then best, most = v, run end
    last = v
  end
  return best, 0
end

local function keep(column) return column.type end
local function as(type) return function() return type end end

local number_types = { float = true, int = true }
local numeric = { float = true, int = true, bool = true }
local any_type = { float = true, int = true, bool = true, string = true, category = true,
  date = true, datetime = true }
local timed = { float = true, int = true, date = true, datetime = true }

--- name -> { types it takes, type of the result, function, text of an expression }.
M.aggregates = {
  count = { any_type, as "int", function(values) return #values end },
  sum = { numeric, function(c) return c.type == "float" and "float" or "int" end, sum },
  mean = { numeric, as "float", mean },
  median = { number_types, as "float", function(v, c) return M.quantile(v, c, 0.5) end },
  q30 = { number_types, as "float", function(v, c) return M.quantile(v, c, 0.3) end,
    "quantile(%s, 0.3)" },
  q100 = { number_types, as "float", function(v, c) return M.quantile(v, c, 1) end,
    "quantile(%s, 1)" },
  sd = { number_types, as "float", sd },
  var = { number_types, as "float", var },
  min = { any_type, keep, function(v, c) return extreme(v, c, true) end },
  max = { any_type, keep, function(v, c) return extreme(v, c, false) end },
  n_unique = { any_type, as "int", different },
  mode = { any_type, keep, mode },
  first = { any_type, keep, function(all) return all[1] == nil and null or all[1] end,
    nulls = true },
  last = { any_type, keep, function(all) return all[1] == nil and null or all[#all] end,
    nulls = true },
  any = { { bool = true }, as "bool", function(values)
    for _, v in ipairs(values) do
      if v then return true end
    end
    return false
  end },
  all = { { bool = true }, as "bool", function(values)
    for _, v in ipairs(values) do
      if not v then return false end
    end
    return true
  end },
}
M.aggregate_names = {}
for name, aggregate in pairs(M.aggregates) do
  M.aggregate_names[#M.aggregate_names + 1] = name
  aggregate.text = aggregate[4] or name .. "(%s)"
end
table.sort(M.aggregate_names)

-- A column to fill, of a type and with the levels of the one that it keeps.
local function result(aggregate, from)
  local kind = aggregate[2](from)
  local column = { type = kind, values = {}, slack = {} }
  if kind == "category" then column.levels, column.ordered = from.levels, from.ordered end
  return column
end

local function of_rows(aggregate, from, rows)
  local values = {}
  for _, row in ipairs(rows) do
    local v = from.values[row]
    if v ~= null or aggregate.nulls then values[#values + 1] = v end
  end
  return aggregate[3](values, from)
end

-- Of doubles: integers beyond 2^53 may become equal.
local function correlation(x, y, rows)
  local a, b = {}, {}
  for _, row in ipairs(rows) do
    local v, w = x.values[row], y.values[row]
    if v ~= null and w ~= null then a[#a + 1], b[#b + 1] = v + 0.0, w + 0.0 end
  end
  if #a < 2 then return null end
  local xy, xx, yy = moments(a, b), moments(a, a), moments(b, b)
  if xx == 0 or yy == 0 then return null end
  if is_nan(xy / math.sqrt(xx * yy)) then return 0 / 0 end
  return math.max(-1.0, math.min(1.0, xy / math.sqrt(xx * yy))), 1e-9
end

--- One row a group: keys, then { { new name, aggregate, column, column } }; without a column, rows
--- are counted.
function M.summarize(f, names, wanted)
  local groups, firsts = slow.groups(f, names), {}
  for g, rows in ipairs(groups) do firsts[g] = rows[1] or 0 end
  local out = slow.take(slow.select(f, { table.unpack(names) }), firsts)
  for _, w in ipairs(wanted) do
    local column = { type = "int", values = {}, slack = {} }
    if w[2] == "corr" then
      column.type = "float"
      for g, rows in ipairs(groups) do
        column.values[g], column.slack[g] = correlation(f.columns[w[3]], f.columns[w[4]], rows)
      end
    elseif w[3] then
      local aggregate, from = M.aggregates[w[2]], assert(f.columns[w[3]], w[3])
      assert(aggregate[1][from.type])
      column = result(aggregate, from)
      for g, rows in ipairs(groups) do
        column.values[g], column.slack[g] = of_rows(aggregate, from, rows)
      end
    else
      for g, rows in ipairs(groups) do column.values[g] = #rows end
    end
    out = slow.set(out, w[1], column)
  end
  return out
end

local function shift(by)
  return function(x, rows, set)
    for k, row in ipairs(rows) do
      local from = rows[k - by]
      if from then set(row, x.values[from]) else set(row, null) end
    end
  end
end

local function fill(step, most)
  return function(x, rows, set)
    for k, row in ipairs(rows) do
      local value = null
      for apart = 0, most do
        local from = rows[k - step * apart]
        if from == nil then break end
        value = x.values[from]
        if value ~= null then break end
      end
      set(row, value)
    end
  end
end

local epoch = {}
local function day_of(text)
  local y, m, d = text:match "^(%d+)-(%d+)-(%d+)"
  y, m, d = math.tointeger(y), math.tointeger(m), math.tointeger(d)
  if m <= 2 then y = y - 1 end
  local era = y // 400
  local yoe = y - era * 400
  local doy = (153 * (m + (m > 2 and -3 or 9)) + 2) // 5 + d - 1
  return era * 146097 + yoe * 365 + yoe // 4 - yoe // 100 + doy - 719468
end
epoch.date = day_of

--- Microseconds since 1970 of an ISO datetime in UTC.
function epoch.datetime(text)
  local h, m, s, part = text:match "T(%d+):(%d+):(%d+)%.?(%d*)Z$"
  local seconds = ((day_of(text) * 24 + math.tointeger(h)) * 60 + math.tointeger(m)) * 60
    + math.tointeger(s)
  return seconds * 1000000 + (math.tointeger(part) or 0)
end
M.epoch = epoch

local function difference(x, a, b)
  if a == null or b == null then return null end
  if x.type == "float" then return a - b end
  if x.type == "date" then return day_of(a) - day_of(b) end
  if x.type == "datetime" then return (epoch.datetime(a) - epoch.datetime(b)) / 1e6 end
  if (a ~ b) & (a ~ a - b) < 0 then slow.refuse "integer overflow" end
  return a - b
end

local function diff(x, rows, set)
  for k, row in ipairs(rows) do
    local before = rows[k - 1]
    set(row, before and difference(x, x.values[row], x.values[before]) or null)
  end
end

-- An aggregate of the rows so far.
local function running(aggregate)
  return function(x, rows, set)
    local seen = {}
    for _, row in ipairs(rows) do
      local v = x.values[row]
      if v == null then
        set(row, null)
      else
        seen[#seen + 1] = v
        set(row, aggregate(seen, x))
      end
    end
  end
end
local cumsum = running(sum)
local cummax = running(function(seen, x) return extreme(seen, x, false) end)

local function rank(x, rows, set)
  for _, row in ipairs(rows) do
    if x.values[row] == null then
      set(row, null)
    else
      local before, equal = 0, 0
      for _, other in ipairs(rows) do
        local sign = slow.compare(x, other, row)
        if sign < 0 then before = before + 1 end
        if sign == 0 then equal = equal + 1 end
      end
      set(row, before + (equal + 1) / 2)
    end
  end
end

local function rolling(width)
  return function(x, rows, set)
    for k, row in ipairs(rows) do
      local values, complete = {}, k >= width
      for j = math.max(1, k - width + 1), k do
        values[#values + 1] = x.values[rows[j]] ~= null and x.values[rows[j]] + 0.0 or nil
        complete = complete and x.values[rows[j]] ~= null
      end
      if complete then set(row, mean(values, { type = "float" })) else set(row, null) end
    end
  end
end

local function numbers(_, rows, set)
  for k, row in ipairs(rows) do set(row, k) end
end

local function diff_type(c) return (c.type == "int" or c.type == "date") and "int" or "float" end

--- name -> { types it takes, type of the result, function(column, rows, set), text }.
M.windows = {
  lag = { any_type, keep, shift(1), "lag(%s)" },
  lag2 = { any_type, keep, shift(2), "lag(%s, 2)" },
  lead = { any_type, keep, shift(-1), "lead(%s)" },
  lead3 = { any_type, keep, shift(-3), "lead(%s, 3)" },
  fill_forward = { any_type, keep, fill(1, math.huge), "fill_forward(%s)" },
  fill_forward1 = { any_type, keep, fill(1, 1), "fill_forward(%s, 1)" },
  fill_backward = { any_type, keep, fill(-1, math.huge), "fill_backward(%s)" },
  fill_backward2 = { any_type, keep, fill(-1, 2), "fill_backward(%s, 2)" },
  diff = { timed, diff_type, diff, "diff(%s)" },
  cumsum = { number_types, keep, cumsum, "cumsum(%s)" },
  cummax = { timed, keep, cummax, "cummax(%s)" },
  rank = { any_type, as "float", rank, "rank(%s)" },
  row_number = { any_type, as "int", numbers, "row_number()" },
  rolling = { number_types, as "float", rolling(2), "rolling_mean(%s, 2)" },
  rolling3 = { number_types, as "float", rolling(3), "rolling_mean(%s, 3)" },
}
for name, aggregate in pairs(M.aggregates) do
  M.windows["all_" .. name] = { aggregate[1], aggregate[2], function(x, rows, set)
    local value, slack = of_rows(aggregate, x, rows)
    for _, row in ipairs(rows) do set(row, value, slack) end
  end, aggregate.text }
end
M.windows.centred = { number_types, as "float", function(x, rows, set)
  local value, slack = of_rows(M.aggregates.mean, x, rows)
  for _, row in ipairs(rows) do
    local v = x.values[row]
    if v == null then
      set(row, null)
    else
      set(row, v - value, (slack or 0) + 1e-12 * math.abs(v))
    end
  end
end, "%s - mean(%s)" }
M.windows.share = { number_types, as "float", function(x, rows, set)
  local value, slack = of_rows(M.aggregates.sum, x, rows)
  for _, row in ipairs(rows) do
    local v = x.values[row]
    if v == null then
      set(row, null)
    elseif value ~= 0 and math.abs(value) <= 1e6 * (slack or 0) then
      M.unsure()
    elseif value == 0 and x.type == "float" and (slack or 0) > 0 then
      M.unsure()
    else
      set(row, v / value)
    end
  end
end, "%s / sum(%s)" }
M.window_names = {}
for name in pairs(M.windows) do M.window_names[#M.window_names + 1] = name end
table.sort(M.window_names)

--- Ends what rounding alone decides.
function M.unsure() error({ unsure = true }, 0) end

--- A column computed from another one within groups of equal keys.
function M.window(f, keys, name, of)
  local window, from = M.windows[name], assert(f.columns[of], of)
  assert(window[1][from.type])
  local column = result(window, from)
  for i = 1, f.n do column.values[i] = null end
  for _, rows in ipairs(slow.groups(f, keys)) do
    window[3](from, rows, function(row, value, slack)
      column.values[row], column.slack[row] = value, slack
    end)
  end
  if window[2] == keep and column.type ~= "float" then column.slack = nil end
  return column
end

return M
