-- hana.measured: how often something was wrong, counted on rows where the truth is known, so that
-- a decision can use the share together with what is not known about it.

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
---@field expression string what counted as wrong
local Measured = {}
Measured.__index = Measured
Measured.__name = "hana.measured"

---What is known of the share: the posterior under Jeffreys' prior, Beta(wrong + 1/2, right + 1/2).
function Measured:dist() return dist.beta(self.wrong + 0.5, self.n - self.wrong + 0.5) end

---The same for the share of rows that have a value; 1 when all have one.
function Measured:coverage_dist()
  if self.covered >= self.rows then return dist.constant(1) end
  return dist.beta(self.covered + 0.5, self.rows - self.covered + 0.5)
end

function Measured:__tostring()
  local phrase = require "hana.phrase"
  local interval = ""
  if self.n > 0 then interval = " (" .. phrase.percent(self.share) .. ")" end
  return ("measured: %s of %s wrong%s, %s of %s rows covered"):format(
    phrase.number(self.wrong),
    phrase.number(self.n),
    interval,
    phrase.number(self.covered),
    phrase.number(self.rows)
  )
end

function M.is(value) return getmetatable(value) == Measured end

local function lists_from(truth, predicted)
  local hana = require "hana"
  if #truth ~= #predicted then
    core.raise(("measured: truth has %d rows and predicted %d"):format(#truth, #predicted))
  end
  return hana.frame{ { "truth", truth }, { "predicted", predicted } }
end

-- Whether each row is wrong, as the expression says.
local function judge(df, expression)
  local judged = df:select{ "truth", "predicted" }:mutate{ { "wrong", expression } }
  local wrong = judged:col("wrong")
  if wrong:type() ~= "bool" then
    core.raise(
      ("measured: 'wrong' must be true or false for a row, the expression '%s' is %s"):format(
        expression,
        wrong:type()
      )
    )
  end
  return wrong:totable()
end

---Counts how often `predicted` is wrong about `truth`. `wrong` is an expression over the columns
---`truth` and `predicted`; without it, for texts, categories and bools, "truth ~= predicted".
---Given a cross-validation, its out-of-fold predictions are counted, each row as one.
---@param truth any a column, or the result of hana.cross_validate
---@param predicted any a column; nulls are what it does not cover
---@param options { wrong: string }?
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
  for key in pairs(options) do
    if key ~= "wrong" then
      core.unknown("unknown option", tostring(key), " for measured", { "wrong" })
    end
  end
  local numeric = df:col("truth"):type()
  numeric = numeric == "float" or numeric == "int"
  local expression = options.wrong
  if not expression then
    if numeric then
      core.raise(
        'measured: say what is wrong for a number, like wrong = "abs(truth - predicted) > 4"'
      )
    end
    expression = "truth ~= predicted"
  end
  local wrong = judge(df, expression)
  local truths, guesses = df:col("truth"):totable(), df:col("predicted"):totable()
  local null = require("hana").null
  local function missing(v) return v == nil or v == null or v ~= v end
  -- Per row of the data: times judged, times covered, times wrong, sum of misses.
  local seen, order = {}, {}
  for i = 1, #df do
    if not missing(truths[i]) then
      local key = row_of and row_of[i] or i
      local entry = seen[key]
      if not entry then
        entry = { times = 0, covered = 0, wrong = 0, miss = 0 }
        seen[key], order[#order + 1] = entry, entry
      end
      entry.times = entry.times + 1
      if not missing(guesses[i]) then
        entry.covered = entry.covered + 1
        if wrong[i] == true then entry.wrong = entry.wrong + 1 end
        if numeric then entry.miss = entry.miss + math.abs(truths[i] - guesses[i]) end
      end
    end
  end
  local n, bad, miss = 0, 0, 0
  for _, entry in ipairs(order) do
    n = n + entry.covered / entry.times
    bad = bad + entry.wrong / entry.times
    miss = miss + entry.miss / entry.times
  end
  if #order == 0 then core.raise("measured: no row has a truth") end
  if n == 0 then core.raise("measured: no row has a predicted value") end
  return setmetatable({
    n = n,
    wrong = bad,
    share = bad / n,
    rows = #order,
    covered = n,
    mae = numeric and miss / n or nil,
    expression = expression,
    out_of_fold = is_cv or nil,
  }, Measured)
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
