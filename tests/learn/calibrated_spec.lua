local hana = require "hana"
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local make = dofile(here .. "compositions_data.lua")
local isotonic = dofile(here .. "reference/isotonic.lua")

local df, new = make(1200), make(400, 31)
local roles = { target = "c", positive = "yes", features = { "x", "z" } }

-- A classifier that is far too sure of itself.
local function overconfident()
  return hana.lua_model{
    task = "classification", fit = function() return {} end,
    predict_proba = function(_, x)
      local yes, no = {}, {}
      for i, value in x.x:values() do
        yes[i] = 1 / (1 + math.exp(-8 * value))
        no[i] = 1 - yes[i]
      end
      return { yes = yes, no = no }
    end,
  }
end

local function brier(model)
  return hana.metrics.brier(new.c, model:predict_proba(new), { positive = "yes" })
end

setup(function() warn("@off") end)
teardown(function() warn("@on") end)

describe("calibrated", function()
  it("mends overconfidence, by sigmoid and by isotonic regression", function()
    local raw = overconfident():fit(df, roles)
    for _, method in ipairs{ "sigmoid", "isotonic" } do
      local mended = hana.calibrated{ base = overconfident(), method = method }:fit(df, roles)
      assert.is_true(brier(mended) < 0.9 * brier(raw))
    end
  end)

  it("finds the slope that made the labels", function()
    -- The log-odds are 8 x and the truth is 1.2 x: the map must be near p = s(0.15 z).
    local mended = hana.calibrated{ base = overconfident() }:fit(df, roles)
    local p = mended:predict_proba(hana.frame{ { "x", { 1.0 } }, { "z", { 0.0 } } }).yes[1]
    assert.is_true(math.abs(p - 1 / (1 + math.exp(-1.2))) < 0.05)
  end)

  it("equals scikit-learn's isotonic regression on the same pairs", function()
    -- The base says its feature: its out-of-fold probabilities are the given ones.
    local p = { 0.1, 0.2, 0.3, 0.4, 0.4, 0.55, 0.6, 0.7, 0.8, 0.95 }
    local y = { "n", "n", "y", "n", "y", "n", "y", "y", "n", "y" }
    local said = hana.lua_model{
      task = "classification", fit = function() return {} end,
      predict_proba = function(_, x)
        local no = {}
        for i, value in x.p:values() do no[i] = 1 - value end
        return { y = x.p:totable(), n = no }
      end,
    }
    local model = hana.calibrated{ base = said, method = "isotonic", folds = 2 }
      :fit(hana.frame{ { "p", p }, { "c", y } }, "c")
    local at = { 0.0, 0.15, 0.25, 0.5, 0.65, 0.9, 1.0 }
    local got = model:predict_proba(hana.frame{ { "p", at } }).y
    for i, expected in ipairs(isotonic) do assert.is_true(math.abs(got[i] - expected) < 1e-12) end
  end)

  it("does several classes, whose probabilities sum to 1", function()
    local three = df:mutate{ { "c", "if_else(x > 1, 'high', c)" } }
    local model = hana.calibrated{ base = hana.naive_bayes{} }:fit(three, roles.target
      and { target = "c", features = { "x", "z" } })
    local proba = model:predict_proba(new)
    for i = 1, 20 do
      assert.is_true(math.abs(proba.high[i] + proba.no[i] + proba.yes[i] - 1) < 1e-12)
    end
  end)

  it("refuses a base without probabilities, and numbers", function()
    assert.error_matches(function()
      hana.calibrated{ base = hana.lookup{ keys = { "x" } } }:fit(df, roles)
    end, "no probabilities")
    local ridge = hana.calibrated{ base = hana.ridge{} }
    assert.error_matches(function() ridge:fit(df, "y") end, "class")
  end)
end)
