-- hana.measured: how often something was wrong, or what its misses cost, on rows where the truth is
-- known, so that a decision can use the figure together with what is not known about it.

local core = require "hana.core"
local dist = require "hana.dist"

local M = {}

---@class hana.Measured
---@field n number rows with a truth and a value
---@field wrong number of them wrong (a row counts one however often it was predicted)
---@field share number wrong / n
---@field rows integer rows with a truth
---@field covered number rows with a value; the others are what is not covered
---@field mae number? mean absolute miss, for numbers
---@field bias number? mean of predicted - truth, for numbers
---@field miss_low number? the 5% quantile of predicted - truth, over all predictions
---@field miss_high number? its 95% quantile
---@field cost number? mean cost of a row with a value, where `cost` or `costs` was given
---@field cost_sd number? standard deviation of what is known of that mean
---@field expression string what counted as wrong
local Measured = {}
Measured.__index = Measured
Measured.__name = "hana.measured"

-- What each row cost (or whether it was wrong), by row, for comparisons row by row.
local row_by_row = setmetatable({}, { __mode = "k" })

---What is known of the share: the posterior under Jeffreys' prior, Beta(wrong + 1/2, right + 1/2).
function Measured:dist() return dist.beta(self.wrong + 0.5, self.n - self.wrong + 0.5) end

---What is known of the mean cost of a row with a value: a gamma distribution with the mean and
---variance of the posterior. For costs of classes that is Dirichlet's with 1/2 for each different
---cost (Jeffreys' prior); for other costs the Bayesian bootstrap (Rubin, Annals of Statistics 9,
---1981).
function Measured:cost_dist()
  if not self.cost then core.raise("measured: no costs were given") end
  if self.cost_sd == 0 or self.cost == 0 then return dist.constant(self.cost) end
  local scale = self.cost_sd ^ 2 / self.cost
  return dist.gamma(self.cost / scale, scale)
end

---The same for the share of rows that have a value; 1 when all have one.
function Measured:coverage_dist()
  if self.covered >= self.rows then return dist.constant(1) end
  return dist.beta(self.covered + 0.5, self.rows - self.covered + 0.5)
end

function Measured:__tostring()
  local phrase = require "hana.phrase"
  local interval, cost = "", ""
  if self.n > 0 then interval = " (" .. phrase.percent(self.share) .. ")" end
  if self.cost then cost = (", mean cost %s"):format(phrase.number(self.cost)) end
  return ("measured: %s of %s wrong%s%s, %s of %s rows covered"):format(
    phrase.number(self.wrong),
    phrase.number(self.n),
    interval,
    cost,
    phrase.number(self.covered),
    phrase.number(self.rows)
  )
end

---A row for each pair of true and predicted class: truth, predicted, n, and cost where costs were
---given. Rows that were predicted several times count in shares.
---@return hana.Frame
function Measured:confusion()
  if not self.cells then core.raise("measured: a confusion matrix needs classes, not numbers") end
  local columns = { truth = {}, predicted = {}, n = {}, cost = {} }
  for i, cell in ipairs(self.cells) do
    columns.truth[i], columns.predicted[i] = cell.truth, cell.predicted
    columns.n[i], columns.cost[i] = cell.n, cell.cost
  end
  local shown =
    { { "truth", columns.truth }, { "predicted", columns.predicted }, { "n", columns.n } }
  if self.cost then shown[4] = { "cost", columns.cost } end
  return require("hana").frame(shown)
end

function M.is(value) return getmetatable(value) == Measured end

local function lists_from(truth, predicted)
  local hana = require "hana"
  if #truth ~= #predicted then
    core.raise(("measured: truth has %d rows and predicted %d"):format(#truth, #predicted))
  end
  return hana.frame{ { "truth", truth }, { "predicted", predicted } }
end

-- What an expression over truth and predicted gives for each row; its type must be one of `types`.
local function judge(df, expression, name, types, expected)
  local judged = df:select{ "truth", "predicted" }:mutate{ { name, expression } }
  local column = judged:col(name)
  if not types[column:type()] then
    core.raise(
      ("measured: '%s' must be %s for a row, the expression '%s' is %s"):format(
        name,
        expected,
        expression,
        column:type()
      )
    )
  end
  return column:totable()
end

-- A function(truth, predicted) -> cost, and the different costs there may be, from
-- { fn = 50, fp = 1 } with `positive`, or { truth = { predicted = cost } }.
local function class_costs(costs, positive, classes)
  local known, levels = {}, { [0] = true }
  for _, class in ipairs(classes) do known[class] = true end
  local function amount(value, where)
    if type(value) ~= "number" or not (value >= 0 and value < math.huge) then
      core.raise(
        ("measured: costs: %s must be a number >= 0, got %s"):format(where, tostring(value))
      )
    end
    levels[value] = true
    return value
  end
  if costs.fn or costs.fp then
    for key in pairs(costs) do
      if key ~= "fn" and key ~= "fp" then
        core.unknown("unknown key", tostring(key), " in costs", { "fn", "fp" })
      end
    end
    if positive == nil then core.raise("measured: costs of fn and fp need 'positive'") end
    positive = tostring(positive)
    if not known[positive] then
      core.unknown("measured: no class", positive, " in the data", classes)
    end
    local fn, fp = amount(costs.fn or 0, "fn"), amount(costs.fp or 0, "fp")
    return function(truth, predicted)
      if truth == predicted then return 0 end
      return truth == positive and fn or predicted == positive and fp or 0
    end, levels
  end
  for truth, row in pairs(costs) do
    if type(row) ~= "table" then
      core.raise("measured: costs must be { fn = , fp = } or { truth = { predicted = cost } }")
    end
    if not known[tostring(truth)] then
      core.unknown("measured: no class", tostring(truth), " in the data", classes)
    end
    for predicted, value in pairs(row) do
      if not known[tostring(predicted)] then
        core.unknown("measured: no class", tostring(predicted), " in the data", classes)
      end
      amount(value, ("%s taken for %s"):format(truth, predicted))
    end
  end
  local by_text = {}
  for truth, row in pairs(costs) do
    by_text[tostring(truth)] = {}
    for predicted, value in pairs(row) do by_text[tostring(truth)][tostring(predicted)] = value end
  end
  return function(truth, predicted) return (by_text[truth] or {})[predicted] or 0 end, levels
end

-- Mean, and variance of the mean, under Dirichlet's distribution with 1/2 for each level.
local function by_levels(levels, counts)
  local total, mean, square = 0, 0, 0
  for level in pairs(levels) do total = total + (counts[level] or 0) + 0.5 end
  for level in pairs(levels) do
    local p = ((counts[level] or 0) + 0.5) / total
    mean, square = mean + p * level, square + p * level * level
  end
  return mean, math.sqrt(math.max(0, square - mean * mean) / (total + 1))
end

-- A quantile of a sorted list, between neighbours in proportion.
local function quantile(sorted, p)
  local at = 1 + p * (#sorted - 1)
  local below = math.floor(at)
  local above = math.min(below + 1, #sorted)
  return sorted[below] + (at - below) * (sorted[above] - sorted[below])
end

local option_names = { "wrong", "cost", "costs", "positive" }

local function check_options(options)
  for key in pairs(options) do
    local found
    for _, name in ipairs(option_names) do found = found or name == key end
    if not found then
      core.unknown("unknown option", tostring(key), " for measured", option_names)
    end
  end
  if options.cost and options.costs then
    core.raise("measured: give 'cost' (an expression) or 'costs' (of classes), not both")
  end
end

-- Cells of a confusion matrix, in order of truth and prediction.
local function sorted_cells(cells)
  local list = {}
  for _, cell in pairs(cells) do list[#list + 1] = cell end
  table.sort(list, function(a, b)
    if a.truth ~= b.truth then return a.truth < b.truth end
    return a.predicted < b.predicted
  end)
  return list
end

---Counts how often `predicted` is wrong about `truth`, and what it costs. `wrong` is an expression
---over the columns `truth` and `predicted`; without it, for texts, categories and bools, "truth ~=
---predicted". `cost` is an expression for what a row costs, `costs` what it costs to take one class
---for another: { fn = 50, fp = 1 } with `positive`, or { spam = { ham = 1 }, ham = { spam = 50 } }.
---Given a cross-validation, its out-of-fold predictions are counted, each row as one.
---@param truth any a column, or the result of hana.cross_validate
---@param predicted any a column; nulls are what it does not cover
---@param options { wrong: string?, cost: string?, costs: table?, positive: any }?
---@return hana.Measured
function M.new(truth, predicted, options)
  local df, row_of
  local is_cv = (type(truth) == "table" or type(truth) == "userdata")
    and pcall(function() return truth.predictions end)
    and truth.predictions ~= nil
  if is_cv then
    options = predicted
    local all = truth:predictions()
    row_of = all:col("row"):totable()
    df = all:rename{ predicted = "prediction" }
  else
    if type(predicted) ~= "userdata" and type(predicted) ~= "table" then
      core.raise(
        "measured: give the true values and the predicted ones as columns (or a cross-validation)"
      )
    end
    df = lists_from(truth, predicted)
  end
  options = options or {}
  check_options(options)
  local numeric = df:col("truth"):type()
  numeric = numeric == "float" or numeric == "int"
  local expression = options.wrong
  if not expression then
    if numeric and not options.cost then
      core.raise(
        'measured: say what is wrong for a number, like wrong = "abs(truth - predicted) > 4"'
      )
    end
    expression = not numeric and "truth ~= predicted" or ("(%s) > 0"):format(options.cost)
  end
  if options.costs and numeric then
    core.raise("measured: 'costs' are of classes; for numbers give 'cost' as an expression")
  end
  local costs = options.cost
    and judge(df, options.cost, "cost", { float = true, int = true }, "a number")
  local wrong = judge(df, expression, "wrong", { bool = true }, "true or false")
  local truths, guesses = df:col("truth"):totable(), df:col("predicted"):totable()
  local null = core.null
  local function missing(v) return v == nil or v == null or v ~= v end
  local cost_of, levels
  if options.costs then
    local classes, seen = {}, {}
    for _, list in ipairs{ truths, guesses } do
      for i = 1, #df do
        local class = list[i]
        if not missing(class) and not seen[tostring(class)] then
          seen[tostring(class)] = true
          classes[#classes + 1] = tostring(class)
        end
      end
    end
    cost_of, levels = class_costs(options.costs, options.positive, classes)
  end
  -- Per row of the data: times judged, times covered, times wrong, sums of misses and costs.
  local seen, order, cells, misses = {}, {}, {}, {}
  local times_of = {}
  for i = 1, #df do
    if not missing(truths[i]) then
      local key = row_of and row_of[i] or i
      times_of[key] = (times_of[key] or 0) + 1
    end
  end
  for i = 1, #df do
    if not missing(truths[i]) then
      local key = row_of and row_of[i] or i
      local entry = seen[key]
      if not entry then
        entry = { row = key, truth = truths[i], covered = 0, wrong = 0, miss = 0, cost = 0,
          times = times_of[key] }
        seen[key], order[#order + 1] = entry, entry
      end
      if not missing(guesses[i]) then
        entry.covered = entry.covered + 1
        if wrong[i] == true then entry.wrong = entry.wrong + 1 end
        if numeric then
          entry.miss = entry.miss + math.abs(truths[i] - guesses[i])
          entry.off = (entry.off or 0) + guesses[i] - truths[i]
          misses[#misses + 1] = guesses[i] - truths[i]
        else
          local t, p = tostring(truths[i]), tostring(guesses[i])
          local id = #t .. ":" .. t .. p
          local cell = cells[id]
          if not cell then
            cell = { truth = t, predicted = p, n = 0, cost = cost_of and cost_of(t, p) or 0 }
            cells[id] = cell
          end
          cell.n = cell.n + 1 / entry.times
          if cost_of then entry.cost = entry.cost + cell.cost end
        end
        if costs then
          local cost = costs[i]
          if missing(cost) or not (cost >= 0 and cost < math.huge) then
            core.raise(
              ("measured: row %d: 'cost' must be a number >= 0, got %s"):format(
                key,
                missing(cost) and "null" or tostring(cost)
              )
            )
          end
          entry.cost = entry.cost + cost
        end
      end
    end
  end
  local n, bad, miss, off, spent, square = 0, 0, 0, 0, 0, 0
  for _, entry in ipairs(order) do
    local weight = entry.covered / entry.times
    n = n + weight
    bad = bad + entry.wrong / entry.times
    miss = miss + entry.miss / entry.times
    off = off + (entry.off or 0) / entry.times
    if entry.covered > 0 then
      local each = entry.cost / entry.covered
      spent, square = spent + weight * each, square + weight * each * each
    end
  end
  if #order == 0 then core.raise("measured: no row has a truth") end
  if n == 0 then core.raise("measured: no row has a predicted value") end
  local made = setmetatable({
    n = n,
    wrong = bad,
    share = bad / n,
    rows = #order,
    covered = n,
    mae = numeric and miss / n or nil,
    bias = numeric and off / n or nil,
    cells = not numeric and sorted_cells(cells) or nil,
    expression = expression,
    out_of_fold = is_cv or nil,
  }, Measured)
  if numeric then
    table.sort(misses)
    made.miss_low, made.miss_high = quantile(misses, 0.05), quantile(misses, 0.95)
  end
  if cost_of then
    local counts = {}
    for _, cell in pairs(cells) do counts[cell.cost] = (counts[cell.cost] or 0) + cell.n end
    made.cost, made.cost_sd = by_levels(levels, counts)
  elseif costs then
    made.cost = spent / n
    made.cost_sd = math.sqrt(math.max(0, square / n - made.cost ^ 2) / (n + 1))
  end
  table.sort(order, function(a, b) return a.row < b.row end)
  row_by_row[made] = order
  return made
end

---How far what is known of two measured figures goes together: the correlation of what the same
---rows cost (or whether they were wrong); nil when they were not measured on the same rows.
---@param a hana.Measured
---@param b hana.Measured
---@return number?
function M.correlation(a, b)
  local x, y = row_by_row[a], row_by_row[b]
  if not x or not y or #x ~= #y then return nil end
  local function value(m, entry) return m.cost and entry.cost or entry.wrong end
  local function deviation(m, entry, mean)
    -- A row that is not covered says nothing.
    if entry.covered == 0 then return 0 end
    return value(m, entry) / entry.covered - mean
  end
  local function mean_of(m, list)
    local sum, count = 0, 0
    for _, entry in ipairs(list) do
      if entry.covered > 0 then
        sum, count = sum + value(m, entry) / entry.covered, count + 1
      end
    end
    return sum / count
  end
  local mean_x, mean_y = mean_of(a, x), mean_of(b, y)
  local xx, yy, xy = 0, 0, 0
  for i, entry in ipairs(x) do
    local other = y[i]
    if entry.row ~= other.row or entry.truth ~= other.truth then return nil end
    local dx, dy = deviation(a, entry, mean_x), deviation(b, other, mean_y)
    xx, yy, xy = xx + dx * dx, yy + dy * dy, xy + dx * dy
  end
  if xx == 0 or yy == 0 then return 0 end
  return xy / math.sqrt(xx * yy)
end

---The counts themselves, where no table holds the rows.
---@param wrong number
---@param n number
function M.counts(wrong, n)
  if
    not (type(wrong) == "number" and type(n) == "number" and wrong >= 0 and wrong <= n and n > 0)
  then
    core.raise("measured: counts must be 0 <= wrong <= n with n > 0")
  end
  return setmetatable(
    { n = n, wrong = wrong, share = wrong / n, rows = n, covered = n, expression = "counted" },
    Measured
  )
end

return setmetatable(M, { __call = function(_, ...) return M.new(...) end })
