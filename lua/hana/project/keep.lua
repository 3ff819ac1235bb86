-- What stages return, on disk: nine scripts are nine processes.

local core = require "hana.core"
local seal = require "hana.project.seal"

local M = {}

local function kind_of(value)
  if seal.is(value) then return "sealed" end
  if require("hana.frame").is(value) then return "frame" end
  if require("hana.model").is(value) then return "model" end
  local meta = type(value) == "table" and getmetatable(value)
  if type(value) == "table" and (meta == nil or meta.__name == "hana.json.array") then
    return "table"
  end
  if type(value) == "table" then
    return rawget(value, "kind") == "cross-validation" and "cv" or nil
  end
  return "value"
end

local function safe(name) return (name:gsub("[^%w%-]+", "_")) end

local put_one

local function put_table(p, name, value)
  local out = { kind = "table", fields = {} }
  for key, item in pairs(value) do
    local text_key = tostring(key)
    local kept = put_one(p, name .. "-" .. text_key, item)
    if kept then
      kept.index = math.type(key) == "integer" or nil
      out.fields[text_key] = kept
    end
  end
  return out
end

-- A saved frame, model or plain value; nil for what cannot be kept (it lives in this process only).
function put_one(p, name, value)
  local kind = kind_of(value)
  if kind == "value" then
    if type(value) == "function" or type(value) == "userdata" then return nil end
    return { kind = "value", value = value }
  elseif kind == "table" then
    return put_table(p, name, value)
  elseif kind == "cv" then
    local kept = put_table(p, name, value)
    kept.kind = "cv"
    return kept
  elseif kind == "sealed" then
    core.make_folder(p.out .. "/data")
    seal.frame(value):save(p.out .. "/data/sealed.hana")
    p.state.sealed = { file = "data/sealed.hana", rows = #value }
    return { kind = "sealed" }
  elseif kind == "frame" then
    core.make_folder(p.out .. "/data")
    local file = "data/" .. safe(name) .. ".hana"
    value:save(p.out .. "/" .. file)
    return { kind = "frame", file = file }
  elseif kind == "model" then
    core.make_folder(p.out .. "/models")
    local file = "models/" .. safe(name) .. ".hana"
    if pcall(value.save, value, p.out .. "/" .. file) then
      return { kind = "model", file = file }
    end
  end
  return nil
end

---Keeps the values a verb returns; gives a description that can stand in project.json.
function M.put(p, call, ...)
  local given, out = table.pack(...), { n = select("#", ...), values = {} }
  for i = 1, given.n do
    out.values[tostring(i)] = put_one(p, call .. (i > 1 and i or ""), given[i])
  end
  return out
end

local function bring_one(p, kept)
  if not kept then return nil end
  if kept.kind == "value" then return kept.value end
  if kept.kind == "sealed" then return p.sealed end
  if kept.kind == "table" or kept.kind == "cv" then
    local out = {}
    for key, item in pairs(kept.fields) do
      out[item.index and math.tointeger(tonumber(key)) or key] = bring_one(p, item)
    end
    return kept.kind == "cv" and require("hana.cross_validate").from(out) or out
  end
  return require("hana").load(p.out .. "/" .. kept.file)
end

---What a verb of an earlier process returned.
function M.bring(p, call, saved)
  local values = { n = saved.n }
  for i = 1, saved.n do
    values[i] = bring_one(p, saved.values[tostring(i)])
  end
  p.results[call] = values
  return table.unpack(values, 1, values.n)
end

local function load(p, file)
  local found, df = pcall(function() return require("hana").load(p.out .. "/" .. file) end)
  if not found then
    core.raise(
      ("project: the sealed test set %s/%s cannot be read: %s"):format(p.out, file, tostring(df))
    )
  end
  return df
end

---The sealed rows as they are after cleaning; the rows themselves stay known as they were set
---aside.
function M.replace_sealed(p, cleaned)
  seal.replace(p.sealed, cleaned)
  if not p.state.sealed then return end
  p.state.sealed.clean = "data/sealed-clean.hana"
  cleaned:save(p.out .. "/" .. p.state.sealed.clean)
end

---Takes the sealed set of an earlier process up again.
function M.restore(p)
  if not p.state.sealed then return end
  local raw = load(p, p.state.sealed.file)
  p:seal(raw)
  if p.state.sealed.clean then
    seal.replace(p.sealed, load(p, p.state.sealed.clean))
  end
end

return M
