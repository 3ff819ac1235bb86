-- Stage 9: whether the world still looks as it did, and what is to be done when it does not.
-- Without a model, the form's answers are watched.

local core = require "hana.core"
local form = require "hana.form"
local judge = require "hana.project.judge"
local phrase = require "hana.phrase"
local plot = require "hana.plot"
local report = require "hana.report"
local result = require "hana.result"
local shift = require "hana.project.shift"
local train = require "hana.project.train"

local M = {}

-- What the stage gives back: a result whose table is the one in the report.
local function finding(p, fields, blocks)
  p:keep("monitor", fields)
  local out = result.new("monitoring", fields, {
    optional = { "psi", "column", "prediction_psi", "score" },
    table = function() return report.frame(blocks) end,
    text = function(self) return self.sentence end,
  })
  p.results.monitor = table.pack(out)
  return out
end

local function word_for(t, psi)
  if not psi then return "–" end
  return t(psi < 0.1 and "monitor.stable" or psi < 0.25 and "monitor.moved" or "monitor.shifted")
end

local function shift_row(t, name, s)
  local remarks = {}
  if s.outside and s.outside > 0 then
    remarks[#remarks + 1] = t("monitor.outside", { n = phrase.number(s.outside) })
  end
  if s.fresh and #s.fresh > 0 then
    remarks[#remarks + 1] =
      t("monitor.fresh", { levels = table.concat(s.fresh, ", ", 1, math.min(5, #s.fresh)) })
  end
  return {
    "`" .. name .. "`",
    { text = s.psi and phrase.number(s.psi, 3) or "–", sort = s.psi },
    word_for(t, s.psi),
    { text = s.ks and phrase.number(s.ks, 3) or "–", sort = s.ks },
    { text = s.p and (s.p < 0.001 and "< 0.001" or phrase.number(s.p, 3)) or "–", sort = s.p },
    {
      text = t(
        "prepare.from_to",
        { before = phrase.percent(s.nulls_before), after = phrase.percent(s.nulls_after) }
      ),
      sort = s.nulls_after,
    },
    table.concat(remarks, "; "),
  }
end

local function shifts_table(t, rows)
  return report.table{
    caption = t("monitor.table"),
    rows = rows,
    note = t("monitor.note"),
    columns = {
      { label = t("column") },
      { label = "PSI", align = "right" },
      { label = t("monitor.reading") },
      { label = "KS", align = "right" },
      { label = "p", align = "right" },
      { label = t("missing"), align = "right" },
      { label = t("remarks") },
    },
  }
end

local function compare(t, reference, current, names)
  local rows, most, types, now = {}, { psi = 0 }, reference:types(), current:types()
  for _, name in ipairs(names) do
    if not current:has(name) then
      rows[#rows + 1] = { "`" .. name .. "`", "–", t("monitor.gone"), "–", "–", "–", "" }
      most = { psi = math.huge, name = name }
    elseif types[name] ~= "block" then
      local is_number = (types[name] == "float" or types[name] == "int")
        and (now[name] == "float" or now[name] == "int")
      local s = shift.column(reference:col(name):totable(), current:col(name):totable(), is_number)
      rows[#rows + 1] = shift_row(t, name, s)
      if s.psi and s.psi > most.psi then most = { psi = s.psi, name = name } end
    end
  end
  return rows, most
end

-- 95% of a share (Wilson, JASA 22, 1927).
local function wilson(share, n)
  local z2 = 1.959964 ^ 2
  local middle = (share + z2 / (2 * n)) / (1 + z2 / n)
  local room = math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
  return math.max(0, middle - room), math.min(1, middle + room)
end

local function watch_form(p, given)
  local t = p.t
  p:check_keys(given, { "current", "reference", "shown", "limits", "why" }, "monitor")
  if not p.state.form then
    core.raise("monitor: the project was closed without a form; there is nothing to watch")
  end
  if not require("hana.frame").is(given.current) then
    core.raise("monitor: 'current' must be a frame of answers")
  end
  local limits = given.limits or {}
  p:check_keys(limits, { "blank", "out_of_range", "drop_off" }, "monitor's limits")
  local blank_limit, range_limit = limits.blank or 0.02, limits.out_of_range or 0.02
  local rows, alarms = {}, {}
  for i, one in ipairs(form.audit(p.state.form, given.current)) do
    if one.absent then
      rows[i] = { "`" .. one.name .. "`", "–", "–", "–", "–" }
      alarms[#alarms + 1] = t("monitor.field_absent", { field = "`" .. one.name .. "`" })
    else
      local outside = one.low + one.high + one.other
      rows[i] = {
        "`" .. one.name .. "`",
        { text = phrase.number(one.n), sort = one.n },
        {
          text = ("%s (%s)"):format(phrase.number(one.blank), phrase.percent(one.blank / one.n)),
          sort = one.blank,
        },
        {
          text = ("%s (%s)"):format(phrase.number(outside), phrase.percent(outside / one.n)),
          sort = outside,
        },
        t("monitor.outside_parts", {
          low = phrase.number(one.low),
          high = phrase.number(one.high),
          other = phrase.number(one.other),
        }),
      }
      if one.blank / one.n > blank_limit then
        alarms[#alarms + 1] = t("monitor.many_blank", {
          field = "`" .. one.name .. "`",
          share = phrase.percent(one.blank / one.n),
          limit = phrase.percent(blank_limit),
        })
      end
      if outside / one.n > range_limit then
        alarms[#alarms + 1] = t("monitor.many_outside", {
          field = "`" .. one.name .. "`",
          share = phrase.percent(outside / one.n),
          limit = phrase.percent(range_limit),
        })
      end
    end
  end
  local blocks = {
    report.prose(t("monitor.form_intro")),
    report.table{
      caption = t("monitor.form_table"),
      rows = rows,
      columns = {
        { label = t("form.field") },
        { label = t("monitor.answers"), align = "right" },
        { label = t("monitor.blank"), align = "right" },
        { label = t("monitor.out_of_range"), align = "right" },
        { label = t("remarks") },
      },
    },
  }
  if given.shown then
    local drop = 1 - #given.current / given.shown
    if type(given.shown) ~= "number" or given.shown < #given.current then
      core.raise(("monitor: 'shown' is %s, fewer than the %d answers"):format(
        tostring(given.shown), #given.current))
    end
    local low, high = wilson(drop, given.shown)
    local text = t("monitor.drop_off", {
      drop = phrase.percent(drop),
      low = phrase.percent(low),
      high = phrase.percent(high),
      shown = phrase.number(given.shown),
      answers = phrase.number(#given.current),
    })
    if limits.drop_off then
      text = text .. " " .. t("monitor.drop_off_limit", { limit = phrase.percent(limits.drop_off) })
      if drop > limits.drop_off then
        alarms[#alarms + 1] =
          t("monitor.drop_off_over", { limit = phrase.percent(limits.drop_off) })
      end
      if low < limits.drop_off and high > limits.drop_off then
        text = text .. " " .. t("monitor.drop_off_open")
      end
    end
    blocks[#blocks + 1] = report.prose(text)
  end
  if given.reference then
    local names = {}
    for _, one in ipairs(form.fields(p.state.form)) do
      if given.reference:has(one.name) then names[#names + 1] = one.name end
    end
    blocks[#blocks + 1] = shifts_table(t, (compare(t, given.reference, given.current, names)))
  end
  if #alarms > 0 then
    for _, text in ipairs(alarms) do
      blocks[#blocks + 1] = report.callout("warn", text)
    end
  else
    blocks[#blocks + 1] = report.callout("good", t("monitor.form_fine"))
  end
  blocks[#blocks + 1] = report.prose(
    t(
      "monitor.form_rule",
      { blank = phrase.percent(blank_limit), range = phrase.percent(range_limit) }
    )
  )
  local sentence = alarms[1] or t("monitor.form_fine")
  local out = finding(
    p,
    { verdict = #alarms > 0 and "look" or "fine", alarms = alarms, sentence = sentence },
    blocks
  )
  p:record("monitor", "monitor", blocks, { sentence = sentence })
  return out
end

local function reliable_score(p, model, current)
  local target = p.state.roles and p.state.roles.target
  if not target or not current:has(target) then return nil end
  local known = current:filter("not is_null(`" .. target .. "`)")
  if #known == 0 then return nil end
  if core.seen_rows(model, known) > 0 then return nil, "seen" end
  local metric = p.state.metric or judge.defaults(core.task(model))[1]
  return metric,
    model:score(
      known,
      { metric, p.state.roles.positive and { positive = p.state.roles.positive } or nil }
    ),
    #known
end

-- The rules beside that of the index, or nil.
local function rule_text(p, rule)
  local parts = {}
  if rule.decay then
    parts[1] = p.t("monitor.rule_decay", { decay = phrase.given(rule.decay) })
  end
  if rule.loss_over then
    local loss = phrase.money(rule.loss_over, p.state.currency)
    parts[#parts + 1] = p.t("monitor.rule_loss", { loss = loss })
  end
  return parts[1] and table.concat(parts, "; ")
end

---p:monitor{ model = best, reference = clean, current = new, retrain_when = { psi = 0.2, loss_over
---= 500 } }
function M.monitor(p, given)
  given = given or {}
  if p.state.stopped then return watch_form(p, given) end
  p:check_keys(given, { "model", "reference", "current", "retrain_when", "label" }, "monitor")
  local t = p.t
  local model = given.model or (p.state.deployed and require("hana").load(p.state.deployed.file))
  if not require("hana.model").is(model) then
    core.raise("monitor: 'model' must be a fitted model")
  end
  local frames = require("hana.frame")
  if not frames.is(given.reference) or not frames.is(given.current) then
    core.raise("monitor: 'reference' and 'current' must be frames")
  end
  if not p.trained then pcall(train.recall, p, "monitor") end
  local rule = given.retrain_when or {}
  p:check_keys(rule, { "psi", "loss_over", "decay" }, "monitor's retrain_when")
  local limit = rule.psi or 0.2
  local target = p.state.roles and p.state.roles.target
  local names = {}
  for _, name in ipairs(given.reference:names()) do
    if name ~= target then names[#names + 1] = name end
  end
  local ignored = p.trained and p.trained.roles.ignore or {}
  for _, drop in ipairs(type(ignored) == "string" and { ignored } or ignored) do
    for i = #names, 1, -1 do
      if names[i] == drop then table.remove(names, i) end
    end
  end
  local rows, most = compare(t, given.reference, given.current, names)
  local was, now = model:predict(given.reference), model:predict(given.current)
  local numeric = core.task(model) == "regression"
  local output = shift.column(was:totable(), now:totable(), numeric)
  table.insert(rows, 1, shift_row(t, t("monitor.prediction"), output))
  local alarms, settled = {}, {}
  if most.psi > limit then
    alarms[#alarms + 1] = t("monitor.input_over", {
      column = "`" .. tostring(most.name) .. "`",
      psi = most.psi < math.huge and phrase.number(most.psi, 3) or "∞",
      limit = phrase.given(limit),
    })
  end
  if output.psi and output.psi > limit then
    alarms[#alarms + 1] =
      t("monitor.output_over", { psi = phrase.number(output.psi, 3), limit = phrase.given(limit) })
  end
  local metric, score, n = reliable_score(p, model, given.current)
  local blocks = {
    report.facts{
      { t("monitor.reference"), t("rows", { n = phrase.number(#given.reference) }) },
      { t("monitor.current"), t("rows", { n = phrase.number(#given.current) }), given.label },
      {
        t("monitor.rule"),
        t("monitor.rule_text", { psi = phrase.given(limit) }),
        rule_text(p, rule),
      },
    },
    shifts_table(t, rows),
  }
  if metric then
    local expected = p.state.final and p.state.final.metrics[metric]
    local text = t("monitor.score", {
      metric = metric,
      score = phrase.number(score),
      rows = phrase.number(n),
      unit = p.state.unit and " " .. p.state.unit or "",
    })
    if expected then
      text = text .. " " .. t("monitor.score_then", { score = phrase.number(expected) })
      local worse = judge.metric(metric).higher_is_better and expected - score or score - expected
      if rule.decay and worse > rule.decay then
        alarms[#alarms + 1] =
          t("monitor.decayed", { worse = phrase.number(worse), limit = phrase.number(rule.decay) })
      end
      if rule.loss_over and p.state.cost_of_error then
        local loss = math.max(0, worse) * n * p.state.cost_of_error
        settled[#settled + 1] = t("monitor.loss", {
          loss = phrase.money(loss, p.state.currency),
          cost = phrase.money(p.state.cost_of_error, p.state.currency),
        })
        if loss > rule.loss_over then
          alarms[#alarms + 1] = t("monitor.loss_over", {
            loss = phrase.money(loss, p.state.currency),
            limit = phrase.money(rule.loss_over, p.state.currency),
          })
        end
      end
    end
    blocks[#blocks + 1] = report.prose(text)
  else
    blocks[#blocks + 1] = report.prose(t(score == "seen" and "monitor.seen" or "monitor.no_truth"))
    score = nil
  end
  for _, text in ipairs(settled) do
    blocks[#blocks + 1] = report.prose(text)
  end
  if numeric then
    local data = { value = {}, when = {} }
    for _, part in ipairs{ { was, t("monitor.reference") }, { now, t("monitor.current") } } do
      for _, v in ipairs(part[1]:totable()) do
        data.value[#data.value + 1], data.when[#data.when + 1] = v, part[2]
      end
    end
    local picture = plot{
      data = data,
      geom = "density",
      x = "value",
      color = "when",
      x_label = t("monitor.prediction"),
      lang = p.lang,
      height = 320,
    }
    blocks[#blocks + 1] = report.drawn(picture, { alt = t("monitor.figure") })
  end
  local retrain = #alarms > 0
  for _, text in ipairs(alarms) do
    blocks[#blocks + 1] = report.callout("warn", text)
  end
  local verdict = t(retrain and "monitor.retrain" or "monitor.keep")
  blocks[#blocks + 1] = report.callout(retrain and "warn" or "good", "**" .. verdict .. "**")
  blocks[#blocks + 1] = report.heading(4, t("monitor.plan"))
  blocks[#blocks + 1] =
    report.list{ t("monitor.plan_often"), t("monitor.plan_truth"), t("monitor.plan_retrain") }
  local sentence = verdict .. (alarms[1] and " " .. alarms[1] or "")
  local out = finding(p, {
    verdict = retrain and "retrain" or "keep",
    sentence = sentence,
    alarms = alarms,
    psi = most.psi,
    column = most.name,
    prediction_psi = output.psi,
    score = score,
  }, blocks)
  p:record("monitor", "monitor", blocks, { sentence = sentence })
  return out
end

return M
