local hana = require "hana"
local slow = require "tests.data.slow"

local null = hana.null

local function quoted(name) return "`" .. name .. "`" end

local function columns_of(f, kinds)
  local names = {}
  for _, name in ipairs(f.names) do
    if kinds[f.columns[name].type] then names[#names + 1] = name end
  end
  return names
end

local function some_names(random, f)
  local names, seen = {}, {}
  for _ = 1, random:below(3) do
    local name = random:pick(f.names)
    if not seen[name] then
      seen[name] = true
      names[#names + 1] = name
    end
  end
  return names
end

-- Each verb gives what it is called, the slow result, and the function that does it to a frame.
local verbs = {}

function verbs.sort(random, f)
  local slow_keys, keys, text = {}, {}, {}
  for k, name in ipairs(some_names(random, f)) do
    local descending = random:below(2) == 1
    slow_keys[k] = { name, descending }
    keys[k] = descending and { name, "desc" } or name
    text[k] = name .. (descending and " desc" or "")
  end
  return "sort " .. table.concat(text, ", "), slow.take(f, slow.order(f, slow_keys)),
    function(df) return df:sort(keys) end
end

function verbs.distinct(random, f)
  local names = random:below(4) > 1 and some_names(random, f) or nil
  return "distinct " .. table.concat(names or { "all" }, ", "),
    slow.distinct(f, names or f.names), function(df) return df:distinct(names) end
end

function verbs.head(random, f)
  local k, rows = random:below(6) - 1, {}
  for i = 1, math.min(k, f.n) do rows[i] = i end
  return "head " .. k, slow.take(f, rows), function(df) return df:head(k) end
end

function verbs.tail(random, f)
  local k, rows = random:below(6) - 1, {}
  for i = math.max(1, f.n - k + 1), f.n do rows[#rows + 1] = i end
  return "tail " .. k, slow.take(f, rows), function(df) return df:tail(k) end
end

function verbs.take(random, f)
  local rows = {}
  for i = 1, f.n > 0 and random:below(6) or 0 do rows[i] = random:below(f.n) end
  return "take " .. table.concat(rows, ","), slow.take(f, rows),
    function(df) return df:take(rows) end
end

function verbs.without(random, f)
  local gone, rows, list = {}, {}, {}
  for _ = 1, f.n > 0 and random:below(3) or 0 do gone[random:below(f.n)] = true end
  for i = 1, f.n do
    local to = gone[i] and list or rows
    to[#to + 1] = i
  end
  return "without " .. table.concat(list, ","), slow.take(f, rows),
    function(df) return df:without(list) end
end

function verbs.select(random, f)
  local names = some_names(random, f)
  return "select " .. table.concat(names, ","), slow.select(f, names),
    function(df) return df:select(names) end
end

function verbs.rename(random, f)
  local old = random:pick(f.names)
  local new = old .. "_" .. random:below(1000)
  if f.columns[new] then return end
  local out = slow.select(f, { table.unpack(f.names) })
  out.columns[new], out.columns[old] = out.columns[old], nil
  for j, name in ipairs(out.names) do
    if name == old then out.names[j] = new end
  end
  return ("rename %s to %s"):format(old, new), out,
    function(df) return df:rename{ { new, old } } end
end

function verbs.concat(random, f)
  local k, rows = random:below(3), {}
  for i = 1, f.n do rows[i] = i end
  for i = 1, math.min(k, f.n) do rows[#rows + 1] = i end
  return "concat with head " .. k, slow.take(f, rows),
    function(df) return hana.concat{ df, df:head(k) } end
end

-- Comparisons with null give null, which a filter does not keep.
local function compare(op, a, b)
  if a == null then return false end
  if op == "<" then return a < b end
  if op == ">=" then return a >= b end
  if op == "==" then return a == b end
  return a ~= b
end

function verbs.filter(random, f)
  local numbers = columns_of(f, { float = true, int = true })
  local name = #numbers > 0 and random:below(3) > 1 and random:pick(numbers) or random:pick(f.names)
  local values, rows = f.columns[name].values, {}
  local text, test
  if f.columns[name].type == "float" or f.columns[name].type == "int" then
    local op, bound = random:pick{ "<", ">=", "==", "~=" }, random:pick{ 0, 1, 2.5, -1 }
    text = ("%s %s %s"):format(quoted(name), op, bound)
    test = function(v) return compare(op, v, bound) end
  elseif random:below(2) == 1 then
    text = ("not is_null(%s)"):format(quoted(name))
    test = function(v) return v ~= null end
  else
    text = ("is_null(%s)"):format(quoted(name))
    test = function(v) return v == null end
  end
  for i = 1, f.n do
    if test(values[i]) then rows[#rows + 1] = i end
  end
  return "filter " .. text, slow.take(f, rows), function(df) return df:filter(text) end
end

function verbs.mutate(random, f)
  local numbers = columns_of(f, { float = true, int = true })
  if #numbers == 0 then return end
  local a, b = random:pick(numbers), random:pick(numbers)
  local op = random:pick{ "+", "-", "/" }
  local values, x, y = {}, f.columns[a], f.columns[b]
  for i = 1, f.n do
    local p, q = x.values[i], y.values[i]
    if p == null or q == null then
      values[i] = null
    elseif op == "+" then
      values[i] = p + q
    elseif op == "-" then
      values[i] = p - q
    else
      values[i] = p / q
    end
  end
  local kind = op ~= "/" and x.type == "int" and y.type == "int" and "int" or "float"
  local new = random:pick{ "fresh", a, b }
  local text = ("%s %s %s"):format(quoted(a), op, quoted(b))
  return ("mutate %s = %s"):format(new, text), slow.set(f, new, { type = kind, values = values }),
    function(df) return df:mutate{ { new, text } } end
end

function verbs.summarize(random, f)
  local keys = random:below(4) > 1 and some_names(random, f) or {}
  local wanted, exprs = { { "n_rows", "count" } }, { { "n_rows", "count()" } }
  local numbers = columns_of(f, { float = true, int = true })
  for k = 1, #numbers > 0 and random:below(3) or 0 do
    local name = random:pick(numbers)
    local what = random:pick{ "count", "sum", "mean", "min", "max", "n_unique" }
    wanted[k + 1] = { "agg_" .. k, what, name }
    exprs[k + 1] = { "agg_" .. k, ("%s(%s)"):format(what, quoted(name)) }
  end
  for _, key in ipairs(keys) do
    if key == "n_rows" or key:find "^agg_" then return end
  end
  local text = {}
  for k, e in ipairs(exprs) do text[k] = e[2] end
  return ("summarize %s by %s"):format(table.concat(text, ", "), table.concat(keys, ", ")),
    slow.summarize(f, keys, wanted), function(df)
      if #keys == 0 then return df:summarize(exprs) end
      return df:group_by(keys):summarize(exprs)
    end
end

local joinable = { float = true, int = true, bool = true, string = true, date = true,
  datetime = true }

function verbs.join(random, f)
  local keys = {}
  for _, name in ipairs(some_names(random, f)) do
    if joinable[f.columns[name].type] then keys[#keys + 1] = name end
  end
  if #keys == 0 then return end
  local how = random:pick{ "inner", "left", "right", "full", "semi", "anti" }
  local right = { n = random:pick{ 0, 1, 3, 6 }, names = {}, columns = {} }
  local by, right_on = {}, {}
  for k, name in ipairs(keys) do
    local kind = f.columns[name].type
    -- Beside each other, but not where the result would have to unite them.
    if how ~= "right" and how ~= "full" and (kind == "int" or kind == "float") then
      kind = random:pick{ "int", "float" }
    end
    right_on[k] = "right_" .. k
    right.names[k] = right_on[k]
    right.columns[right_on[k]] = slow.column(random, kind, right.n)
    by[k] = { name, right_on[k] }
  end
  local fresh = "from_right"
  while f.columns[fresh] do fresh = fresh .. "_" end
  right.names[#right.names + 1] = fresh
  right.columns[fresh] = slow.column(random, "string", right.n)
  return ("%s join by %s (%s)"):format(how, table.concat(keys, ", "), fresh),
    slow.join(f, right, keys, right_on, how),
    function(df) return df:join(slow.to_hana(right), { by = by, how = how }) end
end

local names = {}
for name in pairs(verbs) do names[#names + 1] = name end
table.sort(names)

local function run_chain(seed)
  local random = slow.random(seed)
  local types = {}
  for _, type in ipairs(slow.types) do
    if random:below(3) > 1 then types[#types + 1] = type end
  end
  local f = slow.frame(random, types)
  local df = slow.to_hana(f)
  local done = { ("frame of %d rows: %s"):format(f.n, table.concat(f.names, ", ")) }
  local difference = slow.difference(f, df)
  for _ = 1, random:below(6) do
    if difference then break end
    local text, expected, verb = verbs[random:pick(names)](random, f)
    -- Sums of sums, joins of joins: enough is enough.
    if text and expected.n <= 60 then
      done[#done + 1] = text
      df, f = verb(df), expected
      difference = slow.difference(f, df)
    end
  end
  assert(not difference, ("seed %d: %s\n%s"):format(seed, difference, table.concat(done, "\n")))
end

describe("chains of verbs", function()
  it("give what plain Lua gives", function()
    for seed = 1, 600 do run_chain(seed) end
  end)
end)
