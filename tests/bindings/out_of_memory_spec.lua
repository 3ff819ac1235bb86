local core = require "hana.core"
local hana = require "hana"
local sweep = dofile("tests/bindings/sweep.lua")

describe("when memory runs out", function()
  local path = os.tmpname()
  local packed = path .. ".csv.gz"
  local df = hana.frame{
    { "x", { 1.0, 2.0, hana.null, 4.0, 5.0, 6.0, 7.0, 8.5 } },
    { "n", { 3, 1, 2, 5, 4, 8, 7, 6 } },
    { "c", { "a", "b", "a", hana.null, "c", "a", "b", "c" } },
    { "y", { 2.0, 4.1, 6.2, 7.9, 10.1, 12.0, 14.2, 15.8 } },
    { "k", { "u", "v", "u", "v", "u", "v", "v", "u" } },
  }
  local full = df:drop{ "x", "c", "k" }
  local text = "a,b,c\n1,x,2024-01-01\n2.5,y,2024-01-02\nNA,\"z\"\"z\",\n"

  local function both(name, f)
    it(name .. " fails cleanly in the library", function() sweep.library_fails(f) end)
    it(name .. " fails cleanly in Lua", function() sweep.lua_fails(f) end)
  end

  both("hana.frame", function()
    return hana.frame{
      { "a", { 1, hana.null } }, { "b", { "x", "y" } }, { "c", { "u", "v" }, "category" },
    }
  end)
  both("read_csv", function() return hana.read_csv({ text = text }, { quiet = true }) end)
  both("write_csv", function() return df:write_csv(path) end)
  both("write_csv packed", function() return df:write_csv(packed) end)
  both("filter", function() return df:filter("n > $k and c == 'a'", { k = 1 }) end)
  both("mutate", function() return df:mutate{ { "z", "n * 2 + x" }, { "w", "mean(z)" } } end)
  both("mutate by a function", function()
    return df:mutate{ { "z", function(row) return row.n * 2 end } }
  end)
  both("summarize", function()
    return df:group_by{ "c" }:summarize{ { "m", "mean(n)" }, { "k", "count()" } }
  end)
  both("sort", function() return df:sort{ "c", { "n", "desc" } } end)
  both("join", function() return df:join(df:select{ "n", "y" }, { by = "n" }) end)
  both("a full join", function()
    return df:join(df:head(3):rename{ m = "n" }, { by = { c = "c", k = "k" }, how = "full" })
  end)
  both("distinct", function() return df:distinct(), df:distinct{ "c", "k" } end)
  both("sample", function() return df:sample{ n = 4, seed = 1, stratify = "c" } end)
  both("describe", function() return df:describe() end)
  both("verbs by group", function()
    return df:group_by{ "c" }:mutate{ { "s", "n / sum(n)" } },
      df:group_by{ "c", "k" }:filter("n == max(n)")
  end)
  both("pivots", function()
    local long = df:pivot_longer{ columns = { "x", "n" }, name = "what", value = "v" }
    return long:pivot_wider{ name = "what", value = "v" }, long:drop_null{ "v" }
  end)
  both("split", function() return df:split{ test = 0.25, stratify = "k", seed = 1 } end)
  both("the columns", function() return (df.n + 1):mean(), df.c:unique():totable() end)
  both("print", function() return tostring(df) end)
  both("json", function()
    return hana.json.decode(hana.json.encode{ a = { 1, "x", { b = 2.5 } } })
  end)
  both("save of a frame", function() return df:save(path) end)
  both("load of a frame", function() return hana.load(path) end)
  both("a fit", function() return hana.ridge{ lambda = 1 }:fit(full, "y"):predict(full) end)
  both("a fit of a pipeline", function()
    local p = hana.pipeline{
      hana.derive{ { "d", "n * 2" } }, hana.impute{ strategy = "median" }, hana.standardize{},
      hana.logistic_regression{ lambda = 1 },
    }
    return p:fit(df, { target = "k", ignore = { "c" } }):predict_proba(df), p:summary():table()
  end)
  local model = hana.ridge{}:fit(full, "y")
  both("save of a model", function() return model:save(path) end)
  both("load of a model", function() return hana.load(path):predict(full) end)
  both("a model in Lua", function()
    local m = hana.lua_model{
      fit = function(_, y) return { mean = y:mean() } end,
      predict = function(state, part) return core.constant(state.mean, #part) end,
    }
    return m:fit(full, "y"):predict(full)
  end)

  teardown(function()
    os.remove(path)
    os.remove(packed)
  end)
end)
