--- A case that users of other tools met: a small file under data/<number>, and what is right.
local hana = require "hana"

local M = {}

local folder = (debug.getinfo(1, "S").source:match("^@(.*/)") or "./") .. "data/"

--- The path of a file of the case.
function M.path(number, file) return ("%s%03d/%s"):format(folder, number, file) end

--- Reads a CSV file of the case.
function M.read(number, file, options)
  options = options or {}
  options.quiet = true
  return hana.read_csv(M.path(number, file), options)
end

--- A column as a list, null being hana.null.
function M.list(df, name) return df:col(name):totable() end

--- The read report as text.
function M.report(df) return tostring(df:read_report()) end

--- What the read report says of one column.
function M.about(df, name)
  for _, column in ipairs(df:read_report().columns) do
    if column.name == name then return column end
  end
end

return M
