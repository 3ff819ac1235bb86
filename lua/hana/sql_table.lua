--- What a table of a database is: the columns of a frame that stays there, the order of its rows.
local core = require "hana.core"
local frame = require "hana.frame"
local plan = require "hana.sql_plan"

local option_names = { "types", "columns" }

local function check_options(options)
  if options ~= nil and type(options) ~= "table" then
    core.raise("sql_frame: a table of options expected, got a " .. type(options))
  end
  for key in pairs(options or {}) do
    if key ~= "types" and key ~= "columns" then
      core.unknown("unknown option", tostring(key), " for sql_frame", option_names)
    end
  end
  return options or {}
end

local known_types = { "float", "int", "bool", "string", "date", "datetime" }
local is_known = {}
for _, name in ipairs(known_types) do is_known[name] = true end

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t or {}) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end

-- The types that were declared or said, and the columns that are wanted.
local function read_columns(about, options, name)
  local all, wanted, untyped = {}, {}, {}
  for _, column in ipairs(about.columns) do all[#all + 1] = column.name end
  local function want_column(column, option)
    for _, one in ipairs(all) do
      if one == column then return end
    end
    core.unknown("sql_frame: no column", tostring(column), (" in option '%s'"):format(option), all)
  end
  for _, column in ipairs(sorted_keys(options.types)) do
    local kind = options.types[column]
    want_column(column, "types")
    if not is_known[kind] then
      core.unknown(("sql_frame: column '%s': unknown type"):format(column), tostring(kind), "",
        known_types)
    end
  end
  local only = options.columns and {}
  for _, column in ipairs(options.columns or {}) do
    want_column(column, "columns")
    only[column] = true
  end
  for _, column in ipairs(about.columns) do
    if not only or only[column.name] then
      local said = options.types and options.types[column.name]
      if said and column.type and said ~= column.type then
        core.raise(("sql_frame: column '%s' is declared %s; mutate it, or read_sql takes types")
          :format(column.name, column.type))
      end
      local kind = column.type or said
      if not kind then untyped[#untyped + 1] = column.name end
      wanted[#wanted + 1] = { name = column.name, type = kind, value = column.value }
    end
  end
  if #untyped > 0 then
    core.raise(("sql_frame: table '%s' declares no type that all cells of column '%s' have: say "
      .. "types = { [\"%s\"] = \"float\" }, or name the others in columns"):format(name, untyped[1],
      untyped[1]))
  end
  return wanted
end

local postgres_casts = { float = "float8", int = "int8", string = "text", bool = "bool",
  date = "date", datetime = "timestamptz" }

-- The SQL of a value, where the type was said and not declared.
local function value_of(column, dialect)
  if dialect == "postgres" then
    return (column.value:gsub("::%%s", "::" .. postgres_casts[column.type]))
  end
  if column.type == "string" and column.value:find("^hana_%%s%(") then
    return ("(%s COLLATE BINARY)"):format(plan.quoted(column.name))
  end
  return (column.value:gsub("^hana_%%s", "hana_" .. column.type))
end

--- The dialect, a frame without rows that has the columns, and the block that selects them.
---@param url string
---@param name string
---@param options { types: table?, columns: string[]? }?
---@return { dialect: string, schema: hana.Frame, block: table }
return function(url, name, options)
  options = check_options(options)
  local about = core.sql_table(url, name)
  local pairs_of, types, columns, order = {}, {}, {}, {}
  for i, column in ipairs(read_columns(about, options, name)) do
    pairs_of[i], types[column.name] = { column.name, {} }, column.type
    columns[i] = { name = column.name, sql = value_of(column, about.dialect), plain = true }
    if about.dialect == "sqlite" then columns[i].stored = plan.quoted(column.name) end
  end
  for i, sql in ipairs(about.order) do order[i] = { sql = sql } end
  return {
    dialect = about.dialect, schema = frame.new(pairs_of):cast(types):head(0),
    block = { from = { table = about.table }, columns = columns, order = order },
  }
end
