--- `hana new DIR`: a project skeleton that runs as it is.
local core = require "hana.core"

local M = {}

local here = debug.getinfo(1, "S").source:match("^@(.*[/\\])") or "./"

M.files = {
  "README.md", "01_define.lua", "02_collect.lua", "03_prepare.lua", "04_explore.lua",
  "05_train.lua", "06_validate.lua", "07_select.lua", "08_deploy.lua", "09_monitor.lua",
  "data/README.md", "data/penguins.csv", "tests/project_spec.lua",
}

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

--- Writes the skeleton into a folder, which is made; a file that is there already is never
--- overwritten.
---@param folder string
---@return string[] paths what was written
function M.new(folder)
  for _, name in ipairs(M.files) do
    if exists(folder .. "/" .. name) then
      error(("%s/%s is there already; nothing was written"):format(folder, name), 0)
    end
  end
  local written = {}
  for _, name in ipairs(M.files) do
    local file = assert(io.open(here .. "skeleton/" .. name, "rb"))
    local text = file:read("a")
    file:close()
    local path = folder .. "/" .. name
    core.make_folder(path:match("^(.*)/"))
    core.write_file(path, text)
    written[#written + 1] = path
  end
  return written
end

return M
