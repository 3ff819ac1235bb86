--- The verbs of the chains. Each is a function(random, f) of a slow frame that gives what it is
--- called, a function that does it to the slow frame, and one that does it to a hana frame; or nil
--- where it has nothing to do.
local hana = require "hana"
local slow = require "tests.data.slow"
local slow_group = require "tests.data.slow_group"
local slow_shape = require "tests.data.slow_shape"

local M = {}
local null = hana.null

local function quoted(name) return "`" .. name .. "`" end

-- Names that can stand between backticks.
local function plain(f)
  local names = {}
  for _, name in ipairs(f.names) do
    if not name:find "[`%c]" then names[#names + 1] = name end
  end
  return names
end

local function columns_of(f, kinds)
  local names = {}
  for _, name in ipairs(plain(f)) do
    if kinds[f.columns[name].type] then names[#names + 1] = name end
  end
  return names
end

local number_types = { float = true, int = true }

local function list(names) return table.concat(names, ", ") end

local function fresh(random, f)
  local name
  repeat name = "new_" .. random:below(1000) until not f.columns[name]
  return name
end

local function rows_of(random, n, most)
  local rows = {}
  for k = 1, n > 0 and random:below(most) - 1 or 0 do rows[k] = random:below(n) end
  return rows
end

local function take(f, rows) return function() return slow.take(f, rows) end end

local function range(from, to)
  local rows = {}
  for i = from, to do rows[#rows + 1] = i end
  return rows
end

function M.sort(random, f)
  local slow_keys, keys, text = {}, {}, {}
  for k, name in ipairs(random:some(f.names, 4)) do
    local descending = random:below(2) == 1
    slow_keys[k] = { name, descending }
    keys[k] = descending and { name, "desc" } or name
    text[k] = name .. (descending and " desc" or "")
  end
  return "sort " .. list(text), function() return slow.take(f, slow.order(f, slow_keys)) end,
    function(df) return df:sort(keys) end
end

function M.distinct(random, f)
  local names = random:below(4) > 1 and random:some(f.names, 3) or nil
  return "distinct " .. list(names or { "all" }),
    function() return slow.distinct(f, names or f.names) end,
    function(df) return df:distinct(names) end
end

function M.head(random, f)
  local k = random:below(8) - 1
  return "head " .. k, take(f, range(1, math.min(k, f.n))), function(df) return df:head(k) end
end

function M.tail(random, f)
  local k = random:below(8) - 1
  return "tail " .. k, take(f, range(math.max(1, f.n - k + 1), f.n)),
    function(df) return df:tail(k) end
end

function M.slice(random, f)
  local from = random:below(6)
  local to = from + random:below(8) - 2
  return ("slice %d, %d"):format(from, to), take(f, range(from, math.min(to, f.n))),
    function(df) return df:slice(from, to) end
end

function M.take(random, f)
  local rows = rows_of(random, f.n, 8)
  return "take " .. list(rows), take(f, rows), function(df) return df:take(rows) end
end

function M.take_beyond(random, f)
  local rows = { f.n + random:below(3) }
  return "take " .. list(rows), function() slow.refuse "out of range" end,
    function(df) return df:take(rows) end
end

function M.without(random, f)
  local gone, left = rows_of(random, f.n, 4), {}
  for i = 1, f.n do
    local found = false
    for _, row in ipairs(gone) do found = found or row == i end
    if not found then left[#left + 1] = i end
  end
  return "without " .. list(gone), take(f, left), function(df) return df:without(gone) end
end

function M.select(random, f)
  local names = random:some(f.names, 6)
  return "select " .. list(names), function() return slow.select(f, { table.unpack(names) }) end,
    function(df) return df:select(names) end
end

function M.drop(random, f)
  local names, left = random:some(f.names, 3), {}
  for _, name in ipairs(f.names) do
    local gone = false
    for _, other in ipairs(names) do gone = gone or name == other end
    if not gone then left[#left + 1] = name end
  end
  if #left == 0 then return end
  return "drop " .. list(names), function() return slow.select(f, left) end,
    function(df) return df:drop(names) end
end

function M.rename(random, f)
  local old = random:pick(f.names)
  local new = random:below(4) == 1 and random:pick(f.names) or fresh(random, f)
  return ("rename %s to %s"):format(old, new), function()
    if new ~= old and f.columns[new] then slow.refuse "two columns named" end
    local names, out = {}, { n = f.n, columns = {} }
    for j, name in ipairs(f.names) do
      names[j] = name == old and new or name
      out.columns[names[j]] = f.columns[name]
    end
    out.names = names
    return out
  end, function(df) return df:rename{ { new, old } } end
end

function M.swap(random, f)
  if #f.names < 2 then return end
  local a, b = random:pick(f.names), random:pick(f.names)
  if a == b then return end
  return ("swap the names %s and %s"):format(a, b), function()
    local names, out = {}, { n = f.n, columns = {} }
    for j, name in ipairs(f.names) do
      names[j] = name == a and b or name == b and a or name
      out.columns[names[j]] = f.columns[name]
    end
    out.names = names
    return out
  end, function(df) return df:rename{ { a, b }, { b, a } } end
end

-- Conditions: true, false, or null for what is not known.

local comparisons = {
  ["<"] = function(a, b) return a < b end, ["<="] = function(a, b) return a <= b end,
  [">"] = function(a, b) return a > b end, [">="] = function(a, b) return a >= b end,
  ["=="] = function(a, b) return a == b end, ["~="] = function(a, b) return a ~= b end,
}
local operators = { "<", "<=", ">", ">=", "==", "~=" }

local bounds = {
  int = { "0", "1", "2.5", "-1", "9007199254740993" }, float = { "0", "1", "2.5", "-1", "1e6" },
  string = { "'a'", "''", "'서울'", "'b'" }, category = { "'low'", "'mid'", "'unique'" },
  date = { "date('1970-01-01')", "date('2024-02-29')" },
  datetime = { "datetime('1970-01-01T00:00:00Z')" },
}

local function bound_value(text) return load("return " .. text:gsub("^%l+%((.*)%)$", "%1"))() end

local function simple_condition(random, f)
  local name = random:pick(plain(f))
  local column = f.columns[name]
  local values = column.values
  local what = random:below(4)
  if what == 1 or not bounds[column.type] and column.type ~= "bool" then
    return ("is_null(%s)"):format(quoted(name)), function(i) return values[i] == null end
  end
  if column.type == "bool" then return quoted(name), function(i) return values[i] end end
  local op, text = random:pick(operators), random:pick(bounds[column.type])
  -- Levels are compared for being the same; their order is another spec's part.
  if column.levels then op = random:pick{ "==", "~=" } end
  local bound = bound_value(text)
  local order = comparisons[op]
  if type(bound) == "string" and not column.levels then
    local key = slow.sortable(column)
    bound = key(bound)
    order = function(a, b) return comparisons[op](slow.byte_order(key(a), b), 0) end
  end
  return ("%s %s %s"):format(quoted(name), op, text), function(i)
    if values[i] == null then return null end
    return order(values[i], bound)
  end
end

local function condition(random, f, depth)
  local what = depth > 0 and random:below(5) or 5
  if what > 3 then return simple_condition(random, f) end
  local left_text, left = condition(random, f, depth - 1)
  if what == 3 then
    return ("not (%s)"):format(left_text), function(i)
      local v = left(i)
      if v == null then return null end
      return not v
    end
  end
  local right_text, right = condition(random, f, depth - 1)
  local decides = what == 2
  return ("(%s) %s (%s)"):format(left_text, decides and "or" or "and", right_text), function(i)
    local a, b = left(i), right(i)
    if a == decides or b == decides then return decides end
    if a == null or b == null then return null end
    return not decides
  end
end

function M.filter(random, f)
  if #plain(f) == 0 then return end
  local text, test = condition(random, f, 2)
  local rows = {}
  for i = 1, f.n do
    if test(i) == true then rows[#rows + 1] = i end
  end
  return "filter " .. text, take(f, rows), function(df) return df:filter(text) end
end

local function checked(exact, low, high, value)
  if math.type(value) == "integer" and (exact < low or exact > high) then
    slow.refuse "integer overflow"
  end
  return value
end

-- Far from the limits a float tells on which side a result is; near them the signs do.
local arithmetic = {}
arithmetic["+"] = function(a, b)
  local sum = a + b
  if math.type(sum) == "integer" and (a ~ sum) & (b ~ sum) < 0 then
    slow.refuse "integer overflow"
  end
  return sum
end
arithmetic["-"] = function(a, b)
  local difference = a - b
  if math.type(difference) == "integer" and (a ~ b) & (a ~ difference) < 0 then
    slow.refuse "integer overflow"
  end
  return difference
end
arithmetic["*"] = function(a, b)
  return checked((a + 0.0) * b, -9.2e18, 9.2e18, a * b)
end
arithmetic["/"] = function(a, b) return a / b end
arithmetic["//"] = function(a, b)
  if math.type(a) == "integer" and math.type(b) == "integer" then
    if b == 0 then slow.refuse "by the integer 0" end
    if b == -1 and a == math.mininteger then slow.refuse "integer overflow" end
  end
  return a // b
end
arithmetic["%"] = function(a, b)
  if math.type(a) == "integer" and math.type(b) == "integer" and b == 0 then
    slow.refuse "by the integer 0"
  end
  return a % b
end

local function near_limit(a, b)
  if math.type(a) ~= "integer" or math.type(b) ~= "integer" then return false end
  local size = math.abs((a + 0.0) * b)
  return size > 9.1e18 and size < 9.4e18
end

local function computed(f, a, op, b)
  local values, x, y = {}, f.columns[a], f.columns[b]
  for i = 1, f.n do
    local p, q = x.values[i], y.values[i]
    if p == null or q == null then
      values[i] = null
    else
      if op == "*" and near_limit(p, q) then slow_group.unsure() end
      values[i] = arithmetic[op](p, q)
    end
  end
  local whole = op ~= "/" and x.type == "int" and y.type == "int"
  return { type = whole and "int" or "float", values = values }
end

function M.mutate(random, f)
  local numbers = columns_of(f, number_types)
  if #numbers == 0 then return end
  local a, b = random:pick(numbers), random:pick(numbers)
  local op = random:pick{ "+", "-", "*", "/", "//", "%" }
  local new = random:pick{ fresh(random, f), a, b }
  local text = ("%s %s %s"):format(quoted(a), op, quoted(b))
  return ("mutate %s = %s"):format(new, text),
    function() return slow.set(f, new, computed(f, a, op, b)) end,
    function(df) return df:mutate{ { new, text } } end
end

-- The list form sees columns made before.
function M.mutate_list(random, f)
  local numbers = columns_of(f, number_types)
  if #numbers == 0 then return end
  local a, b = random:pick(numbers), random:pick(numbers)
  local first, second = fresh(random, f), "second_" .. random:below(1000)
  if f.columns[second] then return end
  local exprs = { { first, ("%s - %s"):format(quoted(a), quoted(b)) },
    { a, ("%s / 2"):format(quoted(first)) }, { second, ("is_null(%s)"):format(quoted(a)) } }
  return ("mutate %s, %s, %s"):format(exprs[1][2], exprs[2][2], exprs[3][2]), function()
    local out = slow.set(f, first, computed(f, a, "-", b))
    local halves, missing = {}, {}
    for i, v in ipairs(out.columns[first].values) do
      if v == null then halves[i] = null else halves[i] = v / 2 end
      missing[i] = v == null
    end
    out = slow.set(out, a, { type = "float", values = halves })
    return slow.set(out, second, { type = "bool", values = missing })
  end, function(df) return df:mutate(exprs) end
end

function M.coalesce(random, f)
  local names = plain(f)
  if #names == 0 then return end
  local a, b = random:pick(names), random:pick(names)
  if f.columns[a].levels or f.columns[b].levels then return end
  local x, y = f.columns[a], f.columns[b]
  if x.type ~= y.type then return end
  local new, text = fresh(random, f), ("coalesce(%s, %s)"):format(quoted(a), quoted(b))
  return ("mutate %s = %s"):format(new, text), function()
    local values = {}
    for i = 1, f.n do
      if x.values[i] == null then values[i] = y.values[i] else values[i] = x.values[i] end
    end
    return slow.set(f, new, { type = x.type, values = values })
  end, function(df) return df:mutate{ { new, text } } end
end

function M.count(random, f)
  local keys = random:some(f.names, 3)
  for _, key in ipairs(keys) do
    if key == "n" then return end
  end
  return "count " .. list(keys), function()
    return slow_group.summarize(f, keys, { { "n" } })
  end, function(df) return df:count(keys) end
end

local function key_names(random, f)
  return random:below(4) > 1 and random:some(f.names, 3) or {}
end

function M.summarize(random, f)
  local keys = key_names(random, f)
  local wanted, exprs = { { "n_rows" } }, { { "n_rows", "count()" } }
  for k = 1, random:below(5) - 1 do
    local what = random:pick(slow_group.aggregate_names)
    local aggregate = slow_group.aggregates[what]
    local names = columns_of(f, aggregate[1])
    if #names > 0 then
      local name, new = random:pick(names), ("agg_%d_%d"):format(k, random:below(1000))
      wanted[#wanted + 1] = { new, what, name }
      exprs[#exprs + 1] = { new, aggregate.text:format(quoted(name)) }
    end
  end
  local numbers = columns_of(f, number_types)
  if #numbers > 0 and random:below(4) == 1 then
    local a, b = random:pick(numbers), random:pick(numbers)
    wanted[#wanted + 1] = { "r", "corr", a, b }
    exprs[#exprs + 1] = { "r", ("corr(%s, %s)"):format(quoted(a), quoted(b)) }
  end
  local text, named = {}, {}
  for _, key in ipairs(keys) do named[key] = true end
  for k, e in ipairs(exprs) do
    if named[e[1]] then return end
    text[k] = e[1] .. " = " .. e[2]
  end
  return ("summarize %s by %s"):format(list(text), list(keys)),
    function() return slow_group.summarize(f, keys, wanted) end,
    function(df)
      if #keys == 0 then return df:summarize(exprs) end
      return df:group_by(keys):summarize(exprs)
    end
end

function M.window(random, f)
  local keys = key_names(random, f)
  local what = random:pick(slow_group.window_names)
  local window = slow_group.windows[what]
  local names = columns_of(f, window[1])
  if #names == 0 then return end
  local name = random:pick(names)
  local new = random:below(3) == 1 and name or fresh(random, f)
  for _, key in ipairs(keys) do
    if key == new then return end
  end
  local text = window[4]:gsub("%%s", (quoted(name):gsub("%%", "%%%%")))
  return ("mutate %s = %s by %s"):format(new, text, list(keys)),
    function() return slow.set(f, new, slow_group.window(f, keys, what, name)) end,
    function(df)
      if #keys == 0 then return df:mutate{ { new, text } } end
      return df:group_by(keys):mutate{ { new, text } }
    end
end

local kinds_beside = { int = { "int", "int", "float", "string" },
  float = { "float", "float", "int" }, string = { "string", "string", "category" },
  category = { "category", "category", "string" } }

local function another(random, column, n)
  local kind = random:pick(kinds_beside[column.type] or { column.type })
  return slow.column(random, kind, n, random:pick{ "usual", "usual", "usual", "edges", "null" })
end

function M.join(random, f)
  local keys = random:some(f.names, 3)
  local how = random:pick{ "inner", "left", "right", "full", "semi", "anti" }
  local right = { n = random:pick{ 0, 1, 3, 6 }, names = {}, columns = {} }
  local by, right_on = {}, {}
  for k, name in ipairs(keys) do
    local new = random:below(2) == 1 and name or "right_" .. k
    if right.columns[new] then return end
    right_on[k] = new
    right.names[k] = new
    right.columns[new] = another(random, f.columns[name], right.n)
    -- Keys that meet: some are those of the frame.
    for i = 1, right.n do
      if f.n > 0 and right.columns[new].type == f.columns[name].type and random:below(2) == 1 then
        right.columns[new].values[i] = f.columns[name].values[random:below(f.n)]
      end
    end
    if right.columns[new].levels then
      right.columns[new].levels = slow.levels(right.columns[new].values)
    end
    by[k] = { name, new }
  end
  local other = random:below(3) == 1 and random:pick(f.names) or "from_right"
  if not right.columns[other] then
    right.names[#right.names + 1] = other
    right.columns[other] = slow.column(random, random:pick(slow.types), right.n)
  end
  local on = {}
  for k, pair in ipairs(by) do on[k] = pair[1] .. " = " .. pair[2] end
  return ("%s join by %s with %s"):format(how, list(on), slow.script(right)),
    function() return slow_shape.join(f, right, keys, right_on, how) end,
    function(df) return df:join(slow.to_hana(right), { by = by, how = how }) end
end

function M.concat(random, f)
  local k = random:below(4) - 1
  return "concat with head " .. k,
    function() return slow_shape.concat{ f, slow.take(f, range(1, math.min(k, f.n))) } end,
    function(df) return hana.concat{ df, df:head(k) } end
end

-- Another frame, whose columns may have other types, be fewer, or stand in another order.
function M.concat_other(random, f)
  local fill = random:below(2) == 1
  local other = { n = random:pick{ 0, 1, 2, 4 }, names = {}, columns = {} }
  for _, name in ipairs(slow.shuffled(random, f.names)) do
    if not fill or random:below(4) > 1 then
      other.names[#other.names + 1] = name
      other.columns[name] = another(random, f.columns[name], other.n)
    end
  end
  if #other.names == 0 then return end
  return ("concat%s with %s"):format(fill and " (fill)" or "", slow.script(other)),
    function() return slow_shape.concat({ f, other }, fill) end,
    function(df) return hana.concat({ df, slow.to_hana(other) }, { fill = fill }) end
end

function M.bind(random, f)
  local name = random:below(4) == 1 and random:pick(f.names) or fresh(random, f)
  local other = { n = f.n, names = { name },
    columns = { [name] = slow.column(random, random:pick(slow.types), f.n) } }
  return "bind columns with " .. slow.script(other),
    function() return slow_shape.bind(f, other) end,
    function(df) return hana.bind_columns{ df, slow.to_hana(other) } end
end

function M.longer(random, f)
  local columns = random:some(f.names, 3)
  if random:below(3) > 1 then
    local same, kind = {}, f.columns[columns[1]].type
    for _, name in ipairs(f.names) do
      if f.columns[name].type == kind then same[#same + 1] = name end
    end
    columns = random:some(same, 3)
  end
  local name, value = fresh(random, f), "value_" .. random:below(1000)
  if f.columns[value] then return end
  return ("pivot_longer %s to %s, %s"):format(list(columns), name, value),
    function() return slow_shape.longer(f, columns, name, value) end,
    function(df)
      return df:pivot_longer{ columns = columns, name = name, value = value }
    end
end

local naming = { int = true, bool = true, string = true, category = true }

function M.wider(random, f)
  local candidates = columns_of(f, naming)
  if #candidates == 0 or #f.names < 2 then return end
  local name, value = random:pick(candidates), random:pick(f.names)
  if name == value then return end
  local ids
  if random:below(2) == 1 then
    ids = {}
    for _, other in ipairs(random:some(f.names, 3)) do
      if other ~= name and other ~= value then ids[#ids + 1] = other end
    end
    if #ids == 0 then return end
  end
  return ("pivot_wider %s, %s by %s"):format(name, value, list(ids or { "the others" })),
    function() return slow_shape.wider(f, name, value, ids) end,
    function(df) return df:pivot_wider{ name = name, value = value, id = ids } end
end

function M.drop_null(random, f)
  local names = random:below(3) > 1 and random:some(f.names, 3) or nil
  local rows = {}
  for i = 1, f.n do
    local complete = true
    for _, name in ipairs(names or f.names) do
      complete = complete and f.columns[name].values[i] ~= null
    end
    if complete then rows[#rows + 1] = i end
  end
  return "drop_null " .. list(names or { "all" }), take(f, rows),
    function(df) return df:drop_null(names) end
end

local fillers = {
  int = { 0, -5, math.maxinteger, 2.5 }, float = { 0.0, -0.0, 1.5, 3, 1 / 0 },
  bool = { true, false },
  string = { "", "filled", "서울" }, category = { "low", "new level", "" },
  date = { "2000-02-29" }, datetime = { "2000-02-29T12:00:00Z" },
}
local statistics = { "mean", "median", "mode", "min", "max" }

local function filled(column, value, kind)
  local values = {}
  for i, v in ipairs(column.values) do
    if v == null then values[i] = value else values[i] = v end
    if kind == "float" and math.type(values[i]) == "integer" then values[i] = values[i] + 0.0 end
  end
  local out = slow.like(column, values)
  out.type = kind
  return out
end

function M.fill_null(random, f)
  local names = plain(f)
  if #names == 0 then return end
  local name = random:pick(names)
  local column = f.columns[name]
  if random:below(3) == 1 then
    local stat = random:pick(statistics)
    local aggregate = slow_group.aggregates[stat]
    if not aggregate[1][column.type] then return end
    return ("fill_null %s with %s"):format(name, stat), function()
      local out = slow_group.window(f, {}, "all_" .. stat, name)
      local kind = out.type
      if kind == "float" and column.type == "bool" then slow.refuse "one type" end
      local slack = out.slack and out.slack[1]
      local new = filled(column, out.values[1], kind)
      new.slack = {}
      for i = 1, f.n do
        new.slack[i] = column.values[i] == null and slack or nil
        if kind == "float" and column.type == "int" and column.values[i] ~= null
          and math.tointeger(new.values[i]) ~= column.values[i] then slow_group.unsure() end
      end
      return slow.set(f, name, new)
    end, function(df) return df:fill_null{ [name] = { stat = stat } } end
  end
  if random:below(4) == 0 then
    local stat = random:pick{ "forward", "backward" }
    return ("fill_null %s %s"):format(name, stat), function()
      return slow.set(f, name, slow_group.window(f, {}, "fill_" .. stat, name))
    end, function(df) return df:fill_null{ [name] = { stat = stat } } end
  end
  local value = random:pick(fillers[column.type])
  return ("fill_null %s with %s"):format(name, slow.literal(value)), function()
    local kind = column.type
    if kind == "int" and math.type(value) == "float" then kind = "float" end
    if kind == "float" and column.type == "int" then
      for _, v in ipairs(column.values) do
        if v ~= null and math.tointeger(v + 0.0) ~= v then slow_group.unsure() end
      end
    end
    local new = filled(column, value, kind)
    if column.levels then
      local known = false
      for _, level in ipairs(column.levels) do known = known or level == value end
      if not known and column.ordered then slow.refuse "is no level" end
      local used = false
      for _, v in ipairs(column.values) do used = used or v == null end
      if not known and used then
        new.levels = { table.unpack(column.levels) }
        new.levels[#new.levels + 1] = value
      end
    end
    return slow.set(f, name, new)
  end, function(df) return df:fill_null{ [name] = value } end
end

function M.cast(random, f)
  local name = random:pick(f.names)
  local column = f.columns[name]
  local kinds = slow_shape.castable[column.type]
  if not kinds then return end
  local kind = random:pick(kinds)
  return ("cast %s to %s"):format(name, kind),
    function() return slow.set(f, name, slow_shape.cast(column, kind)) end,
    function(df) return df:cast{ [name] = kind } end
end

local names = {}
for name in pairs(M) do names[#names + 1] = name end
table.sort(names)
M.names = names

return M
