-- Stage 2: why and what to collect before how; then each source as it came, column by column.

local audit = require "hana.project.audit"
local core = require "hana.core"
local form = require "hana.form"
local phrase = require "hana.phrase"
local planned = require "hana.project.plan"
local report = require "hana.report"
local seal = require "hana.project.seal"

local M = {}

local function is_frame(value) return require("hana.frame").is(value) end

-- `of_source`: what one source is to bring, which is not the plan that is handed over.
local function plan(p, t, given, of_source)
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
  local list = planned.columns(what)
  local blocks = { report.facts{ { t("collect.why"), why } }, planned.table(p, list) }
  local facts = {}
  if given.how then facts[#facts + 1] = { t("collect.how"), given.how } end
  if given.expected then
    facts[#facts + 1] = { t("collect.expected"), t("rows", { n = phrase.number(given.expected) }) }
  end
  if given.template then
    planned.template(p, given.template, list, given.expected)
    facts[#facts + 1] = {
      t("collect.template"),
      "`" .. given.template .. "`",
      t("collect.template_remark"),
    }
  end
  if not of_source then
    planned.hand_over(p, p.state.plan, list, given.template)
    facts[#facts + 1] = {
      t("collect.hand_over"),
      "`collection-plan.md`, `collection.schema.json`",
      t("collect.hand_over_remark"),
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

-- Cells outside the limits of the plan, by column.
local function outside(list, df)
  local fields, out = {}, {}
  for _, item in ipairs(list) do
    if item.field and df:has(item.name) then fields[#fields + 1] = { item.name, item.field } end
  end
  if #fields == 0 then return out end
  for _, one in ipairs(form.audit(fields, df)) do
    local n = one.low + one.high + one.other
    if n > 0 then out[#out + 1] = { name = one.name, n = n, share = n / math.max(1, one.n) } end
  end
  return out
end

-- From half of the expected rows on, with every required column filled in at least half of them,
-- the next stage can begin; it is complete with all rows and 95% of the required cells.
local begin_at, complete_at = 0.5, 0.95

local function readiness(p, df, audits)
  local wanted = p.state.plan
  local by = {}
  for _, a in ipairs(audits) do
    by[a.name] = a
  end
  local absent, thin, missing, required, met, usable = {}, {}, {}, 0, 0, true
  local list = planned.columns(wanted.what)
  for _, item in ipairs(list) do
    local a = by[item.name]
    if item.required then required = required + 1 end
    if not a then
      absent[#absent + 1] = item.name
      if item.required then
        usable = false
        missing[#missing + 1] = item.name
      end
    else
      local share = a.n > 0 and 1 - a.nulls / a.n or 0
      if item.required then
        met = met + share
        usable = usable and share >= begin_at
        if share < complete_at then thin[#thin + 1] = { name = item.name, share = share } end
      end
    end
  end
  local expected = wanted.expected
  local share = expected and #df / expected or nil
  local enough = #df > 0 and usable and (not share or share >= begin_at)
  return {
    rows = #df,
    expected = expected,
    share = share,
    absent = absent,
    thin = thin,
    outside = outside(list, df),
    missing = missing,
    required = required,
    filled = required > 0 and met / required or 1,
    enough = enough,
    complete = enough and #thin == 0 and (not share or share >= 1),
  }
end

-- What a source lacks before it is complete, in words.
local function lacking(t, ready)
  local parts = {}
  if ready.rows == 0 then parts[1] = t("collect.lacks_all") end
  if ready.share and ready.share < 1 and ready.rows > 0 then
    parts[#parts + 1] = t("collect.lacks_rows", {
      n = phrase.number(math.ceil(ready.expected - ready.rows)),
    })
  end
  for _, name in ipairs(ready.absent) do
    parts[#parts + 1] = "`" .. name .. "`"
  end
  for _, item in ipairs(ready.thin) do
    parts[#parts + 1] = t("collect.lacks_cells", {
      column = "`" .. item.name .. "`",
      share = phrase.percent(1 - item.share),
    })
  end
  for _, item in ipairs(ready.outside) do
    parts[#parts + 1] = t("collect.lacks_valid", {
      column = "`" .. item.name .. "`",
      n = phrase.number(item.n),
    })
  end
  return table.concat(parts, "; ")
end

-- All sources so far: how far each is, and whether the next stage can begin with it.
local function sources_table(p, t)
  local rows = {}
  for i, one in ipairs(p.state.sources) do
    rows[i] = {
      one.name,
      { text = phrase.number(one.rows), sort = one.rows },
      { text = one.share and phrase.percent(one.share) or "–", sort = one.share },
      { text = one.filled and phrase.percent(one.filled) or "–", sort = one.filled },
      one.enough == nil and "–"
        or t(one.complete and "collect.state_complete" or one.enough and "collect.state_begin"
          or "collect.state_wait"),
      one.lacks or "",
    }
  end
  return report.table{
    caption = t("collect.sources"),
    rows = rows,
    note = t("collect.sources_note", {
      begin = phrase.percent(begin_at),
      complete = phrase.percent(complete_at),
    }),
    columns = {
      { label = t("collect.source") },
      { label = t("explore.rows"), align = "right" },
      { label = t("collect.share"), align = "right" },
      { label = t("collect.filled"), align = "right" },
      { label = t("collect.state") },
      { label = t("collect.lacks") },
    },
  }
end

-- The table of all sources stands once, with the last one.
local function forget_table(p, caption)
  local stage = p.state.stages.collect
  for _, entry in ipairs(stage and stage.entries or {}) do
    for i = #entry.blocks, 1, -1 do
      if entry.blocks[i].caption == caption then table.remove(entry.blocks, i) end
    end
  end
end

-- A source that is taken in again takes its own place.
local function remember(p, name, given, audits, ready, lacks)
  local sources = p.state.sources or {}
  p.state.sources = sources
  local at = #sources + 1
  for i, one in ipairs(sources) do
    if one.name == name then at = i end
  end
  sources[at] = {
    name = name,
    rows = ready.rows,
    columns = #audits,
    collected_on = given.collected_on,
    licence = given.licence,
    share = ready.share,
    filled = ready.filled,
    enough = ready.enough,
    complete = ready.complete,
    lacks = lacks,
  }
end

local function source(p, t, df, given)
  p:check_keys(
    given,
    { "source", "collected_on", "why", "what", "how", "expected", "licence", "notes", "name" },
    "collect"
  )
  if given.why or given.what then
    local own =
      { why = given.why, what = given.what, how = given.how, expected = given.expected }
    plan(p, t, own, true)
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
  for _, item in ipairs(ready.outside) do
    blocks[#blocks + 1] = report.callout(
      "warn",
      t("collect.outside", { column = "`" .. item.name .. "`", n = phrase.number(item.n) })
    )
  end
  local read, text = pcall(function() return df:read_report() end)
  if read and text then
    local line = tostring(text)
    if line:find("%S") and #line < 4000 then
      blocks[#blocks + 1] = report.heading(4, t("collect.read_report"))
      blocks[#blocks + 1] = report.code(line)
    end
  end
  local lacks = lacking(t, ready)
  local key = ready.complete and "collect.ready" or ready.enough and "collect.partial"
    or "collect.not_enough"
  local state = t(key)
  if lacks ~= "" then state = state .. " " .. t("collect.lacks_text", { what = lacks }) end
  blocks[#blocks + 1] =
    report.callout(ready.complete and "good" or ready.enough and "info" or "warn", state)
  remember(p, name, given, audits, ready, lacks)
  if #p.state.sources > 1 then
    forget_table(p, t("collect.sources"))
    blocks[#blocks + 1] = sources_table(p, t)
  end
  p:keep("collect", df, ready)
  local rows, complete = 0, 0
  for _, one in ipairs(p.state.sources) do
    rows = rows + one.rows
    if one.complete then complete = complete + 1 end
  end
  local several = #p.state.sources > 1
  p:record("collect", "collect.source:" .. name, blocks, {
    sentence = several and t("collect.sentence_several", {
      n = phrase.number(#p.state.sources),
      rows = phrase.number(rows),
      complete = phrase.number(complete),
    }) or t(
      "collect.sentence",
      { rows = phrase.number(#df), columns = phrase.number(#audits), name = name }
    ),
  })
  return df, ready
end

---`p:collect{ why =, what =, how =, expected =, template = "form.xlsx" }` plans: it writes
---`collection-plan.md` and `collection.schema.json` to hand over, and the template, an empty Excel
---form (or .csv) that takes only what it should. `what` names the columns: each "required", "nice",
---or { need =, type =, unit =, min =, max =, choices =, max_length =, why = }.
---
---`p:collect(df, { source =, collected_on =, licence =, notes = })` takes a source in, once per
---source. Gives the frame and its readiness: rows, expected, share, filled, absent, missing (what
---is required and not there), thin, outside (the limits), enough (for the next stage), complete.
---@param first hana.Frame|table
---@param second table?
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
