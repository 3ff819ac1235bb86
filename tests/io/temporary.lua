-- Files that a spec writes, removed again by clear().
local M = {}

local made = {}

--- A new file's path, its name ending in `suffix`, holding `bytes` (nil: none is written).
function M.file(bytes, suffix)
  local base = os.tmpname()
  local path = base .. (suffix or "")
  made[#made + 1] = base
  if path ~= base then made[#made + 1] = path end
  if bytes then
    local file <close> = assert(io.open(path, "wb"))
    assert(file:write(bytes))
  end
  return path
end

function M.bytes(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read("a")
end

function M.exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

function M.clear()
  for _, path in ipairs(made) do os.remove(path) end
  made = {}
end

return M
