--- What a verb that judges or decides gives back: it prints itself, has `:table()`, `:plot()`,
--- `:json()`, `.verdict` (a short word) and `.sentence`, and fields of its own.
local core = require "hana.core"

local M = {}

---@class hana.Result
---@field verdict string? a short word
---@field sentence string? the finding in one sentence
---@field kind string what made it

-- Hidden from pairs, so that a result looks like its fields.
local hidden = setmetatable({}, { __mode = "k" })

local common = {}

local function is_frame(value)
  return type(value) == "userdata" and (getmetatable(value) or {}).__name == "hana.frame"
end

--- The figures as a frame.
---@return hana.Frame
function common:table()
  local table = hidden[self].table
  if type(table) == "function" then table = table(self) end
  if not table then core.raise(("a %s has no table"):format(self.kind)) end
  return table
end

--- The picture that goes with it.
---@param options table?
---@return hana.Plot
function common:plot(options)
  local plot = hidden[self].plot
  if type(plot) == "function" then return plot(self, options) end
  core.raise(("a %s has no plot"):format(self.kind))
end

local Array = getmetatable(core.json_array{})

--- A value as plain data: frames as lists of rows, NaN and infinities as null, functions left out.
---@param value any
---@return any
function M.plain(value, depth)
  depth = depth or 0
  local kind = type(value)
  if kind == "number" then
    if value ~= value or value == math.huge or value == -math.huge then return core.null end
    return value
  elseif kind == "string" or kind == "boolean" or value == core.null then
    return value
  elseif is_frame(value) then
    local rows = core.json_array{}
    for i, row in value:rows() do
      local out = {}
      for _, name in ipairs(value:names()) do
        local cell = row[name]
        if cell == nil then cell = core.null end
        out[name] = M.plain(cell)
      end
      rows[i] = out
    end
    return rows
  elseif kind == "userdata" then
    local name = (getmetatable(value) or {}).__name
    if name == "hana.column" then
      local list = core.json_array(value:totable())
      for i, cell in ipairs(list) do list[i] = M.plain(cell) end
      return list
    end
    return tostring(value)
  elseif kind == "table" and depth < 32 then
    local is_list = #value > 0 or getmetatable(value) == Array
    local out = is_list and core.json_array{} or {}
    for key, item in pairs(value) do
      if #value == 0 or math.type(key) == "integer" then
        out[math.type(key) == "integer" and #value == 0 and tostring(key) or key] =
          M.plain(item, depth + 1)
      end
    end
    return out
  end
  return nil
end

--- All of it as JSON text.
---@param indent integer?
---@return string
function common:json(indent)
  local out = M.plain(self)
  out.table = hidden[self].table and M.plain(self:table()) or nil
  return core.json_encode(out, indent or 2)
end

local Result = { __name = "hana.result" }

function Result:__index(name)
  local own = hidden[self]
  local method = own.methods[name] or common[name]
  if method ~= nil then return method end
  -- Fields that may be absent are nil; a slip of the pen is an error.
  if own.optional[name] then return nil end
  local known = {}
  for key in pairs(self) do known[#known + 1] = tostring(key) end
  for _, of in ipairs{ own.methods, common, own.optional } do
    for key in pairs(of) do known[#known + 1] = key end
  end
  core.unknown("unknown field", tostring(name), (" of a %s"):format(own.kind), known)
end

function Result:__tostring()
  local own = hidden[self]
  if own.text then return own.text(self) end
  local lines = {}
  if own.title then lines[#lines + 1] = own.title end
  if rawget(self, "sentence") then lines[#lines + 1] = self.sentence end
  if own.table then lines[#lines + 1] = (self:table():format(50):gsub("%s+$", "")) end
  return table.concat(lines, "\n")
end

--- A result object.
---@param kind string what it is, in words: "cross-validation"
---@param fields table verdict, sentence and fields of its own
---@param shape { table: hana.Frame|function?, plot: function?, text: function?, title: string?,
---  methods: table?, optional: string[]? } functions take the result; `optional` names fields that
---  may be nil
---@return hana.Result
function M.new(kind, fields, shape)
  shape = shape or {}
  local result = {}
  for name, value in pairs(fields) do result[name] = value end
  result.kind = result.kind or kind
  local optional = { verdict = true, sentence = true }
  for _, name in ipairs(shape.optional or {}) do optional[name] = true end
  hidden[result] = {
    kind = kind, table = shape.table, plot = shape.plot, text = shape.text, title = shape.title,
    methods = shape.methods or {}, optional = optional,
  }
  return setmetatable(result, Result)
end

--- A picture for the shape of a result: a column of numbers of its table as bars.
---@param x string the column of names
---@param y string
---@return fun(result: hana.Result, options: table?): hana.Plot
function M.bars(x, y)
  return function(result, options)
    local spec = { data = result:table():drop_null{ y }, geom = "bar", x = x, y = y }
    for key, value in pairs(options or {}) do spec[key] = value end
    return require("hana.plot")(spec)
  end
end

--- Whether a value is a result object.
---@param value any
---@return boolean
function M.is(value) return getmetatable(value) == Result end

return M
