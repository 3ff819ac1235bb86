require "hana"
local run = require "tests.host.run"

--- Runs a chunk, with a Ctrl-C after half a second (and a kill where that did not help).
local function interrupted(program, chunk)
  return run.run("timeout", { "--foreground", "--signal=INT", "--kill-after=20",
    "--preserve-status", "0.5", program, "-e", chunk })
end

local busy = [[
  local hana = require "hana"
  local rows = {}
  for i = 1, 3000 do rows[i] = { x = i % 97 / 7, z = i * 7919 % 1009 / 10, y = i % 13 / 3 } end
  local df = hana.frame(rows)
  local function slow()
    return hana.bagging{ base = hana.decision_tree{}, bags = 100000 }
  end
]]

describe("Ctrl-C", function()
  it("ends a script as it ends one of lua5.4", function()
    for _, chunk in ipairs{ "while true do end", "print(pcall(function() while true do end end))",
      "for i = 1, math.huge do local t = { i } end" } do
      local out, err, code = interrupted("lua5.4", chunk)
      local our_out, our_err, our_code = interrupted(run.hana, chunk)
      assert.equal(out, our_out)
      assert.equal(err, (our_err:gsub("^" .. run.hana:gsub("%p", "%%%0"), "lua5.4")))
      assert.equal(code, our_code)
    end
  end)

  it("stops a fit with one sentence", function()
    local out, err, code = interrupted(run.hana, busy .. "slow():fit(df, 'y') print 'fitted'")
    assert.equal("", out)
    assert.matches("^[^\n]*interrupted\n", err)
    assert.equal(1, code)
  end)

  it("leaves a model as it was, and the script alive", function()
    local out, err, code = interrupted(run.hana, busy .. [[
      local model = slow()
      local ok, message = pcall(model.fit, model, df, "y")
      print(ok, message:match("interrupted"), (pcall(model.predict, model, df)))
      print(#hana.ridge{}:fit(df, "y"):predict(df))
    ]])
    assert.equal("", err)
    assert.equal("false\tinterrupted\tfalse\n3000\n", out)
    assert.equal(0, code)
  end)

  it("stops a cross-validation of a model written in Lua", function()
    local out, err, code = interrupted(run.hana, busy .. [[
      local model = hana.lua_model{ fit = function() while true do end end,
        predict = function() end }
      hana.cross_validate(model, df, { target = "y", folds = 3 })
    ]])
    assert.equal("", out)
    assert.matches("interrupted", err)
    assert.equal(1, code)
  end)
end)
