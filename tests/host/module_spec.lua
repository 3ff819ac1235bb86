local hana = require "hana"
local run = require "tests.host.run"

-- The build tree and an installed prefix have the same layout.
local root = run.hana:match("^(.*)/[^/]*$") or "."
if root:sub(-4) == "/bin" then root = root:sub(1, -5) end
local paths = {
  "LUA_PATH=" .. root .. "/share/lua/5.4/?.lua;" .. root .. "/share/lua/5.4/?/init.lua",
  "LUA_CPATH=" .. root .. "/lib/lua/5.4/?.so",
}

describe("the module", function()
  it("says which libraries run", function()
    local version = hana.version()
    assert.equal(_VERSION, version.lua)
    assert.matches("^2%.7", version.gsl)
    assert.matches("^%d+%.%d+%.%d+$", version.hana)
    assert.is_true(version.threads >= 1)
  end)

  it("runs on OpenBLAS", function()
    assert.matches("^OpenBLAS ", hana.version().blas)
    local maps = run.read_file "/proc/self/maps"
    assert.matches("libopenblas", maps)
  end)

  it("loads from stock lua5.4", function()
    if run.sanitized then return pending "the sanitizer's runtime must come with the program" end
    local probe = 'local h = require "hana"; print(h.version().hana, h == require "hana", hana)'
    local out, err, code = run.run("lua5.4", { "-e", probe }, { env = paths })
    assert.equal("", err)
    assert.equal(hana.version().hana .. "\ttrue\tnil\n", out)
    assert.equal(0, code)
  end)

  it("is not linked to a Lua library", function()
    local pipe = assert(io.popen("ldd " .. run.quote(root .. "/lib/lua/5.4/hana/core.so")))
    local needed = pipe:read "a"
    pipe:close()
    assert.matches("libhana", needed)
    assert.not_matches("liblua", needed)
  end)

  it("may be loaded again in the same state", function()
    local before = package.loaded.hana
    package.loaded.hana = nil
    local again = require "hana"
    assert.equal(before.version().hana, again.version().hana)
    package.loaded.hana = before
  end)
end)

describe("the global hana", function()
  it("costs nothing until it is used, then is the module", function()
    local probe = [[
      print(package.loaded.hana, package.loaded["hana.core"])
      local held = hana
      print(type(hana), hana.version().lua, rawequal(hana, require "hana"))
      print(held.version == hana.version)
    ]]
    local out, err = run.run(run.hana, { "-e", probe })
    assert.equal("", err)
    assert.equal("nil\tnil\ntable\tLua 5.4\ttrue\ntrue\n", out)
  end)

  it("is the module after require as well", function()
    local probe = 'require "hana" print(rawequal(hana, require "hana"))'
    local out, err = run.run(run.hana, { "-e", probe })
    assert.equal("", err)
    assert.equal("true\n", out)
  end)

  it("finds its own files whatever LUA_PATH and the folder are", function()
    local out, err = run.run(run.hana, { "-e", "print(hana.version().lua)" },
      { env = { "LUA_PATH=nowhere", "LUA_CPATH=nowhere" }, folder = "tests" })
    assert.equal("", err)
    assert.equal("Lua 5.4\n", out)
  end)
end)

describe("the start", function()
  --- Seconds of processor time that one start takes, at best: other programs do not count.
  local function fastest(program)
    local command = ("for i in 1 2 3 4 5 6 7 8 9 10; do %s -e ''; done"):format(run.quote(program))
    local best = math.huge
    for _ = 1, 5 do
      local pipe = assert(io.popen("LC_ALL=C bash -c " .. run.quote(
        "TIMEFORMAT='%U %S'; time (" .. command .. ")") .. " 2>&1"))
      local user, system = pipe:read("n", "n")
      best = math.min(best, (user + system) / 10)
      pipe:close()
    end
    return best
  end

  -- Measured on an idle machine: 2 ms more than lua5.4.
  it("takes less than 5 ms more than that of lua5.4", function()
    if run.sanitized then return pending "a build that is slow on purpose" end
    assert.is_true(fastest(run.hana) - fastest "lua5.4" < 0.005)
  end)
end)
