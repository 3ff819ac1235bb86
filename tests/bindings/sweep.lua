-- Sweeps: the k-th allocation and all later ones fail, for k = 1, 2, ... until none does; always a
-- clean error, and the live blocks are back where they were.
local core = require "hana.core"

local debug = core.debug

local function settle()
  collectgarbage()
  collectgarbage()
  return debug.memory().blocks
end

-- One failure alone is retried by Lua and hides the fault: all allocations from the k-th on fail.
local function library_fails(f)
  f()
  local base, k = settle(), 0
  repeat
    k = k + 1 + k // 50 -- later ones lie ever closer to each other
    debug.fail_from(k)
    local ok, message = pcall(f)
    debug.fail_from(0)
    if ok then message = nil end -- the result, which may go
    local left = settle() - base
    assert(left == 0, ("allocation %d: %d blocks are left"):format(k, left))
    if not ok then
      assert(tostring(message):find("out of memory", 1, true),
        ("allocation %d: %s"):format(k, tostring(message)))
    end
  until ok
  assert(k > 1, "the library allocates nothing here")
end

local function lua_fails(f)
  f()
  local base, k = settle(), 0
  repeat
    k = k + 1 + k // 50
    local ok, message = debug.lua_fail_from(k, f)
    local left = settle() - base
    assert(left == 0, ("allocation %d of Lua: %d blocks are left"):format(k, left))
    if not ok then
      assert(tostring(message):find("not enough memory", 1, true),
        ("allocation %d of Lua: %s"):format(k, tostring(message)))
    end
  until ok
end

-- The k-th check for Ctrl-C and all later ones find it. Gives how many checks there are.
local function stops(f)
  f()
  local base, k = settle(), 0
  repeat
    k = k + 1 + k // 3
    debug.stop_from(k)
    local ok, message = pcall(f)
    local counted = debug.stop_from(0)
    if ok then message = nil end
    local left = settle() - base
    assert(left == 0, ("check %d: %d blocks are left"):format(k, left))
    if ok then return counted end
    assert(tostring(message):find("interrupted", 1, true),
      ("check %d: %s"):format(k, tostring(message)))
  until false
end

return { library_fails = library_fails, lua_fails = lua_fails, stops = stops }
