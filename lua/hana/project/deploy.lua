-- Stage 8: the model file and its card: for what it is meant, on what it was learnt, how good it
-- is, where it must not be trusted.

local audit = require "hana.project.audit"
local core = require "hana.core"
local phrase = require "hana.phrase"
local report = require "hana.report"
local train = require "hana.project.train"

local M = {}

local function same_predictions(a, b)
  local x, y = a:totable(), b:totable()
  for i = 1, #x do
    if x[i] ~= y[i] and not (x[i] ~= x[i] and y[i] ~= y[i]) then return false end
  end
  return #x == #y
end

local function feature_names(p, model)
  local info = model:info()
  local names = {}
  for _, one in ipairs(info.schema or info.features or {}) do
    names[#names + 1] = type(one) == "table" and (one.name or one[1]) or one
  end
  local ignored = p.trained and p.trained.roles.ignore or {}
  ignored = type(ignored) == "string" and { ignored } or ignored
  if #names == 0 and p.trained then
    local skip = { [p.state.roles.target] = true }
    for _, name in ipairs(ignored) do
      skip[name] = true
    end
    for _, name in ipairs(p.trained.roles.features or p.trained.data:names()) do
      if not skip[name] then names[#names + 1] = name end
    end
  end
  return names
end

local function inputs_table(t, p, names)
  if not p.trained then return nil end
  local df, rows = p.trained.data, {}
  local types = df:types()
  for _, name in ipairs(names) do
    if df:has(name) and types[name] ~= "block" then
      local a = audit.column(name, df:col(name):totable(), types[name])
      local range = ""
      if a.numeric and a.min then
        range = t("to", { low = phrase.number(a.min), high = phrase.number(a.max) })
      elseif a.top then
        local parts = {}
        for i = 1, math.min(8, #a.top) do
          parts[i] = tostring(a.top[i].level)
        end
        range = table.concat(parts, ", ") .. (a.distinct > 8 and ", …" or "")
      end
      rows[#rows + 1] = {
        "`" .. name .. "`",
        a.type,
        range,
        { text = phrase.percent(a.nulls / math.max(1, a.n)), sort = a.nulls },
      }
    end
  end
  if #rows == 0 then return nil end
  return report.table{
    caption = t("deploy.inputs"),
    rows = rows,
    columns = {
      { label = t("column") },
      { label = t("type") },
      { label = t("deploy.range") },
      { label = t("missing"), align = "right" },
    },
  }
end

-- What the model goes by, where it can say so.
local function weights(t, p, model)
  local done, summary = pcall(function() return model:summary():table() end)
  if not done then return {} end
  local rows = {}
  for _, row in summary:rows() do
    local value = row.importance or row.estimate
    local bounds = row.low
      and t("to", { low = phrase.number(row.low), high = phrase.number(row.high) })
    rows[#rows + 1] = {
      "`" .. tostring(row.term) .. "`",
      row.class and tostring(row.class) or "",
      { text = phrase.number(value), sort = value },
      bounds or "",
    }
  end
  local shown = 25
  if #rows > shown or summary:has "importance" then
    table.sort(rows, function(a, b) return math.abs(a[3].sort or 0) > math.abs(b[3].sort or 0) end)
  end
  local note = #rows > shown
      and t("table.more", { shown = phrase.number(shown), all = phrase.number(#rows) })
    or nil
  local kept = table.move(rows, 1, math.min(shown, #rows), 1, {})
  local importances = summary:has "importance"
  local out = {
    report.heading(4, t(importances and "deploy.importances" or "deploy.coefficients")),
    report.table{
      rows = kept,
      note = note,
      columns = {
        { label = t(importances and "features.name" or "deploy.term") },
        { label = t("explore.class") },
        { label = t(importances and "deploy.importance" or "deploy.estimate"), align = "right" },
        { label = t("interval95") },
      },
    },
  }
  if #kept > 1 then
    out[3] = report.drawn(model:plot{ lang = p.lang }, {
      alt = t(importances and "deploy.importances" or "deploy.coefficients"),
    })
  end
  return out
end

-- A tree that fits on a page is shown whole.
local function tree_figure(t, model)
  local done, text = pcall(function() return model:rules() end)
  if not done or type(text) ~= "string" then return nil end
  local _, leaves = text:gsub("%->", "")
  local root = require("hana.plot.model_geoms").read_rules(text)
  if #root.children < 2 or leaves > 16 then return nil end
  return report.drawn(model:plot{ geom = "tree" }, { alt = t("deploy.tree") })
end

-- Where the model comes from, so that it can be made again.
local function provenance(p, info)
  local t, rows = p.t, {}
  rows[1] = { t("deploy.made"), p.state.written, "hana " .. core.version().hana }
  rows[2] = {
    t("train.seed"),
    tostring(p.seed),
    t("deploy.seed_fit", { seed = tostring(info.seed) }),
  }
  rows[3] = {
    t("deploy.data_hash"),
    "`" .. tostring(info.data_hash) .. "`",
    info.rows and t("rows", { n = phrase.number(info.rows) }) or nil,
  }
  for _, one in ipairs(p.state.sources or {}) do
    local parts = { t("rows", { n = phrase.number(one.rows) }) }
    for _, text in ipairs{ one.collected_on or "", one.licence or "" } do
      if text ~= "" then parts[#parts + 1] = text end
    end
    rows[#rows + 1] = { t("collect.source"), one.name, table.concat(parts, ", ") }
  end
  return rows
end

---p:deploy{ model = best, to = "waist.hana", card = true }
function M.deploy(p, given)
  given = given or {}
  p:check_keys(given, { "model", "to", "card", "intended", "limits" }, "deploy")
  local t = p.t
  local model = given.model or (p.state.results and p.state.results.select and p:get("select"))
  if not require("hana.model").is(model) then
    core.raise("deploy: 'model' must be a fitted model")
  end
  if type(given.to) ~= "string" then
    core.raise("deploy: 'to' is missing: the name of the model file")
  end
  local folder = given.to:match("^(.*)/[^/]*$")
  if folder and folder ~= "" then core.make_folder(folder) end
  if not p.trained then pcall(train.recall, p, "deploy") end
  model:save(given.to)
  local hana = require "hana"
  local back = hana.load(given.to)
  local checked
  if p.trained then
    local part = p.trained.data:head(200)
    checked = same_predictions(model:predict(part), back:predict(part))
    if not checked then
      core.raise("deploy: the saved model does not predict what the fitted one does")
    end
  end
  local names = feature_names(p, model)
  local facts = {
    { t("deploy.file"), "`" .. given.to .. "`", checked and t("deploy.checked") or nil },
    { t("model"), "`" .. model:describe() .. "`", p.state.selected },
    { t("deploy.size"), phrase.bytes(model:size()) },
    { t("deploy.command"), "`hana predict " .. given.to .. " data.csv -o out.csv`" },
  }
  local card = {}
  local function add(block) card[#card + 1] = block end
  add(report.heading(3, t("deploy.card")))
  local intended = {
    { t("deploy.intended"), given.intended or p.state.problem or "–" },
    {
      t("deploy.trained_on"),
      p.trained and t("rows", { n = phrase.number(#p.trained.data) }) or "–",
      p.state.sources and p.state.sources[1] and p.state.sources[#p.state.sources].name or nil,
    },
    { t("explore.target"), "`" .. p.state.roles.target .. "`", p.state.unit },
  }
  local final = p.state.final
  if final then
    local parts = {}
    local keys = {}
    for key in pairs(final.metrics) do
      keys[#keys + 1] = key
    end
    table.sort(keys)
    for i, key in ipairs(keys) do
      parts[i] = key .. " " .. phrase.number(final.metrics[key])
    end
    intended[#intended + 1] = {
      t("deploy.quality"),
      table.concat(parts, ", "),
      t(
        "deploy.quality_remark",
        { rows = phrase.number(final.rows), looks = phrase.number(final.looks) }
      ),
    }
  else
    intended[#intended + 1] = { t("deploy.quality"), t("deploy.never_opened") }
  end
  local info = model:info()
  if info.threshold_low then
    local low, high = info.threshold_low, info.threshold_high
    intended[#intended + 1] = {
      t("deploy.threshold"),
      low == high and phrase.given(low)
        or t("to", { low = phrase.given(low), high = phrase.given(high) }),
      t(low == high and "deploy.threshold_one" or "deploy.threshold_two", {
        positive = tostring(p.state.roles.positive),
      }),
    }
  end
  add(report.facts(intended))
  local inputs = inputs_table(t, p, names)
  if inputs then add(inputs) end
  if final and final.groups then add(final.groups) end
  for _, block in ipairs(weights(t, p, model)) do
    add(block)
  end
  local tree = tree_figure(t, model)
  if tree then add(tree) end
  add(report.heading(4, t("deploy.limits")))
  local limits = { t("deploy.limit_range"), t("deploy.limit_levels"), t("deploy.limit_people") }
  if type(given.limits) == "table" then
    for _, text in ipairs(given.limits) do
      limits[#limits + 1] = text
    end
  elseif given.limits then
    limits[#limits + 1] = given.limits
  end
  add(report.list(limits))
  add(report.heading(4, t("deploy.provenance")))
  add(report.facts(provenance(p, info)))
  local blocks = { report.facts(facts) }
  if given.card ~= false then
    for _, block in ipairs(card) do
      blocks[#blocks + 1] = block
    end
    core.write_file(
      p.out .. "/MODEL_CARD.md",
      "# "
        .. p.title
        .. ": "
        .. t("deploy.card")
        .. "\n\n"
        .. report.blocks_to_markdown(card)
        .. "\n"
    )
  end
  p.state.deployed = { file = given.to }
  p:keep("deploy", back)
  p:record(
    "deploy",
    "deploy",
    blocks,
    { sentence = t("deploy.sentence", { file = given.to, bytes = phrase.bytes(model:size()) }) }
  )
  return back
end

return M
