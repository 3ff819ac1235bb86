-- The project's store: a row for every verb, so that several people (and `hana runs`) see what was
-- done, when, and with which result.

local core = require "hana.core"

local M = {}

M.table = "hana_runs"

local names = { "at", "project", "folder", "stage", "verb", "finding", "figures", "seed", "hana" }

---Adds a row to the store of the project; without a store nothing happens.
---@param p hana.Project
---@param stage string
---@param verb string
---@param finding string?
---@param figures table?
function M.add(p, stage, verb, finding, figures)
  local store = p.state.store
  if not store then return end
  local row = {
    at = os.date "!%Y-%m-%dT%H:%M:%SZ",
    project = p.title,
    folder = p.out,
    stage = stage,
    verb = verb,
    finding = finding or core.null,
    figures = figures and core.json_encode(require("hana.result").plain(figures)) or core.null,
    seed = math.tointeger(p.seed) or core.null,
    hana = core.version().hana,
  }
  local columns = {}
  for i, name in ipairs(names) do
    columns[i] = { name, { row[name] }, name == "seed" and "int" or "string" }
  end
  require("hana").frame(columns):write_sql(store, M.table, { if_exists = "append" })
end

---What the projects of a store have done, oldest first.
---@param store string a URL: `sqlite:hana.db`
---@return hana.Frame
function M.read(store)
  local query = ("select %s from %s order by at"):format(table.concat(names, ", "), M.table)
  return require("hana").read_sql(store, query, nil, { quiet = true })
end

return M
