--- Verbs that put frames together or turn them, in plain Lua: joins, concat, pivots, casts.
local hana = require "hana"
local slow = require "tests.data.slow"
local slow_group = require "tests.data.slow_group"

local M = {}
local null, is_nan = hana.null, slow.is_nan

-- Columns of one frame below those of another: their common type.

local function as_float(v)
  if v == null or math.type(v) == "float" then return v end
  local x = v + 0.0
  if math.tointeger(x) ~= v then slow.refuse "int and float are stacked as float" end
  return x
end

local function same_levels(a, b)
  return #a.levels == #b.levels
    and table.concat(a.levels, "\1") == table.concat(b.levels, "\1")
end

local function stack_two(a, b)
  local values, kind = {}, a.type
  local numbers = (a.type == "int" or a.type == "float") and (b.type == "int" or b.type == "float")
  local texts = (a.levels or a.type == "string") and (b.levels or b.type == "string")
  if a.type ~= b.type then
    assert(numbers or texts)
    kind = numbers and "float" or "string"
  end
  for _, part in ipairs{ a, b } do
    for _, v in ipairs(part.values) do
      if kind == "float" then values[#values + 1] = as_float(v) else values[#values + 1] = v end
    end
  end
  local out = { type = kind, values = values }
  if kind == "category" then
    out.levels, out.ordered = a.levels, a.ordered
    if not same_levels(a, b) then
      out.levels, out.ordered = { table.unpack(a.levels) }, nil
      local known = {}
      for _, level in ipairs(a.levels) do known[level] = true end
      for _, level in ipairs(b.levels) do
        if not known[level] then out.levels[#out.levels + 1] = level end
      end
    end
  end
  return out
end

local class = { int = "number", float = "number", string = "text", category = "text" }

local function stack(columns)
  local out = columns[1]
  for k = 2, #columns do
    local kind = columns[k].type
    if (class[kind] or kind) ~= (class[out.type] or out.type) then
      slow.refuse "cannot be stacked"
    end
  end
  for k = 2, #columns do out = stack_two(out, columns[k]) end
  return out
end

-- A float column without a value, of which nothing is known.
local function says_nothing(column)
  for _, v in ipairs(column.values) do
    if v ~= null then return false end
  end
  return column.type == "float"
end

local function nulls_like(model, n)
  local values = {}
  for i = 1, n do values[i] = null end
  return slow.like(model, values)
end

--- The rows of frames, one after the other.
function M.concat(frames, fill)
  local names, seen, n = {}, {}, 0
  for _, f in ipairs(frames) do
    n = n + f.n
    for _, name in ipairs(f.names) do
      if not seen[name] then names[#names + 1] = name end
      seen[name] = true
    end
  end
  local out = { n = n, names = names, columns = {} }
  for _, name in ipairs(names) do
    local model
    for _, f in ipairs(frames) do
      local column = f.columns[name]
      if not column and not fill then slow.refuse(("column '%s' is in frame"):format(name)) end
      if column and (not model or says_nothing(model) and not says_nothing(column)) then
        model = column
      end
    end
    local parts = {}
    for k, f in ipairs(frames) do
      local column = f.columns[name]
      if not column or column.type ~= model.type and says_nothing(column) then
        column = nulls_like(model, f.n)
      end
      parts[k] = column
    end
    out.columns[name] = stack(parts)
  end
  return out
end

function M.bind(a, b)
  local out = slow.select(a, { table.unpack(a.names) })
  for _, name in ipairs(b.names) do
    if a.columns[name] then slow.refuse "two columns named" end
    out = slow.set(out, name, b.columns[name])
  end
  return out
end

-- Joins.

local function meets(a, i, b, j)
  local x, y = a.values[i], b.values[j]
  if x == null or y == null then return false end
  return x == y or (is_nan(x) and is_nan(y))
end

local function check_types(a, b)
  local numbers = (a.type == "int" or a.type == "float") and (b.type == "int" or b.type == "float")
  local texts = (a.levels or a.type == "string") and (b.levels or b.type == "string")
  if a.type ~= b.type and not numbers and not texts then slow.refuse "is %l+" end
end

--- Joins by left keys and right keys; a name that stands in both frames gets a suffix on the right.
function M.join(left, right, left_on, right_on, how, suffix)
  local pairs_left, pairs_right, met, kept = {}, {}, {}, {}
  for k, name in ipairs(left_on) do check_types(left.columns[name], right.columns[right_on[k]]) end
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
  if how == "semi" or how == "anti" then return slow.take(left, kept) end
  local above, below = #pairs_left, {}
  for j = 1, right.n do
    if not met[j] and (how == "right" or how == "full") then
      pairs_left[#pairs_left + 1], pairs_right[#pairs_right + 1] = 0, j
      below[#below + 1] = j
    end
  end
  local out, others = slow.take(left, pairs_left), slow.take(right, pairs_right)
  local key = {}
  for k, name in ipairs(right_on) do
    key[name] = true
    if how == "right" or how == "full" then
      local top = { table.unpack(out.columns[left_on[k]].values, 1, above) }
      out.columns[left_on[k]] = stack{ slow.like(left.columns[left_on[k]], top),
        slow.take(slow.select(right, { name }), below).columns[name] }
    end
  end
  for _, name in ipairs(right.names) do
    if not key[name] then
      local new = out.columns[name] and name .. (suffix or "_right") or name
      if out.columns[new] then slow.refuse "stands in both frames" end
      out = slow.set(out, new, others.columns[name])
    end
  end
  return out
end

-- Pivots.

function M.longer(f, columns, name, value)
  local gone, parts, rows, order, labels = {}, {}, {}, {}, {}
  for k, column in ipairs(columns) do
    gone[column] = true
    parts[k] = assert(f.columns[column], column)
  end
  for i = 1, f.n do
    for k, column in ipairs(columns) do
      rows[#rows + 1], labels[#labels + 1] = i, column
      order[#order + 1] = (k - 1) * f.n + i
    end
  end
  local others = {}
  for _, other in ipairs(f.names) do
    if not gone[other] then others[#others + 1] = other end
  end
  local out = slow.take(slow.select(f, others), rows)
  local stacked = stack(parts)
  local all = { n = #stacked.values, names = { "v" }, columns = { v = stacked } }
  local cells = slow.take(all, order)
  if out.columns[name] or out.columns[value] or name == value then slow.refuse "pivot_longer" end
  out = slow.set(out, name, { type = "category", values = labels, levels = columns })
  out = slow.set(out, value, cells.columns.v)
  out.n = #rows
  return out
end

function M.wider(f, name, value, ids)
  local from, cells = assert(f.columns[name]), assert(f.columns[value])
  for i = 1, f.n do
    if from.values[i] == null then slow.refuse "names no column" end
  end
  if not ids then
    ids = {}
    for _, other in ipairs(f.names) do
      if other ~= name and other ~= value then ids[#ids + 1] = other end
    end
  end
  -- Combinations as they appear; the groups of no column are one, if there is a row.
  local groups = f.n > 0 and slow.groups(f, ids) or {}
  table.sort(groups, function(a, b) return a[1] < b[1] end)
  local firsts, group_of = {}, {}
  for g, rows in ipairs(groups) do
    firsts[g] = rows[1]
    for _, row in ipairs(rows) do group_of[row] = g end
  end
  local columns = slow.groups(f, { name })
  if not from.levels then table.sort(columns, function(a, b) return a[1] < b[1] end) end
  local out = slow.take(slow.select(f, { table.unpack(ids) }), firsts)
  -- All cells before any name.
  local places = {}
  for k, rows in ipairs(columns) do
    local at = {}
    for g = 1, #groups do at[g] = 0 end
    for _, row in ipairs(rows) do
      if at[group_of[row]] ~= 0 then slow.refuse "go to the same cell" end
      at[group_of[row]] = row
    end
    places[k] = at
  end
  for k, rows in ipairs(columns) do
    local label = tostring(from.values[rows[1]])
    local taken = slow.take({ n = f.n, names = { "v" }, columns = { v = cells } }, places[k])
    if out.columns[label] or label == "" then slow.refuse "pivot_wider" end
    if label:find("\0", 1, true) then slow.refuse "contains a NUL byte" end
    out = slow.set(out, label, taken.columns.v)
  end
  out.n = #groups
  return out
end

-- Casts.

local function to_text(column, v)
  if column.type == "float" then return nil end
  return tostring(v)
end

local casts = {}

function casts.float(column, v)
  if column.type == "int" then return v + 0.0 end
  if column.type == "bool" then return v and 1.0 or 0.0 end
end

function casts.int(column, v)
  if column.type == "bool" then return v and 1 or 0 end
  local whole = v >= -2.0 ^ 63 and v < 2.0 ^ 63 and v == math.floor(v)
  if not whole then slow.refuse "cannot become int" end
  return math.tointeger(v)
end

function casts.bool(_, v)
  if v ~= 0 and v ~= 1 then slow.refuse "cannot become bool" end
  return v == 1
end

function casts.date(_, v) return v:sub(1, 10) end
function casts.datetime(_, v) return v .. "T00:00:00Z" end
casts.string = to_text
casts.category = to_text

--- What each type is cast to here; texts of floats and texts that are read are other specs' part.
M.castable = {
  int = { "float", "bool", "string", "category" }, float = { "int", "bool" },
  bool = { "int", "float", "string", "category" }, string = { "category" },
  category = { "string" }, date = { "datetime", "string", "category" },
  datetime = { "date", "string" },
}

function M.cast(column, kind)
  local values = {}
  for i, v in ipairs(column.values) do
    if v == null then values[i] = null else values[i] = casts[kind](column, v) end
  end
  local out = { type = kind, values = values }
  if kind ~= "category" then return out end
  if column.type ~= "int" and column.type ~= "bool" then
    out.levels = slow.levels(values)
    return out
  end
  local sorted, seen = {}, {}
  for i, v in ipairs(column.values) do
    if v ~= null and not seen[v] then
      seen[v] = true
      sorted[#sorted + 1] = { v, values[i] }
    end
  end
  local key = slow.sortable(column)
  table.sort(sorted, function(a, b) return key(a[1]) < key(b[1]) end)
  out.levels = {}
  for k, pair in ipairs(sorted) do out.levels[k] = pair[2] end
  return out
end

-- describe

local statistics = { { "mean", "mean" }, { "sd", "sd" }, { "min", "min" }, { "q25", 0.25 },
  { "median", "median" }, { "q75", 0.75 }, { "max", "max" } }

--- A row a column: what df:describe() says.
function M.describe(f)
  local kinds = { name = "string", type = "string", n = "int", nulls = "int", distinct = "int",
    top = "string", earliest = "string", latest = "string" }
  local names = { "name", "type", "n", "nulls", "distinct", "mean", "sd", "min", "q25", "median",
    "q75", "max", "top", "earliest", "latest" }
  local out = { n = #f.names, names = names, columns = {} }
  for _, name in ipairs(names) do
    out.columns[name] = { type = kinds[name] or "float", values = {}, slack = {} }
  end
  for j, name in ipairs(f.names) do
    local column, present = f.columns[name], {}
    for _, v in ipairs(column.values) do
      if v ~= null then present[#present + 1] = v end
    end
    local function set(what, value, slack)
      out.columns[what].values[j], out.columns[what].slack[j] = value, slack
    end
    local function of(aggregate)
      return slow_group.aggregates[aggregate][3](present, column)
    end
    for _, what in ipairs(names) do set(what, null) end
    set("name", name)
    set("type", column.type)
    set("n", #present)
    set("nulls", f.n - #present)
    if column.type ~= "block" then set("distinct", (of "n_unique")) end
    if column.type == "int" or column.type == "float" then
      for _, s in ipairs(statistics) do
        local value, slack
        if type(s[2]) == "number" then
          value, slack = slow_group.quantile(present, column, s[2])
        else
          value, slack = of(s[2])
        end
        set(s[1], value == null and null or value + 0.0, slack)
      end
    elseif column.type == "bool" then
      set("mean", of "mean")
    elseif column.type == "date" or column.type == "datetime" then
      set("earliest", (of "min"))
      set("latest", (of "max"))
    elseif column.type == "string" or column.levels then
      local text = { type = "string", values = column.values }
      set("top", (slow_group.aggregates.mode[3](present, text)))
    end
  end
  return out
end

return M
