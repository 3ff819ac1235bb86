--- Which columns a join compares.
local core = require "hana.core"

local function wrong(i)
  core.raise(("join: element %d of 'by' must be a name or { left, right }"):format(i))
end

-- What hana.cols gives; a plain table is names.
local function is_selector(by)
  local meta = getmetatable(by)
  return type(by) == "table" and type(meta) == "table" and meta.__name == "hana.cols"
end

--- Of `by`: a name, names, `{ left = "right" }`, `{ {left, right}, ... }`, or some of each: those
--- in a list first, then the others in sorted order. A selector stands for names. Without it the
--- names that both have.
---@param left { names: function }
---@param right { has: function }
---@param by string|table|nil
---@return string[] left
---@return string[] right
return function(left, right, by)
  local on_left, on_right, named = {}, {}, {}
  local function add(a, b) on_left[#on_left + 1], on_right[#on_right + 1] = a, b end
  if by == nil then
    for _, name in ipairs(left:names()) do
      if right:has(name) then add(name, name) end
    end
    if #on_left == 0 then core.raise("join: the frames have no column in common: say by = ...") end
    return on_left, on_right
  end
  if type(by) == "string" or is_selector(by) then by = { by } end
  if type(by) ~= "table" then
    core.raise("join: option 'by' must be a name or a table, got a " .. type(by))
  end
  for i, one in ipairs(by) do
    if type(one) == "string" then
      add(one, one)
    elseif is_selector(one) then
      for _, name in ipairs(core.column_names(left, one)) do add(name, name) end
    elseif type(one) == "table" and type(one[1]) == "string" and type(one[2]) == "string" then
      add(one[1], one[2])
    else
      wrong(i)
    end
  end
  for key, value in pairs(by) do
    if type(key) == "string" then
      if type(value) ~= "string" then
        core.raise(("join: the column of the right frame for '%s' must be a name, got a %s")
          :format(key, type(value)))
      end
      named[#named + 1] = key
    elseif math.type(key) ~= "integer" or key < 1 or key > #by then
      core.raise("join: 'by' has an element that is neither in a list nor under a name")
    end
  end
  table.sort(named)
  for _, name in ipairs(named) do add(name, by[name]) end
  if #on_left == 0 then core.raise("join: 'by' names no column") end
  return on_left, on_right
end
