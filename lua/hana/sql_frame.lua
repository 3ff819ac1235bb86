--- Tables of databases as frames: verbs that become one select statement.
local core = require "hana.core"
local frame = require "hana.frame"
local pairs_in_order = require "hana.pairs"
local join_of = require "hana.sql_join"
local plan = require "hana.sql_plan"
local table_of = require "hana.sql_table"

local M = {}

---@class hana.SqlFrame
local Frame = {}
Frame.__name = "hana.sql_frame"

-- frame = { url, table, dialect, schema, block }. The schema is a frame without rows: the verbs of
-- frames say on it what columns come out, of what types, and what is wrong.
local frames = setmetatable({}, { __mode = "k" })

local methods = core.frame_methods

local function refuse(verb, why)
  core.raise(("sql_frame: %s %s; collect() first"):format(verb, why))
end

-- What frames can and a select statement cannot.
local function is_frame_verb(name) return methods[name] ~= nil end

local function unknown(name, of, what)
  local known = {}
  for key in pairs(of) do
    if key:sub(1, 2) ~= "__" then known[#known + 1] = key end
  end
  core.unknown("unknown verb", tostring(name), what, known)
end

function Frame.__index(_, name)
  local verb = Frame[name]
  if verb ~= nil then return verb end
  if is_frame_verb(name) then
    return function() refuse(("'%s'"):format(name), "is not translated into SQL") end
  end
  unknown(name, Frame, " of a frame in a database")
end

function Frame.__len()
  core.raise("a frame in a database has no length here; nrow() asks the database")
end

function Frame.__newindex()
  core.raise("a frame in a database does not change: a verb gives a new one")
end

local function names_of(schema) return schema:names() end

-- SQLite takes names that differ in case alone for one; PostgreSQL cuts long ones.
local function check_names(f)
  local seen = {}
  for _, name in ipairs(names_of(f.schema)) do
    if name:find "\1" then core.raise("sql_frame: a column's name has the control character 1") end
    if f.dialect == "postgres" and #name > 63 then
      refuse(("column '%s'"):format(name), "is a name of more than 63 bytes, which PostgreSQL cuts")
    end
    local key = f.dialect == "sqlite" and name:lower() or name
    if seen[key] then
      refuse(("columns '%s' and '%s'"):format(seen[key], name),
        "differ by case alone, which SQLite does not tell apart")
    end
    seen[key] = name
  end
end

local function new(f)
  check_names(f)
  local self = setmetatable({}, Frame)
  frames[self] = f
  return self
end

local function changed(f, schema, block)
  return new{
    url = f.url, table = f.table, dialect = f.dialect, schema = schema:head(0), block = block,
  }
end

-- --- blocks -------------------------------------------------------------------------------------

-- Whether the expressions read plain columns only: what is computed is computed once, below.
local function reads_plain(block, texts, params)
  local columns = plan.by_name(block)
  for _, text in ipairs(texts) do
    for _, name in ipairs(core.expression_info(text, params).columns) do
      local column = columns[name]
      if column and not column.plain then return false end
    end
  end
  return true
end

local function are_plain(block, names)
  local columns = plan.by_name(block)
  for _, name in ipairs(names) do
    if not columns[name].plain then return false end
  end
  return true
end

-- A block whose rows may still be left out, grouped and computed with.
local function open(block)
  if block.limit or block.offset or block.group or block.windowed then return plan.wrap(block) end
  return block
end

local function text_value(verb, name, value)
  local kind = type(value)
  if kind == "string" then return value end
  if kind == "userdata" or kind == "table" then
    refuse(verb .. " with a column or a list", "has no rows to stand beside")
  end
  if kind == "function" then refuse(verb .. " with a function", "cannot run in the database") end
  core.raise(("%s: '%s' must be an expression, got a %s"):format(verb, name, kind))
end

local function options_of(f, block, more)
  local options = { dialect = f.dialect, order = #block.order > 0
    and plan.order_text(block.order, f.dialect) or nil }
  for key, value in pairs(more or {}) do options[key] = value end
  return options
end

-- The block with columns set, all read from `block`.
local function set_columns(f, block, schema, names, texts, params, over)
  local columns = table.move(block.columns, 1, #block.columns, 1, {})
  local place, windowed = {}, block.windowed
  for i, column in ipairs(columns) do place[column.name] = i end
  for i, name in ipairs(names) do
    local sql, may_fail = plan.expression(block, schema, texts[i], params,
      options_of(f, block, { over = over }))
    if not core.expression_info(texts[i], params).rowwise then windowed = true end
    local at = place[name] or #columns + 1
    place[name] = at
    columns[at] = { name = name, sql = sql, may_fail = may_fail }
  end
  return plan.with(block, { columns = columns, windowed = windowed })
end

local function partition(block, keys)
  if not keys then return "" end
  local columns, list = plan.by_name(block), {}
  for i, key in ipairs(keys) do list[i] = columns[key].sql end
  return "PARTITION BY " .. table.concat(list, ", ")
end

local function mutate(f, keys, names, texts, params, in_order)
  local schema, block = f.schema, f.block
  core.check_params("mutate", texts, params)
  if keys then core.mutate_within(schema, keys, names, texts, params, in_order) end
  local function step(some_names, some_texts)
    local looks_around = false
    for _, text in ipairs(some_texts) do
      looks_around = looks_around or not core.expression_info(text, params).rowwise
    end
    if block.group or (looks_around and (block.limit or block.offset)) then
      block = plan.wrap(block)
    end
    if not reads_plain(block, some_texts, params) or (keys and not are_plain(block, keys)) then
      block = plan.wrap(block)
    end
    local next_schema = core.mutate(schema, some_names, some_texts, params, false)
    block = set_columns(f, block, schema, some_names, some_texts, params, partition(block, keys))
    schema = next_schema
  end
  if in_order then
    for i, name in ipairs(names) do step({ name }, { texts[i] }) end
  elseif #names > 0 then
    step(names, texts)
  end
  return changed(f, schema, block)
end

-- The rows for which the condition holds.
local function keep_where(block, sql)
  local where = table.move(block.where or {}, 1, #(block.where or {}), 1, {})
  where[#where + 1] = sql
  return plan.with(block, { where = where })
end

local function filter(f, keys, where, params)
  if type(where) ~= "string" then
    core.raise("filter: an expression expected, got a " .. type(where))
  end
  local schema, block = f.schema, open(f.block)
  if keys then
    core.filter_within(schema, keys, where, params)
  else
    schema:filter(where, params)
  end
  local around = not core.expression_info(where, params).rowwise
  if not reads_plain(block, { where }, params) or (keys and not are_plain(block, keys)) then
    block = plan.wrap(block)
  end
  if around then
    -- What looks at other rows is a column first, and a condition on it then.
    local sql, may_fail = plan.expression(block, schema, where, params,
      options_of(f, block, { over = partition(block, keys) }))
    local name = plan.unused(block, "kept")
    local hidden = {}
    for key, value in pairs(block.hidden or {}) do hidden[key] = value end
    hidden[name] = sql
    block = plan.wrap(plan.with(block, { hidden = hidden }), may_fail and plan.filters(block))
    return changed(f, schema, keep_where(block, plan.quoted(name)))
  end
  local options = options_of(f, block)
  local sql, may_fail = plan.expression(block, schema, where, params, options)
  if may_fail and plan.filters(block) then
    block = plan.wrap(block, true)
    sql = plan.expression(block, schema, where, params, options)
  end
  return changed(f, schema, keep_where(block, sql))
end

local function key_order(f, block, keys)
  local columns, types, order = plan.by_name(block), f.schema:types(), {}
  for i, key in ipairs(keys) do
    order[i] = { sql = columns[key].sql, type = types[key] }
  end
  return order
end

local function summarize(f, keys, what, params)
  local names, values = pairs_in_order(what, "summarize")
  local texts = {}
  for i, name in ipairs(names) do texts[i] = text_value("summarize", name, values[i]) end
  core.check_params("summarize", texts, params)
  local schema, block = core.summarize(f.schema, keys, names, texts, params), open(f.block)
  if not reads_plain(block, texts, params) or not are_plain(block, keys) then
    block = plan.wrap(block)
  end
  local by_name, columns, group = plan.by_name(block), {}, {}
  for i, key in ipairs(keys) do
    columns[i] = { name = key, sql = by_name[key].sql }
    group[i] = by_name[key].sql
  end
  for i, name in ipairs(names) do
    local sql, may_fail = plan.expression(block, f.schema, texts[i], params,
      options_of(f, block, { aggregates = true }))
    columns[#columns + 1] = { name = name, sql = sql, may_fail = may_fail }
  end
  local order = key_order(f, block, keys)
  return changed(f, schema, {
    from = block.from, where = block.where, exists = block.exists, columns = columns,
    group = group, order = order,
  })
end

-- --- verbs --------------------------------------------------------------------------------------

local function choose(f, schema)
  local columns, kept = plan.by_name(f.block), {}
  for i, name in ipairs(names_of(schema)) do kept[i] = columns[name] end
  return changed(f, schema, plan.with(f.block, { columns = kept }))
end

--- These columns, by name or by a selector (`hana.cols`).
---@param columns string|string[]|table
---@param ... nil several columns go into one table
---@return hana.SqlFrame
function Frame:select(columns, ...)
  local f = frames[self]
  return choose(f, f.schema:select(columns, ...))
end

--- All columns but these.
---@param columns string|string[]|table
---@param ... nil several columns go into one table
---@return hana.SqlFrame
function Frame:drop(columns, ...)
  local f = frames[self]
  return choose(f, f.schema:drop(columns, ...))
end

local function renamed(f, schema)
  local columns = {}
  for i, name in ipairs(names_of(schema)) do
    columns[i] = plan.with(f.block.columns[i], { name = name })
  end
  return changed(f, schema, plan.with(f.block, { columns = columns }))
end

--- The same columns under new names: `{ new = "old" }`.
---@param names table
---@return hana.SqlFrame
function Frame:rename(names)
  local f = frames[self]
  return renamed(f, f.schema:rename(names))
end

--- Names in snake_case, without blanks and signs, each once.
---@return hana.SqlFrame
function Frame:clean_names()
  local f = frames[self]
  return renamed(f, f.schema:clean_names())
end

--- The rows for which the expression is true; `$name` stands for `params.name`.
---@param where string
---@param params table?
---@return hana.SqlFrame
function Frame:filter(where, params) return filter(frames[self], nil, where, params) end

--- Adds or replaces columns: `{ {"total", "price * n"}, ... }`. Aggregates stand beside rows.
---@param what table
---@param params table?
---@return hana.SqlFrame
function Frame:mutate(what, params)
  local names, values, in_order = pairs_in_order(what, "mutate")
  local texts = {}
  for i, name in ipairs(names) do texts[i] = text_value("mutate", name, values[i]) end
  return mutate(frames[self], nil, names, texts, params, in_order)
end

--- One expression for several columns, which it calls `.x`.
---@param columns string|string[]|table
---@param expression string
---@param options { suffix: string?, params: table? }?
---@return hana.SqlFrame
function Frame:mutate_each(columns, expression, options)
  local f = frames[self]
  local names, texts = frame.each(f.schema, columns, expression, options)
  return mutate(f, nil, names, texts, options and options.params, false)
end

--- One row of aggregates: `{ {"n", "count()"}, ... }`.
---@param what table
---@param params table?
---@return hana.SqlFrame
function Frame:summarize(what, params) return summarize(frames[self], {}, what, params) end
Frame.summarise = Frame.summarize

--- How many rows there are of each combination of values.
---@param columns string|string[]|table|nil
---@return hana.SqlFrame
function Frame:count(columns)
  local f = frames[self]
  local counted = f.schema:count(columns)
  local names = names_of(counted)
  return summarize(f, columns and core.column_names(f.schema, columns) or {},
    { { names[#names], "count()" } })
end

--- Sorted by columns, `{ "city", {"age", "desc"} }`: nulls last, texts by their bytes, equal rows
--- in the order they were in.
---@param keys string|table
---@param ... nil several keys go into one table
---@return hana.SqlFrame
function Frame:sort(keys, ...)
  local f = frames[self]
  f.schema:sort(keys, ...)
  local block = (f.block.limit or f.block.offset) and plan.wrap(f.block) or f.block
  local list = type(keys) == "string" and { keys } or keys
  local columns, types, order = plan.by_name(block), f.schema:types(), {}
  for i, key in ipairs(list) do
    local name = type(key) == "table" and key[1] or key
    local desc = type(key) == "table" and key[2] == "desc"
    order[i] = { sql = columns[name].sql, desc = desc, type = types[name] }
  end
  table.move(block.order, 1, #block.order, #order + 1, order)
  return changed(f, f.schema, plan.with(block, { order = order }))
end

local function want_rows(verb, n)
  if math.type(n) ~= "integer" or n < 0 then
    core.raise(("%s: a number of rows expected, got %s"):format(verb, tostring(n)))
  end
end

--- The first rows.
---@param n integer? 5 unless given
---@return hana.SqlFrame
function Frame:head(n)
  local f = frames[self]
  n = n or 5
  want_rows("head", n)
  local limit = f.block.limit and math.min(f.block.limit, n) or n
  return changed(f, f.schema, plan.with(f.block, { limit = limit }))
end

--- The rows from one number to another.
---@param from integer
---@param to integer
---@return hana.SqlFrame
function Frame:slice(from, to)
  local f = frames[self]
  if math.type(from) ~= "integer" or math.type(to) ~= "integer" or from < 1 or to < from - 1 then
    core.raise(("slice: rows from 1 on expected, got %s to %s"):format(tostring(from),
      tostring(to)))
  end
  local block = (f.block.limit or f.block.offset) and plan.wrap(f.block) or f.block
  return changed(f, f.schema, plan.with(block, {
    limit = to - from + 1, offset = from > 1 and from - 1 or nil,
  }))
end

--- The first row of each combination of values; without columns of all.
---@param columns string|string[]|table|nil
---@param ... nil several columns go into one table
---@return hana.SqlFrame
function Frame:distinct(columns, ...)
  local f = frames[self]
  f.schema:distinct(columns, ...)
  local names = columns and core.column_names(f.schema, columns) or names_of(f.schema)
  if #names == 0 then return self end
  local block = open(f.block)
  if #names < f.schema:ncol() and #block.order == 0 then
    refuse("'distinct' of some columns", "takes the first row of each, and the rows have no order: "
      .. "sort before it, or")
  end
  if not are_plain(block, names) then block = plan.wrap(block) end
  local name, hidden = plan.unused(block, "nth"), {}
  for key, value in pairs(block.hidden or {}) do hidden[key] = value end
  local order = #block.order > 0 and " ORDER BY " .. plan.order_text(block.order, f.dialect) or ""
  hidden[name] = ("row_number() OVER (%s%s)"):format(partition(block, names), order)
  block = plan.wrap(plan.with(block, { hidden = hidden }))
  return changed(f, f.schema, plan.with(block, { where = { plan.quoted(name) .. " = 1" } }))
end

--- The rows without a null in these columns; without columns in any.
---@param columns string|string[]|table|nil
---@return hana.SqlFrame
function Frame:drop_null(columns)
  local f = frames[self]
  f.schema:drop_null(columns)
  local names = columns and core.column_names(f.schema, columns) or names_of(f.schema)
  if #names == 0 then return self end
  local conditions = {}
  for i, name in ipairs(names) do
    conditions[i] = ("not is_null(`%s`)"):format((name:gsub("`", "``")))
  end
  return filter(f, nil, table.concat(conditions, " and "))
end

--- Replaces nulls: `{ age = 0, city = "" }`.
---@param what table
---@return hana.SqlFrame
function Frame:fill_null(what)
  local f = frames[self]
  local names, values = pairs_in_order(what, "fill_null")
  f.schema:fill_null(what)
  local texts, params = {}, {}
  for i, name in ipairs(names) do
    if type(values[i]) == "table" then
      refuse("'fill_null' with a statistic", "is not translated into SQL")
    end
    params["v" .. i] = values[i]
    texts[i] = ("coalesce(`%s`, $v%d)"):format(name:gsub("`", "``"), i)
  end
  return mutate(f, nil, names, texts, params, false)
end

-- --- joins --------------------------------------------------------------------------------------

--- Joins by equal keys with another frame of the same database. `by`: names, or
--- { left = "right" }; default: the names both have. Null keys meet nothing.
---@param other hana.SqlFrame
---@param options { by: table?, how: string?, suffix: string|string[]? }? how: inner left right
---  full semi anti
---@return hana.SqlFrame
function Frame:join(other, options)
  local f, g = frames[self], frames[other]
  if not g then
    core.raise(("join: a frame of the same database expected, got a %s; collect() first joins "
      .. "frames"):format(frame.is(other) and "frame in memory" or type(other)))
  end
  if f.url ~= g.url then
    core.raise("join: the frames are of two databases; collect() both, then join")
  end
  options = options or {}
  local schema = f.schema:join(g.schema, options)
  return changed(f, schema, join_of(f, g, schema, options))
end

-- --- groups -------------------------------------------------------------------------------------

---@class hana.SqlGroups
local Groups = {}
Groups.__name = "hana.sql_groups"
local grouped = setmetatable({}, { __mode = "k" })

function Groups.__index(_, name)
  local verb = Groups[name]
  if verb ~= nil then return verb end
  if name == "apply" then
    return function() refuse("'apply' by groups", "cannot run in the database") end
  end
  unknown(name, Groups, " of groups in a database")
end

--- Groups for `summarize`, `count`, `mutate` and `filter`.
---@param columns string|string[]|table
---@param ... nil several columns go into one table
---@return hana.SqlGroups
function Frame:group_by(columns, ...)
  local f = frames[self]
  f.schema:group_by(columns, ...)
  local groups = setmetatable({}, Groups)
  grouped[groups] = { of = self, f = f, keys = core.column_names(f.schema, columns) }
  return groups
end

function Groups:__tostring()
  local g = grouped[self]
  return ("grouped by %s\n%s"):format(table.concat(g.keys, ", "), tostring(g.of))
end

--- One row a group, in key order: the keys, then the aggregates.
---@param what table
---@param params table?
---@return hana.SqlFrame
function Groups:summarize(what, params)
  local g = grouped[self]
  return summarize(g.f, g.keys, what, params)
end
Groups.summarise = Groups.summarize

--- How many rows each group has.
---@return hana.SqlFrame
function Groups:count()
  local g = grouped[self]
  return g.of:count(g.keys)
end

--- Columns computed group by group; rows stay where they are.
---@param what table
---@param params table?
---@return hana.SqlFrame
function Groups:mutate(what, params)
  local g = grouped[self]
  local names, values, in_order = pairs_in_order(what, "mutate")
  local texts = {}
  for i, name in ipairs(names) do texts[i] = text_value("mutate", name, values[i]) end
  return mutate(g.f, g.keys, names, texts, params, in_order)
end

--- The rows of each group for which the expression is true ("age > mean(age)").
---@param where string
---@param params table?
---@return hana.SqlFrame
function Groups:filter(where, params)
  local g = grouped[self]
  return filter(g.f, g.keys, where, params)
end

-- --- looking and running ------------------------------------------------------------------------

--- The statement and the list of its parameters; `hana.read_sql(url, sql, params)` runs it.
---@return string sql
---@return string[] params
function Frame:sql()
  local f = frames[self]
  local types, list = f.schema:types(), {}
  for i, name in ipairs(names_of(f.schema)) do list[i] = types[name] end
  return plan.text(f.block, list, f.dialect)
end

--- All rows as a frame.
---@return hana.Frame
function Frame:collect()
  local f = frames[self]
  local sql, params = self:sql()
  if f.schema:ncol() == 0 then return f.schema end
  return (core.read_sql(f.url, sql, #params > 0 and params or nil,
    { types = f.schema:types(), quiet = true }))
end

--- The names of the columns.
---@return string[]
function Frame:names() return frames[self].schema:names() end

--- The types of the columns by name.
---@return table<string, string>
function Frame:types() return frames[self].schema:types() end

--- How many columns there are.
---@return integer
function Frame:ncol() return frames[self].schema:ncol() end

--- Whether there is a column of that name.
---@param name string
---@return boolean
function Frame:has(name) return frames[self].schema:has(name) end

--- How many rows there are: the database counts them.
---@return integer
function Frame:nrow()
  local f = frames[self]
  local block = plan.with(f.block, { order = {} })
  local counted = {
    from = { block = block }, columns = { { name = "n", sql = "count(*)" } }, order = {},
  }
  local sql, params = plan.text(counted, { "int" }, f.dialect)
  local df = core.read_sql(f.url, sql, #params > 0 and params or nil,
    { types = { n = "int" }, quiet = true })
  return df.n[1]
end

local SHOWN = 10

function Frame:__tostring()
  local f = frames[self]
  local first = self:head(SHOWN + 1):collect()
  local more = #first > SHOWN and ("; the first %d rows:"):format(SHOWN) or ":"
  return ("frame of table %s in the database%s\n%s"):format(f.table, more,
    tostring(first:head(SHOWN)))
end

--- A table or view of a database as a frame that stays there: verbs become one select statement.
--- `hana.sql_frame("sqlite:shop.db", "orders"):filter("price > 10"):group_by("city")
--- :summarize{ {"n", "count()"} }:collect()`.
--- `select`, `drop`, `rename`, `filter`, `mutate`, `mutate_each`, `group_by` with `summarize`,
--- `count`, `mutate` and `filter`, `sort`, `distinct`, `head`, `slice`, `drop_null`, `fill_null`
--- and `join` wait; `:sql()` shows the statement, `:collect()` runs it and gives a frame. The
--- result is that of the same verbs on the frame that was read; what the database cannot compute so
--- is refused. Rows come in the order of the row id (SQLite) or of the primary key. An error in a
--- cell that the result does not need may go unnoticed, and PostgreSQL's sums of floats may differ
--- in their last digits.
---@param url string `sqlite:file.db` or `postgres://user@host/database`
---@param name string the table or view
---@param options { types: table?, columns: string[]? }? types of columns that declare none
---@return hana.SqlFrame
function M.sql_frame(url, name, options)
  if type(url) ~= "string" then
    core.raise("sql_frame: a URL (sqlite:file.db) expected, got a " .. type(url))
  end
  if type(name) ~= "string" or name == "" then
    core.raise("sql_frame: the name of a table expected, got " ..
      (name == "" and "an empty text" or "a " .. type(name)))
  end
  local about = table_of(url, name, options)
  return new{
    url = url, table = name, dialect = about.dialect,
    schema = about.schema, block = about.block,
  }
end

return M
