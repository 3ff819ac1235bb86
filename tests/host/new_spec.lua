-- `hana new DIR`: the skeleton runs as it is, and nothing that is there is overwritten.
local hana = io.popen(("readlink -f '%s'"):format(arg[-1])):read("l")

local function run(command)
  local pipe = io.popen(command .. " 2>&1")
  local text = pipe:read("a")
  local _, _, code = pipe:close()
  return text, code
end

describe("hana new", function()
  local folder = os.tmpname()
  os.remove(folder)

  teardown(function() os.execute("rm -rf " .. folder) end)

  it("writes nine stages, data and a test, which pass", function()
    local text, code = run(("'%s' new %s/mine"):format(hana, folder))
    assert.are.equal(0, code, text)
    text, code = run(("cd %s/mine && '%s' test"):format(folder, hana))
    assert.are.equal(0, code, text)
    assert.matches("2 successes / 0 failures", text)
  end)

  it("overwrites nothing", function()
    local text, code = run(("'%s' new %s/mine"):format(hana, folder))
    assert.are.equal(1, code)
    assert.matches("is there already", text)
  end)

  it("wants one folder", function()
    assert.are.equal(2, select(2, run(("'%s' new"):format(hana))))
    assert.are.equal(2, select(2, run(("'%s' new a b"):format(hana))))
  end)
end)
