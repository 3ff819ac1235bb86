-- Random tables, expressions and chains of verbs: what a frame in a database gives is what the same
-- verbs give on the frame that was read from it.
local hana = require "hana"

local M = {}

local random

local function pick(list) return list[random(#list)] end

local texts = { "", "a", "B", "Kim", "kim", "서울", "부산 가", "é", "É", " x ", "10", "a'b", 'q"q', "%",
  "z", "ÄÖ" }
local numbers = { 0.0, -0.5, 1.0, 2.5, -3.75, 1e10, 100.25, -1.0, 0.1, 7.0, 2.0, 3.0 }

local function values(n, share, make)
  local out = {}
  for i = 1, n do
    if random() < share then out[i] = hana.null else out[i] = make(i) end
  end
  return out
end

local function new_date()
  return ("%04d-%02d-%02d"):format(1950 + random(100), random(12), random(28))
end

--- A frame of n rows; ids are in order and each once.
function M.frame(n, extremes)
  return hana.frame{
    { "id", values(n, 0, function(i) return i end) },
    { "i", values(n, 0.2, function() return random(-9, 9) end) },
    { "j", values(n, 0.1, function() return random(-3, 3) end) },
    { "x", values(n, 0.2, function() return extremes and random() < 0.1
      and pick(extremes) or pick(numbers) end) },
    { "y", values(n, 0.1, function() return pick(numbers) end) },
    { "s", values(n, 0.2, function() return pick(texts) end) },
    { "도시", values(n, 0.1, function() return pick(texts) end) },
    { "b", values(n, 0.2, function() return random() < 0.5 end) },
    { "d", values(n, 0.2, new_date) },
    { "e", values(n, 0.1, new_date) },
    { "t", values(n, 0.2, function()
      return ("%sT%02d:%02d:%02d.%sZ"):format(new_date(), random(0, 23), random(0, 59),
        random(0, 59), pick{ "000000", "5", "123456" })
    end) },
  }:cast{
    id = "int", i = "int", j = "int", x = "float", y = "float", s = "string", ["도시"] = "string",
    b = "bool", d = "date", e = "date", t = "datetime",
  }
end

-- Expressions by type: each line a way to write one; #f stands for an expression of that type, #k
-- for a small int, #c for a text.
local ways = {
  f = { "x", "y", "x", "1.5", "-0.25", "#f + #f", "#f - #f", "#f * #f", "#f / #f", "#f / 4",
    "#i / #i", "#f // #f", "#f % #f", "-#f", "abs(#f)", "sqrt(#f)", "floor(#f)", "ceil(#f)",
    "round(#f)", "round(#f, 1)", "sign(#f)", "float(#i)", "greatest(#f, #f)", "least(#f, #f)",
    "clip(#f, -1, 5)", "coalesce(#f, #f)", "if_else(#b, #f, #f)", "case_when(#b, #f, #b, #f, #f)",
    "t - datetime('2000-01-01')", "#f ^ 2", "#i * 0.5", "log1p(#f)", "exp(#f)" },
  i = { "i", "j", "id", "#k", "#i + #i", "#i - #i", "#i * #i", "#i // #k", "#i % #k", "#i // #i",
    "#i % #i", "-#i", "abs(#i)", "sign(#i)", "len(#s)", "year(d)", "month(d)", "day(#d)",
    "weekday(#d)", "hour(t)", "minute(t)", "year(t)", "d - e", "days_between(d, e)", "int(#b)",
    "int(#f)", "coalesce(#i, #i)", "if_else(#b, #i, #i)", "greatest(#i, #i)", "clip(#i, -2, 2)",
    "floor(#i)", "round(#i, -1)" },
  s = { "s", "`도시`", "s", "#c", "lower(#s)", "upper(#s)", "trim(#s)", "sub(#s, 2)", "sub(#s, -2)",
    "sub(#s, 1, 2)",
    "sub(#s, #k, #i)", "#s .. #s", "#s .. #i", "replace(#s, 'a', 'bb')",
    "coalesce(#s, #s)", "if_else(#b, #s, #s)", "string(#i)", "string(#b)", "string(#d)",
    "greatest(#s, #s)", "extract(#s, '[a-z가-힣]+')", "split_part(#s, 'a', 1)",
    "format(d, '%Y/%m')",
    "string(#f)", "normalize(#s)" },
  b = { "b", "true", "#i < #i", "#i == #i", "#f >= #f", "#f ~= #f", "#i <= #f", "#f > 2",
    "#i > 2.5",
    "x < 3", "#s == #s", "#s < #s", "#s ~= #c", "#s >= #c", "d < e", "d >= '2000-02-29'", "t > d",
    "not #b", "#b and #b", "#b or #b", "is_null(#f)", "is_null(#s)",
    "is_in(#i, { 1, 2, 3.0, 2.5 })",
    "is_in(#s, { 'a', '서울' })", "between(#i, -2, 3)", "between(#f, 0, 5)", "between(#s, 'a', 'k')",
    "between(#i, #i, #i)", "contains(#s, #c)", "starts_with(#s, #c)", "ends_with(#s, #c)",
    "matches(#s, '^[A-Z가-힣]')", "is_nan(#f)", "bool(#i)", "#b == #b", "is_in(x, { 1, 2.5 })",
    "j ~= 0 and i // j > 1", "is_in(d, { '2000-01-01' })", "i * 1.0 < x", "coalesce(#b, #b)" },
  d = { "d", "e", "d + 30", "e - 1", "d + #k", "coalesce(d, e)", "date(t)", "if_else(#b, d, e)",
    "date_trunc(d, 'month')", "date_trunc(e, 'week')", "date_trunc(d, 'quarter')",
    "greatest(d, e)" },
}

local function expression(kind, depth)
  local list = ways[kind]
  local text = depth <= 0 and list[random(3)] or pick(list)
  return (text:gsub("#(%a)", function(of)
    if of == "k" then return tostring(random(5)) end
    if of == "c" then return pick{ "'a'", "'서울'", "''", "'k'", "\"a'b\"" } end
    local part = expression(of, depth - 1)
    return part:find "[ -]" and "(" .. part .. ")" or part
  end))
end

local aggregates = {
  "count()", "count(x)", "count(s)", "sum(i)", "sum(x)", "sum(b)", "mean(i)", "mean(x)", "mean(b)",
  "median(x)", "quantile(x, 0.9)", "median(i)", "sd(x)", "var(i)", "min(x)", "max(x)", "min(i)",
  "max(s)", "min(`도시`)", "min(d)", "max(t)", "min(b)", "n_unique(s)", "n_unique(x)", "n_unique(i)",
  "mode(s)", "mode(i)", "corr(x, y)", "any(b)", "all(b)", "sum(i) / count()", "mean(x) - min(y)",
  "sum(i * j)", "max(len(s))", "any(x > 3)", "count() // 2", "mean(x * 2) + 1", "sd(i) / mean(j)",
}

local windows = {
  "x - mean(x)", "i - min(i)", "x / sum(y)", "count()", "i > mean(i)", "max(s)", "median(x)",
  "x == max(x)", "n_unique(s)", "sum(i) - i", "sd(y)",
}

local keys = { "i", "s", "b", "도시", "d", "j", "x" }

local function some_keys()
  local first, second = pick(keys), pick(keys)
  if first == second or random() < 0.5 then return { first } end
  return { first, second }
end

-- Each gives a function of a frame, and what it is for the report.
local verbs = {
  function()
    local e = expression("b", 2)
    return function(f) return f:filter(e) end, ("filter(%q)"):format(e)
  end,
  function()
    local e = expression("b", 1)
    return function(f) return f:filter(e) end, ("filter(%q)"):format(e)
  end,
  function()
    local kind = pick{ "f", "i", "s", "b", "d" }
    local e, name = expression(kind, 2), pick{ "new", "other" }
    return function(f) return f:mutate{ { name, e } } end, ("mutate{%s = %q}"):format(name, e)
  end,
  function()
    local kind = pick{ "f", "i", "s" }
    local target = kind == "f" and "x" or kind == "i" and "i" or "s"
    local e = expression(kind, 1)
    return function(f) return f:mutate{ [target] = e } end, ("mutate{%s = %q}"):format(target, e)
  end,
  function()
    local a, b = pick(keys), pick(keys)
    local list = a == b and { { a, "desc" } } or { a, { b, "desc" } }
    return function(f) return f:sort(list) end, ("sort{%s, %s}"):format(a, b)
  end,
  function()
    local n = random(0, 12)
    return function(f) return f:head(n) end, ("head(%d)"):format(n)
  end,
  function()
    local from = random(4)
    return function(f) return f:slice(from, math.min(from + 5, f:nrow())) end, "slice " .. from
  end,
  function()
    local list = some_keys()
    return function(f) return f:distinct(list) end, "distinct " .. table.concat(list, ", ")
  end,
  function()
    local list = some_keys()
    return function(f) return f:drop_null(list) end, "drop_null " .. table.concat(list, ", ")
  end,
  function()
    return function(f) return f:fill_null{ i = 0, s = "none" } end, "fill_null"
  end,
  function()
    local e, list = pick(windows), some_keys()
    return function(f) return f:group_by(list):mutate{ { "w", e } } end,
      ("group_by(%s):mutate(%q)"):format(table.concat(list, ", "), e)
  end,
  function()
    local e = pick(windows)
    return function(f) return f:mutate{ { "w", e } } end, ("mutate(%q)"):format(e)
  end,
  function()
    local list = some_keys()
    return function(f) return f:group_by(list):filter("i >= mean(i)") end,
      ("group_by(%s):filter"):format(table.concat(list, ", "))
  end,
  function()
    local how, key = pick{ "inner", "left", "semi", "anti", "right", "full" },
      pick{ "id", "j", "s" }
    return function(f, other)
      return f:join(other, { by = key, how = how })
    end, ("join(%s, %s)"):format(key, how)
  end,
}

local ends = {
  function()
    local list, a, b, c = some_keys(), pick(aggregates), pick(aggregates), pick(aggregates)
    return function(f)
      return f:group_by(list):summarize{ { "a1", a }, { "a2", b }, { "a3", c } }
    end, ("group_by(%s):summarize(%q, %q, %q)"):format(table.concat(list, ", "), a, b, c)
  end,
  function()
    local a, b = pick(aggregates), pick(aggregates)
    return function(f) return f:summarize{ { "a1", a }, { "a2", b } } end,
      ("summarize(%q, %q)"):format(a, b)
  end,
  function()
    local list = some_keys()
    return function(f) return f:count(list) end, "count " .. table.concat(list, ", ")
  end,
  function()
    return function(f) return f:select(hana.cols{ type = "number" }) end, "select numbers"
  end,
}

local function same(a, b)
  if a == b then return true end
  if type(a) ~= "number" or type(b) ~= "number" then return false end
  if a ~= a or b ~= b then return a ~= a and b ~= b end
  return math.abs(a - b) <= 1e-11 * math.max(math.abs(a), math.abs(b), 1e-3)
end

--- nil, or what differs.
function M.difference(got, want)
  local names, other = got:names(), want:names()
  if table.concat(names, "|") ~= table.concat(other, "|") then
    return "names " .. table.concat(names, ", ") .. " for " .. table.concat(other, ", ")
  end
  if #got ~= #want then return ("%d rows for %d"):format(#got, #want) end
  local types, wanted = got:types(), want:types()
  for _, name in ipairs(names) do
    if types[name] ~= wanted[name] then
      return ("column %s is %s, not %s"):format(name, types[name], wanted[name])
    end
    local a, b = got:col(name), want:col(name)
    for i = 1, #got do
      if not same(a[i], b[i]) then
        return ("column %s, row %d: %s for %s"):format(name, i, tostring(a[i]), tostring(b[i]))
      end
    end
  end
end

local function message(err) return tostring(err):gsub("^.-:%d+: ", "") end

-- What a database refuses, at once or while it runs: it has an error where hana has inf or NaN.
local function is_refusal(err)
  local text = message(err)
  return text:find("collect() first", 1, true) or text:find "out of range"
    or text:find "division by zero" or text:find "^postgres: cannot take"
    or text:find "^postgres: a negative number raised" or text:find "^postgres: zero raised"
end

--- Runs a chain on both; gives "same", "refused", "failed" (both) or "unnoticed" (the frame
--- alone fails), and what was done; raises where they differ.
function M.chain(seed, stored, other, df, other_df)
  math.randomseed(seed)
  random = math.random
  local done, lazy, eager = {}, stored, df
  local outcome = "same"
  local function step(make)
    local run, words = make()
    local ok, next_lazy = pcall(run, lazy, other)
    if not ok and is_refusal(next_lazy) then
      outcome = "refused"
      return true
    end
    done[#done + 1] = words
    local fine, next_eager = pcall(run, eager, other_df)
    if not ok then
      assert(not fine, ("seed %d: %s: only SQL fails: %s"):format(seed, table.concat(done, " : "),
        tostring(next_lazy)))
      return false
    end
    lazy = next_lazy
    if not fine then
      -- A cell that the result does not need goes unnoticed with its error.
      local ran, got = pcall(lazy.collect, lazy)
      local of_a_cell = message(next_eager):find "by the integer 0"
        or message(next_eager):find "integer overflow" or message(next_eager):find "is no "
      assert(not ran or of_a_cell, ("seed %d: %s: only the frame fails: %s\n%s\n%s"):format(seed,
        table.concat(done, " : "), tostring(next_eager), tostring(got), lazy:sql()))
      outcome = ran and "unnoticed" or "failed"
      return false
    end
    eager = next_eager
    return true
  end
  local going = true
  for _ = 1, random(0, 4) do going = going and step(pick(verbs)) end
  if going and random() < 0.6 then going = step(pick(ends)) end
  if not going then return outcome, done end
  local sql = lazy:sql()
  local ran, got = pcall(lazy.collect, lazy)
  if not ran then
    assert(is_refusal(got), ("seed %d: %s: %s\n%s"):format(seed, table.concat(done, " : "),
      tostring(got), sql))
    return "refused", done
  end
  local different = M.difference(got, eager)
  assert(not different, ("seed %d: %s: %s\n%s"):format(seed, table.concat(done, " : "),
    tostring(different), sql))
  return outcome, done
end

--- Tables to run over.
function M.tables(seed, n, extremes)
  math.randomseed(seed)
  random = math.random
  return M.frame(n, extremes), M.frame(n // 2, extremes)
end

return M
