--- Which columns are worth collecting: what an estimator loses without each, against its price.
local core = require "hana.core"
local frame = require "hana.frame"
local phrase = require "hana.phrase"
local result = require "hana.result"

local M = {}

local own = {
  price = true, value_per_point = true, point = true, cases = true, columns = true, metric = true,
  currency = true, lang = true, folds = true, repeats = true, stratify = true, seed = true,
}

-- Metrics between 0 and 1 are spoken of in percentage points.
local shares = {}
for _, name in ipairs{ "accuracy", "balanced_accuracy", "precision", "recall", "f1", "matthews",
  "cohen_kappa", "roc_auc", "pr_auc", "r2", "mape" } do
  shares[name] = true
end

local higher_is_better = {}
for _, metric in ipairs(core.metrics()) do
  higher_is_better[metric.name] = metric.higher_is_better
end

local function number(options, name, least)
  local value = options[name]
  if type(value) ~= "number" or not (value >= least and value < math.huge) then
    core.raise(("value_of_columns: option '%s' must be a number >= %g, got %s"):format(name, least,
      tostring(value)))
  end
  return value
end

local function contains(list, name)
  for _, one in ipairs(list or {}) do
    if one == name then return true end
  end
  return false
end

local function without(list, dropped)
  local left = {}
  for _, name in ipairs(list) do
    if not contains(dropped, name) then left[#left + 1] = name end
  end
  return left
end

-- The columns a model would learn from.
local function features_of(data, roles)
  if roles.features then return roles.features end
  local taken = { roles.target, roles.weights, roles.group, roles.by_time }
  return without(without(data:names(), taken), roles.ignore)
end

-- The columns to judge: those named, else those with a price, else all features.
local function columns_of(options, features)
  local list = options.columns
  if not list then
    list = {}
    for name in pairs(options.price or {}) do list[#list + 1] = name end
    table.sort(list)
    if #list == 0 then list = features end
  end
  if type(list) ~= "table" or #list == 0 then
    core.raise("value_of_columns: 'columns' must be a list of column names")
  end
  for _, name in ipairs(list) do
    if not contains(features, name) then
      core.unknown("value_of_columns: no feature", tostring(name), "", features)
    end
  end
  if #features < 2 then
    core.raise("value_of_columns: with one feature, nothing would be left to learn from")
  end
  return list
end

-- What goes with the estimator when some columns are left out: the roles for it.
local function roles_without(roles, dropped)
  local changed = {}
  for key, value in pairs(roles) do changed[key] = value end
  if roles.features then
    changed.features = without(roles.features, dropped)
  else
    changed.ignore = { table.unpack(roles.ignore or {}) }
    for _, name in ipairs(dropped) do changed.ignore[#changed.ignore + 1] = name end
  end
  return changed
end

local function judge(model, data, roles, settings)
  local given = {}
  for key, value in pairs(roles) do given[key] = value end
  for key, value in pairs(settings) do given[key] = value end
  return require("hana.cross_validate").cross_validate(model, data, given)
end

-- What the metric loses, fold by fold, without the columns: mean, low, high.
local function loss_without(base, other, metric)
  local with, less = base.folds[metric]:totable(), other.folds[metric]:totable()
  local sign, differences = higher_is_better[metric] and 1 or -1, {}
  for i = 1, #with do differences[i] = sign * (with[i] - less[i]) end
  local test, train = base.folds.n_test:sum(), base.folds.n_train:sum()
  local mean, _, low, high = core.corrected_mean(differences, test / train)
  return mean, low, high
end

local function weigh(mean, low, high, value, price)
  local row = {
    loss = mean, low = low, high = high, value = value * mean, price = price,
    net = value * mean - price, net_low = value * low - price, net_high = value * high - price,
  }
  row.verdict = row.net_low > 0 and "collect" or row.net_high < 0 and "leave out" or "cannot tell"
  return row
end

local function sentence(v, t)
  local by, parts = { collect = {}, ["leave out"] = {}, ["cannot tell"] = {} }, {}
  for _, row in ipairs(v.columns) do table.insert(by[row.verdict], row.column) end
  for _, verdict in ipairs{ "collect", "leave out", "cannot tell" } do
    if #by[verdict] > 0 then
      parts[#parts + 1] = t("columns." .. verdict:gsub(" ", "_"), {
        columns = table.concat(by[verdict], ", "),
      })
    end
  end
  if v.together then
    parts[#parts + 1] = t("columns.together_" .. v.together.verdict:gsub(" ", "_"), {
      columns = table.concat(v.together.columns, ", "),
      net = phrase.money(v.together.net, v.currency),
      low = phrase.money(v.together.net_low, v.currency),
      high = phrase.money(v.together.net_high, v.currency),
    })
  end
  return table.concat(parts, " ")
end

local function as_frame(v)
  local names = { "column", "loss", "low", "high", "value", "price", "net", "net_low", "net_high",
    "verdict" }
  local columns = {}
  for i, name in ipairs(names) do
    local list = {}
    for k, row in ipairs(v.columns) do list[k] = row[name] end
    columns[i] = { name, list }
  end
  return frame.new(columns)
end

local function picture(v, t)
  return require("hana.plot"){
    data = v:table(), geom = "errorbar", x = "column", y = "net", low = "net_low",
    high = "net_high", horizontal = true, lang = v.lang, height = 90 + 40 * #v.columns,
    x_label = t("columns.net_axis", { currency = v.currency or "" }),
  }
end

--- What clones of an estimator lose without each column, by cross-validation on the same folds,
--- turned into money and held against the column's price. A column is worth collecting when the 95%
--- interval (corrected resampled t-test over the paired folds) of what it brings lies above its
--- price. Columns that say the same can each be left out, but not all of them: where several are
--- to be left out, they are judged together as well.
---@param model hana.Model
---@param data hana.Frame
---@param options { target: string, value_per_point: number, price: table<string, number>?,
---  cases: number?, columns: string[]?, metric: string?, point: number?, folds: integer?,
---  repeats: integer?, stratify: boolean?, seed: integer?, currency: string?, lang: string? } and
---  the roles of fit. price: of one case; cases: for how many it is paid (default: the rows given);
---  value_per_point: of one point over all of them; a point is 0.01 for shares (accuracy, f1, ...),
---  else 1 unit of the metric
---@return hana.Result with columns (list of column, loss, low, high, value, price, net, verdict),
---  together, table(), plot()
function M.value_of_columns(model, data, options)
  if type(options) ~= "table" then
    core.raise("value_of_columns: options must be a table { target = , value_per_point = , ... }")
  end
  local roles, settings = {}, {}
  for key, value in pairs(options) do
    if not own[key] then roles[key] = value end
  end
  for _, key in ipairs{ "folds", "repeats", "stratify", "seed" } do settings[key] = options[key] end
  if type(roles.target) ~= "string" then core.raise("value_of_columns: 'target' is missing") end
  local t = phrase.speaker(options.lang or "en")
  local per_point = number(options, "value_per_point", 0)
  local cases = options.cases and number(options, "cases", 0) or #data
  for name, price in pairs(options.price or {}) do
    if type(price) ~= "number" or not (price >= 0 and price < math.huge) then
      core.raise(("value_of_columns: the price of '%s' must be a number >= 0, got %s"):format(
        tostring(name), tostring(price)))
    end
  end
  local metric = options.metric
  if not metric then
    local kind = roles.task or data:col(roles.target):type()
    metric = (kind == "regression" or kind == "float") and "mae" or "accuracy"
  end
  if higher_is_better[metric] == nil then
    local names = {}
    for name in pairs(higher_is_better) do names[#names + 1] = name end
    core.unknown("value_of_columns: unknown metric", tostring(metric), "", names)
  end
  local columns = columns_of(options, features_of(data, roles))
  settings.metrics = { metric }
  local base = judge(model, data, roles, settings)
  settings.seed = base.seed
  local value = per_point / (options.point or (shares[metric] and 0.01 or 1))

  local function price_of(dropped)
    local sum = 0
    for _, name in ipairs(dropped) do sum = sum + ((options.price or {})[name] or 0) end
    return sum * cases
  end
  local function assess(dropped)
    local done, other = pcall(judge, model, data, roles_without(roles, dropped), settings)
    if not done then
      local why = tostring(other):gsub("^[^:]+:%d+: ", "")
      if why:find("interrupted", 1, true) then error(other, 0) end
      core.raise(("value_of_columns: without '%s' the model cannot be judged: %s"):format(
        table.concat(dropped, "', '"), why))
    end
    local mean, low, high = loss_without(base, other, metric)
    return weigh(mean, low, high, value, price_of(dropped))
  end

  local found = {
    metric = metric, seed = base.seed, cases = cases, columns = {},
    currency = options.currency, lang = options.lang or "en", score = (base:score(metric)),
  }
  local out = {}
  for i, name in ipairs(columns) do
    found.columns[i] = assess{ name }
    found.columns[i].column = name
    if found.columns[i].verdict == "leave out" then out[#out + 1] = name end
  end
  table.sort(found.columns, function(a, b)
    if a.net ~= b.net then return a.net > b.net end
    return a.column < b.column
  end)
  if #out > 1 and #out < #features_of(data, roles) then
    found.together = assess(out)
    found.together.columns = out
  end
  found.verdict = #out > 0 and "leave some out" or found.columns[#found.columns].verdict
  found.sentence = sentence(found, t)
  return result.new("value of columns", found, {
    table = as_frame, plot = function(v) return picture(v, t) end,
    optional = { "together", "currency" },
  })
end

return M
