-- What it would be worth to look at n cases before choosing.

local core = require "hana.core"
local inputs = require "hana.decide.inputs"
local phrase = require "hana.phrase"
local result = require "hana.result"

local M = {}

local shares = { "error", "loss", "drop_off", "coverage", "uncovered", "uncovered_loss" }
local option_names = { "alternative", "input", "together", "n", "per_case", "setup" }
local grid = {}
for _, power in ipairs{ 10, 100, 1000, 10000 } do
  for _, digit in ipairs{ 1, 1.5, 2, 3, 5, 7 } do
    grid[#grid + 1] = math.tointeger(digit * power)
  end
end
grid[#grid + 1] = 100000

-- Whether cases would show something about the input.
local function shows(a, name)
  local one = a.inputs[name]
  if one.source == "default" then return false end
  local _, sd = core.dist_summary(one.dist)
  if sd == 0 then return false end
  return inputs.is_share[name] or one.source == "measured"
end

local function find(d, wanted_alternative, wanted_input)
  local best, best_index
  for i, a in ipairs(d.alternatives) do
    if not wanted_alternative or a.name == wanted_alternative then
      for _, name in ipairs(shares) do
        if (not wanted_input or name == wanted_input) and shows(a, name) then
          local worth = a.evpi[name] or 0
          if not best or worth > best.worth then
            best, best_index = { input = name, worth = worth, alternative = a }, i
          end
        end
      end
    end
  end
  return best, best_index
end

-- Errors, or costs of errors, that were measured on the same rows: cases labeled by hand show them
-- all.
local function measured_together(d)
  local names, list = {}, {}
  for _, pair in ipairs(d.paired) do names[pair[1]], names[pair[2]] = true, true end
  for i, a in ipairs(d.alternatives) do
    if names[a.name] then
      local name = a.inputs.loss.source == "measured" and "loss" or "error"
      list[#list + 1] = {
        alternative = i, name = name, known = a.inputs[name].counts.n, of = a.name,
        worth = a.evpi[name] or 0,
      }
    end
  end
  return list
end

local function check(d, options)
  if type(options) ~= "table" then
    core.raise("pilot: expected a table { n = , per_case = , ... }")
  end
  for key in pairs(options) do
    if not inputs.contains(option_names, key) then
      core.unknown("unknown option", tostring(key), " for pilot", option_names)
    end
  end
  if options.alternative ~= nil then
    local names = {}
    for i, a in ipairs(d.alternatives) do names[i] = a.name end
    if not inputs.contains(names, options.alternative) then
      core.unknown("pilot: no alternative", tostring(options.alternative), "", names)
    end
  end
  if options.input ~= nil and not inputs.contains(shares, options.input) then
    core.unknown("pilot: no share or cost that cases would show:", tostring(options.input), "",
      shares)
  end
  if options.together and (options.input or options.alternative) then
    core.raise("pilot: 'together' observes all errors that were measured on the same rows; leave "
      .. "'alternative' and 'input' out")
  end
  if options.together and #d.paired == 0 then
    core.raise("pilot: 'together' needs errors of two alternatives measured on the same rows")
  end
  for _, name in ipairs{ "per_case", "setup" } do
    local value = options[name]
    if value ~= nil and not (type(value) == "number" and value >= 0 and value < math.huge) then
      core.raise(("pilot: '%s' must be a number >= 0, got %s"):format(name, tostring(value)))
    end
  end
  if options.n ~= nil and not (math.tointeger(options.n) and options.n >= 1) then
    core.raise(("pilot: 'n' must be a whole number >= 1, got %s"):format(tostring(options.n)))
  end
end

local function picture(pilot, t, currency)
  local data, most = { n = {}, amount = {}, what = {} }, 0
  local function add(n, amount, what)
    local at = #data.n + 1
    data.n[at], data.amount[at], data.what[at] = n, amount, what
  end
  for _, row in ipairs(pilot.grid) do
    add(row.n, row.worth, t "decide.pilot_worth")
    most = math.max(most, row.worth)
  end
  for i, row in ipairs(pilot.grid) do
    -- A price far above the worth would press the curve flat.
    if row.price <= 1.5 * most or i <= 2 then add(row.n, row.price, t "decide.pilot_price") end
  end
  return require("hana.plot") {
    data = data, geom = "line", x = "n", y = "amount", color = "what", log_x = true,
    x_label = t "decide.pilot_axis",
    y_label = t("decide.worth_axis", { currency = currency or "" }),
    y_format = "si",
  }
end

-- What is observed: one input, or several together; nil where no case would show anything.
local function target_of(d, options)
  if options.together or (options.together == nil and not options.input
    and not options.alternative and #d.paired > 0) then
    local list, names, worth = measured_together(d), {}, 0
    for i, one in ipairs(list) do
      names[i], worth = one.of, math.max(worth, one.worth)
    end
    return {
      together = list, input = list[1].name, owner = table.concat(names, ", "), worth = worth,
    }
  end
  local what, index = find(d, options.alternative, options.input)
  if not what then return nil end
  what.index, what.owner = index, what.alternative.name
  return what
end

local function worths_of(d, what, sizes)
  if what.together then
    return core.pilot_together(d.call, what.together, math.min(d.draws, 40000), d.seed, sizes)
  end
  local one = what.alternative.inputs[what.input]
  return core.pilot_worth(d.call, what.index, what.input, one.counts and one.counts.n or 0, sizes)
end

---The worth of observing n cases before choosing (the expected value of sample information),
---against their price. Without `n` the number of cases with the highest worth after its price is
---sought.
---Observed is one `input` of one `alternative` (without them, the one that is worth most to know),
---or `together` the errors of all alternatives that were measured on the same rows, as hand-labeled
---cases show them: the default where there are such.
---@param d hana.Decision
---@param options { alternative: string?, input: string?, together: boolean?, n: integer?,
---  per_case: number?, setup: number? }
---@param quiet boolean? nil instead of an error when no input could be observed
function M.new(d, options, quiet)
  options = options or {}
  check(d, options)
  local what = target_of(d, options)
  if not what then
    if quiet then return nil end
    core.raise(
      "pilot: no case would show more about "
        .. (options.input and ("'%s'"):format(options.input) or "any input")
        .. (options.alternative and (" of '%s'"):format(options.alternative) or "")
        .. ": give it as a distribution or as measured"
    )
  end
  local sizes, place = {}, nil
  if not quiet then
    for i, n in ipairs(grid) do
      -- Several inputs take a simulation each.
      if not what.together or i % 2 == 1 then sizes[#sizes + 1] = n end
    end
  end
  if options.n then
    sizes[#sizes + 1] = math.tointeger(options.n)
    table.sort(sizes)
  end
  local worths = worths_of(d, what, sizes)
  local rows, per_case, setup = {}, options.per_case or 0, options.setup or 0
  local rounding = 1e-12 * math.abs(d.best.mean)
  for i, n in ipairs(sizes) do
    if worths[i] < rounding then worths[i] = 0.0 end
    local price = setup + per_case * n
    rows[i] = { n = n, worth = worths[i], price = price, net = worths[i] - price }
    if options.n == n then
      place = rows[i]
    elseif not options.n and (not place or rows[i].net > place.net) then
      place = rows[i]
    end
  end
  if quiet then
    return { worth = place.worth, input = what.input, alternative = what.owner }
  end
  local t, money = d:speaker(), function(x) return phrase.money(x, d.currency) end
  local pilot = {
    n = place.n, worth = place.worth, price = place.price, net = place.net,
    input = what.input, alternative = what.owner, together = what.together ~= nil,
    verdict = place.net > 0 and "run it" or "do not run it",
    grid = rows,
  }
  pilot.sentence = t(place.net > 0 and "decide.pilot_yes" or "decide.pilot_no", {
    n = phrase.number(place.n, 0), input = d:input_name(what.input),
    owner = what.owner, worth = money(place.worth), price = money(place.price),
  })
  return result.new("pilot", pilot, {
    table = function(p)
      local columns = { n = {}, worth = {}, price = {}, net = {} }
      for i, row in ipairs(p.grid) do
        for name, list in pairs(columns) do list[i] = row[name] end
      end
      return require("hana").frame{
        { "n", columns.n }, { "worth", columns.worth }, { "price", columns.price },
        { "net", columns.net },
      }
    end,
    plot = function(p) return picture(p, t, d.currency) end,
  })
end

return M
