local hana = require "hana"
local run = require "tests.host.run"

local function failure(f, ...)
  local good, message = pcall(f, ...)
  assert.is_false(good)
  return (message:gsub("^[^:]*:%d+: ", ""))
end

local function sample()
  return hana.read_csv({ text = table.concat({
    "i,f,b,s,d,t,c",
    "9223372036854775807,1.5,true,가,2024-02-29,2024-02-29T12:30:15.123456Z,x",
    ",,,,,,",
    '-3,2,false,"",1969-12-31,1950-01-01T00:00:00Z,y',
    "",
  }, "\n") }, { types = { c = "category" }, timezone = "Asia/Seoul", quiet = true })
end

describe("the Arrow C data interface", function()
  it("gives a frame back as it was", function()
    local df = sample()
    for _, part in ipairs{ df, df:slice(2, 3), df:tail(1), df:head(0), df:drop_null{ "i" } } do
      local back = hana.from_arrow(part:to_arrow())
      assert.equal("equal", part:compare(back).verdict)
      assert.same(part:types(), back:types())
    end
    assert.equal("2024-02-29T21:30:15.123456+09:00", hana.from_arrow(df:to_arrow()).t[1])
  end)

  it("hands each array over once", function()
    local x = sample():to_arrow()
    assert.is_false(x.released)
    hana.from_arrow{ schema = x.schema, array = x.array }
    assert.is_true(x.released)
    assert.matches("taken or released before", failure(hana.from_arrow, x))
  end)

  it("keeps storage that is shared alive", function()
    local back
    do
      local values = {}
      for i = 1, 1000 do values[i] = i end
      back = hana.from_arrow(hana.frame{ { "a", values } }:to_arrow())
    end
    collectgarbage()
    collectgarbage()
    assert.equal(500500, back.a:sum())
  end)

  it("refuses what is none, by name", function()
    assert.matches("'schema' must be an address", failure(hana.from_arrow, {}))
    assert.matches("expected, got a number", failure(hana.from_arrow, 1))
    assert.matches("has schema, array and released, no 'data'",
      failure(function() return sample():to_arrow().data end))
    local block = hana.read_csv({ text = "p1,p2\n1,2\n" },
      { blocks = { p = "p*" }, quiet = true })
    assert.matches("to_arrow: column 'p' is a block", failure(block.to_arrow, block))
  end)

  it("is understood by pyarrow, both ways", function()
    local python = os.getenv "HANA_TEST_PYTHON" or "python3"
    if select(3, run.run("sh", { "-c", python .. " -c 'import pyarrow'" })) ~= 0 then
      return pending "python3 with pyarrow is not installed"
    end
    if run.sanitized then return end -- Python itself is not built with the sanitizers
    local build = run.hana:gsub("[^/]*$", "", nil)
    local out, complaints = run.run(python, { "tests/io/arrow_pyarrow.py" }, { env = {
      ("LUA_PATH=%sshare/lua/5.4/?.lua;%sshare/lua/5.4/?/init.lua"):format(build, build),
      ("LUA_CPATH=%slib/lua/5.4/?.so"):format(build),
    } })
    assert.equal("ok\n", out, complaints)
  end)
end)
