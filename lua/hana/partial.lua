--- Aggregates over rows that come in parts: what is kept of a part, how that of two parts is
--- joined, and the aggregate from all of them.
local core = require "hana.core"
local pairs_in_order = require "hana.pairs"

local M = {}

local aggregates = {}
for _, name in ipairs{ "count", "sum", "mean", "median", "sd", "var", "min", "max", "quantile",
  "first", "last", "n_unique", "mode", "corr", "any", "all" } do
  aggregates[name] = true
end

-- Those of which the same aggregate over the parts' results is the result.
local same = { sum = "sum", min = "min", max = "max", any = "any", all = "all", first = "first",
  last = "last", count = "sum" }

--- The plan of one or more expressions: `names` and `texts` are what is computed of a part.
local function new_plan() return { names = {}, texts = {}, rules = {}, spread = {}, known = {} } end

-- The column that holds `text` of each part, joined by `rule`.
local function keep(plan, text, rule)
  local key = rule .. " " .. text
  if not plan.known[key] then
    local name = ("__%d"):format(#plan.names + 1)
    plan.known[key] = name
    plan.names[#plan.names + 1], plan.texts[#plan.texts + 1] = name, text
    plan.rules[#plan.rules + 1] = rule
  end
  return plan.known[key]
end

-- Mean by counts; with `spread`, also the sum of squared distances from it (Chan, Golub and LeVeque
-- 1983).
local function keep_moments(plan, x, spread)
  local key = "moments " .. x
  local m = plan.known[key]
  if not m then
    m = {
      n = keep(plan, ("count(%s)"):format(x), "sum"),
      mean = keep(plan, ("mean(%s)"):format(x), "mean"),
    }
    plan.known[key] = m
    plan.spread[#plan.spread + 1] = m
  end
  if spread and not m.variance then
    m.variance = keep(plan, ("var(%s)"):format(x), "min") -- null where all are
    m.squares = m.n .. "_squares"
  end
  return m
end

-- The aggregate's value over the columns of the joined parts, as an expression.
local function final(plan, call, text, params)
  local arguments = {}
  for i, range in ipairs(call.args) do
    arguments[i] = text:sub(range.from, range.to)
    if not core.expression_info(arguments[i], params).rowwise then
      core.raise(("scan_csv: \"%s\" looks beyond its own row; collect() what it needs first, as in "
        .. "scan:select{ ... }:collect()"):format(arguments[i]))
    end
  end
  local x = arguments[1]
  if same[call.name] then
    return keep(plan, ("%s(%s)"):format(call.name, table.concat(arguments, ", ")), same[call.name])
  end
  if #arguments == 1 and call.name == "mean" then return keep_moments(plan, x).mean end
  if #arguments == 1 and (call.name == "var" or call.name == "sd") then
    local m = keep_moments(plan, x, true)
    local variance = ("if_else(%s > 1, %s / (%s - 1), %s)"):format(m.n, m.squares, m.n, m.variance)
    return call.name == "var" and variance or ("sqrt(%s)"):format(variance)
  end
  core.raise(("scan_csv: %s needs all values at once; collect() what it needs first, as in " ..
    "scan:select{ ... }:collect()"):format(call.name))
end

-- The expression over the joined parts that gives what `text` gives over all rows.
local function translate(plan, text, params)
  local out, at, inside = {}, 1, 0
  for _, call in ipairs(core.expression_calls(text, params)) do
    if call.name == "category" then
      core.raise("scan_csv: category(x) needs all values to know the levels; say types = "
        .. "{ name = \"category\" } to scan_csv, or collect() first")
    end
    if aggregates[call.name] then
      if call.from <= inside then
        core.raise(("summarize: an aggregate inside another in \"%s\""):format(text))
      end
      out[#out + 1] = text:sub(at, call.from - 1)
      out[#out + 1] = "(" .. final(plan, call, text, params) .. ")"
      at, inside = call.to + 1, call.to
    end
  end
  out[#out + 1] = text:sub(at)
  return table.concat(out)
end

-- What is kept of a part.
local function of_part(plan, keys, part, params)
  local df = core.summarize(part, keys, plan.names, plan.texts, params)
  local squares = {}
  for _, m in ipairs(plan.spread) do
    if m.squares then
      local text = ("coalesce(%s, 0.0) * (%s - 1)"):format(m.variance, m.n)
      squares[#squares + 1] = { m.squares, text }
    end
  end
  return #squares > 0 and df:mutate(squares) or df
end

-- One of several: a row a group.
local function join(plan, keys, frames)
  local df = #frames == 1 and frames[1] or core.concat(frames)
  local names, texts = {}, {}
  local centers, center_texts = {}, {}
  for i, name in ipairs(plan.names) do
    names[i] = name
    texts[i] = plan.rules[i] ~= "mean" and ("%s(%s)"):format(plan.rules[i], name) or false
  end
  for _, m in ipairs(plan.spread) do
    local mean = ("if_else(sum(%s) > 0, sum(%s * %s) / sum(%s), mean(%s))"):format(m.n, m.n,
      m.mean, m.n, m.mean)
    for i, name in ipairs(names) do
      if name == m.mean then texts[i] = mean end
    end
    if m.squares then
      local center = m.n .. "_center"
      centers[#centers + 1], center_texts[#center_texts + 1] = center, mean
      names[#names + 1] = m.squares
      texts[#texts + 1] = ("sum(%s + coalesce(%s * (%s - %s) ^ 2, 0.0))"):format(m.squares, m.n,
        m.mean, center)
    end
  end
  if #centers > 0 then
    if #keys > 0 then
      df = core.mutate_within(df, keys, centers, center_texts, nil, true)
    else
      df = core.mutate(df, centers, center_texts, nil, true)
    end
  end
  return core.summarize(df, keys, names, texts)
end

-- A group's own column beside aggregates would pass for one value a group. Other failures are those
-- of no rows, and may be none of the file's.
local function refuse_rows(none, keys, names, values, params)
  local good, message = pcall(core.summarize, none, keys, names, values, params)
  if not good and tostring(message):find("this has a value for each row", 1, true) then
    error(message, 0)
  end
end

-- Parts are joined when there are this many rows, or twice the groups.
local ROWS = 200000

--- `summarize` over the parts that `run` gives.
---@param scan hana.Scan
---@param run function
---@param keys string[]
---@param what table
---@param params table?
---@return hana.Frame
function M.summarize(scan, run, keys, what, params)
  local names, values = pairs_in_order(what, "summarize")
  core.check_params("summarize", values, params)
  local plan = new_plan()
  local texts, looked_at = {}, table.move(keys, 1, #keys, 1, {})
  for i, text in ipairs(values) do
    if type(text) ~= "string" then
      core.raise(("summarize: '%s' must be an expression, got a %s"):format(names[i], type(text)))
    end
    for _, name in ipairs(core.expression_info(text, params).columns) do
      looked_at[#looked_at + 1] = name
    end
    texts[i] = translate(plan, text, params)
    if not core.expression_info(texts[i], params).rowwise then
      core.raise(("scan_csv: \"%s\" looks beyond its own row; collect() first"):format(text))
    end
  end
  local state = run(scan, function() return { kept = {}, rows = 0, limit = ROWS } end,
    function(state, part)
      if #state.kept == 0 then refuse_rows(part:head(0), keys, names, values, params) end
      local kept = of_part(plan, keys, part, params)
      state.kept[#state.kept + 1] = kept
      state.rows = state.rows + #kept
      if state.rows <= state.limit then return end
      local all = join(plan, keys, state.kept)
      state.kept, state.rows, state.limit = { all }, #all, math.max(ROWS, 2 * #all)
    end, looked_at)
  local df = join(plan, keys, state.kept)
  local columns, wanted = {}, table.move(keys, 1, #keys, 1, {})
  for i in ipairs(texts) do columns[i] = "__result_" .. i end
  df = core.mutate(df, columns, texts, params, true)
  local renamed = {}
  for i, name in ipairs(names) do
    wanted[#wanted + 1] = "__result_" .. i
    renamed[i] = { name, "__result_" .. i }
  end
  df = df:select(wanted)
  return #renamed > 0 and df:rename(renamed) or df
end

return M
