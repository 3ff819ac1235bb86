-- What people ask of a model by mistake: one sentence each, and the model as it was.
local hana = require "hana"
local run = require "tests.host.run"

setup(function() warn "@off" end)

local x, y, c = {}, {}, {}
for i = 1, 20 do
  x[i], y[i], c[i] = i + 0.0, 2.0 * i + math.sin(i), i % 2 == 0 and "a" or "b"
end
local df = hana.frame{ { "x", x }, { "y", y }, { "c", c } }
local line = df:select{ "x", "y" }

local function refuses(expected, action)
  local ok, message = pcall(action)
  assert.is_false(ok)
  message = tostring(message)
  assert.is_nil(message:find("\n", 1, true), message)
  assert.matches(expected, message, 1, true)
end

describe("options", function()
  it("that are not there give the nearest name", function()
    refuses("unknown option 'lamda' for ridge; did you mean 'lambda'?",
      function() hana.ridge{ lamda = 1 } end)
    refuses("unknown role 'weigths'; did you mean 'weights'?",
      function() hana.ridge{}:fit(line, { target = "y", weigths = "x" }) end)
  end)

  it("of another type or out of range say what was expected and found", function()
    refuses("ridge: option 'lambda' must be a number >= 0, got 'big'",
      function() hana.ridge{ lambda = "big" } end)
    refuses("ridge: option 'lambda' must be a number >= 0, got -1",
      function() hana.ridge{ lambda = -1 } end)
    refuses("ridge: option 'intercept' must be true or false, got 1",
      function() hana.ridge{ intercept = 1 } end)
    refuses("knn: option 'neighbors' must be an integer >= 1, got 2.5",
      function() hana.knn{ neighbors = 2.5 } end)
    refuses("must be one of 'auto', 'mean', 'median'",
      function() hana.baseline{ strategy = "men" } end)
    refuses("ridge: a table of options expected, got a number", function() hana.ridge(1) end)
  end)
end)

describe("data", function()
  it("without rows", function()
    refuses("the data has no rows", function() hana.ridge{}:fit(line:head(0), "y") end)
    refuses("the data has no rows",
      function() hana.naive_bayes{}:fit(df:head(0), { target = "c", features = { "x" } }) end)
    assert.equal(0, #hana.ridge{}:fit(line, "y"):predict(line:head(0)))
  end)

  it("with nothing in a column", function()
    local empty = hana.read_csv{ text = "x,y\n,1.5\n,2.5\n,3.5\n", quiet = true }
    refuses("there are some in 'x' (3 of 3)", function() hana.ridge{}:fit(empty, "y") end)
    refuses("impute: column 'x' has no value to learn from",
      function() hana.pipeline{ hana.impute{}, hana.ridge{} }:fit(empty, "y") end)
    refuses("target 'x' is null in all 3 rows", function() hana.ridge{}:fit(empty, "x") end)
  end)

  it("of one class", function()
    local one = df:mutate{ { "c", "'a'" } }
    for _, name in ipairs{ "logistic_regression", "naive_bayes", "decision_tree", "knn", "lda" } do
      refuses("target 'c' has one class only ('a'): there is nothing to tell apart",
        function() hana[name]{}:fit(one, "c") end)
    end
  end)

  it("of the wrong kind", function()
    refuses("frame expected, got table", function() hana.ridge{}:fit({}, "y") end)
    refuses("ridge needs a target", function() hana.ridge{}:fit(line) end)
    refuses("no column 'z'", function() hana.ridge{}:fit(line, "z") end)
    refuses("ridge predicts numbers, and target 'c' has classes",
      function() hana.ridge{}:fit(df, "c") end)
    refuses("column 'x' is infinite in row 4",
      function() hana.ridge{}:fit(line:mutate{ { "x", "if_else(x > 3, 1 / 0, x)" } }, "y") end)
    refuses("ridge takes no missing values, and there are some in 'x' (17 of 20)",
      function() hana.ridge{}:fit(line:mutate{ { "x", "if_else(x > 3, nil, x)" } }, "y") end)
    refuses("date_parts", function()
      hana.ridge{}:fit(line:mutate{ { "d", "date('2024-01-01', '%Y-%m-%d')" } }, "y")
    end)
    local negative = line:mutate{ { "w", "-x" } }
    refuses("weights 'w' is negative in row 1",
      function() hana.ridge{}:fit(negative, { target = "y", weights = "w" }) end)
  end)

  it("that differ from those of the fit", function()
    local model = hana.ridge{}:fit(line, "y")
    refuses("ridge is not fitted yet", function() hana.ridge{}:predict(line) end)
    refuses("lacks a column that the model was fitted with: 'x'",
      function() model:predict(df:select{ "y" }) end)
    refuses("column 'x' is string, and was float when the model was fitted",
      function() model:predict(line:mutate{ { "x", "string(x)" } }) end)
  end)

  it("that are too few for what is asked", function()
    refuses("100 folds need as many rows, and there are 20",
      function() hana.cross_validate(hana.ridge{}, line, { target = "y", folds = 100 }) end)
    refuses("'folds' must be at least 2, got 1",
      function() hana.cross_validate(hana.ridge{}, line, { target = "y", folds = 1 }) end)
  end)

  it("that failed a fit leave the model as it was", function()
    local model = hana.ridge{}:fit(line, "y")
    local before = model:predict(line)[1]
    refuses("the data has no rows", function() model:fit(line:head(0), "y") end)
    assert.equal(before, model:predict(line)[1])
  end)
end)

describe("an interrupt", function()
  -- A fit of minutes, told to stop by one SIGINT after two seconds: without --foreground, timeout
  -- sends a second one to its group, and lua5.4 dies of that.
  local script = [[
    local n, x, y = 200000, {}, {}
    for i = 1, n do x[i], y[i] = math.sin(i * i), i // 3 * 3 == i and "a" or "b" end
    local df = hana.frame{ { "x", x }, { "y", y } }
    local few = hana.bagging{ base = hana.decision_tree{}, bags = 5000, seed = 1 }
      :fit(df:head(30), "y")
    local before = few:predict_proba(df:head(1)).a[1]
    print "fitting"
    io.stdout:flush()
    %s
  ]]

  local function interrupted(ending)
    local path = os.tmpname()
    run.write_file(path, script:format(ending))
    local out, err, code = run.run("timeout",
      { "--foreground", "--preserve-status", "-s", "INT", "-k", "60", "2", run.hana, path })
    os.remove(path)
    return out, err, code
  end

  it("ends the script as lua5.4 does", function()
    local out, err, code = interrupted 'few:fit(df, "y")'
    assert.same({ "fitting\n", 1 }, { out, code })
    assert.matches("interrupted", err:match("^[^\n]*"), 1, true)
    local _, lua_err, lua_code = run.run("timeout",
      { "--foreground", "--preserve-status", "-s", "INT", "0.3", "lua5.4", "-e",
        "while true do end" })
    assert.equal(code, lua_code)
    assert.matches("interrupted", lua_err, 1, true)
  end)

  it("that is caught leaves the model as it was", function()
    local out, err, code = interrupted[[
      local ok, message = pcall(few.fit, few, df, "y")
      print(ok, message)
      print(few:predict_proba(df:head(1)).a[1] == before)
    ]]
    assert.same({ "", 0 }, { err, code })
    assert.matches("^fitting\nfalse\t[^\n]*interrupted[^\n]*\ntrue\n$", out)
  end)
end)
