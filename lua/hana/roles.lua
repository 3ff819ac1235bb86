--- The options of a verb that learns, parted into its own and the roles of columns.
local core = require "hana.core"

local is_role = {}
for _, name in ipairs(core.role_names()) do is_role[name] = true end

---@param verb string for messages
---@param options table|string a target's name stands for { target = name }
---@param own string[] the options that the verb knows beside the roles
---@return table roles
---@return table settings
return function(verb, options, own)
  if type(options) == "string" then options = { target = options } end
  if type(options) ~= "table" then
    core.raise(verb .. ": options must be a table { target = ... }")
  end
  local is_own = {}
  for _, name in ipairs(own) do is_own[name] = true end
  local roles, settings = {}, {}
  for key, value in pairs(options) do
    if is_own[key] then
      settings[key] = value
    elseif is_role[key] then
      roles[key] = value
    else
      local known = core.role_names()
      for _, name in ipairs(own) do known[#known + 1] = name end
      core.unknown("unknown option", tostring(key), " for " .. verb, known)
    end
  end
  return roles, settings
end
