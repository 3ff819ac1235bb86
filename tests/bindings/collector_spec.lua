local core = require "hana.core"
local hana = require "hana"

describe("the collector", function()
  it("hears of the bytes that frames and columns hold", function()
    local c
    do
      local n = {}
      for i = 1, 131072 do n[i] = i + 0.5 end
      c = hana.column(n)
    end
    collectgarbage()
    local base, peak = core.debug.memory().bytes, 0
    for _ = 1, 200 do
      local sum = c + 1
      peak = math.max(peak, core.debug.memory().bytes - base)
      assert.equal(131072, #sum)
    end
    -- 200 temporaries of 1 MiB: without the accounting all of them pile up.
    assert.is_true(peak < 48 * 1024 * 1024, ("peak %.1f MiB"):format(peak / 2^20))
  end)

  it("is left alone when it is stopped", function()
    local c = hana.column{ 1.0, 2.0 }
    collectgarbage("stop")
    for _ = 1, 10 do c = c + 1 end
    assert.is_false(collectgarbage("isrunning"))
    collectgarbage("restart")
  end)

  it("frees what boxes held", function()
    collectgarbage()
    collectgarbage()
    local before = core.debug.memory().blocks
    do
      local df = hana.frame{ { "a", { 1, 2, 3 } } }
      df = df:sort("a"):head(2)
      assert.equal(2, #df)
    end
    collectgarbage()
    collectgarbage()
    assert.equal(before, core.debug.memory().blocks)
  end)

  it("is not waited for by <close>", function()
    local before = core.debug.memory().blocks
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
