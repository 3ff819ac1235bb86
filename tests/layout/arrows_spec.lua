require "hana"
local run = require "tests.host.run"

-- Arrows point one way (core/README.md): a folder may include what stands before it, never after.
local before = {
  base = {},
  data = { "base" },
  plugins = { "base", "data" },
  io = { "base", "data", "plugins" },
  measure = { "base", "data", "io" },
  learn = { "base", "data", "io", "measure" },
  prepare = { "base", "data", "io", "measure", "learn" },
  assess = { "base", "data", "io", "measure", "learn", "prepare" },
  scarce = { "base", "data", "io", "measure", "learn", "prepare", "assess" },
  decide = { "base", "data", "io", "measure", "learn", "prepare", "assess" },
  deploy = { "base", "data", "io", "measure", "learn", "prepare", "assess" },
}

local function files(command)
  local pipe = assert(io.popen(command))
  local list = {}
  for path in pipe:lines() do list[#list + 1] = path end
  pipe:close()
  return list
end

local function is_allowed(folder, target)
  if folder == target then return true end
  for _, name in ipairs(before[folder]) do
    if name == target then return true end
  end
  return false
end

--- The includes of the text that run back, as sentences.
local function backward(path, text)
  local found = {}
  local folder = path:match("^core/([^/]+)/")
  for included in text:gmatch('#include%s+[<"]([^>"]+)[>"]') do
    local target = included:match("^([^/]+)/")
    if included:match("^lua") or included:match("^lauxlib") then
      found[#found + 1] = path .. " includes " .. included .. ": the core knows no Lua"
    elseif folder and included == "shelf.h" or included == "hana.h" and folder then
      found[#found + 1] = path .. " includes " .. included .. ", which stands above it"
    elseif folder and before[target] and not is_allowed(folder, target) then
      found[#found + 1] = ("%s includes %s, and %s is not below %s"):format(path, included,
        target, folder)
    end
  end
  return found
end

describe("the arrows between the parts", function()
  local sources = files "find core -name '*.[ch]' | sort"

  it("do not run back", function()
    assert.is_true(#sources > 20)
    local found = {}
    for _, path in ipairs(sources) do
      for _, sentence in ipairs(backward(path, run.read_file(path))) do
        found[#found + 1] = sentence
      end
    end
    assert.same({}, found)
  end)

  it("are seen when they do", function()
    assert.equal(1, #backward("core/data/x.c", '#include "learn/task.h"\n#include "base/error.h"'))
    assert.equal(1, #backward("core/decide/x.c", '#include "scarce/distill.h"'))
    assert.equal(1, #backward("core/io/csv.c", "#include <lua.h>"))
    assert.equal(1, #backward("core/io/csv.c", '#include "hana.h"'))
    assert.equal(0, #backward("core/assess/x.c", '#include "learn/task.h"\n#include <math.h>'))
  end)

  it("know every folder of the core", function()
    for _, folder in ipairs(files "find core -mindepth 1 -maxdepth 1 -type d -printf '%f\\n'") do
      assert.is_table(before[folder], folder)
    end
  end)

  it("keep OpenMP in base/parallel.c", function()
    assert.same({ "core/base/parallel.c" },
      files "grep -rlE 'pragma omp|omp\\.h' core bindings --include='*.[ch]'")
  end)

  it("lead from bindings to the core, and from Lua to hana's own modules", function()
    assert.same({}, files "grep -rlE 'require[( ]*.(examples|tests)' lua")
    assert.same({}, files "grep -rlE 'include .(\\.\\./)?(bindings|glue)' core")
  end)
end)
