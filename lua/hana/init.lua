--- hana: data frames, learning, decisions. `local hana = require "hana"`.
local core = require "hana.core"

-- Errors name the caller's line, not a line of these files.
core.set_library(debug.getinfo(1, "S").source:match("^(.*[/\\])") or "")

local files = require "hana.files"
local frame = require "hana.frame"
local column = require "hana.column"
local model = require "hana.model"

local M = {}

-- Modules that are loaded when one of their names is first used. A module is the thing itself, or
-- has a field of that name. One line a name.
local modules = {
  from_arrow = "hana.arrow",
  cache = "hana.cache",
  cross_validate = "hana.cross_validate",
  decide = "hana.decide",
  dist = "hana.dist",
  learning_curve = "hana.learning_curve",
  measured = "hana.measured",
  metrics = "hana.metrics",
  plot = "hana.plot",
  project = "hana.project",
  read_sql = "hana.sql",
  scan_csv = "hana.scan",
  sql_frame = "hana.sql_frame",
  show = "hana.show",
  value_of_columns = "hana.value_of_columns",
  value_of_data = "hana.learning_curve",
}

--- Stands for a missing value where nil cannot.
M.null = core.null

--- JSON text and values: `encode`, `decode`, `array`.
M.json = {
  --- JSON text of a value: keys sorted, integers with all digits, floats shortest round trip.
  ---@param value any
  ---@param indent integer? spaces a level; 0: one line
  ---@return string
  encode = function(value, indent) return core.json_encode(value, indent) end,
  --- The value of a JSON text; null is `hana.null`.
  ---@param text string
  ---@return any
  decode = function(text) return core.json_decode(text) end,
  --- Marks a list as an array, so that it is written as one even when it is empty.
  ---@param list table?
  ---@return table
  array = function(list) return core.json_array(list) end,
}

local Version = {
  __tostring = function(v)
    return ("hana %s, %s, GSL %s, %s, %d threads"):format(v.hana, v.lua, v.gsl, v.blas, v.threads)
  end,
}

--- Versions of hana and what it is built on, and the number of threads.
---@return { hana: string, lua: string, gsl: string, blas: string, threads: integer }
function M.version() return setmetatable(core.version(), Version) end

--- How many threads are used; `n` sets it, 0 goes back to the default.
---@param n integer?
---@return integer
function M.threads(n) return core.threads(n) end

--- The session's seed; `n` sets it and starts its stream of child seeds anew.
---@param n integer?
---@return integer
function M.seed(n) return core.seed(n) end

--- The paths that match a shell pattern, sorted.
---@param pattern string
---@return string[]
function M.glob(pattern) return core.glob(pattern) end

--- Lets saved models find the Lua code they use by `name`.
---@param name string
---@param code function|table
function M.register(name, code)
  if type(code) ~= "function" and type(code) ~= "table" then
    core.raise("register: a function or a table of functions expected, got a " .. type(code))
  end
  core.register(name, code)
end

M.read_csv = files.read_csv
M.read_json = files.read_json
M.read_text = files.read_text
M.read_xlsx = files.read_xlsx
M.sheets = files.sheets
M.load = files.load
M.frame = frame.new
M.cols = frame.cols
M.concat = frame.concat
M.bind_columns = frame.bind_columns
M.column = column.new
M.estimators = model.estimators
M.steps = model.steps

local parts = {}
for _, name in ipairs(core.part_names()) do parts[name] = true end

local function known_names()
  local names = {}
  for _, of in ipairs{ M, parts, modules } do
    for name in pairs(of) do names[#names + 1] = name end
  end
  return names
end

--- The help on a name, the same text as `hana help NAME`; without one, all there is.
---@param topic string?
---@return string
function M.help(topic) return require("hana.help").help(topic) end

setmetatable(M, {
  names = known_names,
  __index = function(t, name)
    local value
    if parts[name] then
      value = model.constructor(name)
    elseif modules[name] then
      value = require(modules[name])
      if type(value) == "table" and rawget(value, name) ~= nil then value = value[name] end
    elseif type(name) == "string" then
      core.unknown("unknown name", name, " in hana", known_names())
    end
    rawset(t, name, value)
    return value
  end,
})

return M
