--- Long columns of many shapes, and checks in linear time of what sorting, grouping and joining
--- them gave, by other ways than the verbs go. A column is { type, values, order, kind }: `order`
--- is what its cells compare by and `kind` tells values (0) from NaN (1) and null (2), nil where
--- all are values.
local hana = require "hana"

local M = {}
local null = hana.null

-- Day 0 is 1970-01-01 (Hinnant's days from civil, backwards).
local function iso_date(day)
  local z = day + 719468
  local era = z // 146097
  local doe = z - era * 146097
  local yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
  local doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
  local mp = (5 * doy + 2) // 153
  local month = mp < 10 and mp + 3 or mp - 9
  local year = yoe + era * 400 + (month <= 2 and 1 or 0)
  return ("%04d-%02d-%02d"):format(year, month, doy - (153 * mp + 2) // 5 + 1)
end
M.iso_date = iso_date

local function iso_datetime(micros)
  local day, rest = micros // 86400000000, micros % 86400000000
  local seconds, fraction = rest // 1000000, rest % 1000000
  local text = ("%sT%02d:%02d:%02d"):format(iso_date(day), seconds // 3600, seconds // 60 % 60,
    seconds % 60)
  return text .. (fraction > 0 and (".%06d"):format(fraction) or "") .. "Z"
end
M.iso_datetime = iso_datetime

local function whole(r)
  return (r:below(1 << 22) << 42) ~ (r:below(1 << 22) << 21) ~ r:below(1 << 22)
end
M.whole = whole

local function pool(...)
  local items = table.pack(...)
  return function(r) return items[r:below(items.n)] end
end

-- Most cells are one of a few, the others anything.
local function skewed(r)
  local at = r:below(100)
  return at <= 80 and 7 or at <= 95 and r:below(50) or r:below(1000000)
end

local wide_few = {}
for k = 1, 40 do wide_few[k] = (k * 0x9E3779B97F4A7C15) ~ (k << 61) end

local prefix = "https://www.example.com/a/rather/long/path/to/each/of/many/items?id="
local letters = { "가", "각", "나", "닭", "b", "é", "z", "" }

--- name -> { type, function(random, row, rows) -> cell }.
M.shapes = {
  int_few = { "int", function(r) return r:below(7) - 3 end },
  int_one = { "int", function() return 42 end },
  int_nulls = { "int", function(r) return r:below(3) == 1 and null or r:below(20) end },
  int_null = { "int", function() return null end },
  int_skewed = { "int", skewed },
  int_distinct = { "int", function(_, i, n) return i * 7919 % n end },
  int_sorted = { "int", function(_, i) return i // 3 end },
  int_reversed = { "int", function(_, i, n) return n - i end },
  int_nearly = { "int", function(r, i) return r:below(1000) == 1 and r:below(1000000) or i end },
  int_middling = { "int", function(r) return r:below(100000) * 1000 end },
  int_wide = { "int", whole },
  int_wide_few = { "int", function(r) return wide_few[r:below(40)] end },
  int_edges = { "int", pool(math.mininteger, math.maxinteger, 0, -1, 1, math.mininteger + 1,
    math.maxinteger - 1, null) },
  int_exact = { "int", function(r) return (1 << 53) + r:below(5) - 2 end },
  float_few = { "float", pool(0.0, -0.0, 0 / 0, -(0 / 0), 1 / 0, -1 / 0, 5e-324, -5e-324, 1.5,
    -1.5, null) },
  float_nan = { "float", function(r, i) return r:below(50) == 1 and i / 8 or 0 / 0 end },
  float_eighths = { "float", function(r) return (r:below(4000) - 2000) / 8 end },
  float_whole = { "float", function(r) return r:below(1000) * 1.0 end },
  float_any = { "float", function(r)
    local x = string.unpack("d", string.pack("j", whole(r)))
    return x
  end },
  float_sorted = { "float", function(_, i) return i / 3 end },
  float_null = { "float", function() return null end },
  bool = { "bool", pool(true, false, null) },
  string_few = { "string", pool("", "a", "ab", "b", "B", "서울", "부산", "é", null) },
  string_prefix = { "string", function(r) return prefix .. r:below(3000) end },
  string_distinct = { "string", function(_, i, n) return "k" .. i * 7919 % n end },
  string_sorted = { "string", function(_, i) return ("%09d"):format(i // 2) end },
  string_lengths = { "string", function(r) return ("a"):rep(r:below(40) - 1) end },
  string_zeros = { "string", function(r)
    return ("x"):rep(r:below(9)) .. ("\0"):rep(r:below(4) - 1) .. (r:below(2) == 1 and "y" or "")
  end },
  string_last = { "string", function(r) return prefix .. string.char(32 + r:below(90)) end },
  string_hangul = { "string", function(r)
    return letters[r:below(8)] .. letters[r:below(8)] .. letters[r:below(8)] .. letters[r:below(8)]
  end },
  string_null = { "string", function() return null end },
  category = { "category", pool("low", "mid", "high", "서울", "", null) },
  category_many = { "category", function(r) return prefix .. r:below(2000) end },
  date = { "date", function(r)
    return r:below(20) == 1 and null or iso_date(r:below(40000) - 20000)
  end },
  datetime = { "datetime", function(r)
    local at = r:below(4000000) * 997 * 600001 - 1200000000000000
    if r:below(2) == 1 then at = at // 1000000 * 1000000 end
    return r:below(20) == 1 and null or iso_datetime(at)
  end },
}

M.names = {}
for name in pairs(M.shapes) do M.names[#M.names + 1] = name end
table.sort(M.names)

-- Microseconds since 1970 of what iso_datetime writes.
local days = {}
for day = -21000, 41000 do days[iso_date(day)] = day end
local function micros(text)
  local day, h, m, s, fraction = text:match "^(.-)T(..):(..):(..)%.?(%d*)Z$"
  return ((days[day] * 24 + h) * 60 + m) * 60000000 + s * 1000000 + (tonumber(fraction) or 0)
end

--- Fills in what the checks compare by.
function M.column(type, values)
  local n, order, kind, plain = #values, values, {}, true
  for i = 1, n do
    local v = values[i]
    kind[i] = v == null and 2 or v ~= v and 1 or 0
    plain = plain and kind[i] == 0
  end
  if type == "bool" then
    order = {}
    for i = 1, n do order[i] = values[i] == true and 1 or 0 end
  elseif type == "datetime" then
    order = {}
    for i = 1, n do order[i] = values[i] ~= null and micros(values[i]) // 1 or 0 end
  end
  return { type = type, values = values, order = order, kind = not plain and kind or nil }
end

--- A column of a shape.
function M.make(random, name, n)
  local shape, values = M.shapes[name], {}
  local cell = shape[2]
  for i = 1, n do values[i] = cell(random, i, n) end
  return M.column(shape[1], values)
end

--- The hana frame of { name, column } pairs, with the row's number at the end.
function M.frame(columns, n)
  local parts, row = {}, {}
  for j, pair in ipairs(columns) do parts[j] = { pair[1], pair[2].values, pair[2].type } end
  for i = 1, n do row[i] = i end
  parts[#parts + 1] = { "row", row }
  return hana.frame(parts)
end

local function same(a, b)
  if a == b then return a ~= 0 or math.type(a) == "integer" or 1 / a == 1 / b end
  return a ~= a and b ~= b
end

--- A function(i, j) that gives -1, 0 or 1: how rows compare by columns.
function M.comparer(keys)
  local n = #keys
  local function one(column, descending)
    local order, kind = column.order, column.kind
    return function(i, j)
      if kind then
        local p, q = kind[i], kind[j]
        if p ~= q then return p < q and -1 or 1 end
        if p > 0 then return 0 end
      end
      local a, b = order[i], order[j]
      if a == b then return 0 end
      return (a < b) ~= descending and -1 or 1
    end
  end
  local first = one(keys[1][1], keys[1][2] == true)
  if n == 1 then return first end
  local others = {}
  for k = 2, n do others[k - 1] = one(keys[k][1], keys[k][2] == true) end
  return function(i, j)
    local sign = first(i, j)
    for k = 1, n - 1 do
      if sign ~= 0 then return sign end
      sign = others[k](i, j)
    end
    return sign
  end
end

--- Raises unless column `name` of a frame holds the column's cells at rows[i] (0: null).
function M.check_cells(df, name, column, rows)
  local got, values = df:col(name):totable(), column.values
  if df:col(name):type() ~= column.type then
    error(("%s is %s, expected %s"):format(name, df:col(name):type(), column.type), 0)
  end
  if #got ~= #rows then error(("%d rows, expected %d"):format(#got, #rows), 0) end
  for i, row in ipairs(rows) do
    local want = row == 0 and null or values[row]
    if not same(got[i], want) then
      error(("%s[%d] is %s, expected %s (row %d)"):format(name, i, tostring(got[i]),
        tostring(want), row), 0)
    end
  end
end

--- Raises unless the frame is one of n rows sorted by { { column, descending } } and stable:
--- there is only one such order, whatever made it.
function M.check_sorted(df, keys, n)
  local rows, seen = df:col("row"):totable(), {}
  if #rows ~= n then error(("%d rows, expected %d"):format(#rows, n), 0) end
  for i = 1, n do
    local row = rows[i]
    if seen[row] then error(("row %d stands twice"):format(row), 0) end
    seen[row] = true
  end
  local compare = M.comparer(keys)
  for i = 2, n do
    local sign = compare(rows[i - 1], rows[i])
    if sign > 0 then error(("rows %d and %d are turned"):format(rows[i - 1], rows[i]), 0) end
    if sign == 0 and rows[i - 1] > rows[i] then
      error(("equal rows %d and %d are turned"):format(rows[i - 1], rows[i]), 0)
    end
  end
  return rows
end

--- The number of each row's group by first appearance, and how many there are.
function M.number(columns, n)
  local ids, total
  for _, column in ipairs(columns) do
    local order, kind, seen, count, own = column.order, column.kind, {}, 0, {}
    local of_kind = {}
    for i = 1, n do
      local special = kind and kind[i] > 0 and kind[i]
      local at
      if special then at = of_kind[special] else at = seen[order[i]] end
      if not at then
        count = count + 1
        at = count
        if special then of_kind[special] = at else seen[order[i]] = at end
      end
      own[i] = at
    end
    if not ids then
      ids, total = own, count
    else
      seen, total = {}, 0
      for i = 1, n do
        local key = ids[i] * (count + 1) + own[i]
        local at = seen[key]
        if not at then
          total = total + 1
          at = total
          seen[key] = at
        end
        ids[i] = at
      end
    end
  end
  return ids, total
end

local nan_key = {}

-- What a cell meets others by: nil for null, equal for equal numbers of both types.
local function part_key(column, i)
  local kind = column.kind and column.kind[i]
  if kind == 2 then return nil end
  if kind == 1 then return nan_key end
  return column.order[i]
end

local function part_text(key)
  if key == nan_key then return "nan" end
  if type(key) == "string" then return #key .. ":" .. key end
  return math.tointeger(key) and ("%d"):format(key) or ("%a"):format(key)
end

local function row_keys(columns, n)
  local keys = {}
  for i = 1, n do
    if #columns == 1 then
      keys[i] = part_key(columns[1], i) or false
    else
      local parts = {}
      for k, column in ipairs(columns) do
        local key = part_key(column, i)
        if key == nil then break end
        parts[k] = part_text(key)
      end
      keys[i] = #parts == #columns and table.concat(parts, "|")
    end
  end
  return keys
end

--- The pairs of rows that a join gives, by an index of the right rows: lists of left and right
--- rows (0: none).
function M.join(left, right, n_left, n_right, how)
  local left_keys, right_keys = row_keys(left, n_left), row_keys(right, n_right)
  local index, met, out_left, out_right, n = {}, {}, {}, {}, 0
  for j = 1, n_right do
    local key = right_keys[j]
    if key then
      local list = index[key]
      if list then list[#list + 1] = j else index[key] = { j } end
    end
  end
  local function add(i, j)
    n = n + 1
    out_left[n], out_right[n] = i, j
  end
  for i = 1, n_left do
    local key = left_keys[i]
    local list = key and index[key]
    if how == "semi" or how == "anti" then
      if (list ~= nil and list ~= false) == (how == "semi") then add(i, 0) end
    elseif list then
      met[list] = true
      for _, j in ipairs(list) do add(i, j) end
    elseif how == "left" or how == "full" then
      add(i, 0)
    end
  end
  if how == "right" or how == "full" then
    for j = 1, n_right do
      local key = right_keys[j]
      if not (key and met[index[key]]) then add(0, j) end
    end
  end
  return out_left, out_right
end

--- What differs between two frames, bit for bit; nil: nothing.
function M.differs(a, b)
  if #a ~= #b then return ("%d against %d rows"):format(#a, #b) end
  if table.concat(a:names(), "\0") ~= table.concat(b:names(), "\0") then return "names" end
  for _, name in ipairs(a:names()) do
    local x, y = a:col(name), b:col(name)
    if x:type() ~= y:type() then return ("%s: %s against %s"):format(name, x:type(), y:type()) end
    local sign = x:type() ~= "float" or (1 / x):equal(1 / y)
    if not sign or not x:equal(y) then
      for i = 1, #x do
        if not same(x[i], y[i]) then
          return ("%s[%d]: %s against %s"):format(name, i, tostring(x[i]), tostring(y[i]))
        end
      end
      return name
    end
  end
end

return M
