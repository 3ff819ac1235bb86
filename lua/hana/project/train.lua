-- Stage 5: every model and the baseline fitted on the training rows, with what it took.

local core = require "hana.core"
local phrase = require "hana.phrase"
local report = require "hana.report"

local M = {}

local role_names = {
  "target",
  "positive",
  "task",
  "features",
  "ignore",
  "weights",
  "group",
  "by_time",
  "target_proba",
  "new_level",
  "out_of_range",
}

local function named(models)
  local list, seen = {}, {}
  if #models > 0 then
    for i, pair in ipairs(models) do
      list[i] = { name = pair[1], model = pair[2] }
    end
  else
    local names = {}
    for name in pairs(models) do
      names[#names + 1] = name
    end
    table.sort(names)
    for i, name in ipairs(names) do
      list[i] = { name = name, model = models[name] }
    end
  end
  local is_model = require("hana.model").is
  for i, one in ipairs(list) do
    if type(one.name) ~= "string" or not is_model(one.model) then
      core.raise(("train: entry %d of 'models' must be{ \"name\", model }"):format(i))
    end
    if seen[one.name] then core.raise(("train: two models are named '%s'"):format(one.name)) end
    seen[one.name] = true
  end
  return list, seen
end

-- Derived features go in front, so that the model carries them.
local function with_features(p, model)
  local definitions = p.state.features
  if not definitions or #definitions == 0 then return model end
  local hana = require "hana"
  local list = {}
  for i, pair in ipairs(definitions) do
    list[i] = { pair[1], pair[2] }
  end
  return hana.pipeline{ hana.derive(list), model }
end

-- The options that were given, as `name = value`; derived columns have a table of their own.
local function options_of(model)
  local done, given = pcall(model.params, model, true)
  if not done then return "" end
  local list = {}
  for name, value in pairs(given) do
    local short = name:match "([%w_]+%.[%w_]+)$" or name
    if type(value) == "table" then
      local parts = {}
      for i, item in ipairs(value) do
        parts[i] = type(item) == "table" and "…" or tostring(item)
      end
      value = table.concat(parts, ", ")
    elseif type(value) == "number" then
      value = phrase.given(value)
    end
    if not name:find("derive", 1, true) then list[#list + 1] = short .. " = " .. tostring(value) end
  end
  table.sort(list)
  return table.concat(list, "; ")
end

local function baseline(p)
  if p.baseline then return p.baseline:clone() end
  return require("hana").baseline{}
end

---local fitted = p:train(clean, { target = , models = { {"line", m1}, ... } }): fitted models by
---name,
---the baseline among them.
function M.train(p, df, given)
  p:frame(df, "train")
  given = given or {}
  local known = { "models", table.unpack(role_names) }
  p:check_keys(given, known, "train")
  if type(given.target) ~= "string" then
    core.raise("train: 'target' is missing: the column to predict")
  end
  if type(given.models) ~= "table" or next(given.models) == nil then
    core.raise("train: 'models' is empty: give{ { \"name\", model }, ... }")
  end
  local t, roles = p.t, {}
  for _, key in ipairs(role_names) do
    roles[key] = given[key]
  end
  local list, seen = named(given.models)
  if not seen.baseline then table.insert(list, 1, { name = "baseline", model = baseline(p) }) end
  local rows, fitted, blocks, warned = {}, {}, {}, {}
  for i, one in ipairs(list) do
    one.spec = one.name == "baseline" and one.model or with_features(p, one.model)
    local model = one.spec:clone()
    local start = core.clock()
    model:fit(df, roles)
    one.seconds = core.clock() - start
    one.bytes = model:size()
    one.fitted = model
    fitted[one.name] = model
    local iterations = model.iterations
    local state = model.converged == false and t("train.not_converged")
      or iterations and t("train.iterations", { n = phrase.number(iterations) })
      or ""
    for _, text in ipairs(model:warnings() or {}) do
      warned[#warned + 1] = "**" .. one.name .. "**: " .. tostring(text)
    end
    rows[i] = {
      one.name,
      "`" .. model:describe() .. "`",
      options_of(model),
      { text = phrase.seconds(one.seconds), sort = one.seconds },
      { text = phrase.bytes(one.bytes), sort = one.bytes },
      state,
    }
  end
  local facts = {
    { t("train.rows"), phrase.number(#df) },
    { t("explore.target"), "`" .. given.target .. "`" },
  }
  if p.state.features and #p.state.features > 0 then
    local names = {}
    for i, pair in ipairs(p.state.features) do
      names[i] = "`" .. pair[1] .. "`"
    end
    facts[#facts + 1] = { t("train.derived"), table.concat(names, ", ") }
  end
  facts[#facts + 1] = { t("train.seed"), tostring(p.seed) }
  blocks[1] = report.facts(facts)
  blocks[2] = report.table{
    caption = t("train.table"),
    rows = rows,
    note = t("train.note"),
    columns = {
      { label = t("model") },
      { label = t("train.spec") },
      { label = t("train.options") },
      { label = t("train.time"), align = "right" },
      { label = t("train.bytes"), align = "right" },
      { label = t("remarks") },
    },
  }
  if #warned > 0 then
    blocks[#blocks + 1] = report.heading(4, t("train.warnings"))
    blocks[#blocks + 1] = report.list(warned)
  end
  if not p.state.decided then
    blocks[#blocks + 1] = report.callout("info", t("train.no_alternatives"))
  end
  p.trained = { models = list, roles = roles, data = df }
  -- What was measured on earlier models does not speak for these.
  p.state.final, p.state.selected = nil, nil
  p.state.roles = {}
  for key, value in pairs(roles) do
    if key ~= "target_proba" then p.state.roles[key] = value end
  end
  p:keep("train", fitted)
  p.results.train = table.pack(fitted)
  local kept = {}
  for i, one in ipairs(list) do
    kept[i] = { name = one.name, seconds = one.seconds, bytes = one.bytes }
  end
  p.state.models = kept
  p:record(
    "train",
    "train",
    blocks,
    { sentence = t("train.sentence", { n = phrase.number(#list), rows = phrase.number(#df) }) }
  )
  return fitted
end

---The trained models with their roles and rows, also in a process that did not train them.
function M.recall(p, call)
  if p.trained then return p.trained end
  local fitted = p:get("train")
  local clean = p.state.results.prepare and p:get("prepare")
    or p.state.results.split and (p:get("split"))
  if not clean then
    core.raise(call .. ": the training rows were not kept; run p:train in this script")
  end
  local list = {}
  for _, one in ipairs(p.state.models or {}) do
    if fitted[one.name] then
      list[#list + 1] = {
        name = one.name,
        spec = fitted[one.name],
        fitted = fitted[one.name],
        seconds = one.seconds,
        bytes = one.bytes,
      }
    end
  end
  p.trained = { models = list, roles = p.state.roles, data = clean }
  return p.trained
end

return M
