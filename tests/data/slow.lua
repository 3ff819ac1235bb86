--- Frames in plain Lua: the slow and plain twin of the verbs, for property tests. A slow frame is
--- { n, names = { ... }, columns = { name = { type, values } } }; a missing value is hana.null. The
--- levels of a category are in byte order, as a cast makes them.
local hana = require "hana"

local M = {}
local null = hana.null

local Random = {}
Random.__index = Random

--- A generator of its own (Lehmer): the same numbers whatever else runs.
function M.random(seed)
  return setmetatable({ state = seed * 7919 % 2147483646 + 1 }, Random)
end

--- A whole number in 1 .. n.
function Random:below(n)
  self.state = self.state * 48271 % 2147483647
  return (self.state >> 8) % n + 1
end

function Random:pick(list) return list[self:below(#list)] end

local pools = {
  float = { 0.0, -0.0, 0.5, -1.5, 2.0, 3.25, 1e6, 1 / 0, -1 / 0, 0 / 0 },
  int = { 0, 1, -1, 2, 3, 7, 100, 1000003, -77 },
  bool = { true, false },
  string = { "", "a", "b", "ab", "B", "서울", "부산", "é" },
  category = { "low", "mid", "high", "서울" },
  date = { "1969-12-31", "1970-01-01", "2024-02-29", "2000-01-01" },
  datetime = { "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "2024-02-29T12:30:00.500000Z" },
}
M.types = { "float", "int", "bool", "string", "category", "date", "datetime" }

--- A column of n cells of a type; a fifth of them null.
function M.column(random, type, n)
  local values = {}
  for i = 1, n do
    values[i] = random:below(5) == 1 and null or random:pick(pools[type])
  end
  return { type = type, values = values }
end

--- A random frame: a column of each given type, named after it, and `row`, which tells rows apart.
function M.frame(random, types)
  local n = random:pick{ 0, 1, 2, 3, 5, 8, 13 }
  local f = { n = n, names = {}, columns = {} }
  for _, type in ipairs(types) do
    f.names[#f.names + 1] = type
    f.columns[type] = M.column(random, type, n)
  end
  local row = {}
  for i = 1, n do row[i] = i end
  f.names[#f.names + 1] = "row"
  f.columns.row = { type = "int", values = row }
  return f
end

--- The same as a hana frame. A last row without nulls, cut off at the end, tells the types.
function M.to_hana(f)
  local columns, types = {}, {}
  for j, name in ipairs(f.names) do
    local column = f.columns[name]
    local values = { table.unpack(column.values) }
    values[f.n + 1] = pools[column.type][1]
    columns[j] = { name, values }
    types[j] = { name, column.type }
  end
  return hana.frame(columns):cast(types):head(f.n)
end

local function is_nan(x) return x ~= x end

-- Sums of floats depend on the order in which they are added.
local function same(a, b)
  if a == null or b == null then return a == b end
  if type(a) ~= type(b) or math.type(a) ~= math.type(b) then return false end
  if a == b or (is_nan(a) and is_nan(b)) then return true end
  if math.type(a) ~= "float" then return false end
  local size = math.max(math.abs(a), math.abs(b))
  return size < math.huge and math.abs(a - b) <= 1e-12 * size
end
M.same = same

--- nil when the hana frame equals the slow one, else what differs.
function M.difference(f, df)
  if table.concat(f.names, ",") ~= table.concat(df:names(), ",") then
    return ("names: %s, got %s"):format(table.concat(f.names, ","), table.concat(df:names(), ","))
  end
  if #df ~= f.n then return ("%d rows, got %d"):format(f.n, #df) end
  for _, name in ipairs(f.names) do
    local column, got = f.columns[name], df:col(name)
    if got:type() ~= column.type then
      return ("%s: %s, got %s"):format(name, column.type, got:type())
    end
    for i = 1, f.n do
      local value = got[i]
      if value == nil then value = null end
      if not same(column.values[i], value) then
        return ("%s[%d]: %s, got %s"):format(name, i, column.values[i], value)
      end
    end
  end
end

--- The rows of a slow frame at the positions in a list; 0 gives nulls.
function M.take(f, rows)
  local out = { n = #rows, names = { table.unpack(f.names) }, columns = {} }
  for _, name in ipairs(f.names) do
    local from, values = f.columns[name], {}
    for i, row in ipairs(rows) do
      if row == 0 then values[i] = null else values[i] = from.values[row] end
    end
    out.columns[name] = { type = from.type, values = values }
  end
  return out
end

function M.select(f, names)
  local out = { n = f.n, names = names, columns = {} }
  for _, name in ipairs(names) do out.columns[name] = f.columns[name] end
  return out
end

--- With a column added at the end or replaced in its place.
function M.set(f, name, column)
  local out = M.select(f, { table.unpack(f.names) })
  if not out.columns[name] then out.names[#out.names + 1] = name end
  out.columns[name] = column
  return out
end

local function byte_order(a, b)
  local i = 1
  while true do
    local x, y = a:byte(i), b:byte(i)
    if x ~= y or not x then return (x or -1) - (y or -1) end
    i = i + 1
  end
end

-- -1, 0, 1; NaN after numbers and null after all, whatever the direction.
local function order(column, i, j, descending)
  local a, b = column.values[i], column.values[j]
  if a == null or b == null then
    return (a == null and 1 or 0) - (b == null and 1 or 0)
  end
  if is_nan(a) or is_nan(b) then return (is_nan(a) and 1 or 0) - (is_nan(b) and 1 or 0) end
  local sign
  if column.type == "bool" then
    sign = (a and 1 or 0) - (b and 1 or 0)
  elseif type(a) == "string" then
    sign = byte_order(a, b)
  else
    sign = a < b and -1 or a > b and 1 or 0
  end
  sign = sign < 0 and -1 or sign > 0 and 1 or 0
  return descending and -sign or sign
end

--- The rows in order of keys { { name, descending } }; insertion sort, which is stable.
function M.order(f, keys)
  local rows = {}
  for i = 1, f.n do
    local at = i
    while at > 1 do
      local sign = 0
      for _, key in ipairs(keys) do
        sign = order(f.columns[key[1]], rows[at - 1], i, key[2])
        if sign ~= 0 then break end
      end
      if sign <= 0 then break end
      rows[at] = rows[at - 1]
      at = at - 1
    end
    rows[at] = i
  end
  return rows
end

--- Lists of rows with equal keys, in key order (no keys: one list).
function M.groups(f, names)
  if #names == 0 then
    local all = {}
    for i = 1, f.n do all[i] = i end
    return { all }
  end
  local keys, groups = {}, {}
  for k, name in ipairs(names) do keys[k] = { name, false } end
  for _, row in ipairs(M.order(f, keys)) do
    local last = groups[#groups]
    local equal = last ~= nil
    for _, name in ipairs(names) do
      equal = equal and order(f.columns[name], last[1], row) == 0
    end
    if equal then last[#last + 1] = row else groups[#groups + 1] = { row } end
  end
  return groups
end

--- The first row of each distinct combination, in the frame's order.
function M.distinct(f, names)
  local rows = {}
  for _, group in ipairs(M.groups(f, names)) do rows[#rows + 1] = group[1] end
  table.sort(rows)
  return M.take(f, rows)
end

local aggregates = {}
M.aggregates = aggregates

function aggregates.count(values) return #values, "int" end

function aggregates.sum(values, kind)
  local sum = kind == "float" and 0.0 or 0
  for _, v in ipairs(values) do sum = sum + (v == true and 1 or v == false and 0 or v) end
  return sum, kind == "float" and "float" or "int"
end

function aggregates.mean(values, kind)
  local n, sum = #values, aggregates.sum(values, kind)
  if n == 0 then return null, "float" end
  if kind == "float" then return sum / n, "float" end
  -- Whole numbers exactly, rounded at the end.
  local quotient, rest = sum // n, sum % n
  if rest ~= 0 and sum < 0 then quotient, rest = quotient + 1, rest - n end
  return quotient + rest / n, "float"
end

-- A NaN wins both ways.
local function extreme(values, kind, better)
  if #values == 0 then return null, kind end
  local best = values[1]
  for _, v in ipairs(values) do
    if is_nan(v) then return v, kind end
    if better(v, best) then best = v end
  end
  return best, kind
end
function aggregates.min(values, kind)
  return extreme(values, kind, function(a, b) return a < b end)
end
function aggregates.max(values, kind)
  return extreme(values, kind, function(a, b) return a > b end)
end

function aggregates.n_unique(values)
  local seen, n, nan = {}, 0, 0
  for _, v in ipairs(values) do
    if is_nan(v) then
      nan = 1
    elseif not seen[v] then
      seen[v] = true
      n = n + 1
    end
  end
  return n + nan, "int"
end

--- One row a group: keys, then { { new name, aggregate, column } }; column nil counts rows.
function M.summarize(f, names, wanted)
  local groups, firsts = M.groups(f, names), {}
  for g, rows in ipairs(groups) do firsts[g] = rows[1] or 0 end
  local out = M.take(M.select(f, names), firsts)
  for _, w in ipairs(wanted) do
    local column = { values = {} }
    local from = w[3] and f.columns[w[3]]
    local _, kind = aggregates[w[2]]({}, from and from.type)
    column.type = kind
    for g, rows in ipairs(groups) do
      local present = {}
      for _, row in ipairs(rows) do
        local v = from and from.values[row]
        if not from or v ~= null then present[#present + 1] = from and v or row end
      end
      column.values[g] = aggregates[w[2]](present, from and from.type)
    end
    out = M.set(out, w[1], column)
  end
  return out
end

local function meets(a, i, b, j)
  local x, y = a.values[i], b.values[j]
  if x == null or y == null then return false end
  return x == y or (is_nan(x) and is_nan(y) and a.type == b.type)
end

--- Joins by left keys and right keys; both frames' other columns must have different names.
function M.join(left, right, left_on, right_on, how)
  local pairs_left, pairs_right, met, kept = {}, {}, {}, {}
  for i = 1, left.n do
    local found = false
    for j = 1, right.n do
      local match = true
      for k = 1, #left_on do
        match = match
          and meets(left.columns[left_on[k]], i, right.columns[right_on[k]], j)
      end
      if match then
        found, met[j] = true, true
        pairs_left[#pairs_left + 1], pairs_right[#pairs_right + 1] = i, j
      end
    end
    if found == (how == "semi") then kept[#kept + 1] = i end
    if not found and (how == "left" or how == "full") then
      pairs_left[#pairs_left + 1], pairs_right[#pairs_right + 1] = i, 0
    end
  end
  if how == "semi" or how == "anti" then return M.take(left, kept) end
  for j = 1, right.n do
    if not met[j] and (how == "right" or how == "full") then
      pairs_left[#pairs_left + 1], pairs_right[#pairs_right + 1] = 0, j
    end
  end
  local out, others = M.take(left, pairs_left), M.take(right, pairs_right)
  local key = {}
  for k, name in ipairs(right_on) do
    key[name] = true
    local to = out.columns[left_on[k]]
    for p = 1, out.n do
      if pairs_left[p] == 0 then to.values[p] = others.columns[name].values[p] end
    end
  end
  for _, name in ipairs(right.names) do
    if not key[name] then out = M.set(out, name, others.columns[name]) end
  end
  return out
end

return M
