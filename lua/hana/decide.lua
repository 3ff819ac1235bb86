-- hana.decide: form field, look-up, rule or model? Judges ways of getting to know a value by their
-- expected cost. The arithmetic is core/decide/alternatives.c; its formula is printed in reports.

local core = require "hana.core"
local dist = require "hana.dist"
local measured = require "hana.measured"
local phrase = require "hana.phrase"

local M = {}

local shared_names = { "cases_per_year", "years", "hourly", "cost_of_error" }
local own_names = {
  "setup",
  "per_case",
  "per_year",
  "hours",
  "labels",
  "per_label",
  "drop_off",
  "margin",
  "coverage",
  "uncovered",
  "error",
}
local own_defaults = { coverage = 1, uncovered = 1 }
local share = { drop_off = true, coverage = true, uncovered = true, error = true }
M.shared_names, M.own_names, M.is_share = shared_names, own_names, share

local options = {
  "question",
  "cases_per_year",
  "years",
  "currency",
  "hourly",
  "cost_of_error",
  "alternatives",
  "discount",
  "draws",
  "seed",
  "lang",
}
local kinds = { ask = true, lookup = true, rule = true, model = true }

---@class hana.Decision
---@field best table the alternative with the lowest expected cost
---@field alternatives table[] in the order given: name, kind, mean, low, high, probability, ...
---@field chain table the best order of links; prints as text
---@field break_even table per input: the value at which the choice would change
---@field verdict string ask, lookup, rule, model, "do not build" or "measure this first"
---@field sentence string
---@field evpi number the expected value of knowing all inputs exactly
---@field measure table? the input that is worth most to know: { alternative, input, worth }
local Decision = {}
Decision.__index = Decision
Decision.__name = "hana.decision"

local function contains(list, name)
  for _, known in ipairs(list) do
    if known == name then return true end
  end
  return false
end

-- A given input as a distribution, with how it is known.
local function input(where, name, value)
  if value == nil then
    return { dist = dist.constant(own_defaults[name] or 0), source = "default" }
  elseif type(value) == "number" then
    return { dist = dist.constant(value), source = "assumed" }
  elseif dist.is(value) then
    return { dist = value, source = "assumed" }
  elseif measured.is(value) then
    if not share[name] then
      core.raise(("decide: %s: '%s' is an amount; measured counts are a share"):format(where, name))
    end
    local counts = { wrong = value.wrong, n = value.n, what = name }
    return { dist = value:dist(), source = "measured", counts = counts }
  end
  core.raise(
    ("decide: %s: '%s' must be a number, a hana.dist.* or a hana.measured(...), got %s"):format(
      where,
      name,
      type(value)
    )
  )
end

local function read_alternative(given, i, seen)
  if type(given) ~= "table" then
    core.raise(("decide: alternative %d must be a table"):format(i))
  end
  local known = { "kind", "name", "current", table.unpack(own_names) }
  if given.name ~= nil and type(given.name) ~= "string" then
    core.raise(("decide: alternative %d: 'name' must be a string"):format(i))
  end
  local name = given.name or given.kind or ("alternative " .. i)
  for key in pairs(given) do
    if not contains(known, key) then
      core.unknown(
        "decide: unknown option",
        tostring(key),
        (" for alternative '%s'"):format(name),
        known
      )
    end
  end
  if not kinds[given.kind] then
    core.raise(
      ("decide: alternative '%s': 'kind' must be ask, lookup, rule or model, got %s"):format(
        name,
        tostring(given.kind)
      )
    )
  end
  if seen[name] then core.raise(("decide: two alternatives are named '%s'"):format(name)) end
  seen[name] = true
  if given.error == nil then
    core.raise(
      (
        "decide: alternative '%s': 'error' is missing (the share wrong among covered cases: a "
        .. "number, a "
        .. "hana.dist.* or hana.measured(...))"
      ):format(name)
    )
  end
  local read = { name = name, kind = given.kind, current = given.current or nil, inputs = {} }
  for _, key in ipairs(own_names) do
    read.inputs[key] = input(name, key, given[key])
  end
  -- Nulls among the measured values are what the alternative does not cover.
  if
    given.coverage == nil
    and measured.is(given.error)
    and given.error.covered < given.error.rows
  then
    read.inputs.coverage = {
      dist = given.error:coverage_dist(),
      source = "measured",
      counts = { n = given.error.rows, wrong = given.error.covered, what = "coverage" },
    }
  end
  return read
end

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

-- Measure first when knowing everything would be worth more than a quarter of what the choice is
-- expected to gain, and one input can be named. (With a normal difference this is a probability of
-- being cheapest below about 74%.)
local function conclude(decision)
  local best, second = decision.best, runner_up(decision)
  decision.second = second
  if second then
    decision.gain = second.mean - best.mean
    if decision.measure and decision.evpi > 0.25 * decision.gain then
      decision.verdict = "measure this first"
      return
    end
  end
  decision.verdict = best.current and "do not build" or best.kind
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
  if name == "years" then return phrase.number(value) end
  return phrase.money(value, self.currency)
end

local function sentence(d)
  local t, money = d:speaker(), function(x) return phrase.money(x, d.currency) end
  local best, second = d.best, d.second
  local values = {
    name = best.name,
    cost = money(best.mean),
    low = money(best.low),
    high = money(best.high),
    probability = d:probability(best.probability),
    horizon = t(
      d.years == 1 and "decide.one_year" or "decide.years",
      { n = phrase.number(d.years) }
    ),
  }
  local parts = {}
  if d.verdict == "measure this first" then
    values.input = d:input_name(d.measure.input)
    values.owner = d.measure.alternative and d.measure.alternative.name or t("decide.all")
    values.worth = money(d.measure.worth)
    parts[1] = t("decide.measure_first", values)
  elseif d.verdict == "do not build" then
    parts[1] = t("decide.do_nothing", values)
  else
    parts[1] = t("decide.choose." .. best.kind, values)
  end
  if second then
    parts[#parts + 1] =
      t("decide.second", { name = second.name, more = money(second.mean - best.mean) })
  end
  if best.kind ~= "model" and d.verdict ~= "measure this first" then
    for _, a in ipairs(d.alternatives) do
      if a.kind == "model" then
        parts[#parts + 1] =
          t("decide.no_model", { name = a.name, more = money(a.mean - best.mean) })
        break
      end
    end
  end
  if #d.chain > 1 then
    parts[#parts + 1] =
      t("decide.chain", { chain = tostring(d.chain), saves = money(best.mean - d.chain.mean) })
  end
  d.headline = parts[1]
  return table.concat(parts, " ")
end

---Form field, look-up, rule or model? Judges ways of getting to know a value by their expected
---cost: set-up, work, labels, running cost, people who leave, and errors. Whatever is not known
---exactly may be a `hana.dist.*` or, for a share of cases, a `hana.measured(...)`.
---
---An alternative is { kind = "ask"|"lookup"|"rule"|"model", name =, error = } with any of: setup,
---per_case, per_year, hours, labels, per_label, drop_off, margin, coverage (1), uncovered (1: the
---share wrong among what is not covered), current (true: what is done today).
---@param given { alternatives: table[], cases_per_year: any, years: any, cost_of_error: any,
---  hourly: any, question: string?, currency: string?, discount: number?, draws: integer?,
---  seed: integer?, lang: string? }
---@return hana.Decision best, verdict, sentence, chain, break_even, evpi, measure, alternatives
function M.new(given)
  if type(given) ~= "table" then
    core.raise("decide: expected a table { alternatives = { ... }, ... }")
  end
  for key in pairs(given) do
    if not contains(options, key) then
      core.unknown("unknown option", tostring(key), " for decide", options)
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
  }, Decision)
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
    d.shared[name] = input("decide", name, value)
    if given[name] == nil then d.shared[name].source = "default" end
    call.shared[name] = d.shared[name].dist
  end
  local seen = {}
  for i, alternative in ipairs(given.alternatives) do
    local read = read_alternative(alternative, i, seen)
    d.alternatives[i] = read
    local inputs = {}
    for _, name in ipairs(own_names) do
      inputs[name] = read.inputs[name].dist
    end
    -- Nobody is asked twice.
    call.alternatives[i] =
      { name = read.name, inputs = inputs, group = read.kind == "ask" and 1 or 0 }
  end
  d.years = core.dist_summary(d.shared.years.dist)
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
  d.measure = most_worth_knowing(d, found)
  conclude(d)
  d.sentence = sentence(d)
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

---Expected cost of each alternative with its 90% interval.
function Decision:plot()
  local t = self:speaker()
  local data = { name = {}, cost = {}, low = {}, high = {} }
  local sorted = { table.unpack(self.alternatives) }
  table.sort(sorted, function(a, b) return a.mean < b.mean end)
  for i, a in ipairs(sorted) do
    data.name[i], data.cost[i], data.low[i], data.high[i] = a.name, a.mean, a.low, a.high
  end
  return require("hana.plot") {
    data = data,
    geom = "errorbar",
    x = "name",
    y = "cost",
    low = "low",
    high = "high",
    horizontal = true,
    x_label = t("decide.cost_axis", { currency = self.currency or "" }),
    x_format = "si",
    height = 90 + 60 * #sorted,
    lang = self.lang,
  }
end

---How far the best alternative's lead over the next moves with each uncertain input: from its 5% to
---its 95% quantile, the widest first.
function Decision:tornado()
  local t, bars = self:speaker(), {}
  local best, second = self.best, self.second
  if not second then return nil end
  local function add(label, low, high)
    if math.abs(high - low) > 1e-9 * (1 + math.abs(low)) then
      bars[#bars + 1] = { label = label, low = math.min(low, high), high = math.max(low, high) }
    end
  end
  for _, name in ipairs(shared_names) do
    local b, s = best.swings[name], second.swings[name]
    add(self:input_name(name), s[1] - b[1], s[2] - b[2])
  end
  for _, name in ipairs(own_names) do
    local b, s = best.swings[name], second.swings[name]
    add(best.name .. ": " .. self:input_name(name), second.mean - b[1], second.mean - b[2])
    add(second.name .. ": " .. self:input_name(name), s[1] - best.mean, s[2] - best.mean)
  end
  if #bars == 0 then return nil end
  table.sort(bars, function(a, b) return a.high - a.low > b.high - b.low end)
  local data = { input = {}, low = {}, high = {} }
  for i = 1, math.min(#bars, 10) do
    data.input[i], data.low[i], data.high[i] = bars[i].label, bars[i].low, bars[i].high
  end
  return require("hana.plot") {
    data = data,
    x = "input",
    y = "high",
    layers = {
      { geom = "bar", low = "low", high = "high", horizontal = true },
      { geom = "vline", at = 0 },
      { geom = "vline", at = self.gain },
    },
    x_label = t(
      "decide.lead_axis",
      { best = best.name, second = second.name, currency = self.currency or "" }
    ),
    x_format = "si",
    height = 110 + 36 * #data.input,
    lang = self.lang,
  }
end

local function plain_input(one)
  local out = { source = one.source, distribution = tostring(one.dist) }
  if one.counts then
    out.wrong, out.n = one.counts.wrong, one.counts.n
  end
  return out
end

---The decision as plain values.
function Decision:values()
  local out = {
    question = self.question,
    verdict = self.verdict,
    sentence = self.sentence,
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
    local inputs = {}
    for name, one in pairs(a.inputs) do
      if one.source ~= "default" then inputs[name] = plain_input(one) end
    end
    out.alternatives[i] = {
      name = a.name,
      kind = a.kind,
      cost = a.mean,
      low = a.low,
      high = a.high,
      probability = a.probability,
      break_even = a.break_even,
      inputs = inputs,
    }
  end
  return out
end

function Decision:json() return core.json_encode(self:values()) end

---What stands in the report: alternatives, inputs with their source, break-evens, pictures.
function Decision:blocks(with_figures)
  return require("hana.project.decision").blocks(self, with_figures)
end

function Decision:__tostring() return require("hana.report").blocks_to_text(self:blocks(false)) end

function M.is(value) return getmetatable(value) == Decision end

return setmetatable(M, { __call = function(_, given) return M.new(given) end })
