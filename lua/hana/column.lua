--- Columns: what needs no speed, on top of hana.core's methods.
local core = require "hana.core"

local M = {}

---@class hana.Column

local methods = core.column_methods

--- A column from a list of values (hana.null for missing ones).
---@param values any[]
---@param name string?
---@return hana.Column
function M.new(values, name) return core.column(values, name) end

--- A frame with one row: type, n, nulls, distinct, mean, sd, quartiles, most frequent value.
---@return hana.Frame
function methods:describe()
  return core.frame{ { self:name() or "value", self } }:describe()
end

return M
