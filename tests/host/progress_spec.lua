require "hana"
local run = require "tests.host.run"

local terminals = os.execute "script -qec true /dev/null >/dev/null 2>&1 </dev/null"

--- What a terminal is sent while hana runs the chunk: the lines that were drawn over each other,
--- and what stands there at the end.
local function watch(chunk)
  local folder = run.new_folder()
  run.write_file(folder .. "/chunk.lua", chunk)
  local out = run.run("script", { "-qec", run.quote(run.hana) .. " " .. folder .. "/chunk.lua",
    "/dev/null" }, { env = { "TERM=xterm" } })
  os.execute("rm -r " .. folder)
  local drawn, left = {}, ""
  for line in out:gmatch "[^\r\n]+" do
    if line:sub(-3) == "\27[K" then
      if #line > 3 then drawn[#drawn + 1] = line:sub(1, -4) end
      left = ""
    else
      left = left .. line:gsub("^\27%[K", "") .. "\n"
    end
  end
  return drawn, left
end

local slow = [[
  local hana = require "hana"
  local x, y = {}, {}
  for i = 1, 60 do x[i], y[i] = i % 12 + 0.5, i % 7 + 0.5 end
  local df = hana.frame{ { "x", x }, { "y", y } }
  local function wait(result) os.execute "sleep 0.12" return result end
]]

local function shares(drawn, pattern)
  local last, n = -1, 0
  for _, line in ipairs(drawn) do
    local bar, share = line:match(pattern .. "  %[(#* *)%] +(%d+)%%  %d+ s$")
    assert.is_truthy(bar, line)
    share = tonumber(share)
    assert.equal(24, #bar)
    assert.near(0.24 * share, #bar:match "#*", 1)
    assert.is_true(share >= last and share <= 100, line)
    last, n = share, n + 1
  end
  assert.is_true(n >= 1, "nothing was drawn")
end

describe("progress on a terminal", function()
  if not terminals then return pending "script (bsdutils) is not installed" end

  it("is a bar for a loop over groups, gone at the end", function()
    local drawn, left = watch(slow .. [[
      print("rows", #df:group_by{ "x" }:apply(wait))
    ]])
    shares(drawn, "^apply")
    assert.equal("rows\t60\n", left)
  end)

  it("names the call and its stage", function()
    local drawn, left = watch(slow .. [[
      local model = hana.lua_model{ fit = function() return wait {} end,
        predict = function(_, d) return d.x:totable() end }
      local cv = hana.cross_validate(model, df, { target = "y", folds = 12, metrics = { "mae" } })
      print("folds", #cv.folds)
    ]])
    shares(drawn, "^cross_validate: fold")
    assert.matches("folds\t12\n$", left)
  end)

  it("is the time where nobody knows how long it takes", function()
    local drawn, left = watch [[
      local hana = require "hana"
      local df = hana.read_sql("sqlite::memory:", "with recursive c(x) as (select 1 union all " ..
        "select x + 1 from c where x < 12000000) select max(x) as m from c", { quiet = true })
      print("most", df.m[1])
    ]]
    assert.is_true(#drawn >= 1)
    for _, line in ipairs(drawn) do assert.matches("^read_sql  %d+ s$", line) end
    assert.matches("most\t12000000\n$", left)
  end)

  it("is not there for what is over soon, nor without a terminal", function()
    assert.same({}, (watch(slow .. "df:group_by{ 'x' }:apply(function(p) return p end)")))
    local out, err = run.run(run.hana, { "-e", slow .. "print(#df:group_by{ 'x' }:apply(wait))" })
    assert.equal("60\n", out)
    assert.equal("", err)
  end)
end)
