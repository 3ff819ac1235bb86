--- Names with values, as verbs take them: `{ {name, value}, ... }` in that order, or
--- `{ name = value }` in sorted order.
local core = require "hana.core"

local function listed(what, verb, n)
  local names, values = {}, {}
  for i = 1, n do
    local pair = what[i]
    if type(pair) ~= "table" or type(pair[1]) ~= "string" or pair[2] == nil then
      core.raise(("%s: element %d must be { name, value }"):format(verb, i))
    end
    names[i], values[i] = pair[1], pair[2]
  end
  return names, values, true
end

---@param what table
---@param verb string for messages
---@return string[] names
---@return any[] values
---@return boolean in_order whether the caller gave an order
return function(what, verb)
  if type(what) ~= "table" then
    core.raise(("%s: a table { {name, value}, ... } expected, got a %s"):format(verb, type(what)))
  end
  local n, names = #what, {}
  for key in pairs(what) do
    if math.type(key) ~= "integer" then
      if type(key) ~= "string" or n > 0 then
        core.raise(("%s: { {name, value}, ... } or { name = value }, not both"):format(verb))
      end
      names[#names + 1] = key
    elseif key < 1 or key > n then
      core.raise(("%s: element %d is missing"):format(verb, n + 1))
    end
  end
  if n > 0 then return listed(what, verb, n) end
  table.sort(names)
  local values = {}
  for i, name in ipairs(names) do values[i] = what[name] end
  return names, values, false
end
