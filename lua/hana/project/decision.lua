-- A decision as it stands in a report.

local core = require "hana.core"
local inputs = require "hana.decide.inputs"
local phrase = require "hana.phrase"
local report = require "hana.report"
local words = require "hana.decide.words"

local M = {}

local shared_names, own_names = inputs.shared_names, inputs.own_names

local function sorted(d)
  local list = { table.unpack(d.alternatives) }
  table.sort(list, function(a, b)
    if a.mean ~= b.mean then return a.mean < b.mean end
    return a.name < b.name
  end)
  return list
end

-- The value of an input with its 90% range, and how it is known.
local function known(d, t, name, one)
  local mean, _, low, high = core.dist_summary(one.dist)
  local value = d:show(name, mean)
  if one.dist.kind ~= "constant" then
    value = t("decide.range", { value = value, low = d:show(name, low), high = d:show(name, high) })
  end
  if one.source == "measured" then
    local what = one.counts.what
    local key = what == "coverage" and "decide.measured_coverage"
      or what == "loss" and "decide.measured_loss"
      or what == "drop_off" and "decide.measured_share"
      or "decide.measured"
    return value,
      t(key, {
        wrong = one.counts.wrong and phrase.number(one.counts.wrong, 0),
        n = phrase.number(one.counts.n, 0),
      }),
      mean
  end
  return value, t("decide.assumed"), mean
end

local function alternatives_table(d, t)
  local rows, marks = {}, {}
  for i, a in ipairs(sorted(d)) do
    rows[i] = {
      a.name,
      t("kind." .. a.kind),
      { text = phrase.money(a.mean, d.currency), sort = a.mean },
      t("to", { low = phrase.money(a.low, d.currency), high = phrase.money(a.high, d.currency) }),
      { text = d:probability(a.probability), sort = a.probability },
    }
    if a == d.best then marks[i] = "best" end
  end
  return report.table{
    caption = t("decide.table"),
    marks = marks,
    rows = rows,
    note = t("decide.table_note", {
      horizon = t(
        d.years == 1 and "decide.one_year" or "decide.years",
        { n = phrase.number(d.years) }
      ),
      draws = phrase.number(d.draws),
    }),
    columns = {
      { label = t("decide.alternative") },
      { label = t("decide.kind") },
      { label = t("decide.cost"), align = "right" },
      { label = t("interval90"), align = "right" },
      { label = t("decide.cheapest"), align = "right" },
    },
  }
end

local function inputs_table(d, t)
  local rows, quiet = {}, {}
  local function add(owner, name, one, be, worth)
    if one.source == "default" then return end
    local value, source, mean = known(d, t, name, one)
    -- A plain number that would have to become another one altogether goes into the remark below.
    local near = be and mean > 0 and be <= 20 * mean and be >= mean / 20
    if one.dist.kind == "constant" and not near then
      if not quiet[owner] then
        quiet[#quiet + 1] = owner
        quiet[owner] = {}
      end
      table.insert(quiet[owner], d:input_name(name) .. " " .. value)
      return
    end
    rows[#rows + 1] = {
      owner,
      d:input_name(name),
      { text = value, sort = mean },
      source,
      { text = d:show(name, be), sort = be },
      {
        text = worth and worth > 0 and phrase.money(worth, d.currency) or "–",
        sort = worth or 0,
      },
    }
  end
  for _, name in ipairs(shared_names) do
    add(t("decide.all"), name, d.shared[name], d.shared_break_even[name], d.shared_evpi[name])
  end
  for _, a in ipairs(sorted(d)) do
    for _, name in ipairs(own_names) do
      add(a.name, name, a.inputs[name], a.break_even[name], a.evpi[name])
    end
  end
  local note = t("decide.inputs_note", { best = d.best.name })
  for i, owner in ipairs(quiet) do
    quiet[i] = owner .. ": " .. table.concat(quiet[owner], ", ")
  end
  if #quiet > 0 then
    note = note .. " " .. t("decide.quiet", { inputs = table.concat(quiet, "; ") })
  end
  return report.table{
    caption = t("decide.inputs"),
    rows = rows,
    note = note,
    columns = {
      { label = t("decide.alternative") },
      { label = t("decide.input") },
      { label = t("decide.value"), align = "right" },
      { label = t("decide.source") },
      { label = t("decide.break_even"), align = "right" },
      { label = t("decide.worth"), align = "right" },
    },
  }
end

---@param d hana.Decision
---@param with_figures boolean?
---@return table[]
function M.blocks(d, with_figures)
  local t, out = d:speaker(), {}
  local function add(block) out[#out + 1] = block end
  if d.question then add(report.heading(3, d.question)) end
  local open = d.verdict == "measure this first" or d.verdict == "cannot tell"
  local tone = open and "warn" or "good"
  add(
    report.callout(tone, "**" .. t("verdict." .. d.verdict:gsub(" ", "_")) .. ".** " .. d.sentence)
  )
  add(alternatives_table(d, t))
  if with_figures then
    add(report.drawn(d:plot(), {
      alt = t("decide.plot_alt"),
      caption = t("decide.plot_caption"),
    }))
  end
  add(inputs_table(d, t))
  if with_figures then
    local tornado = d:tornado()
    if tornado then
      add(report.drawn(tornado, {
        alt = t("decide.tornado_alt"),
        caption = t("decide.tornado_caption", { best = d.best.name, second = d.second.name }),
      }))
    end
  end
  local points = {}
  for _, name in ipairs(own_names) do
    local at = d.best.break_even[name]
    local _, _, mean = known(d, t, name, d.best.inputs[name])
    -- What would have to grow fiftyfold first is not worth a line.
    if at and d.best.inputs[name].source ~= "default" and at <= 50 * mean then
      points[#points + 1] = t(at > mean and "decide.loses_above" or "decide.loses_below", {
        best = d.best.name,
        second = d.second and d.second.name or "–",
        input = d:input_name(name),
        at = d:show(name, at),
        now = d:show(name, mean),
      })
    end
  end
  for _, a in ipairs(sorted(d)) do
    if a ~= d.best and a.inputs.error.source ~= "default" then
      local at = a.break_even.error
      points[#points + 1] = at and t("decide.wins_at", { name = a.name, at = d:show("error", at) })
        or t("decide.never_wins", { name = a.name })
    end
  end
  if #points > 0 then
    add(report.heading(4, t("decide.turning")))
    add(report.list(points))
  end
  local turn = d.shared_break_even.cases_per_year
  if with_figures and turn then
    add(report.drawn(d:plot "volume", {
      alt = t("decide.volume_alt"),
      caption = t("decide.volume_caption", { at = d:show("cases_per_year", turn) }),
    }))
  end
  add(report.prose(table.concat(words.worth_of_knowing(d), " ")))
  add(report.prose(t("decide.formula")))
  return out
end

return M
