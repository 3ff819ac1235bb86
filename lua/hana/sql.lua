--- Frames from databases.
local core = require "hana.core"
local files = require "hana.files"

local M = {}

--- The rows of a query:
--- `hana.read_sql("sqlite:shop.db", "select * from orders where id > ?", { 7 })`.
--- Parameters are values by position (`?`, `$1`) or, for SQLite, by name (`:id`). A column has the
--- type that is declared where all its cells are of it, else what the cells are.
---@param url string `sqlite:file.db` or `postgres://user@host/database`
---@param query string one statement that reads
---@param params table?
---@param options table? types columns null null_add timezone quiet
---@return hana.Frame
function M.read_sql(url, query, params, options)
  if type(url) ~= "string" then
    core.raise("read_sql: a URL (sqlite:file.db) expected, got a " .. type(url))
  end
  if type(query) ~= "string" then
    core.raise("read_sql: the text of a query expected, got a " .. type(query))
  end
  if params ~= nil and type(params) ~= "table" then
    core.raise("read_sql: a table of parameters expected, got a " .. type(params))
  end
  local df, raw = files.chosen("read_sql", options, function(o)
    return core.read_sql(url, query, params, o)
  end)
  return files.reported(df, raw, options and options.quiet)
end

return M
