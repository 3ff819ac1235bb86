--- Runs a program and gives what it wrote and how it ended.
local M = {}

local function quote(text)
  return "'" .. tostring(text):gsub("'", "'\\''") .. "'"
end
M.quote = quote

function M.read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

function M.write_file(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

--- The folder that the specs run in. (PWD may be that of a parent process.)
function M.folder()
  local pipe = assert(io.popen "pwd -P")
  local path = pipe:read "l"
  pipe:close()
  return path
end

--- The hana that runs the specs, findable from any folder.
M.hana = arg[-1]
if M.hana:find("/", 1, true) and M.hana:sub(1, 1) ~= "/" then
  M.hana = M.folder() .. "/" .. M.hana
end

--- Whether this hana was built with the sanitizers.
M.sanitized = M.read_file("/proc/self/maps"):find("libasan", 1, true) ~= nil

--- An empty folder of its own.
function M.new_folder()
  local pipe = assert(io.popen "mktemp -d")
  local path = pipe:read "l"
  pipe:close()
  return path
end

--- Runs `program` with the list `args`; options: stdin (text), env (texts "NAME=value"), folder.
--- Gives stdout, stderr and the exit code (128 + n for the signal n).
function M.run(program, args, options)
  options = options or {}
  local folder = M.new_folder()
  M.write_file(folder .. "/in", options.stdin or "")
  local words = { "cd", quote(options.folder or "."), "&& env", "-u LUA_INIT", "-u LUA_INIT_5_4" }
  for _, setting in ipairs(options.env or {}) do words[#words + 1] = quote(setting) end
  words[#words + 1] = quote(program)
  for _, word in ipairs(args) do words[#words + 1] = quote(word) end
  words[#words + 1] = ("<%s/in >%s/out 2>%s/err"):format(folder, folder, folder)
  local _, how, code = os.execute(table.concat(words, " "))
  local out, err = M.read_file(folder .. "/out"), M.read_file(folder .. "/err")
  os.execute("rm -r " .. folder)
  return out, err, how == "signal" and 128 + code or code
end

return M
