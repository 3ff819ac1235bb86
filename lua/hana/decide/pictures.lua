-- Pictures of a decision.

local inputs = require "hana.decide.inputs"

local M = {}

---Expected cost of each alternative with its 90% interval.
function M.cost(d)
  local t = d:speaker()
  local data = { name = {}, cost = {}, low = {}, high = {} }
  local sorted = { table.unpack(d.alternatives) }
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
    x_label = t("decide.cost_axis", { currency = d.currency or "" }),
    x_format = "si",
    height = 90 + 60 * #sorted,
    lang = d.lang,
  }
end

---How far the best alternative's lead over the next moves with each uncertain input: from its 5% to
---its 95% quantile, the widest first. nil where nothing moves it.
function M.tornado(d)
  local t, bars = d:speaker(), {}
  local best, second = d.best, d.second
  if not second then return nil end
  local function add(label, low, high)
    if math.abs(high - low) > 1e-9 * (1 + math.abs(low)) then
      bars[#bars + 1] = { label = label, low = math.min(low, high), high = math.max(low, high) }
    end
  end
  for _, name in ipairs(inputs.shared_names) do
    local b, s = best.swings[name], second.swings[name]
    add(d:input_name(name), s[1] - b[1], s[2] - b[2])
  end
  for _, name in ipairs(inputs.own_names) do
    local b, s = best.swings[name], second.swings[name]
    add(best.name .. ": " .. d:input_name(name), second.mean - b[1], second.mean - b[2])
    add(second.name .. ": " .. d:input_name(name), s[1] - best.mean, s[2] - best.mean)
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
      { geom = "vline", at = d.gain },
    },
    x_label = t(
      "decide.lead_axis",
      { best = best.name, second = second.name, currency = d.currency or "" }
    ),
    x_format = "si",
    height = 110 + 36 * #data.input,
    lang = d.lang,
  }
end

---Expected cost against the number of cases a year, a line an alternative and one for the best
---chain; upright lines where the choice changes and where it stands today.
function M.volume(d, from, to)
  local t = d:speaker()
  local frame = d:volume{ from = from, to = to }
  local data = { cases = {}, cost = {}, name = {} }
  local cases = frame:col("cases_per_year"):totable()
  for _, name in ipairs(frame:names()) do
    if name ~= "cases_per_year" then
      for i, cost in ipairs(frame:col(name):totable()) do
        local at = #data.cases + 1
        data.cases[at], data.cost[at], data.name[at] = cases[i], cost, name
      end
    end
  end
  local layers = { { geom = "line" } }
  local turn = d.shared_break_even.cases_per_year
  if turn and turn >= cases[1] and turn <= cases[#cases] then
    layers[#layers + 1] = { geom = "vline", at = turn }
  end
  return require("hana.plot") {
    data = data,
    x = "cases",
    y = "cost",
    color = "name",
    layers = layers,
    x_label = d:input_name "cases_per_year",
    y_label = t("decide.cost_axis", { currency = d.currency or "" }),
    x_format = "si",
    y_format = "si",
    lang = d.lang,
  }
end

---What it is worth to know each input exactly, the most worthwhile first. nil where it is worth
---nothing.
function M.knowing(d)
  local t, bars = d:speaker(), {}
  local function add(label, worth)
    if worth and worth > 0 then bars[#bars + 1] = { label = label, worth = worth } end
  end
  for _, name in ipairs(inputs.shared_names) do add(d:input_name(name), d.shared_evpi[name]) end
  for _, a in ipairs(d.alternatives) do
    for _, name in ipairs(inputs.own_names) do
      add(a.name .. ": " .. d:input_name(name), a.evpi[name])
    end
  end
  if #bars == 0 then return nil end
  table.sort(bars, function(a, b) return a.worth > b.worth end)
  local data = { input = {}, worth = {} }
  for i = 1, math.min(#bars, 10) do
    data.input[i], data.worth[i] = bars[i].label, bars[i].worth
  end
  return require("hana.plot") {
    data = data,
    x = "input",
    y = "worth",
    layers = { { geom = "bar", horizontal = true } },
    x_label = t("decide.worth_axis", { currency = d.currency or "" }),
    x_format = "si",
    height = 110 + 36 * #data.input,
    lang = d.lang,
  }
end

M.kinds = { "cost", "tornado", "volume", "knowing" }

return M
