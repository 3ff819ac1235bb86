-- What a plot needs of its data: plain arrays of columns, positions of levels on an axis, tics,
-- and the small statistics that geoms show (bins, densities, quartiles).

local phrase = require "hana.phrase"

local M = {}

local nan = 0 / 0

---One column of the data as an array of numbers, strings, booleans, and NaN for nulls.
---@param data any a frame or a table of arrays
---@param name string
function M.column(data, name)
  local column, kind
  if type(data) == "table" and getmetatable(data) == nil then
    column = data[name]
    if column == nil then
      local known = {}
      for key in pairs(data) do
        known[#known + 1] = tostring(key)
      end
      table.sort(known)
      error(
        ("plot: no column '%s' in the data (there are: " .. "%s)"):format(
          name,
          table.concat(known, ", ")
        ),
        0
      )
    end
  else
    local handle = data:col(name)
    column, kind = handle:totable(), handle:type()
  end
  local values, numeric, n = {}, true, column.n or #column
  for i = 1, n do
    local v = column[i]
    local t = type(v)
    if t == "number" then
      values[i] = v
    elseif t == "string" or t == "boolean" then
      values[i], numeric = tostring(v), false
    else
      values[i] = nan
    end
  end
  if kind == "date" or kind == "datetime" then
    for i = 1, n do
      values[i] = type(values[i]) == "string" and M.seconds(values[i]) or nan
    end
    return values, "time"
  end
  return values, numeric and "number" or "level"
end

---Seconds since 1970 of an ISO 8601 date or time.
function M.seconds(text)
  local y, m, d = text:match("^(%-?%d+)-(%d%d)-(%d%d)")
  if not y then return nan end
  y, m, d = math.tointeger(tonumber(y)), math.tointeger(tonumber(m)), math.tointeger(tonumber(d))
  -- Days from civil (Hinnant), valid for the proleptic Gregorian calendar.
  if m <= 2 then y = y - 1 end
  local era = y // 400
  local yoe = y - era * 400
  local doy = (153 * (m + (m > 2 and -3 or 9)) + 2) // 5 + d - 1
  local days = era * 146097 + yoe * 365 + yoe // 4 - yoe // 100 + doy - 719468
  local h, mi, s = text:match("[T ](%d%d):(%d%d):?(%d*%.?%d*)")
  return days * 86400.0 + (h and tonumber(h) * 3600 + tonumber(mi) * 60 + (tonumber(s) or 0) or 0)
end

---Levels in the order in which they come first, and each one's number.
function M.levels(values)
  local order, index = {}, {}
  for _, v in ipairs(values) do
    if v == v and index[v] == nil then
      order[#order + 1] = v
      index[v] = #order
    end
  end
  return order, index
end

---Numbers without NaN, ascending.
function M.sorted(values)
  local kept = {}
  for _, v in ipairs(values) do
    if type(v) == "number" and v == v then kept[#kept + 1] = v end
  end
  table.sort(kept)
  return kept
end

---Quantile of sorted values by linear interpolation (R's type 7).
function M.quantile(sorted, p)
  local n = #sorted
  if n == 0 then return nan end
  local at = 1 + (n - 1) * p
  local low = math.floor(at)
  local high = math.min(low + 1, n)
  return sorted[low] + (at - low) * (sorted[high] - sorted[low])
end

---Bins of equal width between the extremes: centres, counts, width. The number of bins follows
---Freedman and Diaconis (1981), between 5 and 40.
function M.bins(values, wanted, from, to)
  local sorted = M.sorted(values)
  local n = #sorted
  if n == 0 then return {}, {}, 1 end
  from, to = from or sorted[1], to or sorted[n]
  if from == to then return { from }, { n }, 1 end
  local count = wanted
  if not count then
    local spread = M.quantile(sorted, 0.75) - M.quantile(sorted, 0.25)
    local width = 2 * spread * n ^ (-1 / 3)
    count = width > 0 and math.ceil((to - from) / width) or 20
    count = math.max(5, math.min(40, count))
  end
  local width = (to - from) / count
  local centres, counts = {}, {}
  for k = 1, count do
    centres[k], counts[k] = from + (k - 0.5) * width, 0
  end
  for _, v in ipairs(sorted) do
    local k = math.min(count, math.floor((v - from) / width) + 1)
    if k >= 1 then counts[k] = counts[k] + 1 end
  end
  return centres, counts, width
end

---Gaussian kernel density on a grid; bandwidth by Silverman's rule (1986, eq. 3.31).
function M.density(values, points)
  local sorted = M.sorted(values)
  local n = #sorted
  if n < 2 then return {}, {} end
  local sum, squares = 0, 0
  for _, v in ipairs(sorted) do
    sum = sum + v
  end
  for _, v in ipairs(sorted) do
    squares = squares + (v - sum / n) ^ 2
  end
  local sd = math.sqrt(squares / (n - 1))
  local spread = (M.quantile(sorted, 0.75) - M.quantile(sorted, 0.25)) / 1.34
  local h = 0.9 * (spread > 0 and math.min(sd, spread) or sd) * n ^ -0.2
  if h <= 0 then return {}, {} end
  local step = math.max(1, n // 2000)
  local xs, ys = {}, {}
  local low, high = sorted[1] - 3 * h, sorted[n] + 3 * h
  for k = 0, points - 1 do
    local x, total, used = low + (high - low) * k / (points - 1), 0, 0
    for i = 1, n, step do
      total = total + math.exp(-0.5 * ((x - sorted[i]) / h) ^ 2)
      used = used + 1
    end
    xs[#xs + 1], ys[#ys + 1] = x, total / (used * h * math.sqrt(2 * math.pi))
  end
  return xs, ys
end

---Median, quartiles, and the ends of the whiskers (the last values within 1.5 times the quartile
---distance: Tukey, 1977) of some values.
function M.box(values)
  local sorted = M.sorted(values)
  if #sorted == 0 then return nil end
  local q1, q3 = M.quantile(sorted, 0.25), M.quantile(sorted, 0.75)
  local reach, low, high = 1.5 * (q3 - q1), q1, q3
  for _, v in ipairs(sorted) do
    if v >= q1 - reach then
      low = v
      break
    end
  end
  for i = #sorted, 1, -1 do
    if sorted[i] <= q3 + reach then
      high = sorted[i]
      break
    end
  end
  return { low = low, q1 = q1, median = M.quantile(sorted, 0.5), q3 = q3, high = high, n = #sorted }
end

---A short label for a level.
function M.short(text, cells)
  text = tostring(text)
  cells = cells or 30
  if phrase.width(text) <= cells then return text end
  local kept = ""
  for _, code in utf8.codes(text, true) do
    local char = utf8.char(code)
    if phrase.width(kept .. char) > cells - 1 then break end
    kept = kept .. char
  end
  return kept .. "…"
end

return M
