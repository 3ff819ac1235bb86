--- Long tables made wide.
local core = require "hana.core"

local M = {}

local known = { "name", "value", "id", "fill", "aggregate" }

-- The columns that stay: those named, or all but `name` and the values.
local function ids_of(df, id, name, values)
  if id ~= nil then return core.column_names(df, id) end
  local used, ids = { [name] = true }, {}
  for _, value in ipairs(values) do used[value] = true end
  for _, other in ipairs(df:names()) do
    if not used[other] then ids[#ids + 1] = other end
  end
  return ids
end

-- One row for each cell of the wide table: all that go to it under one expression.
local function aggregated(df, ids, name, values, aggregate)
  if type(aggregate) ~= "string" then
    core.raise("pivot_wider: option 'aggregate' is the name of an aggregate or an expression of .x")
  end
  local text = aggregate:match "^[%a_][%w_]*$" and aggregate .. "(.x)" or aggregate
  local names, expressions = require "hana.frame".each(df, values, text)
  local keys = table.move(ids, 1, #ids, 1, {})
  keys[#keys + 1] = name
  core.summarize(df:head(0), keys, names, expressions) -- refuses what is no aggregate
  return core.mutate_within(df, keys, names, expressions, nil, false):distinct(keys)
end

-- A name that no column has.
local function free_name(df)
  local name = "row"
  while df:has(name) do name = name .. "_" end
  return name
end

local function filled(column, rows, fill, value)
  local both = core.frame{ { "x", column }, { "row", rows } }
  local good, out = pcall(core.eval, both, "if_else(is_null(row), $fill, x)", { fill = fill })
  if not good then
    core.raise(("pivot_wider: option 'fill' is a %s, which column '%s' of type %s cannot hold")
      :format(math.type(fill) or type(fill), value, column:type()))
  end
  return out
end

-- The new columns of one value; cells that no row goes to get `fill`.
local function wide_columns(df, ids, name, value, fill)
  local kept = table.move(ids, 1, #ids, 1, {})
  kept[#kept + 1] = name
  local wide = core.pivot_wider(df, { id = ids, name = name, value = value })
  local names, columns = { table.unpack(wide:names(), #ids + 1) }, {}
  local rows
  if fill ~= nil then
    local row = free_name(df)
    rows = core.pivot_wider(df:select(kept):mutate{ { row, "row_number()" } },
      { id = ids, name = name, value = row })
  end
  for i, new in ipairs(names) do
    columns[i] = wide:col(new)
    if rows then
      columns[i] = filled(columns[i], rows:col(new), fill, value)
    end
  end
  return names, columns, wide
end

--- A column for each value of `name`, filled from `value`; with several values each gives its own,
--- as `sales_q1`. Where several rows go to one cell, `aggregate` says what is taken: "sum", "mean",
--- or any expression of `.x`. Cells that no row goes to are null, or `fill`.
---@param df hana.Frame
---@param options { name: string, value: string|string[], id: string[]?, aggregate: string?,
---  fill: any }
---@return hana.Frame
function M.pivot_wider(df, options)
  if type(options) ~= "table" then
    core.raise("pivot_wider: a table of options expected, got a " .. type(options))
  end
  for key in pairs(options) do
    local good = false
    for _, name in ipairs(known) do good = good or key == name end
    if not good then core.unknown("unknown option", tostring(key), " for pivot_wider", known) end
  end
  local name, value = options.name, options.value
  if type(value) ~= "table" and options.fill == nil and options.aggregate == nil then
    return core.pivot_wider(df, options)
  end
  if name == nil then name = "name" end
  local values = core.column_names(df, value == nil and "value" or value)
  local ids = ids_of(df, options.id, name, values)
  if options.aggregate ~= nil then df = aggregated(df, ids, name, values, options.aggregate) end
  local out = {}
  for k, one in ipairs(values) do
    local names, columns, wide = wide_columns(df, ids, name, one, options.fill)
    if k == 1 then
      for i, id in ipairs(ids) do out[i] = { id, wide:col(id) } end
    end
    for i, new in ipairs(names) do
      out[#out + 1] = { #values > 1 and one .. "_" .. new or new, columns[i] }
    end
  end
  return core.frame(out)
end

return M
