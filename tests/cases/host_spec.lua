local case = require "tests.cases.case"
local hana = require "hana"
local run = require "tests.host.run"
local temporary = require "tests.io.temporary"

local function path(number, file) return run.folder() .. "/" .. case.path(number, file) end

after_each(temporary.clear)

describe("case 059, the end of a script", function()
  it("closes the state where os.exit is asked to, as lua5.4 does", function()
    for _, program in ipairs{ run.hana, "lua5.4" } do
      local out, _, code = run.run(program, { path(59, "exit.lua"), "3" })
      assert.same({ "start\n", 3 }, { out, code })
      out, _, code = run.run(program, { path(59, "exit.lua"), "4", "close" })
      assert.same({ "start\nclosed\ncollected\n", 4 }, { out, code })
    end
  end)

  it("takes a boolean for a code", function()
    for text, expected in pairs{ ["true"] = 0, ["false"] = 1 } do
      local _, _, code = run.run(run.hana, { "-e", ("os.exit(%s)"):format(text) })
      assert.equal(expected, code)
    end
  end)

  it("leaves files whole", function()
    local copy, saved = temporary.file(nil, ".csv"), temporary.file(nil, ".hana")
    local store = "sqlite:" .. temporary.file(nil, ".db")
    local _, err, code = run.run(run.hana, { "-e", ([[
      local df = hana.read_csv("%s", { quiet = true })
      df:write_csv("%s")
      df:save("%s")
      df:write_sql("%s", "rows")
      os.exit(0)
    ]]):format(path(59, "input.csv"), copy, saved, store) })
    assert.same({ "", 0 }, { err, code })
    assert.equal(temporary.bytes(case.path(59, "input.csv")), temporary.bytes(copy))
    assert.equal(2000, #hana.load(saved))
    assert.equal(2000, hana.read_sql(store, "select count(*) as n from rows", {}).n[1])
  end)

  it("at the end of the text runs finalizers", function()
    local out = run.run(run.hana,
      { "-e", "held = setmetatable({}, { __gc = function() print 'collected' end })" })
    assert.equal("collected\n", out)
  end)
end)
