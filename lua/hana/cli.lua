--- The subcommands of the executable: `hana NAME args`.
local M = {}

---@class hana.command
---@field usage string the command line after `hana`
---@field help string one sentence
---@field run fun(...: string): integer? the exit code, 0 when nil

---@type table<string, hana.command>
M.commands = {}

--- Where the person at the terminal made a mistake: the message and exit code 2.
local function usage(command, format, ...)
  io.stderr:write("hana: ", format:format(...), "\nusage: hana ", command.usage, "\n")
  return 2
end

M.commands.test = {
  usage = "test [busted args]",
  help = "run busted specs inside hana",
  run = function(...)
    local found, cliargs = pcall(require, "cliargs.core")
    if not found then error("busted is missing: apt install lua-busted", 0) end
    -- Given no folder, busted looks into spec/; projects here keep their specs in tests/.
    package.loaded["cliargs.core"] = function(...)
      local parser = cliargs(...)
      local splat = parser.splat
      function parser:splat(key, text, default, ...)
        return splat(self, key, text, key == "ROOT" and "tests" or default, ...)
      end
      return parser
    end
    arg = { [-1] = arg[-1], [0] = "hana test", ... }
    -- The name of the chunk is the name that busted goes by in its messages.
    load("require 'busted.runner'({ standalone = false })", "@hana test")()
  end,
}

M.commands.help = {
  usage = "help [topic]",
  help = "explain a command, function, learner, step or metric",
  run = function(topic, ...)
    if select("#", ...) > 0 then
      return usage(M.commands.help, "one topic at a time")
    end
    io.write(require("hana.help").help(topic), "\n")
  end,
}

--- Runs the subcommand `name` and returns its exit code, or nil where there is no such subcommand.
---@param name string
---@param ... string its arguments
---@return integer?
function M.run(name, ...)
  local command = M.commands[name]
  if not command then return nil end
  local ok, result = pcall(command.run, ...)
  if ok then return result or 0 end
  io.stderr:write("hana: ", tostring(result), "\n")
  return 1
end

return M
