local hana = require "hana"

local function frame(n)
  local row, class = {}, {}
  for i = 1, n do
    row[i] = i
    class[i] = i % 10 == 0 and "rare" or i % 3 == 0 and hana.null or "common"
  end
  return hana.frame{ { "i", row }, { "class", class } }
end

describe("sample", function()
  local df = frame(1000)

  it("draws rows once each, in the frame's order", function()
    local rows = df:sample{ n = 100, seed = 1 }.i
    assert.equal(100, #rows)
    for i = 2, #rows do assert.is_true(rows[i] > rows[i - 1]) end
  end)

  it("draws a share", function()
    assert.equal(100, #df:sample{ frac = 0.1, seed = 1 })
    assert.equal(100, #df:sample{ n = 0.1, seed = 1 })
    assert.equal(1000, #df:sample{ frac = 1 })
    for _, options in ipairs{ { frac = 0 }, { frac = 1.5 }, { frac = 0.5, n = 3 }, {} } do
      assert.error_matches(function() df:sample(options) end, "sample: .*'frac'")
    end
  end)

  it("draws the same for the same seed and others for another", function()
    local a, b = df:sample{ n = 50, seed = 7 }, df:sample{ n = 50, seed = 7 }
    assert.same(a.i:totable(), b.i:totable())
    assert.not_same(a.i:totable(), df:sample{ n = 50, seed = 8 }.i:totable())
  end)

  it("draws every row equally often", function()
    local few, drawn = frame(10), {}
    for seed = 1, 2000 do
      for _, row in few:sample{ n = 3, seed = seed }.i:values() do
        drawn[row] = (drawn[row] or 0) + 1
      end
    end
    -- Binomial(2000, 0.3): five standard deviations are 102.
    for row = 1, 10 do assert.is_true(math.abs(drawn[row] - 600) < 103) end
  end)

  it("keeps the shares of a column's values, nulls among them", function()
    local sizes = {}
    for _, v in df.class:values() do
      local key = v or "null"
      sizes[key] = (sizes[key] or 0) + 1
    end
    for _, n in ipairs{ 1, 7, 100, 333, 1000 } do
      local got = {}
      for _, v in df:sample{ n = n, seed = n, stratify = "class" }.class:values() do
        local key = v or "null"
        got[key] = (got[key] or 0) + 1
      end
      local total = 0
      for key, size in pairs(sizes) do
        local exact = n * size / 1000
        total = total + (got[key] or 0)
        assert.is_true(math.abs((got[key] or 0) - exact) < 1, key)
      end
      assert.equal(n, total)
    end
  end)

  it("takes all rows and refuses more", function()
    assert.same(df.i:totable(), df:sample{ n = 1000, seed = 1 }.i:totable())
    assert.error_matches(function() df:sample{ n = 1001 } end, "1000 rows")
    assert.error_matches(function() df:sample{ n = 1.5 } end, "must be a whole number of rows")
    assert.error_matches(function() df:sample{ n = 5, stratify = "clas" } end,
      "did you mean 'class'")
  end)
end)
