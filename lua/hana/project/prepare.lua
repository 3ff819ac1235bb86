-- Stage 3: rows set aside before anyone has looked, and cleaning that cannot learn from rows.

local audit = require "hana.project.audit"
local core = require "hana.core"
local phrase = require "hana.phrase"
local report = require "hana.report"
local seal = require "hana.project.seal"

local M = {}

local function shared_rows(a, b)
  local seen, n = {}, 0
  for _, key in ipairs(audit.row_keys(a)) do
    seen[key] = true
  end
  for _, key in ipairs(audit.row_keys(b)) do
    if seen[key] then n = n + 1 end
  end
  return n
end

---local train, sealed = p:split(df, { test = 0.2, stratify = , group = , by_time = , seed = })
function M.split(p, df, given)
  given = given or {}
  p:check_keys(given, { "test", "valid", "stratify", "group", "by_time", "seed" }, "split")
  if seal.is(df) then p:refuse_sealed(df, "split") end
  if not require("hana.frame").is(df) then
    core.raise("split: expected a frame, got " .. type(df))
  end
  if not given.test then
    core.raise("split: 'test' is missing: the share (or number) of rows to set aside")
  end
  local options = {}
  for key, value in pairs(given) do
    options[key] = value
  end
  options.seed = options.seed or p.seed
  local t = p.t
  local parts = table.pack(df:split(options))
  local train, valid, test = parts[1], parts.n == 3 and parts[2] or nil, parts[parts.n]
  local handle = p:seal(test)
  local how = given.by_time and t("split.by_time", { column = given.by_time })
    or given.group and t("split.by_group", { column = tostring(given.group) })
    or given.stratify and t("split.by_stratum", { column = tostring(given.stratify) })
    or t("split.random")
  local facts = {
    { t("split.train"), t("rows", { n = phrase.number(#train) }) },
    { t("split.test"), t("rows", { n = phrase.number(#test) }), t("split.test_remark") },
    { t("split.how"), how, t("split.seed", { seed = tostring(options.seed) }) },
  }
  if valid then
    table.insert(facts, 2, { t("split.valid"), t("rows", { n = phrase.number(#valid) }) })
  end
  local twins = shared_rows(train, test)
  local blocks = { report.heading(3, t("split.heading")), report.facts(facts) }
  if twins > 0 then
    blocks[#blocks + 1] = report.callout("warn", t("split.twins", { n = phrase.number(twins) }))
  else
    blocks[#blocks + 1] = report.callout("good", t("split.no_twins"))
  end
  -- Looks belong to a set of rows: another set has not been looked at.
  local hash = tostring(test:hash())
  if p.state.sealed_hash ~= hash then
    p.state.looks, p.state.seen = 0, nil
  end
  p.state.sealed_hash = hash
  p:keep("split", train, valid or handle, valid and handle or nil)
  p.results.split = valid and table.pack(train, valid, handle) or table.pack(train, handle)
  p.state.results.split.n = valid and 3 or 2
  p:record("prepare", "split", blocks, {
    sentence = t("split.sentence", { train = phrase.number(#train), test = phrase.number(#test) }),
  })
  return table.unpack(p.results.split, 1, p.results.split.n)
end

local function by_id(df)
  local at = {}
  for i, id in ipairs(core.row_ids(df)) do
    at[id] = i
  end
  return at
end

local function same(a, b) return a == b or (a ~= a and b ~= b) end

-- Both halves, and a few rows on their own: a row that is alone is its own mean, maximum and rank.
local function parts_of(df)
  local n = #df
  local parts = { df:head(n // 2), df:tail(n - n // 2) }
  for k = 1, 5 do
    local at = math.max(1, math.min(n, (2 * k - 1) * n // 10))
    parts[#parts + 1] = df:take{ at }
  end
  return parts
end

-- What a function makes of a part must be what it makes of the whole, else a row's result depends
-- on other rows: it learns, and belongs in the model's pipeline.
local function refuse_learning(df, f, whole)
  if #df < 4 then return end
  local complaint = "prepare: the function must work row by row, since what learns from rows "
    .. "(means, levels, scales, "
    .. "ranks) has to be learnt inside each fold: put it into the model's pipeline (hana.impute, "
    .. "hana.standardize, "
    .. "hana.one_hot, ...). "
  local whole_at, rows = by_id(whole), 0
  local columns = {}
  for _, name in ipairs(whole:names()) do
    if whole:types()[name] ~= "block" then columns[name] = whole:col(name):totable() end
  end
  for k, part in ipairs(parts_of(df)) do
    local done, made = pcall(f, part)
    if not done then
      core.raise(complaint .. "On some of the rows it failed: " .. tostring(made))
    end
    if k <= 2 then rows = rows + #made end
    local ids = core.row_ids(made)
    local types = made:types()
    for _, name in ipairs(made:names()) do
      local reference = columns[name]
      if not reference and types[name] ~= "block" then
        core.raise(complaint .. ("Column '%s' comes from some of the rows only"):format(name))
      end
      local cells = reference and made:col(name):totable() or {}
      for i, v in ipairs(cells) do
        local at = whole_at[ids[i]]
        if not at or not same(v, reference[at]) then
          core.raise(
            complaint .. ("Column '%s' of a row changes with the rows beside it"):format(name)
          )
        end
      end
    end
  end
  if rows ~= #whole then
    core.raise(complaint .. "Which rows are kept changes with the rows beside them")
  end
end

local function describe(a)
  if a.numeric and a.min then
    return ("%s … %s … %s"):format(
      phrase.number(a.min),
      phrase.number(a.median),
      phrase.number(a.max)
    )
  end
  return a.distinct and phrase.number(a.distinct) or ""
end

-- Cells that differ on rows that are on both sides.
local function changed_cells(before, after, name)
  if not before:has(name) or not after:has(name) or before:types()[name] == "block" then
    return 0
  end
  local at = by_id(before)
  local old, new, n = before:col(name):totable(), after:col(name):totable(), 0
  for i, id in ipairs(core.row_ids(after)) do
    local row = at[id]
    if row and not same(old[row], new[i]) then n = n + 1 end
  end
  return n
end

local function changes_table(t, before, after)
  local old, new, rows = {}, {}, {}
  for _, a in ipairs(audit.frame(before)) do
    old[a.name] = a
  end
  local order = {}
  for _, a in ipairs(audit.frame(after)) do
    new[a.name] = a
  end
  for _, name in ipairs(before:names()) do
    order[#order + 1] = name
  end
  for _, name in ipairs(after:names()) do
    if not old[name] then order[#order + 1] = name end
  end
  for _, name in ipairs(order) do
    local a, b = old[name], new[name]
    local what = not b and t("prepare.removed")
      or not a and t("prepare.added")
      or a.type ~= b.type and t("prepare.retyped", { from = a.type, to = b.type })
      or ""
    local n = a and b and changed_cells(before, after, name) or 0
    rows[#rows + 1] = {
      "`" .. name .. "`",
      what,
      { text = a and b and phrase.number(n) or "–", sort = n },
      { text = a and phrase.number(a.nulls) or "–", sort = a and a.nulls or -1 },
      { text = b and phrase.number(b.nulls) or "–", sort = b and b.nulls or -1 },
      a and describe(a) or "–",
      b and describe(b) or "–",
    }
  end
  return report.table{
    caption = t("prepare.table"),
    rows = rows,
    note = t("prepare.table_note"),
    columns = {
      { label = t("column") },
      { label = t("prepare.change") },
      { label = t("prepare.cells"), align = "right" },
      { label = t("prepare.missing_before"), align = "right" },
      { label = t("prepare.missing_after"), align = "right" },
      { label = t("prepare.before") },
      { label = t("prepare.after") },
    },
  }
end

---local clean = p:prepare(train, function(d) return d:filter("age > 0") end)
function M.prepare(p, df, f, given)
  p:frame(df, "prepare")
  if type(f) ~= "function" then
    core.raise("prepare: expected a function(frame) that gives the cleaned frame back")
  end
  given = given or {}
  p:check_keys(given, { "why" }, "prepare")
  local t = p.t
  local clean = f(df)
  if not require("hana.frame").is(clean) then
    core.raise("prepare: the function must return a frame, it returned " .. type(clean))
  end
  local known = by_id(df)
  for _, id in ipairs(core.row_ids(clean)) do
    if not known[id] then
      core.raise(
        "prepare: the function returned rows that are not among those given to it (a join, a "
          .. "pivot or a "
          .. "summary makes new ones); do that before p:split"
      )
    end
  end
  refuse_learning(df, f, clean)
  local facts = {
    {
      t("prepare.rows"),
      t("prepare.from_to", { before = phrase.number(#df), after = phrase.number(#clean) }),
      #clean < #df and t(
        "prepare.dropped",
        { n = phrase.number(#df - #clean), share = phrase.percent((#df - #clean) / #df) }
      ) or nil,
    },
    {
      t("prepare.columns"),
      t(
        "prepare.from_to",
        { before = phrase.number(df:ncol()), after = phrase.number(clean:ncol()) }
      ),
    },
  }
  if given.why then facts[#facts + 1] = { t("prepare.why"), given.why } end
  local blocks = { report.heading(3, t("prepare.heading")) }
  if p.sealed then
    local raw = seal.frame(p.sealed)
    local done, cleaned = pcall(f, raw)
    if not done then
      core.raise("prepare: the function failed on the sealed rows: " .. tostring(cleaned))
    end
    facts[#facts + 1] = {
      t("prepare.sealed"),
      t("prepare.from_to", { before = phrase.number(#raw), after = phrase.number(#cleaned) }),
      t("prepare.sealed_remark"),
    }
    require("hana.project.keep").replace_sealed(p, cleaned)
  else
    blocks[#blocks + 1] = report.callout("warn", t("prepare.unsplit"))
  end
  blocks[#blocks + 1] = report.facts(facts)
  blocks[#blocks + 1] = changes_table(t, df, clean)
  p:keep("prepare", clean)
  p.results.prepare = table.pack(clean)
  p:record("prepare", "prepare", blocks, {
    decision = given.why,
    sentence = t(
      "prepare.sentence",
      { before = phrase.number(#df), after = phrase.number(#clean) }
    ),
  })
  return clean
end

return M
