-- The sealed test set: a handle that knows nothing, and here, out of the script's sight, the rows
-- it stands for.

local core = require "hana.core"

local M = {}

local frames = setmetatable({}, { __mode = "k" })

local Sealed = { __name = "hana.sealed" }

function Sealed.__index(_, key)
  core.raise(
    ("the sealed rows cannot be read (field '%s'): they are for "):format(tostring(key))
      .. "p:validate{ model = , test = sealed }"
  )
end

function Sealed.__newindex() core.raise "the sealed rows cannot be changed" end

function Sealed.__len(handle) return #frames[handle] end

function Sealed.__tostring(handle) return ("sealed test set of %d rows"):format(#frames[handle]) end

---A handle over the rows of a frame.
function M.new(df)
  local handle = setmetatable({}, Sealed)
  frames[handle] = df
  return handle
end

---Whether a value is a handle.
function M.is(value) return frames[value] ~= nil end

---The rows behind a handle, for the final validation and for cleaning.
function M.frame(handle) return frames[handle] end

---The same handle over cleaned rows.
function M.replace(handle, df) frames[handle] = df end

---The set of a frame's row ids.
---@param df any
---@return table<string, boolean>
function M.ids(df)
  local set = {}
  for _, id in ipairs(core.row_ids(df)) do
    set[id] = true
  end
  return set
end

return M
