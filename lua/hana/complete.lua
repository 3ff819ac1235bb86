--- What may stand at the cursor of an interactive line: names, fields, methods, columns.
local M = {}

local keywords = {
  "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
  "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
}

local function call(f, ...)
  local ok, value = pcall(f, ...)
  return ok and value or nil
end

local function index(value, key)
  return call(function() return value[key] end)
end

--- The names of a frame's columns, or an empty list for what is not a frame.
local function columns(value)
  local meta = type(value) == "userdata" and debug.getmetatable(value)
  local methods = type(meta) == "table" and meta.methods
  local names = type(methods) == "table" and rawget(methods, "names")
  return names and call(names, value) or {}
end

--- The keys that a value answers to.
local function fields(value)
  local found = {}
  local function collect(t)
    for key in pairs(t) do
      if type(key) == "string" then found[key] = true end
    end
  end
  local seen = {}
  local function visit(t)
    if type(t) ~= "table" or seen[t] then return end
    seen[t] = true
    pcall(collect, t)
    local meta = debug.getmetatable(t)
    if type(meta) == "table" then
      visit(rawget(meta, "__index"))
      for _, name in ipairs(call(rawget(meta, "names")) or {}) do found[name] = true end
    end
  end
  visit(value)
  local meta = debug.getmetatable(value)
  if type(meta) == "table" and type(value) ~= "table" then
    visit(rawget(meta, "__index"))
    visit(rawget(meta, "methods"))
  end
  for _, name in ipairs(columns(value)) do found[name] = true end
  return found
end

local function lookup(locals, name)
  local value = locals[name]
  if value ~= nil then return value end
  -- The global `hana` stands in for the module until it is used.
  if name == "hana" then return require "hana" end
  return rawget(_G, name)
end

--- Whether the text ends inside a quoted string.
local function in_string(text)
  local quote, at = nil, 1
  while at <= #text do
    local c = text:sub(at, at)
    if c == "\\" and quote then
      at = at + 1
    elseif quote then
      if c == quote then quote = nil end
    elseif c == '"' or c == "'" then
      quote = c
    end
    at = at + 1
  end
  return quote ~= nil
end

local function starting(names, prefix, before)
  local found = {}
  for name in pairs(names) do
    if name:sub(1, #prefix) == prefix then found[#found + 1] = before .. name end
  end
  table.sort(found)
  return found
end

--- The columns of all frames that the text mentions.
local function mentioned_columns(text, locals)
  local names = {}
  for name in text:gmatch("[%a_][%w_]*") do
    for _, column in ipairs(columns(lookup(locals, name))) do names[column] = true end
  end
  return names
end

--- The name of what the innermost open table is given to, where a key may stand: "ridge" in
--- `hana.ridge{ `, "read_csv" in `hana.read_csv("f", { skip = 1, `.
local function receiver(text)
  local open, quote, at = {}, nil, 1
  while at <= #text do
    local c = text:sub(at, at)
    if c == "\\" and quote then
      at = at + 1
    elseif quote then
      if c == quote then quote = nil end
    elseif c == '"' or c == "'" then
      quote = c
    elseif c == "{" or c == "(" then
      open[#open + 1] = at
    elseif c == "}" or c == ")" then
      open[#open] = nil
    end
    at = at + 1
  end
  local brace = open[#open]
  if not brace or text:sub(brace, brace) ~= "{" then return nil end
  if not text:sub(brace):match("[{,;]%s*$") then return nil end
  local head = text:sub(1, brace - 1)
  local name = head:match("([%w_]+)%s*$")
  local paren = open[#open - 1]
  if not name and paren and text:sub(paren, paren) == "(" then
    name = text:sub(1, paren - 1):match("([%w_]+)%s*$")
  end
  return name
end

-- What every part takes beside its own options.
local common = { name = true, seed = true, threads = true }

--- The options of a part or function, as its help has them.
local function options_of(name)
  local found = {}
  for _, part in ipairs(require("hana.core").parts()) do
    if part.name == name then
      for key in pairs(common) do found[key] = true end
      for _, option in ipairs(part.options) do
        if not option.positional then found[option.name] = true end
      end
      return found
    end
  end
  local text = call(require("hana.help").help, name)
  local listed = text and ("\n" .. text .. "\n  "):match("\n  options: (.-)\n  %S")
  if not listed then return found end
  local keys = listed:find("{", 1, true) and "([%a_][%w_]*)%??:" or "([%a_][%w_]*)"
  for key in listed:gsub("^table%??", ""):gmatch(keys) do found[key] = true end
  return found
end

--- Completes line[first..last]; `earlier` holds the lines of the same chunk before it. Gives the
--- texts that may stand there and whether names of files may as well.
---@param line string
---@param first integer
---@param last integer
---@param locals table<string, any>
---@param earlier string
---@return string[], boolean
function M.complete(line, first, last, locals, earlier)
  local word, before = line:sub(first, last), line:sub(1, first - 1)
  if in_string(before) then
    return starting(mentioned_columns(earlier .. line, locals), word, ""), true
  end
  local path, separator, prefix = word:match("^(.*)([.:])([%w_]*)$")
  if not path then
    local names = {}
    local asked = receiver(earlier .. before)
    if asked then
      local options = starting(options_of(asked), word, "")
      if #options > 0 and word ~= "" then return options, false end
      for _, option in ipairs(options) do names[option] = true end
    end
    for _, keyword in ipairs(keywords) do names[keyword] = true end
    for name in pairs(locals) do names[name] = true end
    for name in pairs(_G) do
      if type(name) == "string" and name:match("^[%a_][%w_]*$") then names[name] = true end
    end
    return starting(names, word, ""), false
  end
  local value
  for name in path:gmatch("[^.:]+") do
    if value == nil then value = lookup(locals, name) else value = index(value, name) end
    if value == nil then return {}, false end
  end
  local names = {}
  for name in pairs(fields(value)) do
    if name:match("^[%a_][%w_]*$") and name:sub(1, 2) ~= "__"
      and (separator == "." or type(index(value, name)) == "function") then
      names[name] = true
    end
  end
  return starting(names, prefix, path .. separator), false
end

return M
