--- Objects whose missing names are errors with the nearest name, not nil.
local core = require "hana.core"

---@param class table its methods
---@param what string what an object is, for messages: "a project"
---@param optional string names of fields that may be missing, parted by blanks
---@return table metatable with `__index`, and `names` for completion
return function(class, what, optional)
  local meta, absent = {}, {}
  for name in optional:gmatch "%S+" do absent[name] = true end
  function meta.names()
    local known = {}
    for name in pairs(class) do known[#known + 1] = name end
    return known
  end
  function meta.__index(object, name)
    local method = class[name]
    if method ~= nil or absent[name] or type(name) ~= "string" then return method end
    local known = meta.names()
    for field in pairs(object) do known[#known + 1] = tostring(field) end
    core.unknown("unknown name", name, " of " .. what, known)
  end
  return meta
end
