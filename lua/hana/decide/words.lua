-- A decision in words: the verdict, a sentence and a paragraph.

local core = require "hana.core"
local inputs = require "hana.decide.inputs"
local phrase = require "hana.phrase"

local M = {}

-- Open is a choice where knowing everything would be worth more than a quarter of what it is
-- expected to gain. (With a normal difference this is a probability of being cheapest below about
-- 74%.) It can be closed by measuring if one input is worth a tenth of that.
---@param d hana.Decision
function M.conclude(d)
  local best, second = d.best, d.second
  if second then
    d.gain = second.mean - best.mean
    local nothing = 1e-9 * math.max(math.abs(best.mean), math.abs(second.mean))
    if d.evpi > 0.25 * d.gain or d.gain <= nothing then
      local one = d.measure and d.measure.worth > 0.1 * d.evpi
      return one and "measure this first" or "cannot tell"
    end
  end
  return best.current and "do not build" or best.kind
end

local function owner_of(d, alternative)
  return alternative and alternative.name or d:speaker()("decide.all")
end

---@param d hana.Decision
function M.sentence(d)
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
  local parts, open = {}, false
  if d.verdict == "measure this first" then
    values.input = d:input_name(d.measure.input)
    values.owner = owner_of(d, d.measure.alternative)
    values.worth = money(d.measure.worth)
    parts[1], open = t("decide.measure_first", values), true
  elseif d.verdict == "cannot tell" then
    values.worth = money(d.evpi)
    parts[1], open = t("decide.cannot_tell", values), true
  elseif d.verdict == "do not build" then
    parts[1] = t("decide.do_nothing", values)
  else
    parts[1] = t("decide.choose." .. best.kind, values)
  end
  if second then
    parts[#parts + 1] =
      t("decide.second", { name = second.name, more = money(second.mean - best.mean) })
  end
  if best.kind ~= "model" and not open then
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

---The input whose break-even is nearest, in standard deviations of what is known of it; among
---inputs that are given exactly, nearest in proportion.
---@param d hana.Decision
---@return table? { alternative, input, at, now, sds }
function M.nearest(d)
  local found
  local function offer(alternative, name, one, at)
    if not at or one.source == "default" then return end
    local mean, sd = core.dist_summary(one.dist)
    local sds = sd > 0 and math.abs(at - mean) / sd or nil
    local ratio = mean > 0 and at > 0 and math.abs(math.log(at / mean)) or math.huge
    local new =
      { alternative = alternative, input = name, at = at, now = mean, sds = sds, ratio = ratio }
    if
      not found
      or (sds and (not found.sds or sds < found.sds))
      or (not sds and not found.sds and ratio < found.ratio)
    then
      found = new
    end
  end
  for _, a in ipairs(d.alternatives) do
    for _, name in ipairs(inputs.own_names) do
      offer(a, name, a.inputs[name], a.break_even[name])
    end
  end
  for _, name in ipairs(inputs.shared_names) do
    offer(nil, name, d.shared[name], d.shared_break_even[name])
  end
  return found
end

---What knowing more is worth, and what no knowledge would change.
---@param d hana.Decision
---@return string[]
function M.worth_of_knowing(d)
  local t, money = d:speaker(), function(x) return phrase.money(x, d.currency) end
  local parts = { t("decide.evpi", { worth = money(d.evpi) }) }
  local pilot = d.evpi > 0 and d:pilot_or_nil{ n = 100 }
  if pilot and pilot.worth > 0 then
    parts[#parts + 1] = t("decide.pilot_100", {
      input = d:input_name(pilot.input),
      owner = pilot.alternative,
      worth = money(pilot.worth),
    })
  end
  if #d.paired > 0 then parts[#parts + 1] = t "decide.paired" end
  for _, a in ipairs(d.alternatives) do
    if a.dominated_by and d.evpi > 0 then
      parts[#parts + 1] = t("decide.dominated", { name = a.name, by = a.dominated_by })
    end
  end
  return parts
end

---@param d hana.Decision
function M.paragraph(d)
  local t = d:speaker()
  local parts = { d.sentence }
  local function say(key, values) parts[#parts + 1] = t(key, values) end
  local uncertain, known = 0, 0
  local function count(one)
    if one.source == "measured" then known = known + 1 end
    if one.source == "measured" or one.dist.kind ~= "constant" then uncertain = uncertain + 1 end
  end
  for _, name in ipairs(inputs.shared_names) do count(d.shared[name]) end
  for _, a in ipairs(d.alternatives) do
    for _, name in ipairs(inputs.own_names) do count(a.inputs[name]) end
  end
  if uncertain > 0 and known == 0 then
    say("decide.basis_zero", { total = uncertain })
  elseif known == uncertain and uncertain > 1 then
    say("decide.basis_all", { total = uncertain })
  elseif uncertain > 0 then
    say("decide.basis", { measured = known, total = uncertain })
  else
    say("decide.basis_none")
  end
  local near = M.nearest(d)
  if near then
    say("decide.nearest", {
      input = d:input_name(near.input),
      owner = owner_of(d, near.alternative),
      now = d:show(near.input, near.now),
      at = d:show(near.input, near.at),
    })
  else
    say "decide.nearest_none"
  end
  if d.evpi > 0 then
    for _, part in ipairs(M.worth_of_knowing(d)) do parts[#parts + 1] = part end
  end
  return table.concat(parts, " ")
end

return M
