--- Names with values, as verbs take them: `{ {name, value}, ... }` in that order, or
--- `{ name = value }` in sorted order. Where the verb changes columns that are there, a selection
--- of them may stand for a name.
local core = require "hana.core"

-- A selection of columns that stands for names.
local function is_selection(name) return type(name) == "table" and core.is_selection(name) end

local function listed(what, verb, n, expand)
  local names, values = {}, {}
  for i = 1, n do
    local pair = what[i]
    local name = type(pair) == "table" and pair[2] ~= nil and pair[1]
    local chosen = type(name) == "string" and { name }
      or expand and is_selection(name) and expand(name)
    if not chosen then core.raise(("%s: element %d must be { name, value }"):format(verb, i)) end
    for _, one in ipairs(chosen) do names[#names + 1], values[#values + 1] = one, pair[2] end
  end
  return names, values, true
end

-- What a name says holds before what a selection does.
local function add_selected(value_of, what, selections, verb, expand)
  local names, from = {}, {}
  for _, selection in ipairs(selections) do
    for _, name in ipairs(expand(selection)) do
      if value_of[name] == nil then
        names[#names + 1] = name
        value_of[name], from[name] = what[selection], selection
      elseif from[name] then
        core.raise(("%s: two selections have column '%s'"):format(verb, name))
      end
    end
  end
  return names
end

---@param what table
---@param verb string for messages
---@param expand (fun(selection: table): string[])? the names that a selection means
---@return string[] names
---@return any[] values
---@return boolean in_order whether the caller gave an order
return function(what, verb, expand)
  if type(what) ~= "table" then
    core.raise(("%s: a table { {name, value}, ... } expected, got a %s"):format(verb, type(what)))
  end
  local n, names, value_of, selections = #what, {}, {}, {}
  for key, value in pairs(what) do
    if math.type(key) == "integer" then
      if key < 1 or key > n then core.raise(("%s: element %d is missing"):format(verb, n + 1)) end
    elseif n > 0 or not (type(key) == "string" or expand and is_selection(key)) then
      core.raise(("%s: { {name, value}, ... } or { name = value }, not both"):format(verb))
    elseif type(key) == "string" then
      names[#names + 1], value_of[key] = key, value
    else
      selections[#selections + 1] = key
    end
  end
  if n > 0 then return listed(what, verb, n, expand) end
  if #selections > 0 then
    local more = add_selected(value_of, what, selections, verb, expand)
    table.move(more, 1, #more, #names + 1, names)
  end
  table.sort(names)
  local values = {}
  for i, name in ipairs(names) do values[i] = value_of[name] end
  return names, values, false
end
