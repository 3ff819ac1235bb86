--- Distributions: what is known of a number. `hana.decide` draws from them, `hana.tune` searches in
--- them. A distribution is a small table { kind, parameters } that prints itself.

local core = require "hana.core"

local M = {}

local Distribution = {}
Distribution.__index = Distribution
Distribution.__name = "hana.distribution"

local function short(x)
  local text = string.format("%.6g", x):gsub(",", ".")
  return text
end

function Distribution:__tostring()
  local parts = {}
  for i = 1, #self do
    parts[i] = short(self[i])
  end
  return self.kind .. "(" .. table.concat(parts, ", ") .. ")"
end

-- name, parameters, and the rule that they must keep
local kinds = {
  constant = { { "value" }, function() return true end, "" },
  uniform = { { "low", "high" }, function(a, b) return a <= b end, "low <= high" },
  log_uniform = {
    { "low", "high" },
    function(a, b) return a > 0 and a <= b end,
    "0 < low <= high",
  },
  normal = { { "mean", "sd" }, function(_, sd) return sd >= 0 end, "sd >= 0" },
  log_normal = { { "mean_log", "sd_log" }, function(_, sd) return sd >= 0 end, "sd_log >= 0" },
  triangular = {
    { "low", "mode", "high" },
    function(a, b, c) return a <= b and b <= c end,
    "low <= mode <= high",
  },
  pert = {
    { "low", "mode", "high" },
    function(a, b, c) return a <= b and b <= c end,
    "low <= mode <= high",
  },
  beta = { { "a", "b" }, function(a, b) return a > 0 and b > 0 end, "a > 0 and b > 0" },
  gamma = {
    { "shape", "scale" },
    function(a, b) return a > 0 and b > 0 end,
    "shape > 0 and scale > 0",
  },
}

local function finite(x)
  return type(x) == "number" and x == x and x ~= math.huge and x ~= -math.huge
end

local function make(kind, ...)
  local names, holds, rule = table.unpack(kinds[kind])
  local given = { ... }
  for i, name in ipairs(names) do
    if not finite(given[i]) then
      error(
        ("dist.%s: %s must be a finite number, got %s"):format(kind, name, tostring(given[i])),
        3
      )
    end
  end
  if not holds(table.unpack(given)) then
    local parts = {}
    for i = 1, #given do
      parts[i] = short(given[i])
    end
    error(("dist.%s: it must be %s, got %s"):format(kind, rule, table.concat(parts, ", ")), 3)
  end
  local made = { kind = kind }
  for i = 1, #given do
    made[i] = given[i] + 0.0
  end
  return setmetatable(made, Distribution)
end

---The number itself.
---@param value number
function M.constant(value) return make("constant", value) end

---Every value between low and high is as likely as any other.
---@param low number
---@param high number
function M.uniform(low, high) return make("uniform", low, high) end

---The logarithm is uniform between those of low and high.
---@param low number
---@param high number
function M.log_uniform(low, high) return make("log_uniform", low, high) end

---Bell-shaped around the mean, without bounds.
---@param mean number
---@param sd number
function M.normal(mean, sd) return make("normal", mean, sd) end

---Positive: its logarithm is normal.
---@param mean_log number mean of the logarithm
---@param sd_log number standard deviation of the logarithm
function M.log_normal(mean_log, sd_log) return make("log_normal", mean_log, sd_log) end

---Rises from low to mode and falls to high, in straight lines.
---@param low number
---@param mode number
---@param high number
function M.triangular(low, mode, high) return make("triangular", low, mode, high) end

---What an expert says with three numbers: at least, most likely, at most.
---@param low number
---@param mode number
---@param high number
function M.pert(low, mode, high) return make("pert", low, mode, high) end

---A share between 0 and 1, as known after a - 1 hits and b - 1 misses.
---@param a number
---@param b number
function M.beta(a, b) return make("beta", a, b) end

---Positive, with mean shape * scale.
---@param shape number
---@param scale number
function M.gamma(shape, scale) return make("gamma", shape, scale) end

---Whether a value is a distribution.
---@param value any
---@return boolean
function M.is(value) return getmetatable(value) == Distribution end

return setmetatable(M, {
  __index = function(t, name)
    local known = {}
    for key in pairs(t) do known[#known + 1] = key end
    core.unknown("unknown distribution", tostring(name), "", known)
  end,
})
