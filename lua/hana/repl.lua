--- The interactive mode: reads a chunk, runs it, shows what it gave.
local complete = require "hana.complete"
local core = require "hana.core"
local session = require "hana.session"

local console = core.console

local M = {}

local function history_path()
  local path = os.getenv "HANA_HISTORY"
  if path then return path ~= "" and path or nil end
  local home = os.getenv "HOME"
  return home and home .. "/.hana_history"
end

local function prompt(continued)
  local chosen = continued and _G._PROMPT2 or _G._PROMPT
  if chosen == nil then return continued and ">> " or "> " end
  return tostring(chosen)
end

local function complain(message)
  io.stdout:flush()
  io.stderr:write(tostring(message), "\n")
end

--- Where lines come from: the line editor at a terminal, else stdin as it is. Each gives a line,
--- nil at the end, or false where the line was given up.
local function plain_reader(text)
  io.stdout:write(text)
  io.stdout:flush()
  local line = io.read "l"
  if line then io.stdout:write(line, "\n") end -- as lua5.4, whose line editor shows what it read
  return line
end

local function editing_reader(state)
  return function(text)
    return console.read(text, function(line, first, last)
      return complete.complete(line, first + 1, last, state.session:locals(), state.text)
    end)
  end
end

local function open_editor(state)
  if not console.terminal() then return plain_reader end
  local ok, message = pcall(console.open)
  if not ok then
    complain(message)
    return plain_reader
  end
  print(("hana %s (?name explains, Ctrl-D leaves)"):format(core.version().hana))
  local path = history_path()
  if path then console.history_load(path) end
  state.editing = true
  state.history = path
  return editing_reader(state)
end

local function show(ok, ...)
  if not ok then return complain((...)) end
  if select("#", ...) == 0 then return end
  _G._ = ...
  local printed, message = console.call(print, ...)
  if not printed then
    complain(("error calling 'print' (%s)"):format(message:match("^[^\n]*")))
  end
end

local function finish(values_of, ok, ...)
  if not ok then return show(false, ...) end
  return show(true, values_of(...))
end

--- Reads lines until they make a chunk, or cannot. Nil at the end of the input.
local function read_chunk(state, read)
  state.text = ""
  while true do
    local line = read(prompt(state.text ~= ""))
    if line == nil then
      if state.text == "" then return nil end
      return state.text, state.session:load(state.text)
    end
    if line == false then
      state.text = ""
    else
      state.text = state.text .. line
      if state.text:match("^%s*%?") then return state.text end
      local f, rest, incomplete = state.session:load(state.text)
      if f or not incomplete then return state.text, f, rest end
      state.text = state.text .. "\n"
    end
  end
end

local function evaluate(text, f, rest)
  local topic = text:match("^%s*%?%s*(.-)%s*$")
  if topic then
    local ok, help = console.call(require("hana.help").help, topic)
    if ok then io.write(help) else complain(help:match("^[^\n]*")) end
  elseif f then
    finish(rest, console.call(f))
  else
    complain(rest)
  end
end

local function loop()
  local state = { session = session.new(), text = "" }
  local read = open_editor(state)
  while true do
    local text, f, rest = read_chunk(state, read)
    if not text then break end
    if state.editing and text:match("%S") then console.history_add(text) end
    evaluate(text, f, rest)
  end
  io.stdout:write("\n")
  if state.history then
    local ok, message = pcall(console.history_save, state.history)
    if not ok then complain(message) end
  end
end

--- Runs until the input ends.
function M.run()
  console.shield(loop)
end

return M
