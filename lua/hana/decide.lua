-- hana.decide: form field, look-up, rule or model? Judges ways of getting to know a value by their
-- expected cost. The arithmetic is core/decide/alternatives.c; its formula is printed in reports.

local core = require "hana.core"
local inputs = require "hana.decide.inputs"
local phrase = require "hana.phrase"
local strict = require "hana.strict"
local words = require "hana.decide.words"

local M = {}

local shared_names, own_names = inputs.shared_names, inputs.own_names
local share = inputs.is_share
M.shared_names, M.own_names, M.is_share = shared_names, own_names, share

local option_names = {
  "question",
  "cases_per_year",
  "years",
  "currency",
  "hourly",
  "cost_of_error",
  "alternatives",
  "discount",
  "correlation",
  "paired",
  "draws",
  "seed",
  "lang",
}

---@class hana.Decision
---@field best table the alternative with the lowest expected cost
---@field alternatives table[] in the order given: name, kind, mean, low, high, probability, ...
---@field chain table the best order of links; prints as text
---@field break_even table per input: the value at which the choice would change
---@field verdict string ask, lookup, rule, model, "do not build", "measure this first" or "cannot
---  tell"
---@field sentence string
---@field paragraph string the sentence, what it rests on, and what would turn it around
---@field evpi number the expected value of knowing all inputs exactly
---@field measure table? the input that is worth most to know: { alternative, input, worth }
---@field paired table[] errors measured on the same rows: { name, name, correlation = }
local Decision = {}
local Meta = strict(Decision, "a decision", "question currency lang discount second measure chain "
  .. "best break_even seed evpi shared_break_even paired gain headline dominated paragraph verdict "
  .. "sentence call draws svg")
Meta.__name = "hana.decision"

local Chain = {
  __tostring = function(chain) return table.concat(chain.names, chain.joint) end,
  __name = "hana.chain",
}

-- Where an input's value would change the choice, by input name: the best alternative's own, the
-- shared ones, and for inputs that only others have, theirs (the cheaper alternative first).
local function break_evens(alternatives, best, found)
  local out = {}
  local order = { best }
  local others = {}
  for _, a in ipairs(alternatives) do
    if a ~= best then others[#others + 1] = a end
  end
  table.sort(others, function(a, b) return a.mean < b.mean end)
  for _, a in ipairs(others) do
    order[#order + 1] = a
  end
  for _, a in ipairs(order) do
    for _, name in ipairs(own_names) do
      if out[name] == nil and a.inputs[name].source ~= "default" then
        out[name] = a.break_even[name]
      end
    end
  end
  for _, name in ipairs(shared_names) do
    out[name] = found.break_even[name]
  end
  return out
end

local function runner_up(decision)
  local second
  for _, a in ipairs(decision.alternatives) do
    if a ~= decision.best and (not second or a.mean < second.mean) then second = a end
  end
  return second
end

-- Marks each alternative that another undercuts in every draw; their names.
local function dominated(alternatives)
  local names = {}
  for i, a in ipairs(alternatives) do
    for j, b in ipairs(alternatives) do
      if i ~= j and b.beats[i] == 1 and (not a.dominated_by or b.mean < a.by_mean) then
        a.dominated_by, a.by_mean = b.name, b.mean
      end
    end
    a.by_mean = nil
    if a.dominated_by then names[#names + 1] = a.name end
  end
  return names
end

local function most_worth_knowing(decision, found)
  local best
  local function offer(alternative, name, worth)
    if worth and worth > 0 and (not best or worth > best.worth) then
      best = { alternative = alternative, input = name, worth = worth }
    end
  end
  for _, a in ipairs(decision.alternatives) do
    for _, name in ipairs(own_names) do
      offer(a, name, a.evpi[name])
    end
  end
  for _, name in ipairs(shared_names) do
    offer(nil, name, found.shared_evpi[name])
  end
  return best
end

function Decision:speaker() return phrase.speaker(self.lang) end

---A probability estimated from draws: never quite 0 or 1.
---@param p number
function Decision:probability(p)
  if p < 0.001 then return self:speaker()("decide.hardly") end
  if p > 0.999 then return self:speaker()("decide.surely") end
  return phrase.percent(p)
end

---The name of an input in the decision's language.
function Decision:input_name(name) return self:speaker()("input." .. name) end

---A value of an input, in its unit.
function Decision:show(name, value)
  if value == nil then return "–" end
  if share[name] then return phrase.percent(value) end
  if name == "cases_per_year" or name == "labels" or name == "hours" then
    return phrase.number(value, 0)
  end
  if name == "years" or name == "age" or name == "half_life" then return phrase.number(value) end
  -- What is paid case by case may be a fraction of a cent.
  local small = value ~= 0 and math.abs(value) < 0.1
  return phrase.money(value, self.currency, small and 2 - math.floor(math.log(math.abs(value), 10)))
end

---Form field, look-up, rule or model? Judges ways of getting to know a value by their expected
---cost: set-up, work, labels, running cost, people who leave, and errors. Whatever is not known
---exactly may be a `hana.dist.*` or, for a share of cases, a `hana.measured(...)`; one with costs
---stands for what a covered case costs by being off.
---
---An alternative is { kind = "ask"|"lookup"|"rule"|"model", name =, error = } with any of: setup,
---per_case, per_year, hours, labels, per_label, drop_off, margin, coverage (1), uncovered (1: the
---share wrong among what is not covered), age and half_life (of a looked-up value: it still holds
---with probability 2^(-age/half_life)), loss and uncovered_loss (costs of a case by being off,
---beside error and uncovered), current (true: what is done today).
---
---`correlation` is a list of { "name.input", "cost_of_error", rank correlation } or { inputs = ,
---matrix = }. Errors measured on the same rows are compared row by row (`paired = false`: as if
---they were independent). `discount` is a yearly rate.
---@param given { alternatives: table[], cases_per_year: any, years: any, cost_of_error: any,
---  hourly: any, question: string?, currency: string?, discount: number?, correlation: table?,
---  paired: boolean?, draws: integer?, seed: integer?, lang: string? }
---@return hana.Decision best, verdict, sentence, chain, break_even, evpi, measure, alternatives
function M.new(given)
  if type(given) ~= "table" then
    core.raise("decide: expected a table { alternatives = { ... }, ... }")
  end
  for key in pairs(given) do
    if not inputs.contains(option_names, key) then
      core.unknown("unknown option", tostring(key), " for decide", option_names)
    end
  end
  if type(given.alternatives) ~= "table" or #given.alternatives == 0 then
    core.raise("decide: 'alternatives' must be a list with at least one alternative")
  end
  if given.cases_per_year == nil then core.raise("decide: 'cases_per_year' is missing") end
  local d = setmetatable({
    question = given.question,
    currency = given.currency,
    lang = given.lang or "en",
    alternatives = {},
    shared = {},
    discount = given.discount,
    draws = given.draws or 100000,
  }, Meta)
  d:speaker()
  local defaults = { years = 1, hourly = 0, cost_of_error = 0 }
  local call = {
    shared = {},
    alternatives = {},
    discount = given.discount,
    draws = d.draws,
    seed = given.seed,
  }
  for _, name in ipairs(shared_names) do
    local value = given[name]
    if value == nil then value = defaults[name] end
    d.shared[name] = inputs.read("decide", name, value)
    if given[name] == nil then d.shared[name].source = "default" end
    call.shared[name] = d.shared[name].dist
  end
  local seen = {}
  for i, alternative in ipairs(given.alternatives) do
    local read = inputs.read_alternative(alternative, i, seen)
    d.alternatives[i] = read
    local distributions = {}
    for _, name in ipairs(own_names) do
      distributions[name] = read.inputs[name].dist
    end
    -- Nobody is asked twice.
    call.alternatives[i] =
      { name = read.name, inputs = distributions, group = read.kind == "ask" and 1 or 0 }
  end
  d.years = core.dist_summary(d.shared.years.dist)
  call.correlation, d.paired = inputs.correlation(given.correlation, given.paired, d.alternatives)
  d.call = call
  local found = core.decide(call)
  for i, judged in ipairs(found.alternatives) do
    for key, value in pairs(judged) do
      d.alternatives[i][key] = value
    end
  end
  d.seed, d.evpi, d.shared_evpi = found.seed, found.evpi, found.shared_evpi
  d.best = d.alternatives[found.best]
  d.shared_break_even = found.break_even
  d.break_even = break_evens(d.alternatives, d.best, found)
  local names = {}
  for k, index in ipairs(found.chain) do
    names[k] = d.alternatives[index].name
  end
  d.chain = setmetatable({
    names = names,
    mean = found.chain.mean,
    low = found.chain.low,
    high = found.chain.high,
    probability = found.chain.probability,
    joint = d:speaker()("decide.else"),
  }, Chain)
  for k, index in ipairs(found.chain) do
    d.chain[k] = d.alternatives[index]
  end
  d.chain.fixed, d.chain.per_yearly_case = found.chain.fixed, found.chain.per_yearly_case
  d.second = runner_up(d)
  d.dominated = dominated(d.alternatives)
  d.measure = most_worth_knowing(d, found)
  d.verdict = words.conclude(d)
  d.sentence = words.sentence(d)
  d.paragraph = words.paragraph(d)
  return d
end

---A frame with a row an alternative.
function Decision:table()
  local columns = { name = {}, kind = {}, mean = {}, low = {}, high = {}, probability = {} }
  for i, a in ipairs(self.alternatives) do
    for key, list in pairs(columns) do
      list[i] = a[key]
    end
  end
  return require("hana").frame{
    { "name", columns.name },
    { "kind", columns.kind },
    { "cost", columns.mean },
    { "low", columns.low },
    { "high", columns.high },
    { "probability", columns.probability },
  }
end

---Expected cost against the number of cases a year: a frame with a column an alternative, and one
---for the best chain where it has several links.
---@param options { from: number?, to: number?, points: integer? }?
---@return hana.Frame
function Decision:volume(options)
  options = options or {}
  for key in pairs(options) do
    if not inputs.contains({ "from", "to", "points" }, key) then
      core.unknown("unknown option", tostring(key), " for volume", { "from", "to", "points" })
    end
  end
  local now = core.dist_summary(self.shared.cases_per_year.dist)
  local turn = self.shared_break_even.cases_per_year or 0
  local from, to = options.from or 0, options.to or 2 * math.max(now, math.min(turn, 10 * now))
  local points = options.points or 41
  if not (from >= 0 and to > from and math.tointeger(points) and points >= 2) then
    core.raise("volume: it must be 0 <= from < to, with points a whole number >= 2")
  end
  local lines = { table.unpack(self.alternatives) }
  if #self.chain > 1 then
    lines[#lines + 1] = {
      name = tostring(self.chain),
      fixed = self.chain.fixed,
      per_yearly_case = self.chain.per_yearly_case,
    }
  end
  local columns = { { "cases_per_year", {} } }
  for i, line in ipairs(lines) do columns[i + 1] = { line.name, {} } end
  for k = 1, points do
    local cases = from + (to - from) * (k - 1) / (points - 1)
    columns[1][2][k] = cases
    for i, line in ipairs(lines) do
      columns[i + 1][2][k] = line.fixed + line.per_yearly_case * cases
    end
  end
  return require("hana").frame(columns)
end

---What it is worth to observe n cases of one input before choosing, against their price:
---{ n =, per_case =, setup =, alternative =, input =, together = }. Without `n` the best number of
---cases is sought; without `alternative` and `input` the errors that were measured on the same rows
---are observed together, else the share or measured cost that is worth most to know.
---@param options table?
---@return hana.Result n, worth, price, net, verdict, sentence, table()
function Decision:pilot(options) return require("hana.decide.pilot").new(self, options) end

---The same for one n without a table; nil where no case would show anything.
function Decision:pilot_or_nil(options)
  return require("hana.decide.pilot").new(self, options, true)
end

---A picture: "cost" of each alternative with its 90% interval, "tornado", cost against "volume", or
---the worth of "knowing" each input.
---@param options { kind: string?, from: number?, to: number? }|string?
function Decision:plot(options)
  local pictures = require "hana.decide.pictures"
  if type(options) == "string" then options = { kind = options } end
  options = options or {}
  local kind = options.kind or "cost"
  if not inputs.contains(pictures.kinds, kind) then
    core.unknown("decide: no picture", tostring(kind), "", pictures.kinds)
  end
  return pictures[kind](self, options.from, options.to)
end

---How far the best alternative's lead over the next moves with each uncertain input; nil where
---nothing moves it.
function Decision:tornado() return self:plot "tornado" end

local function plain_input(one)
  local out = { source = one.source, distribution = tostring(one.dist) }
  if one.counts then
    out.wrong, out.n, out.mean = one.counts.wrong, one.counts.n, one.counts.mean
  end
  return out
end

---The decision as plain values.
function Decision:values()
  local out = {
    question = self.question,
    verdict = self.verdict,
    sentence = self.sentence,
    paragraph = self.paragraph,
    dominated = core.json_array(self.dominated),
    best = self.best.name,
    evpi = self.evpi,
    seed = self.seed,
    draws = self.draws,
    break_even = self.break_even,
    currency = self.currency,
    chain = {
      links = self.chain.names,
      cost = self.chain.mean,
      low = self.chain.low,
      high = self.chain.high,
    },
    alternatives = {},
    shared = {},
  }
  for name, one in pairs(self.shared) do
    out.shared[name] = plain_input(one)
  end
  for i, a in ipairs(self.alternatives) do
    local given = {}
    for name, one in pairs(a.inputs) do
      if one.source ~= "default" then given[name] = plain_input(one) end
    end
    out.alternatives[i] = {
      name = a.name,
      kind = a.kind,
      cost = a.mean,
      low = a.low,
      high = a.high,
      probability = a.probability,
      break_even = a.break_even,
      inputs = given,
    }
  end
  return out
end

function Decision:json() return core.json_encode(self:values()) end

---What stands in the report: alternatives, inputs with their source, break-evens, pictures.
function Decision:blocks(with_figures)
  return require("hana.project.decision").blocks(self, with_figures)
end

function Meta:__tostring() return require("hana.report").blocks_to_text(self:blocks(false)) end

function M.is(value) return getmetatable(value) == Meta end

return setmetatable(M, { __call = function(_, given) return M.new(given) end })
