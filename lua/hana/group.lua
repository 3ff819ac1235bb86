--- Grouped frames: what `df:group_by` gives.
local core = require "hana.core"
local pairs_in_order = require "hana.pairs"

local M = {}

---@class hana.Groups
local Groups = {}
Groups.__name = "hana.groups"

local frames = setmetatable({}, { __mode = "k" })

function Groups.__index(_, name)
  if Groups[name] ~= nil then return Groups[name] end
  local known = {}
  for key in pairs(Groups) do
    if key:sub(1, 2) ~= "__" then known[#known + 1] = key end
  end
  core.unknown("unknown verb", tostring(name), " of a grouped frame", known)
end

---@param df hana.Frame
---@param keys string[]
---@return hana.Groups
function M.new(df, keys)
  if #keys == 0 then core.raise("group_by: at least one column expected") end
  local groups = setmetatable({}, Groups)
  frames[groups] = { df = df, keys = keys }
  return groups
end

--- The number of groups.
function Groups:__len()
  local g = frames[self]
  return #core.summarize(g.df, g.keys, {}, {})
end

function Groups:__tostring()
  local g = frames[self]
  return ("%d rows grouped by %s\n%s"):format(#g.df, table.concat(g.keys, ", "), tostring(g.df))
end

--- One row a group, in key order: the keys, then the aggregates.
---@param what table { {"n", "count()"}, ... }
---@param params table?
---@return hana.Frame
function Groups:summarize(what, params)
  local g = frames[self]
  local names, values = pairs_in_order(what, "summarize")
  core.check_params("summarize", values, params)
  return core.summarize(g.df, g.keys, names, values, params)
end
Groups.summarise = Groups.summarize

--- How many rows each group has.
---@return hana.Frame
function Groups:count()
  local g = frames[self]
  return g.df:count(g.keys)
end

-- Every group's part, with its rows.
local function each(self, name, f)
  local g = frames[self]
  local loop <close> = core.loop(name)
  local groups = core.groups(g.df, g.keys)
  for i, rows in ipairs(groups) do
    f(g.df:take(rows), rows, i)
    core.loop_share(loop, i / #groups)
  end
end

--- Columns computed group by group; rows stay where they are.
---@param what table
---@param params table?
---@return hana.Frame
function Groups:mutate(what, params)
  local g = frames[self]
  local names, values, in_order = pairs_in_order(what, "mutate")
  core.check_params("mutate", values, params)
  local plain = true
  for _, value in ipairs(values) do plain = plain and type(value) == "string" end
  if plain then return core.mutate_within(g.df, g.keys, names, values, params, in_order) end
  local parts, place, at = {}, {}, 0
  each(self, "mutate", function(part, rows, i)
    parts[i] = part:mutate(what, params)
    for _, row in ipairs(rows) do
      at = at + 1
      place[row] = at
    end
  end)
  if #parts == 0 then return g.df:mutate(what, params) end
  return core.with_ids_of(core.concat(parts):take(place), g.df)
end

--- One expression for several columns, which it calls `.x`, group by group.
---@param columns string|string[]|table names or a selector
---@param expression string ".x - mean(.x)"
---@param options { suffix: string?, params: table? }? without a suffix the columns are replaced
---@return hana.Frame
function Groups:mutate_each(columns, expression, options)
  local g = frames[self]
  local names, expressions = require "hana.frame".each(g.df, columns, expression, options)
  return core.mutate_within(g.df, g.keys, names, expressions, options and options.params, false)
end

--- Replaces nulls group by group, as `df:fill_null` does: the mean of the group, or the last value
--- before in it.
---@param what table
---@return hana.Frame
function Groups:fill_null(what)
  local g = frames[self]
  return require "hana.frame".filled(g.df, what, function(names, expressions, params)
    return core.mutate_within(g.df, g.keys, names, expressions, params, false)
  end)
end

--- The rows of each group for which the expression is true ("age > mean(age)").
---@param where string
---@param params table?
---@return hana.Frame
function Groups:filter(where, params)
  local g = frames[self]
  return core.filter_within(g.df, g.keys, where, params)
end

--- A function(part, key) on each group; the frames it gives one after the other. nil leaves a group
--- out.
---@param f fun(part: hana.Frame, key: table): hana.Frame?
---@return hana.Frame
function Groups:apply(f)
  local g = frames[self]
  local parts = {}
  each(self, "apply", function(part)
    local key = {}
    for _, name in ipairs(g.keys) do key[name] = part:col(name)[1] end
    local out = f(part, key)
    if out ~= nil then
      if type(out) ~= "userdata" then
        core.raise("apply: the function must return a frame or nil, got a " .. type(out))
      end
      parts[#parts + 1] = out
    end
  end)
  if #parts == 0 then return g.df:head(0) end
  return core.concat(parts)
end

return M
