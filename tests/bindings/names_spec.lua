-- hana's names come from three places, which must not overlap: functions of init.lua, parts of the
-- registry, modules that are loaded on first use.
local core = require "hana.core"

local function fresh()
  local old = package.loaded.hana
  package.loaded.hana = nil
  local hana = require "hana"
  package.loaded.hana = old
  return hana
end

local function modules()
  local path = debug.getinfo(fresh().version, "S").source:sub(2)
  local inside, names = false, {}
  for line in io.lines(path) do
    if line:find("^local modules = {") then inside = true end
    if line:find("^}") then inside = false end
    local name, module = line:match('^  ([%w_]+) = "(hana%.[%w_%.]+)",')
    if inside and name then names[name] = module end
  end
  return names
end

describe("a name of hana", function()
  it("is a function, a part or a module, and only one of them", function()
    local hana, lazy = fresh(), modules()
    for _, part in ipairs(core.part_names()) do
      assert.is_nil(rawget(hana, part), part)
      assert.is_nil(lazy[part], part)
    end
    for name in pairs(lazy) do assert.is_nil(rawget(hana, name), name) end
  end)

  it("that is a module can be loaded", function()
    local hana, lazy = fresh(), modules()
    assert.is_string(lazy.plot)
    for name in pairs(lazy) do
      local value = hana[name]
      assert.is_true(type(value) == "table" or type(value) == "function", name)
    end
  end)

  it("stays what it is", function()
    local hana = fresh()
    assert.equal(hana.ridge, hana.ridge)
    assert.equal(hana.null, fresh().null)
  end)
end)
