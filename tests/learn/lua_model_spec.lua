local hana = require "hana"
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local make = dofile(here .. "compositions_data.lua")

local df = make(60)
local roles = { target = "y", features = { "x", "z" } }

local function mean_model(more)
  local options = {
    name = "the_mean", task = "regression",
    fit = function(_, y, w)
      if not w then return { value = y:mean() } end
      local sum, total = 0, 0
      for i, v in y:values() do sum, total = sum + w[i] * v, total + w[i] end
      return { value = sum / total }
    end,
    predict = function(state, x)
      local out = {}
      for i = 1, #x do out[i] = state.value end
      return out
    end,
  }
  for key, value in pairs(more or {}) do options[key] = value end
  return hana.lua_model(options)
end

describe("lua_model", function()
  it("is fitted and predicts like any other", function()
    local model = mean_model():fit(df, roles)
    assert.is_true(math.abs(model:predict(df)[1] - df.y:mean()) < 1e-12)
  end)

  it("sees features alone, and weights when there are some", function()
    local seen
    local model = mean_model{ fit = function(x, y, w)
      seen = { x:names(), y:type(), w and w:type() }
      return {}
    end, predict = function(_, x) return x.x end }
    model:fit(df:mutate{ { "w", "1" } }, { target = "y", features = { "x", "z" }, weights = "w" })
    assert.are.same({ { "x", "z" }, "float", "float" }, seen)
    assert.are.equal(#df, #model:predict(df))
  end)

  it("is judged by cross-validation, bagged and put into a pipeline", function()
    local cv = hana.cross_validate(mean_model(), df, { target = "y", features = { "x" }, folds = 4,
      seed = 1 })
    local mae = cv:score("mae")
    local baseline = hana.cross_validate(hana.baseline{}, df, { target = "y", features = { "x" },
      folds = 4, seed = 1 }):score("mae")
    assert.is_true(math.abs(mae - baseline) < 1e-12)
    local piped = hana.pipeline{ hana.standardize{}, mean_model() }:fit(df, roles)
    assert.are.equal(#df, #piped:predict(df))
  end)

  it("brings its own errors out with their text", function()
    local broken = mean_model{ fit = function() error("no luck today") end }
    assert.error_matches(function() broken:fit(df, roles) end, "no luck today")
    local short = mean_model{ predict = function() return { 1 } end }:fit(df, roles)
    assert.error_matches(function() short:predict(df) end, "1 values for 60 rows")
    local wrong = mean_model{ predict = function(_, x)
      local out = {}
      for i = 1, #x do out[i] = "text" end
      return out
    end }:fit(df, roles)
    assert.error_matches(function() wrong:predict(df) end, "the_mean.*number")
  end)

  it("names a class that is none", function()
    local model = hana.lua_model{ name = "odd", task = "classification",
      fit = function() return {} end,
      predict = function(_, x)
        local out = {}
        for i = 1, #x do out[i] = "maybe" end
        return out
      end }:fit(df, { target = "c", features = { "x" } })
    assert.error_matches(function() model:predict(df) end, "maybe")
  end)

  it("is saved by its name and state, and not without a name", function()
    local path = os.tmpname()
    local model = mean_model():fit(df, roles)
    model:save(path)
    assert.are.equal(model:predict(df)[1], hana.load(path):predict(df)[1])
    assert.error_matches(function()
      hana.lua_model{ fit = function() return {} end, predict = function(_, x) return x.x end }
        :fit(df, roles):save(path)
    end, "name")
    os.remove(path)
  end)

  it("does not let a coroutine yield through a fit", function()
    local model = mean_model{ fit = function() coroutine.yield() end }
    local co = coroutine.create(function() model:fit(df, roles) end)
    local ok, err = coroutine.resume(co)
    assert.is_false(ok)
    assert.matches("yield", err)
  end)

  it("needs a way to predict", function()
    assert.error_matches(function() hana.lua_model{ fit = print } end, "predict")
  end)
end)
