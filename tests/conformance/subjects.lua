--- Data and instances for the conformance suite: one way to make each part of the registry that has
--- required options, and data that every part can take.
local hana = require "hana"

local M = {}

-- A small generator of our own, so that the data do not depend on what is tested.
local function stream(seed)
  local state = seed
  return function()
    state = (state * 1103515245 + 12345) % 2147483648
    return state / 2147483648
  end
end

--- n rows: x1, x2 (float), k (int), g (text of three levels), y (float), c (text of two classes), d
--- (of three), w (int weights 0 to 3).
function M.frame(n, seed)
  local u = stream(seed or 7)
  local cols = { x1 = {}, x2 = {}, k = {}, g = {}, y = {}, c = {}, d = {}, w = {} }
  local levels = { "left", "middle", "right" }
  for i = 1, n do
    local x1, x2 = u() * 4 - 2, u() * 4 - 2
    local k, g = math.floor(u() * 6), levels[math.floor(u() * 3) + 1]
    local signal = x1 - 0.5 * x2 + 0.3 * k + (g == "right" and 1 or 0) + (u() + u() - 1)
    cols.x1[i], cols.x2[i], cols.k[i], cols.g[i] = x1, x2, k, g
    cols.y[i] = signal
    cols.c[i] = signal > 1 and "yes" or "no"
    cols.d[i] = signal > 1.8 and "high" or signal > 0.2 and "mid" or "low"
    cols.w[i] = math.floor(u() * 4)
  end
  return hana.frame{
    { "x1", cols.x1 }, { "x2", cols.x2 }, { "k", cols.k }, { "g", cols.g }, { "y", cols.y },
    { "c", cols.c }, { "d", cols.d }, { "w", cols.w },
  }
end

M.features = { "x1", "x2", "k", "g" }

--- The roles for a kind of task.
function M.roles(task, more)
  local roles = { target = task == "regression" and "y" or "c", features = M.features,
    out_of_range = "ignore" }
  for key, value in pairs(more or {}) do roles[key] = value end
  return roles
end

local function base(task)
  if task == "regression" then return hana.ridge{ lambda = 1 } end
  return hana.logistic_regression{ lambda = 1 }
end

-- Mean of the target by the sign of x1: enough of a model to be held to the rules.
local function lua_fit(x, y)
  local sums, counts = { 0, 0 }, { 0, 0 }
  for i, value in y:values() do
    local side = x.x1[i] > 0 and 2 or 1
    sums[side] = sums[side] + (type(value) == "number" and value or value == "yes" and 1 or 0)
    counts[side] = counts[side] + 1
  end
  return { sums[1] / math.max(counts[1], 1), sums[2] / math.max(counts[2], 1) }
end

local function lua_sides(state, x)
  local out = {}
  for i, value in x.x1:values() do out[i] = state[value > 0 and 2 or 1] end
  return out
end

-- What each part with required options is made of; all others take their defaults.
local makers = {
  bagging = function(task) return { base = base(task), bags = 5 } end,
  calibrated = function(task) return { base = base(task), folds = 3 } end,
  distill = function(task)
    return { teacher = base(task), student = hana.decision_tree{ max_depth = 3 }, folds = 3 }
  end,
  self_training = function(task) return { base = base(task) } end,
  rules = function(task)
    if task == "regression" then return { { "x1 > 0", "x1 + k" }, otherwise = 0.5 } end
    return { { "x1 > 0 and g ~= 'left'", "yes" }, otherwise = "no" }
  end,
  lookup = function() return { keys = { "k", "g" } } end,
  pipeline = function(task) return { hana.one_hot{}, hana.standardize{}, base(task) } end,
  lua_model = function(task)
    if task == "regression" then
      return { name = "sides", fit = lua_fit, predict = lua_sides, task = "regression" }
    end
    return {
      name = "sides_of_classes", fit = lua_fit, task = "classification",
      predict_proba = function(state, x)
        local yes, no = lua_sides(state, x), {}
        for i, p in ipairs(yes) do no[i] = 1 - p end
        return { yes = yes, no = no }
      end,
    }
  end,
  derive = function() return { { "sum", "x1 + x2" } } end,
  lua_step = function()
    return {
      name = "shift",
      fit = function(x) return { x.x1:mean() } end,
      transform = function(state, x) return x:mutate({ { "x1", "x1 - $m" } }, { m = state[1] }) end,
    }
  end,
  text_tokens = function() return { columns = { "g" } } end,
}

--- An instance of a part for a kind of task.
function M.make(name, task, more)
  local options = makers[name] and makers[name](task) or {}
  for key, value in pairs(more or {}) do options[key] = value end
  return hana[name](options)
end

--- The cells of a column or frame as one string that equal bits alone can equal.
function M.bits(thing)
  local out = {}
  local function add(column)
    for i = 1, #column do
      local value = column[i]
      out[#out + 1] = math.type(value) == "float" and ("%a"):format(value) or tostring(value)
    end
  end
  if getmetatable(thing).__name == "hana.frame" then
    for _, name in ipairs(thing:names()) do add(thing[name]) end
  else
    add(thing)
  end
  return table.concat(out, " ")
end

return M
