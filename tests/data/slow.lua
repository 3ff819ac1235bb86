--- Frames in plain Lua: the slow and plain twin of the verbs, for property tests. A slow frame is
--- { n, names = { ... }, columns = { name = { type, values } } }; a missing value is hana.null. A
--- category has `levels` and may be `ordered`; a column that was computed may have `slack`: how far
--- each cell may be off. What a verb must refuse is an error { refused = pattern of the message }.
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

--- Up to `most` different elements of a list.
function Random:some(list, most)
  local out, seen = {}, {}
  for _ = 1, self:below(most) do
    local item = self:pick(list)
    if not seen[item] then
      seen[item] = true
      out[#out + 1] = item
    end
  end
  return out
end

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

-- What stands at the edges, for columns that say so.
local edges = {
  float = { 5e-324, -5e-324, 2.0 ^ 53, 2.0 ^ 53 + 2, 1e15 + 0.5, 1 / 3, 0.1, -0.0 },
  int = { math.mininteger, math.maxinteger, (1 << 53) + 1, 1 << 53, -(1 << 53) - 1, 1 << 31 },
  string = { "a\0b", "a\0", "한글 文字 🙂", "x,y", 'say "hi"', " blank ", "two\nlines", "e\204\129",
    "null", "NA", "1", "1.5", "true", "2024-01-01", ("long "):rep(8) },
  category = { "", "unique", "null" },
  date = { "0001-01-01", "9999-12-31", "1900-02-28", "1582-10-15" },
  datetime = { "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z",
    "1969-12-31T23:59:59.999999Z", "1900-01-01T00:00:00.000001Z" },
}

local function byte_order(a, b)
  local i = 1
  while true do
    local x, y = a:byte(i), b:byte(i)
    if x ~= y or not x then return (x or -1) - (y or -1) end
    i = i + 1
  end
end
M.byte_order = byte_order

local function is_nan(x) return x ~= x end
M.is_nan = is_nan

--- The levels that a cast to category finds: the different texts in byte order.
function M.levels(values)
  local levels, seen = {}, {}
  for _, v in ipairs(values) do
    if v ~= null and not seen[v] then
      seen[v] = true
      levels[#levels + 1] = v
    end
  end
  table.sort(levels, function(a, b) return byte_order(a, b) < 0 end)
  return levels
end

--- A column of n cells of a type, a fifth of them null; `how` is nil, "edges", "null" (all of them)
--- or "full" (none).
function M.column(random, type, n, how)
  local values = {}
  for i = 1, n do
    local pool = how == "edges" and edges[type] and random:below(2) == 1 and edges[type]
      or pools[type]
    local missing = how == "null" or how ~= "full" and random:below(5) == 1
    values[i] = missing and null or random:pick(pool)
  end
  return { type = type, values = values, levels = type == "category" and M.levels(values) or nil }
end

--- A random frame: a column of each given type, named after it, and `row`, which tells rows apart.
--- With `wild` columns differ: values at the edges, all null or none, categories with an order.
function M.frame(random, types, wild)
  local n = random:pick{ 0, 1, 2, 3, 5, 8, 13 }
  local f = { n = n, names = {}, columns = {} }
  for _, type in ipairs(types) do
    local how = wild and random:pick{ "usual", "usual", "edges", "edges", "full", "null" } or nil
    local column = M.column(random, type, n, how)
    if wild and column.levels and random:below(3) == 1 then
      column.levels, column.ordered = M.shuffled(random, column.levels), #column.levels > 0 or nil
    end
    f.names[#f.names + 1] = type
    f.columns[type] = column
  end
  local row = {}
  for i = 1, n do row[i] = i end
  f.names[#f.names + 1] = "row"
  f.columns.row = { type = "int", values = row }
  return f
end

--- The elements of a list in another order.
function M.shuffled(random, list)
  local out = { table.unpack(list) }
  for k = #out, 2, -1 do
    local other = random:below(k)
    out[k], out[other] = out[other], out[k]
  end
  return out
end

--- A block of three columns of floats, as reading makes one.
function M.block(random, n)
  local values = {}
  for i = 1, n do
    values[i] = {}
    for k = 1, 3 do values[i][k] = random:below(6) == 1 and 0 / 0 or random:below(9) / 4 end
  end
  return { type = "block", values = values }
end

local function block_to_hana(column)
  local lines = { "p1,p2,p3" }
  for _, cell in ipairs(column.values) do
    local texts = {}
    for k, x in ipairs(cell) do texts[k] = is_nan(x) and "" or ("%.17g"):format(x) end
    lines[#lines + 1] = table.concat(texts, ",")
  end
  -- A last row, cut off at the end, so that there is something to read.
  lines[#lines + 1] = "0.5,0.5,0.5\n"
  return hana.read_csv{ text = table.concat(lines, "\n"), blocks = { px = "p*" }, quiet = true }
    :head(#column.values):col "px"
end

--- The same as a hana frame.
function M.to_hana(f)
  local columns, ordered = {}, {}
  for j, name in ipairs(f.names) do
    local column = f.columns[name]
    if column.type == "block" then
      columns[j] = { name, block_to_hana(column) }
    elseif column.levels and (column.ordered or
      table.concat(column.levels, "\1") ~= table.concat(M.levels(column.values), "\1")) then
      columns[j] = { name, column.values, "string" }
      ordered[#ordered + 1] = { name, { "category", column.levels } }
    else
      columns[j] = { name, column.values, column.type }
    end
  end
  local df = hana.frame(columns)
  return #ordered > 0 and df:cast(ordered) or df
end

--- Whether a cell is the expected one, a float within 1e-12 of it or `slack`: sums of floats
--- depend on the order in which they are added.
local function same(a, b, slack)
  if a == null or b == null then return a == b end
  if type(a) ~= type(b) or math.type(a) ~= math.type(b) then return false end
  if a == b or (is_nan(a) and is_nan(b)) then return true end
  if type(a) == "table" then
    for k = 1, math.max(#a, #b) do
      if a[k] ~= b[k] and not (is_nan(a[k]) and is_nan(b[k])) then return false end
    end
    return #a == #b
  end
  if math.type(a) ~= "float" then return false end
  local size = math.max(math.abs(a), math.abs(b))
  return size < math.huge and math.abs(a - b) <= math.max(1e-12 * size, slack or 0)
end
M.same = same

local function same_zero(a, b)
  return a ~= 0 or math.type(a) ~= "float" or math.type(b) ~= "float" or 1 / a == 1 / b
end

local function shown(value)
  if value == null then return "null" end
  if type(value) == "string" then return ("%q"):format(value) end
  return math.type(value) == "float" and ("%.17g"):format(value) or tostring(value)
end

--- nil when the hana frame equals the slow one, else what differs. Floats that were computed become
--- in the slow frame what hana found, so that later verbs see the same numbers.
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
    if column.levels then
      local expected, levels = table.concat(column.levels, ","), got:levels():totable()
      if table.concat(levels, ",") ~= expected then
        return ("levels of %s: %s, got %s"):format(name, expected, table.concat(levels, ","))
      end
      if got:ordered() ~= (column.ordered == true) then
        return ("%s: ordered is %s"):format(name, got:ordered())
      end
    end
    local cells, values = got:totable(), column.values
    for i = 1, f.n do
      local good = same(values[i], cells[i], column.slack and column.slack[i])
        and (column.slack or same_zero(values[i], cells[i]))
      if not good then
        return ("%s[%d]: %s, got %s"):format(name, i, shown(values[i]), shown(cells[i]))
      end
    end
    if column.type == "float" then f.columns[name] = { type = "float", values = cells } end
  end
end

--- A column like another one with other values.
function M.like(column, values)
  return { type = column.type, values = values, levels = column.levels, ordered = column.ordered }
end

--- The rows of a slow frame at the positions in a list; 0 gives nulls.
function M.take(f, rows)
  local out = { n = #rows, names = { table.unpack(f.names) }, columns = {} }
  for _, name in ipairs(f.names) do
    local from, values = f.columns[name], {}
    for i, row in ipairs(rows) do
      if row == 0 then
        values[i] = from.type == "block" and { 0 / 0, 0 / 0, 0 / 0 } or null
      else
        values[i] = assert(row <= f.n) and from.values[row]
      end
    end
    out.columns[name] = M.like(from, values)
  end
  return out
end

function M.select(f, names)
  local out = { n = f.n, names = names, columns = {} }
  for _, name in ipairs(names) do out.columns[name] = assert(f.columns[name], name) end
  return out
end

--- With a column added at the end or replaced in its place.
function M.set(f, name, column)
  local out = M.select(f, { table.unpack(f.names) })
  if not out.columns[name] then out.names[#out.names + 1] = name end
  out.columns[name] = column
  return out
end

--- A function that gives what a cell compares by: categories by level, times as numbers.
function M.sortable(column)
  if column.type == "category" and column.levels then
    local place = {}
    for k, level in ipairs(column.levels) do place[level] = k end
    return function(v) return place[v] end
  end
  if column.type == "bool" then return function(v) return v and 1 or 0 end end
  if column.type == "datetime" then
    -- The point of a second's parts stands before the Z of whole ones.
    return function(v) return (v:gsub("Z$", ""):gsub("^(.-%d%d:%d%d:%d%d)$", "%1.000000")) end
  end
  return function(v) return v end
end

-- -1, 0, 1; NaN after numbers and null after all, whatever the direction.
local function order(column, i, j, descending)
  local a, b = column.values[i], column.values[j]
  if a == null or b == null then
    return (a == null and 1 or 0) - (b == null and 1 or 0)
  end
  if is_nan(a) or is_nan(b) then return (is_nan(a) and 1 or 0) - (is_nan(b) and 1 or 0) end
  local key = column.key or M.sortable(column)
  column.key = key
  a, b = key(a), key(b)
  local sign
  if type(a) == "string" then
    sign = byte_order(a, b)
  else
    sign = a < b and -1 or a > b and 1 or 0
  end
  sign = sign < 0 and -1 or sign > 0 and 1 or 0
  return descending and -sign or sign
end
M.compare = order

--- The rows in order of keys { { name, descending } }; insertion sort, which is stable.
function M.order(f, keys)
  local rows = {}
  for _, key in ipairs(keys) do assert(f.columns[key[1]], key[1]) end
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

--- Ends what must not be done: the message of hana's error matches the pattern.
function M.refuse(pattern) error({ refused = pattern }, 0) end

local function literal(value)
  if value == null then return "hana.null" end
  if is_nan(value) then return "0/0" end
  if value == 1 / 0 then return "1/0" end
  if value == -1 / 0 then return "-1/0" end
  if value == math.mininteger and math.type(value) == "integer" then return "math.mininteger" end
  if type(value) == "table" then
    local cells = {}
    for k, v in ipairs(value) do cells[k] = literal(v) end
    return "{ " .. table.concat(cells, ", ") .. " }"
  end
  if type(value) == "string" then return ("%q"):format(value):gsub("\\\n", "\\n") .. "" end
  if math.type(value) ~= "float" then return tostring(value) end
  local text = ("%.17g"):format(value)
  return text:find "[%.e]" and text or text .. ".0"
end
M.literal = literal

--- The slow frame as Lua that makes the hana frame.
function M.script(f)
  local lines, casts = {}, {}
  for j, name in ipairs(f.names) do
    local column = f.columns[name]
    local kind = column.levels and "string" or column.type
    if column.levels then
      casts[#casts + 1] = ("[%q] = { \"category\", %s }"):format(name, literal(column.levels))
    end
    lines[j] = ("  { %q, %s, %q },"):format(name, literal(column.values), kind)
  end
  local text = "hana.frame{\n" .. table.concat(lines, "\n") .. "\n}"
  return #casts == 0 and text or text .. ":cast{ " .. table.concat(casts, ", ") .. " }"
end

return M
