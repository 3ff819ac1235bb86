--- The block that joins two frames of a database.
local core = require "hana.core"
local join_keys = require "hana.join_keys"
local plan = require "hana.sql_plan"

local sql_joins = { inner = "INNER", left = "LEFT", right = "RIGHT", full = "FULL" }

-- A side of a join: names its block's columns; rows carry their order.
local function side(f, mark)
  local block = f.block
  if mark then
    local hidden = {}
    for key, value in pairs(block.hidden or {}) do hidden[key] = value end
    hidden[mark] = "1"
    block = plan.with(block, { hidden = hidden })
  end
  return plan.wrap(block)
end

local function qualified(alias, sql) return alias .. "." .. sql end

local function join_order(alias, block, order)
  for _, item in ipairs(block.order) do
    order[#order + 1] = { sql = qualified(alias, item.sql), desc = item.desc, type = item.type }
  end
end

--- Rows come in the order of the left frame, then of the right one; right rows that meet none last.
---@param f table the left frame: its schema and block
---@param g table the right one
---@param schema hana.Frame what comes out
---@param options { by: table?, how: string? }
---@return table block
return function(f, g, schema, options)
  local on_left, on_right = join_keys(f.schema, g.schema, options.by)
  local left_types, right_types = f.schema:types(), g.schema:types()
  local how = options.how or "inner"
  local mark = (how == "right" or how == "full") and plan.unused(f.block, "is_left") or nil
  local left, right = side(f, mark), side(g)
  local on = {}
  for i, name in ipairs(on_left) do
    local kind, other_kind = left_types[name], right_types[on_right[i]]
    if kind ~= other_kind then
      core.raise(("sql_frame: a join of '%s' (%s) with '%s' (%s) needs keys of one type; "
        .. "collect() first"):format(name, kind, on_right[i], other_kind))
    end
    on[i] = ("l.%s = r.%s"):format(plan.quoted(name), plan.quoted(on_right[i]))
  end
  local condition, order, columns = table.concat(on, " AND "), {}, {}
  if how == "semi" or how == "anti" then
    for i, column in ipairs(left.columns) do
      columns[i] = { name = column.name, sql = qualified("l", column.sql), plain = true }
    end
    join_order("l", left, order)
    return {
      from = { block = left.from.block, alias = "l" },
      columns = columns, order = order,
      exists = { right = right.from.block, on = condition, anti = how == "anti" },
    }
  end
  if mark then order[1] = { sql = "l." .. plan.quoted(mark), type = "int" } end
  join_order("l", left, order)
  join_order("r", right, order)
  local is_key, names = {}, schema:names()
  for i, name in ipairs(on_left) do is_key[name] = on_right[i] end
  for i, column in ipairs(left.columns) do
    local sql = qualified("l", column.sql)
    if mark and is_key[column.name] then
      sql = ("coalesce(%s, r.%s)"):format(sql, plan.quoted(is_key[column.name]))
    end
    columns[i] = { name = names[i], sql = sql, plain = true }
  end
  local is_right_key = {}
  for _, name in ipairs(on_right) do is_right_key[name] = true end
  for _, column in ipairs(right.columns) do
    if not is_right_key[column.name] then
      columns[#columns + 1] = {
        name = names[#columns + 1], sql = qualified("r", column.sql), plain = true,
      }
    end
  end
  return {
    from = {
      left = left.from.block, right = right.from.block, how = sql_joins[how], on = condition,
    },
    columns = columns, order = order,
  }
end
