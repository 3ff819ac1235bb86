local hana = require "hana"
local run = require "tests.host.run"

local chunk = [[
  local hana = require "hana"
  local function threads()
    local file <close> = io.open "/proc/self/status"
    return tonumber(file:read "a":match "Threads:%s*(%d+)")
  end
  local before = threads()
  local lines = { "a,b,c,d" }
  for i = 1, 100 do
    lines[i + 1] = ("%d,%g,x%d,2024-01-%02d"):format(i % 10, i / 7, i % 5, i % 28 + 1)
  end
  local df = hana.read_csv({ text = table.concat(lines, "\n") }, { quiet = true })
  df:filter "a > 3":sort{ "c", "b" }:group_by{ "c" }:summarize{ { "m", "median(b)" } }
  df:join(df:distinct{ "c" }, { by = "c" }):mutate{ { "z", "rank(b)" } }
  hana.naive_bayes{}:fit(df:select{ "a", "b", "c" }, "c")
  hana.decision_tree{}:fit(df:select{ "a", "b", "c" }, "c")
  print(before, threads())
  hana.read_csv({ text = "a\n" .. ("12345,x\n"):rep(1000000) }, { quiet = true, on_error = "null" })
  print(threads())
]]

describe("threads", function()
  it("are not started for what is small", function()
    local out, err = run.run(run.hana, { "-e", chunk })
    assert.equal("", err)
    local before, small, large = out:match "^(%d+)\t(%d+)\n(%d+)\n$"
    assert.equal(before, small)
    local has_openmp = run.read_file("/proc/self/maps"):find("libgomp", 1, true)
    local more = has_openmp and hana.threads() - 1 or 0
    assert.equal(tonumber(before) + more, tonumber(large))
  end)

  it("wait as the environment says, which scripts do not see changed", function()
    local probe = [[
      local file <close> = io.popen "env | sort"
      print(os.getenv "GOMP_SPINCOUNT", os.getenv "_", os.getenv "PATH" ~= nil, file:read "a")
    ]]
    for _, first in ipairs{ "_=here", "OLDPWD=/", "GOMP_SPINCOUNT=7" } do
      local seen = run.run("env", { "-i", "PATH=/usr/bin:/bin", first, run.hana, "-e", probe })
      assert.equal(("%s\t%s\ttrue\t"):format(first:match "COUNT=(.*)" or "nil",
        first:match "_=(.*)" or "nil"), (seen:match "^[^\n]-true\t"))
      assert.matches(first, seen, 1, true)
      assert.matches("PATH=/usr/bin:/bin\n", seen, 1, true)
      assert.equal(first:find "GOMP" ~= nil, seen:find "GOMP" ~= nil)
    end
  end)
end)
