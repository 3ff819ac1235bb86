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
    local info = value.fitted and value:info() or {}
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

local Array = getmetatable(core.json_array{})

-- Frames, columns and models are files beside the JSON text, where { [mark] = file } stands for
-- them.
local mark = "hana.cache file"

local function load_part(part)
  local path = folder .. "/" .. part[mark]
  if core.file_kind(path) == "model" then return core.load_model(path) end
  local df = core.load_frame(path)
  return part.column and df:col(df:names()[1]) or df
end

local function restored(value)
  if type(value) ~= "table" then return value end
  if value[mark] then return load_part(value) end
  for key, item in pairs(value) do value[key] = restored(item) end
  return value
end

local function kept(path)
  if not exists(path .. ".json") then return false end
  return true, restored(core.json_decode(core.read_file(path .. ".json")).value)
end

-- The value with its frames, columns and models in `files`, under names that begin with `base`.
local function parted(value, base, files)
  local thing = is_column(value) and core.frame{ { value:name() or "value", value } } or value
  if frame.is(thing) or model.is(thing) then
    local name = ("%s.%d.hana"):format(base, #files + 1)
    files[#files + 1] = { name = name, thing = thing }
    return { [mark] = name, column = is_column(value) or nil }
  end
  if type(value) ~= "table" then return value end
  local meta = getmetatable(value)
  if meta ~= nil and meta ~= Array then
    core.raise(("a %s: keep its `:table()`, or what it was computed from"):format(
      rawget(value, "kind") or meta.__name or "table with a metatable"))
  end
  local out = (#value > 0 or meta) and core.json_array{} or {}
  for key, item in pairs(value) do out[key] = parted(item, base, files) end
  return out
end

local function keep(name, path, value)
  local files = {}
  local ok, text = pcall(function()
    return core.json_encode{ name = name, value = parted(value, path:match("[^/]*$"), files) }
  end)
  if not ok then
    core.raise(("cache: '%s' gave what cannot be kept (frames, columns, models and plain values "
      .. "can): %s"):format(name, (tostring(text):gsub("^.-:%d+: ", ""))))
  end
  core.make_folder(folder)
  for _, file in ipairs(files) do file.thing:save(folder .. "/" .. file.name) end
  core.write_file(path .. ".json", text)
end

--- What `fn(inputs)` gives, computed once: the result (a frame, a column, a model, plain values or
--- a table of such) is kept in the folder `.hana_cache` under the name and a hash of the inputs
--- and of the text of `fn`, and read from there when all of these are the same again. What else
--- `fn` uses must stand among the inputs. The folder may be deleted at any time.
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
