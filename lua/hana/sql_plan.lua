--- Select statements as blocks that verbs fill, and the text that is made of them. A block is
--- { from, columns, where, group, order, limit, offset }; none is ever changed, a verb makes
--- another. Columns are { name, sql, stored, plain, may_fail }: `sql` is the value that expressions
--- see, `stored` what is given to the reader where that differs; a plain column is a name or a
--- cell, an operand anywhere. Texts stand in the SQL as the byte 1, their bytes in hexadecimal
--- digits and the byte 1, until it is run: they become parameters then.
local core = require "hana.core"

local M = {}

--- A name in double quotes.
---@param name string
---@return string
function M.quoted(name) return '"' .. name:gsub('"', '""') .. '"' end

local function copy(t)
  local out = {}
  for key, value in pairs(t) do out[key] = value end
  return out
end

--- A block with some fields replaced.
function M.with(block, changes)
  local out = copy(block)
  for key, value in pairs(changes) do out[key] = value end
  return out
end

--- The columns by name.
function M.by_name(block)
  local found = {}
  for _, column in ipairs(block.columns) do found[column.name] = column end
  return found
end

--- Whether rows are left out in the block or below it.
local function filters(block)
  if block.where or block.exists then return true end
  local from = block.from
  if from.block then return filters(from.block) end
  return from.left ~= nil
end
M.filters = filters

local function unused(block, word)
  local taken = {}
  for _, column in ipairs(block.columns) do taken[column.name:lower()] = true end
  for name in pairs(block.hidden or {}) do taken[name:lower()] = true end
  local name, n = word, 1
  while taken[name] do
    n = n + 1
    name = word .. "_" .. n
  end
  return name
end
M.unused = unused

--- A block that selects from this one. What could fail in rows that are filtered out is fenced, so
--- that no condition of the new block is tried before.
function M.wrap(block, fence)
  local inner = copy(block)
  inner.hidden = copy(block.hidden or {})
  local order, columns = {}, {}
  for i, item in ipairs(block.order) do
    local name
    for _, column in ipairs(block.columns) do
      if column.sql == item.sql then name = column.name end
    end
    if not name then
      name = unused(inner, "row_order")
      inner.hidden[name] = item.sql
    end
    order[i] = { sql = M.quoted(name), desc = item.desc, type = item.type }
  end
  for i, column in ipairs(block.columns) do
    fence = fence or (column.may_fail and filters(block))
    columns[i] = { name = column.name, sql = M.quoted(column.name), plain = true }
  end
  inner.fence = fence or nil
  return { from = { block = inner }, columns = columns, order = order }
end

-- --- text ---------------------------------------------------------------------------------------

local function indent(text) return "  " .. text:gsub("\n", "\n  ") end

-- NaN is above all numbers in PostgreSQL, in both directions: it stands after them.
local function order_items(order, dialect)
  local out = {}
  for _, item in ipairs(order) do
    local sql = item.sql
    if item.type == "float" and item.desc and dialect == "postgres" then
      out[#out + 1] = ("(%s = 'NaN')"):format(sql)
    end
    if item.type == "string" and dialect == "postgres" then sql = sql .. ' COLLATE "C"' end
    out[#out + 1] = sql .. (item.desc and " DESC" or "") .. (item.type and " NULLS LAST" or "")
  end
  return out
end

--- What an "order by" has for these items.
function M.order_text(order, dialect) return table.concat(order_items(order, dialect), ", ") end

local writers = {}

local function from_text(from, w)
  if from.table then return from.table end
  if from.left then
    return ("%s AS l\n%s JOIN %s AS r ON %s"):format(w:source(from.left), from.how,
      w:source(from.right), from.on)
  end
  return w:source(from.block) .. (from.alias and " AS " .. from.alias or "")
end

-- A block's name among the "with" parts.
function writers:source(block)
  if self.known[block] then return self.known[block] end
  local text = self:select(block, false)
  self.n = self.n + 1
  local name = "s" .. self.n
  while self.taken[name] do
    self.n = self.n + 1
    name = "s" .. self.n
  end
  self.parts[#self.parts + 1] = ("%s AS (\n%s\n)"):format(name, indent(text))
  self.known[block] = name
  return name
end

-- A bare name in "order by" means the result's column of that name. Where that is another one, the
-- order is taken a block below.
local function settle_order(block)
  for _, item in ipairs(block.order) do
    local sql = item.sql:lower()
    for _, column in ipairs(block.columns) do
      local name = column.name:lower()
      if (sql == M.quoted(name) or sql == name) and column.sql ~= item.sql
          and column.stored ~= item.sql then
        local below = M.with(block, {})
        below.limit, below.offset = nil, nil
        return M.with(M.wrap(below), { limit = block.limit, offset = block.offset })
      end
    end
  end
  return block
end

local function item_text(sql, name)
  local quoted = M.quoted(name)
  return sql == quoted and quoted or sql .. " AS " .. quoted
end

-- Values of dates are numbers within a statement of SQLite, texts in its result.
local function given(column, kind, dialect)
  if column.stored then return column.stored end
  if dialect == "sqlite" and (kind == "date" or kind == "datetime") then
    return ("hana_%s_text(%s)"):format(kind, column.sql)
  end
  return column.sql
end

function writers:where_text(block)
  local where = table.move(block.where or {}, 1, #(block.where or {}), 1, {})
  local exists = block.exists
  if exists then
    table.insert(where, 1, ("%sEXISTS (SELECT 1 FROM %s AS r WHERE %s)"):format(
      exists.anti and "NOT " or "", self:source(exists.right), exists.on))
  end
  if #where < 2 then return where[1] end
  return "(" .. table.concat(where, ") AND (") .. ")"
end

-- A fence is a limit of all rows: no condition from outside is tried behind it.
function writers:limit_text(block, fence)
  local limit, offset = block.limit, block.offset
  if self.dialect == "sqlite" then
    if not limit and (offset or fence) then limit = -1 end
  elseif fence and not limit then
    offset = offset or 0
  end
  return limit and ("LIMIT %d"):format(limit), offset and ("OFFSET %d"):format(offset)
end

-- With types it is the whole statement, without a part of one.
function writers:select(block, types)
  local hidden, fence = block.hidden or {}, block.fence
  local in_order = #block.order > 0 and (types or block.limit or block.offset)
  if in_order then
    local settled = settle_order(block)
    if settled ~= block then
      local below = {}
      for name in pairs(hidden) do below[name] = M.quoted(name) end
      block, hidden = settled, below
    end
  end
  local items, names = {}, {}
  for i, column in ipairs(block.columns) do
    items[i] = item_text(types and given(column, types[i], self.dialect) or column.sql, column.name)
  end
  for name in pairs(types and {} or hidden) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do items[#items + 1] = item_text(hidden[name], name) end
  if #items == 0 then items[1] = "1 AS \"nothing\"" end
  local lines = { "SELECT " .. table.concat(items, ", "), "FROM " .. from_text(block.from, self) }
  local where = self:where_text(block)
  if where then lines[#lines + 1] = "WHERE " .. where end
  if block.group and #block.group > 0 then
    lines[#lines + 1] = "GROUP BY " .. table.concat(block.group, ", ")
  end
  if in_order then lines[#lines + 1] = "ORDER BY " .. M.order_text(block.order, self.dialect) end
  local limit, offset = self:limit_text(block, fence)
  lines[#lines + 1] = limit
  lines[#lines + 1] = offset
  return table.concat(lines, "\n")
end

local function bytes_of(hex)
  return (hex:gsub("%x%x", function(byte) return string.char(tonumber(byte, 16)) end))
end

--- The statement and the list of its parameters.
---@param block table
---@param types string[] of the columns
---@param dialect string
---@return string, string[]
function M.text(block, types, dialect)
  local w = setmetatable({ parts = {}, known = {}, taken = {}, n = 0, dialect = dialect },
    { __index = writers })
  local text = w:select(block, types)
  if #w.parts > 0 then text = "WITH " .. table.concat(w.parts, ",\n") .. "\n" .. text end
  local params, number = {}, {}
  local sign = dialect == "sqlite" and "?" or "$"
  text = text:gsub("\1(%x*)\1", function(hex)
    if not number[hex] then
      params[#params + 1] = bytes_of(hex)
      number[hex] = #params
    end
    return sign .. number[hex]
  end)
  return text, params
end

--- The SQL of an expression over a block's columns. Its columns must be plain.
---@return string sql, boolean may_fail
function M.expression(block, schema, text, params, options)
  local values = {}
  for i, column in ipairs(block.columns) do values[i] = column.sql end
  local sql, texts, may_fail = core.sql_expression(schema, values, text, params, options)
  sql = sql:gsub("\1(%d+)\1", function(k)
    local hex = texts[tonumber(k)]:gsub(".", function(c) return ("%02x"):format(c:byte()) end)
    return "\1" .. hex .. "\1"
  end)
  return sql, may_fail
end

return M
