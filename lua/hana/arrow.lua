--- Frames from other libraries in this process.
local core = require "hana.core"

local M = {}

--- The frame in a record batch of the Arrow C data interface. Both structures are taken over, and
--- storage is shared where it is laid out as a column's is. `df:to_arrow()` gives such an `x`.
---@param x { schema: integer, array: integer } addresses of an ArrowSchema and an ArrowArray
---@return hana.Frame
function M.from_arrow(x)
  if type(x) ~= "table" and type(x) ~= "userdata" then
    core.raise("from_arrow: { schema = address, array = address } expected, got a " .. type(x))
  end
  return core.from_arrow(x)
end

return M
