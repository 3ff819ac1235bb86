--- Which columns of a file a chain of verbs over its parts looks at, so that others need not be
--- read. A set of names goes through the chain backwards; nil stands for all columns.
local core = require "hana.core"
local pairs_in_order = require "hana.pairs"

local M = {}

local function add_expression(set, text, params)
  for _, name in ipairs(core.expression_info(text, params).columns) do set[name] = true end
end

-- Adds the names of a list or of one name; false where it is something else, such as a selection.
local function add_names(set, names)
  if type(names) == "string" then names = { names } end
  if type(names) ~= "table" or core.is_selection(names) then return false end
  for _, name in ipairs(names) do
    if type(name) ~= "string" then return false end
    set[name] = true
  end
  return true
end

-- What must be there before a verb, of what must be there behind it and of its arguments. A verb
-- that is not here looks at all.
local before = {}

function before.filter(set, where, params)
  if set then add_expression(set, where, params) end
  return set
end

-- All that is selected, needed or not: a name that is none is an error.
function before.select(_, names)
  local set = {}
  return add_names(set, names) and set or nil
end

function before.drop(set, names) return set and add_names(set, names) and set or nil end

function before.drop_null(set, names)
  local all = type(names) == "table" and next(names) == nil
  return set and not all and add_names(set, names) and set or nil
end

function before.rename(set, renamed)
  if not set then return nil end
  local new, old = pairs_in_order(renamed, "rename")
  -- A column that has the new name already is an error: it is looked for, too.
  for _, name in ipairs(new) do set[name] = "if there" end
  for _, name in ipairs(old) do set[name] = true end
  return set
end

function before.mutate(set, what, params)
  if not set then return nil end
  local names, values, in_order = pairs_in_order(what, "mutate")
  if not in_order then
    for _, name in ipairs(names) do set[name] = nil end
  end
  for i = #names, 1, -1 do
    if type(values[i]) == "function" then return nil end
    if in_order then set[names[i]] = nil end
    if type(values[i]) == "string" then add_expression(set, values[i], params) end
  end
  return set
end

local function keys_of(set, what)
  if not set then return nil end
  local selected = false
  local names = pairs_in_order(what, "cast", function()
    selected = true
    return {}
  end)
  for _, name in ipairs(names) do set[name] = true end
  return not selected and set or nil
end
before.fill_null, before.cast = keys_of, keys_of

--- The columns of a file that are to be read, in its order; nil: all of them.
---@param names string[] of the file
---@param steps { word: string, arguments: table }[]
---@param wanted string[]? what is needed behind the last step; nil: all
---@return string[]?
function M.columns(names, steps, wanted)
  local set
  if wanted then
    set = {}
    for _, name in ipairs(wanted) do set[name] = true end
  end
  for i = #steps, 1, -1 do
    local step = steps[i]
    local rule = before[step.word]
    set = rule and rule(set, table.unpack(step.arguments, 1, step.arguments.n)) or nil
  end
  if not set then return nil end
  local columns, known = {}, {}
  for _, name in ipairs(names) do
    known[name] = true
    if set[name] then columns[#columns + 1] = name end
  end
  -- The verb that misses a name shall see all that there are.
  for name, must in pairs(set) do
    if must == true and not known[name] then return nil end
  end
  if #columns == #names then return nil end
  return #columns > 0 and columns or { names[1] }
end

return M
