local hana = require "hana"

-- Host code is called by lua_model: `fit` makes a state from a frame, `predict` uses it.
local function mean_model(options)
  options = options or {}
  options.fit = options.fit or function(_, y) return { mean = y:mean() } end
  options.predict = options.predict or function(state, df)
    local out = {}
    for i = 1, #df do out[i] = state.mean end
    return out
  end
  return hana.lua_model(options)
end

local function data()
  return hana.frame{ { "x", { 1.0, 2.0, 3.0, 4.0 } }, { "y", { 1.5, 2.5, 3.5, 4.5 } } }
end

local function process()
  local file = assert(io.open("/proc/self/stat"))
  local pid = file:read("n")
  file:close()
  return pid
end

describe("a model in Lua", function()
  it("fits and predicts", function()
    local df = data()
    local m = mean_model():fit(df, "y")
    assert.same({ 3.0, 3.0, 3.0, 3.0 }, m:predict(df):totable())
  end)

  it("carries its error out, with the place it was raised", function()
    local m = mean_model{ fit = function() error("no idea") end }
    assert.error_matches(function() m:fit(data(), "y") end, "host_spec%.lua:%d+: no idea")
    m = mean_model{ fit = function() error({}) end }
    assert.error_matches(function() m:fit(data(), "y") end, "table")
  end)

  it("cannot yield", function()
    local m = mean_model{ fit = function() coroutine.yield() end }
    local co = coroutine.create(function() m:fit(data(), "y") end)
    local ok, message = coroutine.resume(co)
    assert.is_false(ok)
    assert.matches("yield", message)
  end)

  it("may run hana itself", function()
    local df = data()
    local m = mean_model{
      fit = function(x, y)
        return { inner = hana.ridge{}:fit(x:mutate{ { "target", y } }, "target") }
      end,
      predict = function(state, part) return state.inner:predict(part) end,
    }
    m:fit(df, "y")
    assert.equal(4, #m:predict(df))
  end)

  it("stays as it was when a refit raises", function()
    local fail = false
    local m = mean_model{
      fit = function(_, y)
        if fail then error("stop") end
        return { mean = y:mean() }
      end,
    }
    m:fit(data(), "y")
    fail = true
    assert.has_error(function() m:fit(data(), "y") end)
    assert.equal(3.0, m:predict(data())[1])
  end)

  it("is saved by its registered name", function()
    local path = os.tmpname()
    assert.has_error(function() mean_model():fit(data(), "y"):save(path) end)
    local code = {
      fit = function(_, y) return { mean = y:mean() } end,
      predict = function(state, df)
        local out = {}
        for i = 1, #df do out[i] = state.mean end
        return out
      end,
    }
    hana.register("spec_mean", code)
    local m = hana.lua_model{ name = "spec_mean", fit = code.fit, predict = code.predict }
    m:fit(data(), "y"):save(path)
    assert.equal(3.0, hana.load(path):predict(data())[1])
    os.remove(path)
  end)

  it("lets go of its values", function()
    local weak = setmetatable({}, { __mode = "v" })
    do
      local big = {}
      weak[1] = big
      mean_model{ fit = function() return { big } end, predict = function() return big end }
        :fit(data(), "y")
    end
    collectgarbage()
    collectgarbage()
    -- Tokens are only queued when they die; the next one drops the values.
    mean_model()
    collectgarbage()
    assert.is_nil(weak[1])
  end)
end)

describe("Ctrl-C", function()
  -- SIGINT comes from a child, as from a terminal. (os.execute would ignore it meanwhile.)
  local function interrupt() io.popen("kill -INT " .. process()):close() end

  it("in a fit raises `interrupted` and leaves the model as it was", function()
    local stop = false
    local m = mean_model{
      fit = function(_, y)
        if stop then
          interrupt()
          for _ = 1, 1e9 do end
        end
        return { mean = y:mean() }
      end,
    }
    m:fit(data(), "y")
    stop = true
    assert.error_matches(function() m:fit(data(), "y") end, "interrupted")
    assert.equal(3.0, m:predict(data())[1])
    stop = false
    m:fit(data(), "y")
    assert.equal(3.0, m:predict(data())[1])
  end)

  it("that no part of a call notices is not lost", function()
    -- Aggregates of a small frame end before anything polls; lua's own handler stops the script.
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write([[
      local hana = require "hana"
      local m = hana.lua_model{
        fit = function(_, y) return { mean = y:mean() } end,
        predict = function(state, x)
          io.popen("kill -INT $PPID"):close()
          return { state.mean, state.mean }
        end,
      }
      m:fit(hana.frame{ { "x", { 1.0, 2.0 } }, { "y", { 1.0, 2.0 } } }, "y")
      print(pcall(m.predict, m, hana.frame{ { "x", { 1.0, 2.0 } } }))
    ]])
    file:close()
    local exe = ("/proc/%d/exe"):format(process())
    local out = assert(io.popen(("%s %s 2>&1"):format(exe, path))):read("a")
    os.remove(path)
    assert.matches("interrupted", out)
  end)

  it("does not outlast the call", function()
    assert.is_nil(debug.gethook())
    assert.equal(4, #data():filter("x > 0"))
  end)
end)

describe("warnings", function()
  it("go to warn once a call and stay with the model", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write([[
      local hana = require "hana"
      warn "@on"
      local x, y = {}, {}
      for i = 1, 20 do x[i], y[i] = i + 0.0, 2.0 * i end
      local m = hana.ridge{}:fit(hana.frame{ { "x", x }, { "y", y } }, "y")
      print(#m:warnings())
      m:predict(hana.frame{ { "x", { 100.0, 200.0 } } })
      warn "@off"
      m:predict(hana.frame{ { "x", { 300.0 } } })
    ]])
    file:close()
    local exe = ("/proc/%d/exe"):format(process())
    local out = assert(io.popen(("%s %s 2>&1"):format(exe, path))):read("a")
    os.remove(path)
    assert.matches("^0\nLua warning: [^\n]*'x'[^\n]*\n$", out)
  end)
end)
