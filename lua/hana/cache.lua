--- Results of slow steps, kept from run to run: `hana.cache(name, inputs, fn)`.
local core = require "hana.core"
local frame = require "hana.frame"
local model = require "hana.model"

local M = {}

local folder = ".hana_cache"

-- Goes into every key, so that what another version wrote is computed anew.
local version = core.version().hana

local function is_column(value)
  return type(value) == "userdata" and (getmetatable(value) or {}).__name == "hana.column"
end

-- Inputs as plain values, frames and columns by the hash of what they hold.
local function plain(value, where)
  if frame.is(value) then return { frame = value:hash() } end
  if is_column(value) then return { column = core.frame{ { "x", value } }:hash() } end
  if model.is(value) then
    local info = value:info()
    return {
      model = value:describe(), options = plain(value:params(), where),
      data = tostring(info.data_hash), seed = tostring(info.seed),
    }
  end
  if type(value) ~= "table" then
    if type(value) == "function" or (type(value) == "userdata" and value ~= core.null) then
      core.raise(("%s is a %s: inputs are frames, columns, models and plain values"):format(where,
        type(value)))
    end
    return value
  end
  local out = #value > 0 and core.json_array{} or {}
  for key, item in pairs(value) do out[key] = plain(item, where .. "." .. tostring(key)) end
  return out
end

-- The text of a function, so that a changed function is a new key; "" where it cannot be read.
local function code_of(fn)
  local info = debug.getinfo(fn, "S")
  local text
  if info.source:sub(1, 1) == "@" then
    local file = io.open(info.source:sub(2), "rb")
    if not file then return "" end
    text = file:read("a")
    file:close()
  elseif info.source:sub(1, 1) == "=" then
    return ""
  else
    text = info.source
  end
  local lines, n = {}, 0
  for line in (text .. "\n"):gmatch("(.-)\n") do
    n = n + 1
    if n >= info.linedefined and n <= info.lastlinedefined then lines[#lines + 1] = line end
  end
  return table.concat(lines, "\n")
end

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

local function kept(path)
  if exists(path .. ".hana") then
    local is_model = core.file_kind(path .. ".hana") == "model"
    return true, (is_model and core.load_model or core.load_frame)(path .. ".hana")
  end
  if exists(path .. ".json") then
    return true, core.json_decode(core.read_file(path .. ".json")).value
  end
  return false
end

local function keep(name, path, value)
  if frame.is(value) or model.is(value) then
    core.make_folder(folder)
    value:save(path .. ".hana")
    return
  end
  local ok, text = pcall(core.json_encode, { name = name, value = value })
  if not ok then
    core.raise(("cache: '%s' gave what cannot be kept (a frame, a model or plain values can): %s")
      :format(name, (tostring(text):gsub("^.-:%d+: ", ""))))
  end
  core.make_folder(folder)
  core.write_file(path .. ".json", text)
end

--- What `fn(inputs)` gives, computed once: the result (a frame, a model or plain values) is kept in
--- the folder `.hana_cache` under the name and a hash of the inputs and of the text of `fn`, and
--- read from there when all of these are the same again. What else `fn` uses must stand among
--- the inputs. The folder may be deleted at any time.
---@generic T
---@param name string a part of the file's name
---@param inputs any a frame, a column, a model, plain values, or a table of such
---@param fn fun(inputs: any): T
---@return T
function M.cache(name, inputs, fn)
  if type(name) ~= "string" or name == "" or name:find("[/%z\n]") or name:sub(1, 1) == "." then
    core.raise("cache: the name must be a text that can be part of a file's name, got "
      .. (type(name) == "string" and ("'%s'"):format(name) or type(name)))
  end
  if type(fn) ~= "function" then
    core.raise(("cache: '%s': a function expected as the third argument, got a %s"):format(name,
      type(fn)))
  end
  local ok, key = pcall(function() return core.json_encode{ plain(inputs, "inputs") } end)
  if not ok then
    core.raise(("cache: '%s': %s"):format(name,
      (tostring(key):gsub("^.-:%d+: ", ""))))
  end
  local path = ("%s/%s-%s"):format(folder, name,
    core.hash(version .. "\0" .. name .. "\0" .. code_of(fn) .. "\0" .. key))
  local read, found, value = pcall(kept, path)
  if read and found then return value end
  if not read then
    warn(("cache: '%s' is computed anew: %s"):format(name, tostring(found)))
  end
  value = fn(inputs)
  if value == nil then core.raise(("cache: '%s': the function gave nothing"):format(name)) end
  keep(name, path, value)
  return value
end

return M
