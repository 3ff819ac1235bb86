-- Stage 1: what is decided, how success is measured, and whether a model is needed at all.

local core = require "hana.core"
local phrase = require "hana.phrase"
local report = require "hana.report"

local M = {}

local names = {
  "problem",
  "decision",
  "metric",
  "goal",
  "baseline",
  "cost_of_error",
  "constraints",
  "users",
  "unit",
  "currency",
}

local function baseline_name(value)
  if type(value) == "string" then return value end
  if value == nil then return nil end
  local found, name = pcall(function() return value.kind or value.name end)
  return found and name or tostring(value)
end

---p:define{ problem, decision, metric, goal, baseline, cost_of_error, constraints }
function M.define(p, given)
  if type(given) ~= "table" then
    core.raise("define: expected a table { problem = , decision = , metric = }")
  end
  p:check_keys(given, names, "define")
  if type(given.problem) ~= "string" or not given.problem:find("%S") then
    core.raise("define: 'problem' is empty: say in a sentence what is not known and why it matters")
  end
  local t = p.t
  local unit = given.unit and " " .. given.unit or ""
  local facts = { { t("define.problem"), given.problem } }
  local function fact(key, value, remark)
    if value then facts[#facts + 1] = { t("define." .. key), value, remark } end
  end
  fact("decision", given.decision)
  fact("users", given.users)
  if given.metric then
    local known = "metric." .. given.metric
    local said, label = pcall(t, known)
    fact("metric", "`" .. given.metric .. "`", said and label or nil)
  end
  if given.goal then
    fact(
      "goal",
      (type(given.goal) == "number" and phrase.given(given.goal) or tostring(given.goal)) .. unit
    )
  end
  fact(
    "baseline",
    baseline_name(given.baseline) and "`" .. baseline_name(given.baseline) .. "`",
    t("define.baseline_why")
  )
  if given.cost_of_error then
    local cost = given.cost_of_error
    fact(
      "cost_of_error",
      type(cost) == "number" and phrase.money(cost, given.currency) or tostring(cost)
    )
  end
  local blocks = { report.facts(facts) }
  if given.constraints then
    blocks[#blocks + 1] = report.heading(4, t("define.constraints"))
    blocks[#blocks + 1] =
      report.list(type(given.constraints) == "table" and given.constraints or { given.constraints })
  end
  local open = {}
  for _, key in ipairs{ "decision", "metric", "goal", "cost_of_error" } do
    if given[key] == nil then open[#open + 1] = t("define." .. key) end
  end
  if #open > 0 then
    blocks[#blocks + 1] =
      report.callout("warn", t("define.open", { what = table.concat(open, ", ") }))
  end
  p.state.problem, p.state.metric, p.state.goal, p.state.unit =
    given.problem, given.metric, given.goal, given.unit
  p.state.decision = given.decision
  p.state.currency = given.currency or p.state.currency
  if type(given.cost_of_error) == "number" then p.state.cost_of_error = given.cost_of_error end
  p.baseline = type(given.baseline) ~= "string" and given.baseline or nil
  p:reopen()
  p:record("define", "define", blocks, { sentence = given.problem })
  p:keep("define", {
    problem = given.problem,
    decision = given.decision,
    metric = given.metric,
    goal = given.goal,
    unit = given.unit,
  })
  return p.results.define[1]
end

---p:alternatives{ question, alternatives, ... }: as hana.decide; a second call (errors measured by
---now)
---stands beside the first.
function M.alternatives(p, given)
  local decide = require "hana.decide"
  local d = given
  if not decide.is(given) then
    local options = {}
    for key, value in pairs(given) do
      options[key] = value
    end
    options.lang = options.lang or p.lang
    options.seed = options.seed or p.seed
    options.currency = options.currency or p.state.currency
    if options.cost_of_error == nil then options.cost_of_error = p.state.cost_of_error end
    d = decide.new(options)
  end
  local t = p.t
  local again = p.ran["define:alternatives"] and p.state.decided
  local blocks =
    { report.heading(3, t(again and "define.alternatives_again" or "define.alternatives")) }
  local measured, total = 0, 0
  for _, a in ipairs(d.alternatives) do
    total = total + 1
    if a.inputs.error.source == "measured" then measured = measured + 1 end
  end
  blocks[#blocks + 1] = report.prose(
    t("define.measured_share", { measured = phrase.number(measured), total = phrase.number(total) })
  )
  if again then
    local rows = {}
    for i, a in ipairs(d.alternatives) do
      local before = p.state.decided[a.name]
      rows[i] = {
        a.name,
        { text = before and phrase.money(before, d.currency) or "–", sort = before },
        { text = phrase.money(a.mean, d.currency), sort = a.mean },
      }
    end
    blocks[#blocks + 1] = report.table{
      caption = t("define.then_now"),
      rows = rows,
      columns = {
        { label = t("decide.alternative") },
        { label = t("define.guessed"), align = "right" },
        { label = t("define.now"), align = "right" },
      },
    }
  end
  for _, block in ipairs(d:blocks(true)) do
    blocks[#blocks + 1] = block
  end
  p.state.decided = {}
  for _, a in ipairs(d.alternatives) do
    p.state.decided[a.name] = a.mean
  end
  p.state.verdict = d.headline
  local aside = p.current ~= "define" and p.state.stages.define ~= nil
  -- Another process gets the figures as a plain table.
  p:keep("alternatives", d:values())
  p:record("define", "alternatives", blocks, {
    values = d:values(),
    decision = d.sentence,
    aside = aside,
  })
  p.results.alternatives = table.pack(d)
  return d
end

return M
