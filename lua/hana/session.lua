--- Runs the chunks of an interactive session as if they were one: a `local` at the top level of a
--- chunk is seen, and may be assigned, by the chunks that come later.
---
--- A chunk is compiled inside a function whose upvalues are the earlier locals it mentions, joined
--- to the real variables (debug.upvaluejoin), and ends by returning a closure over its own new
--- ones. Their names are those that the compiler lists as alive at its end (string.dump).
local M = {}

---@class hana.session
---@field private variables table<string, { closure: function, index: integer, value: any }>
local Session = {}
Session.__index = Session

---@return hana.session
function M.new()
  return setmetatable({ variables = {} }, Session)
end

--- Reads a binary chunk of Lua 5.4 from its main function on.
local Reader = {}
Reader.__index = Reader

function Reader:byte()
  self.at = self.at + 1
  return self.data:byte(self.at - 1)
end

function Reader:size()
  local n = 0
  repeat
    local b = self:byte()
    n = n << 7 | b & 0x7f
  until b & 0x80 ~= 0
  return n
end

function Reader:skip(n)
  self.at = self.at + n
end

function Reader:string()
  local n = self:size()
  if n == 0 then return nil end
  self:skip(n - 1)
  return self.data:sub(self.at - n + 1, self.at - 1)
end

local constant_sizes = { [0x03] = 8, [0x13] = 8 }
local string_constants = { [0x04] = true, [0x14] = true }

--- Reads one function; returns the names of its locals that live to its end, in order.
function Reader:locals()
  self:string()
  self:size()
  self:size()
  self:skip(3)
  local code = self:size()
  self:skip(4 * code)
  for _ = 1, self:size() do
    local kind = self:byte()
    if string_constants[kind] then self:string() else self:skip(constant_sizes[kind] or 0) end
  end
  self:skip(3 * self:size())
  for _ = 1, self:size() do self:locals() end
  self:skip(self:size())
  for _ = 1, 2 * self:size() do self:size() end
  local names = {}
  for _ = 1, self:size() do
    local name = self:string()
    self:size()
    if self:size() == code then names[#names + 1] = name end
  end
  for _ = 1, self:size() do self:string() end
  return names
end

local function locals_at_end(chunk)
  local reader = setmetatable({ data = string.dump(chunk), at = 33 }, Reader)
  return reader:locals()
end

--- Names with an attribute (`<const>`, `<close>`) that are in scope at the end of the text: those
--- that the compiler then refuses to assign.
local function constants_at_end(text)
  local found = {}
  for name in text:gmatch("([%a_][%w_]*)%s*<%s*[%a_]+%s*>") do
    local _, message = load(text .. "\n" .. name .. " = nil", "=stdin", "t")
    if message and message:find("assign to const variable '" .. name .. "'", 1, true) then
      found[name] = true
    end
  end
  return found
end

local function join(self, f)
  local i = 1
  while true do
    local name = debug.getupvalue(f, i)
    if not name then return f end
    local variable = self.variables[name]
    if variable and variable.closure then
      debug.upvaluejoin(f, i, variable.closure, variable.index)
    end
    i = i + 1
  end
end

--- The text as a function that sees the session's variables, followed by `ending` on its own line;
--- `plain`, its chunk, where it needs neither.
local function wrap(self, text, ending, plain)
  local variables, constants, values = {}, {}, { n = 0 }
  local seen = {}
  local function mention(name)
    local variable = not seen[name] and self.variables[name]
    seen[name] = true
    if not variable then return end
    if variable.closure then
      variables[#variables + 1] = name
    else
      constants[#constants + 1] = name .. " <const>"
      values.n = values.n + 1
      values[values.n] = variable.value
    end
  end
  mention "_ENV"
  for name in text:gmatch("[%a_][%w_]*") do mention(name) end
  if ending == "" and #variables + #constants == 0 then return plain end
  local head = {}
  if #constants > 0 then
    head[1] = "local " .. table.concat(constants, ",") .. " = ... "
  end
  if #variables > 0 then
    head[#head + 1] = "local " .. table.concat(variables, ",") .. " "
  end
  head[#head + 1] = "return function(...) "
  local source = table.concat(head) .. text .. "\n" .. ending .. "\nend"
  local outer, message = load(source, "=stdin", "t")
  if not outer then return nil, message end
  return join(self, outer(table.unpack(values, 1, values.n)))
end

local function remember(self, names, constants, closure)
  local values = table.pack(closure())
  local places = {}
  local i, name = 1, debug.getupvalue(closure, 1)
  while name do
    places[name] = i
    i = i + 1
    name = debug.getupvalue(closure, i)
  end
  for k = 1, #names do
    name = names[k]
    if constants[name] then
      self.variables[name] = { value = values[k] }
    else
      self.variables[name] = { closure = closure, index = places[name] }
    end
  end
end

--- Compiles a text. Gives a function to call and one that takes what it returned and gives the
--- values to show; or nil, the message and whether more lines could complete the text.
---@param text string
---@return function?, function|string, boolean?
function Session:load(text)
  local expression = text:gsub("^%s*=", "")
  local plain, incomplete = load("return " .. expression, "=stdin", "t")
  if plain then
    local f, message = wrap(self, "return " .. expression, "", plain)
    if not f then return nil, message, false end
    return f, function(...) return ... end
  end
  incomplete = incomplete:sub(-5) == "<eof>"
  local message
  plain, message = load(text, "=stdin", "t")
  if not plain then
    return nil, message, incomplete or message:sub(-5) == "<eof>"
  end
  local constants = constants_at_end(text)
  local names, listed = {}, {}
  for _, name in ipairs(locals_at_end(plain)) do
    if not listed[name] then names[#names + 1] = name end
    listed[name] = true
  end
  for name in pairs(constants) do
    if not listed[name] then names[#names + 1] = name end
  end
  if #names > 0 then
    local closure = "return function() return " .. table.concat(names, ",") .. " end"
    local f = wrap(self, text, closure)
    if f then
      return f, function(variables) remember(self, names, constants, variables) end
    end
  end
  local f, problem = wrap(self, text, "", plain)
  if not f then return nil, problem, false end
  return f, function(...) return ... end
end

--- The session's variables by name, for completion.
---@return table<string, any>
function Session:locals()
  local values = {}
  for name, variable in pairs(self.variables) do
    if variable.closure then
      local _, value = debug.getupvalue(variable.closure, variable.index)
      values[name] = value
    else
      values[name] = variable.value
    end
  end
  return values
end

return M
