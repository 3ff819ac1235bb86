local core = require "hana.core"
local hana = require "hana"
local run = require "tests.host.run"

-- The live blocks, once what other specs left behind is gone: finalizers may leave garbage anew.
local function settled()
  local blocks
  repeat
    blocks = core.debug.memory().blocks
    collectgarbage()
  until core.debug.memory().blocks == blocks
  return blocks
end

-- 200 temporaries of 1 MiB: without the accounting all of them pile up. How many wait for the
-- collector grows with what else Lua holds, so that this is a matter of a new state.
local temporaries = [[
  local core, hana = require "hana.core", require "hana"
  local n = {}
  for i = 1, 131072 do n[i] = i + 0.5 end
  local c = hana.column(n)
  n = nil
  collectgarbage()
  local base, peak = core.debug.memory().bytes, 0
  for _ = 1, 200 do
    local sum = c + 1
    peak = math.max(peak, core.debug.memory().bytes - base)
    assert(#sum == 131072)
  end
  print(peak)
]]

describe("the collector", function()
  it("hears of the bytes that frames and columns hold", function()
    local out, err, code = run.run(run.hana, { "-e", temporaries })
    assert.equal(0, code, err)
    assert.is_true(tonumber(out) < 48 * 1024 * 1024, ("peak %.1f MiB"):format(out / 2^20))
  end)

  it("is left alone when it is stopped", function()
    local c = hana.column{ 1.0, 2.0 }
    finally(function() collectgarbage("restart") end)
    collectgarbage("stop")
    for _ = 1, 10 do c = c + 1 end
    assert.is_false(collectgarbage("isrunning"))
  end)

  it("frees what boxes held", function()
    local before = settled()
    do
      local df = hana.frame{ { "a", { 1, 2, 3 } } }
      df = df:sort("a"):head(2)
      assert.equal(2, #df)
    end
    assert.equal(before, settled())
  end)

  it("is not waited for by <close>", function()
    local before = settled()
    finally(function() collectgarbage("restart") end)
    collectgarbage("stop")
    do
      local df <close> = hana.frame{ { "a", { 1, 2, 3 } } }
      assert.is_true(core.debug.memory().blocks > before)
      assert.equal(3, #df)
    end
    assert.equal(before, core.debug.memory().blocks)
  end)

  it("leaves a closed box that says so", function()
    local df = hana.frame{ { "a", { 1 } } }
    do
      local closed <close> = df
      assert.equal(1, #closed)
    end
    assert.error_matches(function() df:head(1) end, "the frame is closed")
  end)
end)
