-- Stage 2: why and what to collect before how; then each source as it came, column by column.

local audit = require "hana.project.audit"
local core = require "hana.core"
local phrase = require "hana.phrase"
local report = require "hana.report"
local seal = require "hana.project.seal"

local M = {}

local function is_frame(value) return require("hana.frame").is(value) end

local function what_list(what)
  if type(what) == "string" then return { { name = what, need = "required" } } end
  local list = {}
  for i, name in ipairs(what) do
    list[i] = { name = name, need = "required" }
  end
  local keys = {}
  for key in pairs(what) do
    if type(key) == "string" then keys[#keys + 1] = key end
  end
  table.sort(keys)
  for _, key in ipairs(keys) do
    list[#list + 1] = { name = key, need = tostring(what[key]) }
  end
  return list
end

-- An empty table with the columns that are wanted, for those who fill it in.
local function write_template(p, name, what)
  local columns = {}
  for i, item in ipairs(what_list(what)) do
    columns[i] = { item.name, {}, "string" }
  end
  local empty = require("hana").frame(columns)
  local writer = name:match "%.csv$" and empty.write_csv
    or name:match "%.xlsx$" and core.frame_methods.write_xlsx
  if not writer then return false end
  writer(empty, p.out .. "/" .. name)
  return true
end

local function plan(p, t, given)
  local names = { "why", "what", "how", "expected", "template" }
  p:check_keys(given, names, "collect")
  local empty = {}
  local why = given.why or (p.state.plan and p.state.plan.why)
  local what = given.what or (p.state.plan and p.state.plan.what)
  if type(why) ~= "string" or not why:find("%S") then empty[#empty + 1] = "why" end
  if what == nil or what == "" or (type(what) == "table" and next(what) == nil) then
    empty[#empty + 1] = "what"
  end
  if #empty > 0 then
    core.raise(
      (
        "collect: '%s' is empty: say why the data are needed and what is needed before how they "
        .. "are collected "
        .. '(p:collect{ why = "...", what = { column = "required" } })'
      ):format(table.concat(empty, "' and '"))
    )
  end
  p.state.plan = { why = why, what = what, how = given.how, expected = given.expected }
  local rows = {}
  for i, item in ipairs(what_list(what)) do
    local known = { required = true, nice = true }
    rows[i] =
      { "`" .. item.name .. "`", known[item.need] and t("collect.need." .. item.need) or item.need }
  end
  local blocks = {
    report.facts{ { t("collect.why"), why } },
    report.table{
      caption = t("collect.what"),
      rows = rows,
      columns = { { label = t("column") }, { label = t("collect.need") } },
    },
  }
  local facts = {}
  if given.how then facts[#facts + 1] = { t("collect.how"), given.how } end
  if given.expected then
    facts[#facts + 1] = { t("collect.expected"), t("rows", { n = phrase.number(given.expected) }) }
  end
  if given.template then
    local written = write_template(p, given.template, what)
    facts[#facts + 1] = {
      t("collect.template"),
      "`" .. given.template .. "`",
      not written and t("collect.no_template") or nil,
    }
  end
  if #facts > 0 then blocks[#blocks + 1] = report.facts(facts) end
  p:record("collect", "collect.plan", blocks, { sentence = t("collect.plan_sentence") })
  return p.state.plan
end

local function range(a)
  if a.numeric and a.min then
    return ("%s … %s … %s"):format(
      phrase.number(a.min),
      phrase.number(a.median),
      phrase.number(a.max)
    )
  end
  if a.top then
    local parts = {}
    for i = 1, math.min(4, #a.top) do
      local text = tostring(a.top[i].level)
      if utf8.len(text) and utf8.len(text) > 24 then
        text = text:sub(1, utf8.offset(text, 24) - 1) .. "…"
      end
      parts[i] = ("%s (%s)"):format(text, phrase.number(a.top[i].count))
    end
    if a.distinct > 4 then parts[#parts + 1] = "…" end
    return table.concat(parts, ", ")
  end
  return ""
end

local function flag_texts(t, a)
  local parts = {}
  for i, flag in ipairs(a.flags) do
    local values = {}
    for key, value in pairs(flag.values) do
      values[key] = key == "share" and phrase.percent(value) or phrase.number(value)
    end
    parts[i] = t("flag." .. flag.key, values)
  end
  return table.concat(parts, "; ")
end

---The table of a frame's columns: type, missing, distinct, range, what is odd.
function M.audit_table(t, audits, caption)
  local rows = {}
  for i, a in ipairs(audits) do
    rows[i] = {
      "`" .. a.name .. "`",
      a.type,
      {
        text = a.nulls == 0 and "0"
          or ("%s (%s)"):format(phrase.number(a.nulls), phrase.percent(a.nulls / a.n)),
        sort = a.nulls,
      },
      { text = phrase.number(a.distinct), sort = a.distinct },
      range(a),
      flag_texts(t, a),
    }
  end
  return report.table{
    caption = caption,
    rows = rows,
    columns = {
      { label = t("column") },
      { label = t("type") },
      { label = t("missing"), align = "right" },
      { label = t("distinct"), align = "right" },
      { label = t("range") },
      { label = t("remarks") },
    },
  }
end

local function readiness(p, df, audits)
  local wanted = p.state.plan
  local by = {}
  for _, a in ipairs(audits) do
    by[a.name] = a
  end
  local absent, thin, required, met = {}, {}, 0, 0
  for _, item in ipairs(what_list(wanted.what)) do
    local a = by[item.name]
    local must = item.need == "required"
    if must then required = required + 1 end
    if not a then
      absent[#absent + 1] = item.name
    else
      local share = a.n > 0 and 1 - a.nulls / a.n or 0
      if must then met = met + share end
      if must and share < 0.95 then thin[#thin + 1] = { name = item.name, share = share } end
    end
  end
  local expected = wanted.expected
  return {
    rows = #df,
    expected = expected,
    share = expected and #df / expected or nil,
    absent = absent,
    thin = thin,
    required = required,
    filled = required > 0 and met / required or 1,
  }
end

local function source(p, t, df, given)
  p:check_keys(
    given,
    { "source", "collected_on", "why", "what", "how", "expected", "licence", "notes", "name" },
    "collect"
  )
  if given.why or given.what then
    plan(p, t, { why = given.why, what = given.what, how = given.how, expected = given.expected })
  end
  if not p.state.plan then
    core.raise(
      "collect: 'why' and 'what' are empty: say first why the data are needed and what is needed "
        .. '(p:collect{ why = "...", what = { column = "required" } }), then bring the data'
    )
  end
  local audits = audit.frame(df)
  local ready = readiness(p, df, audits)
  local name = given.name or given.source or t("collect.unnamed")
  local facts = {
    { t("collect.source"), given.source or "–" },
    {
      t("collect.size"),
      t("collect.rows_columns", { rows = phrase.number(#df), columns = phrase.number(#audits) }),
    },
  }
  if given.collected_on then
    facts[#facts + 1] = { t("collect.collected_on"), given.collected_on }
  end
  if given.licence then facts[#facts + 1] = { t("collect.licence"), given.licence } end
  if ready.share then
    facts[#facts + 1] = {
      t("collect.share"),
      t(
        "collect.share_of",
        { share = phrase.percent(ready.share), expected = phrase.number(ready.expected) }
      ),
    }
  end
  facts[#facts + 1] = { t("collect.filled"), phrase.percent(ready.filled) }
  local duplicates = audit.duplicates(df)
  facts[#facts + 1] = { t("collect.duplicates"), phrase.number(duplicates) }
  local blocks =
    { report.heading(3, t("collect.source_heading", { name = name })), report.facts(facts) }
  if given.notes then blocks[#blocks + 1] = report.markdown(given.notes) end
  if #ready.absent > 0 then
    blocks[#blocks + 1] = report.callout(
      "warn",
      t("collect.absent", { columns = "`" .. table.concat(ready.absent, "`, `") .. "`" })
    )
  end
  for _, item in ipairs(ready.thin) do
    blocks[#blocks + 1] = report.callout(
      "warn",
      t("collect.thin", { column = "`" .. item.name .. "`", share = phrase.percent(item.share) })
    )
  end
  blocks[#blocks + 1] = M.audit_table(t, audits, t("collect.audit"))
  local enough = (not ready.share or ready.share >= 0.5) and #ready.absent == 0
  local read, text = pcall(function() return df:read_report() end)
  if read and text then
    local line = tostring(text)
    if line:find("%S") and #line < 4000 then
      blocks[#blocks + 1] = report.heading(4, t("collect.read_report"))
      blocks[#blocks + 1] = report.code(line)
    end
  end
  blocks[#blocks + 1] =
    report.callout(enough and "good" or "info", t(enough and "collect.ready" or "collect.partial"))
  p.state.sources = p.state.sources or {}
  table.insert(p.state.sources, { name = name, rows = #df, columns = #audits })
  p:keep("collect", df, ready)
  p:record("collect", "collect.source:" .. name, blocks, {
    sentence = t(
      "collect.sentence",
      { rows = phrase.number(#df), columns = phrase.number(#audits), name = name }
    ),
  })
  return df, ready
end

---p:collect{ why, what, how, expected } plans; p:collect(df, { source = }) takes a source in and
---gives
---back the frame and its readiness.
function M.collect(p, first, second)
  local t = p.t
  if seal.is(first) then p:refuse_sealed(first, "collect") end
  -- A source is looked at before it is split, also when a script runs again.
  if is_frame(first) then return source(p, t, first, second or {}) end
  if type(first) ~= "table" then
    core.raise("collect: expected a frame, or a plan{ why = , what = , how = , expected = }")
  end
  return plan(p, t, first)
end

return M
