local hana = require "hana"
local large = require "tests.data.large"
local slow = require "tests.data.slow"

-- More rows than a block of any verb has, and not a multiple of anything.
local long = os.getenv "HANA_LONG_TESTS"
local n = long and 700001 or 70001

local threads = hana.threads()
teardown(function() hana.threads(threads) end)

-- What a function gives with 1 thread, when 2 give the same bits.
local function on_both(f)
  hana.threads(2)
  local two = f()
  hana.threads(1)
  local one = f()
  local difference = large.differs(one, two)
  if difference then error("1 and 2 threads: " .. difference, 0) end
  return one
end

local function case(text, f, ...)
  local ok, message = xpcall(f, function(m)
    local plain = type(m) == "string" and not m:find "^[^\n]*%.lua:%d+:"
    return plain and m or debug.traceback(tostring(m))
  end, ...)
  if not ok then error(text .. ": " .. message, 0) end
end

-- Made anew each time: the collector would walk through all of them again and again.
local shapes = setmetatable({}, {
  __index = function(_, name) return large.make(slow.random(#name), name, n) end,
})

setup(function() warn "@off" end)

local all_rows = {}
for i = 1, n do all_rows[i] = i end

-- Names of shapes, one after the other, as keys of a frame: k1, k2, ...
local function keyed(names)
  local pairs_of, columns, keys = {}, {}, {}
  for k, name in ipairs(names) do
    columns[k], keys[k] = shapes[name], "k" .. k
    pairs_of[k] = { keys[k], columns[k] }
  end
  return pairs_of, columns, keys
end

local combos = {
  { "bool", "category" }, { "int_few", "float_few" }, { "string_few", "int_few" },
  { "int_wide", "int_wide" }, { "int_wide_few", "int_edges" }, { "date", "datetime" },
  { "string_prefix", "int_nulls" }, { "float_any", "bool" }, { "string_last", "string_lengths" },
  { "int_nulls", "category", "string_few", "float_few" },
  { "int_wide_few", "string_zeros", "date" },
  { "int_one", "int_null", "float_null", "string_null" }, { "int_skewed", "float_whole" },
  { "bool", "bool", "int_few", "int_few", "category" }, { "string_distinct", "int_sorted" },
}
setup(function()
  local random = slow.random(99)
  for _ = 1, long and 150 or 0 do
    local combo = {}
    for k = 1, 1 + random:below(4) do combo[k] = random:pick(large.names) end
    combos[#combos + 1] = combo
  end
end)

-- Values that go with keys: whole numbers and eighths, whose sums are exact.
local function add_values(pairs_of)
  local random, v, w = slow.random(5), {}, {}
  for i = 1, n do
    v[i] = random:below(9) == 1 and hana.null or random:below(1000) - 300
    w[i] = random:below(9) == 1 and hana.null or (random:below(4000) - 2000) / 8
  end
  local parts = { table.unpack(pairs_of) }
  parts[#parts + 1] = { "v", large.column("int", v) }
  parts[#parts + 1] = { "w", large.column("float", w) }
  return parts, v, w
end

local function close(a, b)
  return a == b or math.abs(a - b) <= 1e-12 * math.max(math.abs(a), math.abs(b))
end

local function check_value(what, group, got, want, near)
  if got == want or (near and got ~= hana.null and want ~= hana.null and close(got, want)) then
    return
  end
  error(("%s of group %d is %s, expected %s"):format(what, group, tostring(got), tostring(want)), 0)
end

-- R's type 7 of a sorted list.
local function quantile(sorted, p)
  local count = #sorted
  if count == 0 then return hana.null end
  local at = (count - 1) * p
  local low = math.floor(at)
  local a, b = sorted[low + 1], sorted[math.min(low + 2, count)]
  return a + (b - a) * (at - low)
end

local function variance(list)
  if #list < 2 then return hana.null end
  local sum, squares = 0, 0
  for _, x in ipairs(list) do sum = sum + x end
  local mean = sum / #list
  for _, x in ipairs(list) do squares = squares + (x - mean) ^ 2 end
  return squares / (#list - 1)
end

local function lists_of(ids, total, values)
  local lists = {}
  for g = 1, total do lists[g] = {} end
  for i = 1, n do
    if values[i] ~= hana.null then
      local list = lists[ids[i]]
      list[#list + 1] = values[i]
    end
  end
  return lists
end

local function mode(sorted)
  local best, most, run = hana.null, 0, 0
  for i, x in ipairs(sorted) do
    run = sorted[i - 1] == x and run + 1 or 1
    if run > most then best, most = x, run end
  end
  return best
end

local function different(sorted)
  local count = 0
  for i, x in ipairs(sorted) do
    if i == 1 or sorted[i - 1] ~= x then count = count + 1 end
  end
  return count
end

-- Row g of the result c is the group of row c.i[g]; ids numbers the groups, `total` of them.
local function check_sums(c, ids, total, v, w)
  local null, count_v, count_w, sum_v, sum_w, low, high = hana.null, {}, {}, {}, {}, {}, {}
  for g = 1, total do count_v[g], count_w[g], sum_v[g], sum_w[g] = 0, 0, 0, 0.0 end
  for i = 1, n do
    local id, x, y = ids[i], v[i], w[i]
    if x ~= null then
      count_v[id], sum_v[id] = count_v[id] + 1, sum_v[id] + x
      if not low[id] or x < low[id] then low[id] = x end
    end
    if y ~= null then
      count_w[id], sum_w[id] = count_w[id] + 1, sum_w[id] + y
      if not high[id] or y > high[id] then high[id] = y end
    end
  end
  for g = 1, total do
    local id = ids[c.i[g]]
    check_value("count(v)", g, c.nv[g], count_v[id])
    check_value("sum(v)", g, c.sv[g], sum_v[id])
    check_value("sum(w)", g, c.sw[g], sum_w[id])
    check_value("mean(v)", g, c.mv[g], count_v[id] > 0 and sum_v[id] / count_v[id] or null)
    check_value("mean(w)", g, c.mw[g], count_w[id] > 0 and sum_w[id] / count_w[id] or null)
    check_value("min(v)", g, c.lv[g], low[id] or null)
    check_value("max(w)", g, c.hw[g], high[id] or null)
  end
end

local function check_statistics(c, ids, total, v, w)
  local list_v, list_w = lists_of(ids, total, v), lists_of(ids, total, w)
  for g = 1, total do
    local id = ids[c.i[g]]
    local lv, lw = list_v[id], list_w[id]
    table.sort(lv)
    table.sort(lw)
    check_value("median(w)", g, c.med[g], quantile(lw, 0.5))
    check_value("quantile(v, 0.3)", g, c.q[g], quantile(lv, 0.3), true)
    check_value("n_unique(v)", g, c.uv[g], different(lv))
    check_value("n_unique(w)", g, c.uw[g], different(lw))
    check_value("mode(v)", g, c.mo[g], mode(lv))
    check_value("var(w)", g, c.var[g], variance(lw), true)
    local var = variance(lv)
    check_value("sd(v)", g, c.sd[g], var == hana.null and var or math.sqrt(var), true)
    local any, every = false, true
    for _, x in ipairs(lv) do
      any = any or x > 698
      every = every and x > -299
    end
    check_value("any", g, c.any[g], any)
    check_value("all", g, c.all[g], every)
  end
end

local function check_groups(names, all)
  local pairs_of, columns, keys = keyed(names)
  local parts, v, w = add_values(pairs_of)
  local df = large.frame(parts, n)
  local wanted = {
    { "n", "count()" }, { "i", "first(row)" }, { "j", "last(row)" }, { "nv", "count(v)" },
    { "sv", "sum(v)" }, { "sw", "sum(w)" }, { "mv", "mean(v)" }, { "mw", "mean(w)" },
    { "lv", "min(v)" }, { "hw", "max(w)" },
  }
  if all then
    for _, more in ipairs{ { "med", "median(w)" }, { "q", "quantile(v, 0.3)" },
      { "uv", "n_unique(v)" }, { "uw", "n_unique(w)" }, { "mo", "mode(v)" }, { "var", "var(w)" },
      { "sd", "sd(v)" },
      { "any", "any(v > 698)" }, { "all", "all(v > -299)" } } do
      wanted[#wanted + 1] = more
    end
  end
  local got = on_both(function() return df:group_by(keys):summarize(wanted) end)
  local ids, total = large.number(columns, n)
  if #got ~= total then error(("%d groups, expected %d"):format(#got, total), 0) end
  local c = {}
  for _, name in ipairs(got:names()) do c[name] = got:col(name):totable() end
  local compare_keys = {}
  for k, column in ipairs(columns) do compare_keys[k] = { column } end
  local compare = large.comparer(compare_keys)
  for g = 2, total do
    if compare(c.i[g - 1], c.i[g]) >= 0 then error(("groups %d and %d"):format(g - 1, g), 0) end
  end
  for k, key in ipairs(keys) do large.check_cells(got, key, columns[k], c.i) end
  local count, first, last = {}, {}, {}
  for i = 1, n do
    local id = ids[i]
    count[id] = (count[id] or 0) + 1
    first[id] = first[id] or i
    last[id] = i
  end
  check_sums(c, ids, total, v, w)
  if all then check_statistics(c, ids, total, v, w) end
  for g = 1, total do
    local id = ids[c.i[g]]
    check_value("first", g, c.i[g], first[id])
    check_value("last", g, c.j[g], last[id])
    check_value("count", g, c.n[g], count[id])
  end
  local distinct = on_both(function() return df:distinct(keys) end)
  large.check_cells(distinct, "row", large.column("int", all_rows), (function()
    local rows = {}
    for i = 1, n do
      if first[ids[i]] == i then rows[#rows + 1] = i end
    end
    return rows
  end)())
end

-- Columns computed within groups.
local function check_within(names)
  local pairs_of, columns, keys = keyed(names)
  local parts, v, w = add_values(pairs_of)
  local df = large.frame(parts, n)
  local got = on_both(function()
    return df:group_by(keys):mutate{
      { "number", "row_number()" }, { "before", "lag(row)" }, { "after", "lead(row, 2)" },
      { "so_far", "cumsum(v)" }, { "top", "cummax(w)" }, { "step", "diff(row)" },
      { "place", "rank(v)" }, { "total", "sum(w)" }, { "off", "w - mean(w)" },
      { "rolling", "rolling_mean(row, 3)" },
    }
  end)
  local kept = on_both(function() return df:group_by(keys):filter("v > mean(v)") end)
  local ids, total = large.number(columns, n)
  local list_v, list_w = lists_of(ids, total, v), lists_of(ids, total, w)
  local sum_v, sum_w, place = {}, {}, {}
  for g = 1, total do
    local s = 0
    for _, x in ipairs(list_v[g]) do s = s + x end
    sum_v[g] = s
    s = 0.0
    for _, x in ipairs(list_w[g]) do s = s + x end
    sum_w[g] = s
    table.sort(list_v[g])
    local at = {}
    for i, x in ipairs(list_v[g]) do
      local seen = at[x]
      if seen then seen[2] = i else at[x] = { i, i } end
    end
    place[g] = at
  end
  local c, running, top, rows, null = {}, {}, {}, {}, hana.null
  for _, name in ipairs(got:names()) do c[name] = got:col(name):totable() end
  for i = 1, n do
    local g = ids[i]
    local own = rows[g] or {}
    rows[g] = own
    own[#own + 1] = i
    local k = #own
    check_value("row", i, c.row[i], i)
    check_value("row_number", i, c.number[i], k)
    check_value("lag", i, c.before[i], own[k - 1] or null)
    check_value("diff", i, c.step[i], own[k - 1] and i - own[k - 1] or null)
    check_value("rolling_mean", i, c.rolling[i],
      k > 2 and (own[k] + own[k - 1] + own[k - 2]) / 3 or null, true)
    if k > 2 then check_value("lead", own[k - 2], c.after[own[k - 2]], i) end
    if v[i] ~= null then running[g] = (running[g] or 0) + v[i] end
    check_value("cumsum", i, c.so_far[i], v[i] == null and null or running[g])
    if w[i] ~= null and (not top[g] or w[i] > top[g]) then top[g] = w[i] end
    check_value("cummax", i, c.top[i], w[i] == null and null or top[g])
    local at = place[g][v[i]]
    check_value("rank", i, c.place[i], v[i] == null and null or (at[1] + at[2]) / 2)
    check_value("sum", i, c.total[i], sum_w[g])
    check_value("off", i, c.off[i], w[i] == null and null or w[i] - sum_w[g] / #list_w[g], true)
  end
  local expected = {}
  for i = 1, n do
    if v[i] ~= null and v[i] > sum_v[ids[i]] / #list_v[ids[i]] then expected[#expected + 1] = i end
  end
  large.check_cells(kept, "row", large.column("int", all_rows), expected)
end

local kinds_of_join = { "inner", "left", "right", "full", "semi", "anti" }

-- Joins of the columns with a right frame of m rows: some of theirs and some of others.
local function check_join(left, right, m, how)
  local left_parts, right_parts, by = {}, {}, {}
  for k = 1, #left do
    left_parts[k], right_parts[k] = { "k" .. k, left[k] }, { "r" .. k, right[k] }
    by[k] = { "k" .. k, "r" .. k }
  end
  local a, b = large.frame(left_parts, n), large.frame(right_parts, m):rename{ other = "row" }
  local got = on_both(function() return a:join(b, { by = by, how = how }) end)
  local lefts, rights = large.join(left, right, n, m, how)
  large.check_cells(got, "row", large.column("int", all_rows), lefts)
  if how ~= "semi" and how ~= "anti" then
    large.check_cells(got, "other", large.column("int", all_rows), rights)
  end
  for k = 1, #left do
    if left[k].type == right[k].type then
      local values, rows = {}, {}
      for i = 1, #lefts do
        rows[i] = i
        values[i] = lefts[i] > 0 and left[k].values[lefts[i]] or lefts[i] == 0
          and right[k].values[rights[i]]
        if lefts[i] > 0 then values[i] = left[k].values[lefts[i]] end
      end
      large.check_cells(got, "k" .. k, large.column(left[k].type, values), rows)
    end
  end
end

-- m cells of a column, some of them of other rows than the first ones, each once where `once`.
local function sample_of(name, m, once)
  local random, column = slow.random(#name + m), shapes[name]
  local values, seen, null_seen = {}, {}, false
  for _ = 1, m do
    local v = column.values[random:below(n)]
    if not once then
      values[#values + 1] = v
    elseif v == hana.null or v ~= v then
      if not null_seen then values[#values + 1] = v end
      null_seen = true
    elseif not seen[v] then
      seen[v] = true
      values[#values + 1] = v
    end
  end
  return large.column(column.type, values), #values
end

describe("many rows", function()
  it("hold what they are made of", function()
    for _, name in ipairs(large.names) do
      case(name, function()
        local column = shapes[name]
        large.check_cells(large.frame({ { "k", column } }, n), "k", column, all_rows)
      end)
    end
  end)

  it("are sorted by a key of any shape, up and down, and equal ones stay in order", function()
    for k, name in ipairs(large.names) do
      local column = shapes[name]
      local df = large.frame({ { "k", column } }, n)
      for _, descending in ipairs(long and { false, true } or { k % 2 == 0 }) do
        case(name .. (descending and " desc" or ""), function()
          local sorted = on_both(function()
            return df:sort{ { "k", descending and "desc" or "asc" } }
          end)
          local rows = large.check_sorted(sorted, { { column, descending } }, n)
          large.check_cells(sorted, "k", column, rows)
        end)
      end
    end
  end)

  it("are sorted by several keys", function()
    for k, combo in ipairs(combos) do
      local pairs_of, columns, names = keyed(combo)
      local df = large.frame(pairs_of, n)
      local by, keys, text = {}, {}, {}
      for j, column in ipairs(columns) do
        local descending = (k + j) % 3 == 0
        by[j] = { names[j], descending and "desc" or "asc" }
        keys[j] = { column, descending }
        text[j] = combo[j] .. (descending and " desc" or "")
      end
      case(table.concat(text, ", "), function()
        local sorted = on_both(function() return df:sort(by) end)
        large.check_sorted(sorted, keys, n)
      end)
    end
  end)

  it("are grouped by keys of any shape", function()
    for k, name in ipairs(large.names) do case(name, check_groups, { name }, long or k % 8 == 0) end
  end)

  it("are grouped by several keys", function()
    for k, combo in ipairs(combos) do
      if long or k % 2 == 0 then
        case(table.concat(combo, ", "), check_groups, combo, long or k % 8 == 0)
      end
    end
  end)

  it("see their own group", function()
    local some = { "int_few", "int_wide", "string_prefix", "float_few", "int_skewed", "category" }
    for _, name in ipairs(long and large.names or some) do case(name, check_within, { name }) end
    case("bool, category", check_within, { "bool", "category" })
    case("string_few, int_nulls", check_within, { "string_few", "int_nulls" })
  end)

  it("are joined by keys of any shape", function()
    for k, name in ipairs(large.names) do
      for h, how in ipairs(kinds_of_join) do
        if long or h == k % 6 + 1 then
          local once, m = sample_of(name, 5000, true)
          case(("%s join by %s, once each"):format(how, name), check_join, { shapes[name] },
            { once }, m, how)
        end
        if long or h == (k + 2) % 6 + 1 then
          local many, rows = sample_of(name, 4, false)
          case(("%s join by %s"):format(how, name), check_join, { shapes[name] }, { many }, rows,
            how)
        end
      end
    end
  end)

  it("are joined by several keys", function()
    for k, combo in ipairs(combos) do
      if #combo == 2 or long then
        local how = kinds_of_join[k % 6 + 1]
        local left, right, m = {}, {}, 40
        for j, name in ipairs(combo) do
          left[j] = shapes[name]
          right[j] = sample_of(name, m, false)
        end
        local text = ("%s join by %s"):format(how, table.concat(combo, ", "))
        local lefts = large.join(left, right, n, m, "inner")
        if #lefts < (long and 8 or 2) * n then case(text, check_join, left, right, m, how) end
      end
    end
  end)

  it("are joined by numbers of both types, and by texts with categories", function()
    local floats, m = {}, 3000
    local random = slow.random(11)
    for i = 1, m do
      local k = random:below(2000)
      floats[i] = i % 50 == 0 and 0 / 0 or k % 7 == 0 and k + 0.5 or k * 1000.0
    end
    for _, how in ipairs{ "inner", "left", "semi", "anti" } do
      case(how .. " int_middling", check_join, { shapes.int_middling },
        { large.column("float", floats) }, m, how)
      case(how .. " float_whole", check_join, { shapes.float_whole },
        { (sample_of("int_few", 5, false)) }, 5, how)
      case(how .. " string_prefix", check_join, { shapes.string_prefix },
        { (sample_of("category_many", 100, false)) }, 100, how)
      case(how .. " category_many", check_join, { shapes.category_many },
        { (sample_of("string_prefix", 100, false)) }, 100, how)
    end
    case("int_exact", check_join, { shapes.int_exact },
      { large.column("float", { 2.0 ^ 53, 2.0 ^ 53 + 2, 2.0 ^ 53 - 1 }) }, 3, "inner")
  end)

  it("are filtered", function()
    local tests = {
      { "int_few", "k > 1", function(v) return v > 1 end },
      { "int_wide", "k > 0", function(v) return v > 0 end },
      { "int_nulls", "k % 3 == 0", function(v) return v % 3 == 0 end },
      { "int_one", "k == 42", function() return true end },
      { "int_one", "k ~= 42", function() return false end },
      { "float_few", "k >= 0", function(v) return v >= 0 end },
      { "float_few", "not (k < 1)", function(v) return v ~= v or v >= 1 end },
      { "float_few", "k ~= 1.5", function(v) return v ~= 1.5 end },
      { "float_eighths", "k * 2 + 1 < 30 and k ~= -7",
        function(v) return v * 2 + 1 < 30 and v ~= -7 end },
      { "float_nan", "is_nan(k) or k > 100", function(v) return v ~= v or v > 100 end },
      { "bool", "k", function(v) return v end },
      { "bool", "not k", function(v) return not v end },
      { "string_few", "k == '서울' or k < 'b'", function(v) return v == "서울" or v < "b" end },
      { "string_prefix", "ends_with(k, '7')", function(v) return v:sub(-1) == "7" end },
      { "category", "k ~= 'low' and k ~= ''", function(v) return v ~= "low" and v ~= "" end },
      { "date", "k < '1970-01-01'", function(v) return v < "1970-01-01" end },
    }
    for _, t in ipairs(tests) do
      case(t[1] .. ": " .. t[2], function()
        local column = shapes[t[1]]
        local got = on_both(function() return large.frame({ { "k", column } }, n):filter(t[2]) end)
        local rows = {}
        for i = 1, n do
          local v = column.values[i]
          if v ~= hana.null and t[3](v) then rows[#rows + 1] = i end
        end
        large.check_cells(got, "row", large.column("int", all_rows), rows)
        large.check_cells(got, "k", column, rows)
      end)
    end
  end)

  it("come back from text", function()
    local path = os.tmpname()
    finally(function() os.remove(path) end)
    local parts, types = {}, {}
    for k, name in ipairs(large.names) do
      -- Texts with a byte 0, and what no file tells from null, are not for delimited text.
      if name ~= "string_zeros" then
        parts[#parts + 1] = { name, shapes[name] }
        types[name] = shapes[name].type
      end
      if k % 9 == 0 or k == #large.names then
        local df = large.frame(parts, n)
        local written = {}
        for t = 1, 2 do
          hana.threads(t)
          df:write_csv(path)
          local file = assert(io.open(path, "rb"))
          written[t] = file:read "a"
          file:close()
        end
        assert.is_true(written[1] == written[2])
        local back = on_both(function()
          return hana.read_csv(path, { types = types, quiet = true })
        end)
        for _, part in ipairs(parts) do
          case(part[1], large.check_cells, back, part[1], part[2], all_rows)
        end
        parts, types = {}, {}
      end
    end
  end)
end)

describe("a million levels", function()
  local many = 1000000

  it("of whole numbers, texts and floats", function()
    local ints, texts, floats, row = {}, {}, {}, {}
    for i = 1, many do
      -- 104729 is prime and divides no power of ten: each number once.
      local k = i * 104729 % many
      ints[i], texts[i], floats[i], row[i] = k * 1000003, ("level-%07d"):format(k), k / 7, i
    end
    local df = hana.frame{
      { "ints", ints }, { "texts", texts }, { "floats", floats }, { "row", row },
    }
    local at = {}
    for i = 1, many do at[i * 104729 % many] = i end
    for _, name in ipairs{ "ints", "texts", "floats" } do
      case(name, function()
        local groups = on_both(function()
          return df:group_by{ name }:summarize{ { "n", "count()" }, { "s", "sum(row)" } }
        end)
        assert.equal(many, #groups)
        assert.equal(1, groups.n:max())
        local sums = groups:col("s"):totable()
        for g = 1, many do
          if sums[g] ~= at[g - 1] then
            error(("group %d is row %s, expected %d"):format(g, sums[g], at[g - 1]), 0)
          end
        end
        assert.equal(many, #on_both(function() return df:distinct{ name } end))
        local sorted = on_both(function() return df:sort{ name } end):col("row"):totable()
        for g = 1, many do
          if sorted[g] ~= at[g - 1] then
            error(("place %d has row %d, expected %d"):format(g, sorted[g], at[g - 1]), 0)
          end
        end
        local half = df:filter("row % 2 == 0"):select{ name, "row" }:rename{ other = "row" }
        local joined = on_both(function() return df:join(half, { by = name }) end)
        assert.equal(many // 2, #joined)
        assert.is_true(joined:col("row"):equal(joined:col("other")))
        assert.is_true(joined:col("row"):equal(half:col("other")))
      end)
    end
    local category = df:cast{ texts = "category" }
    local groups = on_both(function()
      return category:group_by{ "texts" }:summarize{ { "s", "sum(row)" } }
    end)
    local sums = groups:col("s"):totable()
    for g = 1, many do assert(sums[g] == at[g - 1]) end
  end)
end)
