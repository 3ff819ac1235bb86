--- The subcommands of the executable: `hana NAME args`.
local M = {}

local commands = {}

--- A message for the person at the terminal, without a traceback.
local function fail(format, ...)
  io.stderr:write("hana: ", format:format(...), "\n")
  return 1
end

function commands.test(...)
  local found, cliargs = pcall(require, "cliargs.core")
  if not found then
    return fail("test needs busted, the Debian package lua-busted (apt install lua-busted)")
  end
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
  return 0
end

--- Runs the subcommand `name` and returns its exit code, or nil where there is no such subcommand.
---@param name string
---@param ... string its arguments
---@return integer?
function M.run(name, ...)
  local command = commands[name]
  return command and command(...)
end

return M
