local hana = require "hana"
local sweep = dofile("tests/bindings/sweep.lua")
local frames = require "tests.io.zstd_frames"
local temporary = require "tests.io.temporary"

-- Ctrl-C is noticed wherever rows are gone through, and leaves nothing behind.
-- A loop over rows asks once in 65536.
describe("Ctrl-C", function()
  local rows = 140000
  local df = hana.read_csv({ text = "one\n" .. ("1\n"):rep(rows) }, { quiet = true })
    :mutate{ { "i", "row_number() * 7919 % 200003" } }
    :mutate{ { "x", "i / 7" }, { "g", "i % 100" }, { "t", "'text ' .. string(i)" } }
  local small = df:distinct{ "g" }:select{ "g", "x" }
  local path = temporary.file(nil, ".out")
  local packed = temporary.file(frames.pack(("1,x\n"):rep(3000000)), ".csv.zst")
  local all = {}
  for i = 1, rows do all[i] = i end
  teardown(temporary.clear)

  for _, case in ipairs{
    { "filter", 3, function() return df:filter("x > 5") end },
    { "mutate", 3, function() return df:mutate{ { "z", "upper(t)" } } end },
    { "rank of texts", 3, function() return df:mutate{ { "z", "rank(t)" } } end },
    { "sort", 3, function() return df:sort{ "t" } end },
    { "group_by", 3, function() return df:group_by{ "t" }:summarize{ { "n", "count()" } } end },
    { "mutate by groups", 3, function() return df:group_by{ "t" }:mutate{ { "z", "lag(x)" } } end },
    { "distinct", 3, function() return df:distinct{ "t" } end },
    { "join", 3, function() return df:join(small, { by = "g" }) end },
    { "pivot_longer", 3, function()
      return df:pivot_longer{ columns = { "i", "g" }, name = "n", value = "v" }
    end },
    { "concat", 3, function() return hana.concat{ df, df } end },
    { "take", 3, function() return df:take(all) end },
    { "sample", 3, function() return df:sample{ n = rows // 2, seed = 1 } end },
    { "split", 3, function() return df:split{ test = 0.5, seed = 1 } end },
    { "drop_null", 3, function() return df:drop_null() end },
    { "cast", 3, function() return df:cast{ x = "string" } end },
    { "cast to categories", 3, function() return df:cast{ t = "category" } end },
    { "describe", 3, function() return df:describe() end },
    { "unique", 3, function() return df.t:unique() end },
    { "save", 3, function() df:save(path) end },
    { "write_csv", 3, function() df:write_csv(path) end },
    { "write_json", 3, function() df:write_json(path) end },
    { "read_csv of zstd", 3, function() return hana.read_csv(packed, { quiet = true }) end },
    { "read_csv of another encoding", 10, function()
      return hana.read_csv({ text = ("1,x\n"):rep(300000) }, { encoding = "cp949", quiet = true })
    end },
  } do
    it("stops " .. case[1], function()
      local checks = sweep.stops(case[3])
      assert.is_true(checks >= case[2], checks)
    end)
  end
end)
