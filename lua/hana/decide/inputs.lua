-- What goes into a decision: numbers, distributions and measured figures, with how each is known.

local core = require "hana.core"
local dist = require "hana.dist"
local measured = require "hana.measured"

local M = {}

M.shared_names = { "cases_per_year", "years", "hourly", "cost_of_error" }
M.own_names = {
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
  "uncovered_loss",
  "error",
  "loss",
  "age",
  "half_life",
}
M.is_share = { drop_off = true, coverage = true, uncovered = true, error = true }

local own_defaults = { coverage = 1, uncovered = 1, half_life = 1 }
local kinds = { ask = true, lookup = true, rule = true, model = true }
-- Where a measured cost goes that was given for a share.
local loss_of = { error = "loss", uncovered = "uncovered_loss" }

function M.contains(list, name)
  for _, known in ipairs(list) do
    if known == name then return true end
  end
  return false
end

local function default(name)
  return { dist = dist.constant(own_defaults[name] or 0), source = "default" }
end

---A given input as a distribution, with how it is known.
function M.read(where, name, value)
  if value == nil then
    return default(name)
  elseif type(value) == "number" then
    return { dist = dist.constant(value), source = "assumed" }
  elseif dist.is(value) then
    return { dist = value, source = "assumed" }
  elseif measured.is(value) then
    if not M.is_share[name] then
      core.raise(("decide: %s: '%s' is an amount; measured counts are a share"):format(where, name))
    end
    local counts = { wrong = value.wrong, n = value.n, what = name }
    return { dist = value:dist(), source = "measured", counts = counts, measured = value }
  end
  core.raise(
    ("decide: %s: '%s' must be a number, a hana.dist.* or a hana.measured(...), got %s"):format(
      where,
      name,
      type(value)
    )
  )
end

-- A measured cost given for error or uncovered: the share is 0 then, and the cost stands beside it.
local function read_loss(read, given, name)
  local value, loss = given[name], loss_of[name]
  if not (measured.is(value) and value.cost) then return end
  if given[loss] ~= nil then
    core.raise(
      (
        "decide: alternative '%s': '%s' was measured as a cost already; '%s' would count it twice"
      ):format(read.name, name, loss)
    )
  end
  read.inputs[name] = { dist = dist.constant(0), source = "default" }
  read.inputs[loss] = {
    dist = value:cost_dist(),
    source = "measured",
    counts = { n = value.n, mean = value.cost, what = "loss" },
    measured = value,
  }
end

local function check_name(given, i, seen)
  if type(given) ~= "table" then
    core.raise(("decide: alternative %d must be a table"):format(i))
  end
  if given.name ~= nil and type(given.name) ~= "string" then
    core.raise(("decide: alternative %d: 'name' must be a string"):format(i))
  end
  local name = given.name or given.kind or ("alternative " .. i)
  local known = { "kind", "name", "current", table.unpack(M.own_names) }
  for key in pairs(given) do
    if not M.contains(known, key) then
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
  return name
end

---An alternative as given, checked: name, kind, current, inputs.
function M.read_alternative(given, i, seen)
  local name = check_name(given, i, seen)
  if given.error == nil and given.loss == nil then
    core.raise(
      (
        "decide: alternative '%s': 'error' is missing (the share wrong among covered cases: a "
        .. "number, a "
        .. "hana.dist.* or hana.measured(...))"
      ):format(name)
    )
  end
  if (given.age == nil) ~= (given.half_life == nil) then
    core.raise(
      (
        "decide: alternative '%s': 'age' (of a looked-up value) and 'half_life' (after which half "
        .. "of the values no longer hold, in the same unit) go together"
      ):format(name)
    )
  end
  local read = { name = name, kind = given.kind, current = given.current or nil, inputs = {} }
  for _, key in ipairs(M.own_names) do
    read.inputs[key] = M.read(name, key, given[key])
  end
  -- Nulls among the measured values are what the alternative does not cover.
  local error = given.error
  if given.coverage == nil and measured.is(error) and error.covered < error.rows then
    read.inputs.coverage = {
      dist = error:coverage_dist(),
      source = "measured",
      counts = { n = error.rows, wrong = error.covered, what = "coverage" },
    }
  end
  read_loss(read, given, "error")
  read_loss(read, given, "uncovered")
  return read
end

-- "cost_of_error" or "name of the alternative.input" as { alternative = index or 0, name = }.
local function find_input(text, alternatives)
  if type(text) ~= "string" then
    core.raise("decide: a correlated input is a text like 'cost_of_error' or 'form.drop_off'")
  end
  if M.contains(M.shared_names, text) then return { alternative = 0, name = text } end
  local known = { table.unpack(M.shared_names) }
  for i, a in ipairs(alternatives) do
    for _, name in ipairs(M.own_names) do
      local full = a.name .. "." .. name
      if full == text then
        -- A measured cost stands where the share was given.
        local loss = loss_of[name]
        if loss and a.inputs[loss].source == "measured" then name = loss end
        return { alternative = i, name = name }
      end
      known[#known + 1] = full
    end
  end
  core.unknown("decide: no input", text, " to correlate", known)
end

local function check_rank(r, a, b)
  if type(r) ~= "number" or not (r >= -1 and r <= 1) then
    core.raise(
      ("decide: the rank correlation of '%s' and '%s' must lie in -1..1, got %s"):format(
        tostring(a),
        tostring(b),
        tostring(r)
      )
    )
  end
end

-- Given pairs { { "a.error", "b.error", 0.5 }, ... } or { inputs = { ... }, matrix = { ... } } as
-- a list of pairs.
local function given_pairs(given)
  if given == nil then return {} end
  if type(given) ~= "table" then
    core.raise("decide: 'correlation' must be a list of { input, input, rank correlation }")
  end
  if given.inputs or given.matrix then
    local inputs, matrix, list = given.inputs, given.matrix, {}
    if type(inputs) ~= "table" or type(matrix) ~= "table" or #inputs ~= #matrix then
      core.raise("decide: 'correlation' as a matrix needs 'inputs' and as many rows in 'matrix'")
    end
    for i, row in ipairs(matrix) do
      if type(row) ~= "table" or #row ~= #inputs then
        core.raise(
          ("decide: row %d of the correlation matrix must have %d numbers"):format(i, #inputs)
        )
      end
      if row[i] ~= 1 then
        core.raise("decide: the correlation matrix must have 1 on its diagonal")
      end
      for j = 1, i - 1 do
        if row[j] ~= matrix[j][i] then
          core.raise(
            (
              "decide: the correlation of '%s' and '%s' stands twice in the matrix, and differs"
            ):format(inputs[i], inputs[j])
          )
        end
        list[#list + 1] = { inputs[i], inputs[j], row[j] }
      end
    end
    return list
  end
  for i, pair in ipairs(given) do
    if type(pair) ~= "table" or #pair ~= 3 then
      core.raise(("decide: correlation %d must be { input, input, rank correlation }"):format(i))
    end
  end
  return given
end

---The correlations of a decision for the core, and the pairs that were measured on the same rows.
---Figures measured on the same rows are correlated as the rows say, unless `paired` is false or a
---correlation of the two was given.
function M.correlation(given, paired, alternatives)
  local list, place, rank, found = {}, {}, {}, {}
  local function number(input)
    local id = input.alternative .. "." .. input.name
    if not place[id] then
      list[#list + 1] = input
      place[id], rank[#list] = #list, {}
    end
    return place[id]
  end
  local function set(a, b, r)
    local i, j = number(a), number(b)
    if i == j then core.raise("decide: an input cannot be correlated with itself") end
    rank[i][j], rank[j][i] = r, r
  end
  for _, pair in ipairs(given_pairs(given)) do
    check_rank(pair[3], pair[1], pair[2])
    set(find_input(pair[1], alternatives), find_input(pair[2], alternatives), pair[3] + 0.0)
  end
  local rows = {}
  for i, a in ipairs(alternatives) do
    for _, name in ipairs{ "error", "loss" } do
      if a.inputs[name].measured then
        rows[#rows + 1] =
          { alternative = i, name = name, measured = a.inputs[name].measured }
      end
    end
  end
  for j = 2, paired == false and 1 or #rows do
    for i = 1, j - 1 do
      local a, b = rows[i], rows[j]
      local r = measured.correlation(a.measured, b.measured)
      local x, y = place[a.alternative .. "." .. a.name], place[b.alternative .. "." .. b.name]
      if r and r ~= 0 and not (x and y and rank[x][y]) then
        -- Spearman's correlation of the normal distributions that have Pearson's r.
        set(a, b, 6 / math.pi * math.asin(math.max(-1, math.min(1, r)) / 2))
        found[#found + 1] = {
          alternatives[a.alternative].name,
          alternatives[b.alternative].name,
          correlation = r,
        }
      end
    end
  end
  if #list == 0 then return nil, found end
  local matrix = {}
  for i = 1, #list do
    for j = 1, #list do
      matrix[#matrix + 1] = i == j and 1.0 or rank[i][j] or 0.0
    end
  end
  return { inputs = list, matrix = matrix }, found
end

return M
