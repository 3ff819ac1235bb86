local core = require "hana.core"
local hana = require "hana"
local sweep = dofile("tests/bindings/sweep.lua")

describe("when memory runs out", function()
  local x, z, c, t, y, k, u = {}, {}, {}, {}, {}, {}, {}
  for i = 1, 24 do
    x[i] = i % 7 + 0.25 * i
    z[i] = i % 5 == 0 and hana.null or i % 6 + 0.5
    c[i] = ({ "p", "q", "r" })[i % 3 + 1]
    t[i] = ({ "red apple", "green pear", "apple pie" })[i % 3 + 1]
    y[i] = 2 * x[i] + i % 2
    k[i] = i % 2 == 0 and "yes" or "no"
    u[i] = i % 4 == 0 and hana.null or k[i]
  end
  local df = hana.frame{
    { "x", x }, { "z", z }, { "c", c }, { "t", t }, { "y", y }, { "k", k }, { "u", u },
  }
  local numbers = { target = "y", features = { "x", "c" } }
  local classes = { target = "k", features = { "x", "c" } }

  local function both(name, f)
    it(name .. " fails cleanly in the library", function() sweep.library_fails(f) end)
    it(name .. " fails cleanly in Lua", function() sweep.lua_fails(f) end)
  end

  for _, name in ipairs{ "baseline", "ridge", "linear_regression", "decision_tree", "knn" } do
    both("regression by " .. name, function()
      local m = hana[name]{}:fit(df, numbers)
      return m:predict(df), m:info()
    end)
  end
  for _, name in ipairs{
    "baseline", "logistic_regression", "naive_bayes", "decision_tree", "knn",
  } do
    both("classification by " .. name, function()
      local m = hana[name]{}:fit(df, classes)
      return m:predict(df), m:predict_proba(df)
    end)
  end
  both("a pipeline over all types of columns", function()
    local p = hana.pipeline{
      hana.derive{ { "w", "x + 1" } }, hana.impute{}, hana.one_hot{ columns = { "c" } },
      hana.text_tokens{ columns = { "t" } }, hana.standardize{},
      hana.logistic_regression{ lambda = 1 },
    }
    return p:fit(df, { target = "k", ignore = { "u" } }):predict(df), p:params(), p:parts()
  end)
  both("bagging", function()
    return hana.bagging{ base = hana.ridge{}, bags = 3, seed = 1 }:fit(df, numbers):predict(df)
  end)
  both("calibrated", function()
    return hana.calibrated{ base = hana.decision_tree{ max_leaves = 3 }, seed = 1 }:fit(df, classes)
      :predict_proba(df)
  end)
  both("self_training", function()
    return hana.self_training{ base = hana.logistic_regression{ lambda = 1 }, threshold = 0.6 }
      :fit(df, { target = "u", features = { "x", "c" } }):predict(df)
  end)
  both("distill", function()
    local m = hana.distill{
      teacher = hana.logistic_regression{ lambda = 1 },
      student = hana.decision_tree{ max_leaves = 3 },
    }
    return m:fit(df, classes):student():rules()
  end)
  both("a lookup", function()
    return hana.lookup{ keys = { "c" }, statistic = "median" }:fit(df, "y"):predict(df)
  end)
  both("a step in Lua", function()
    local p = hana.pipeline{
      hana.lua_step{
        fit = function(part) return { m = part.x:mean() } end,
        transform = function(state, part)
          return part:select{ "x" }:mutate({ { "d", "x - $m" } }, { m = state.m })
        end,
      },
      hana.ridge{},
    }
    return p:fit(df, numbers):predict(df)
  end)
  both("cross-validation", function()
    return hana.cross_validate(hana.ridge{}, df, {
      target = "y", features = { "x", "c" }, folds = 3, seed = 1,
    }):summary()
  end)
  both("metrics", function()
    return hana.metrics.f1(df.k, df.k, { positive = "yes" }), hana.metrics.rmse(df.y, df.x)
  end)
  both("the list of parts", function() return hana.estimators(), core.parts() end)
end)
