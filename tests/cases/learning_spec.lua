local case = require "tests.cases.case"
local hana = require "hana"
local run = require "tests.host.run"
local shift = require "hana.project.shift"
local temporary = require "tests.io.temporary"

local list, path, read = case.list, case.path, case.read
local null = hana.null

setup(function() warn "@off" end)
after_each(temporary.clear)

-- What a script writes to stdout and stderr. `hana` is a global in it, `case` reads its files.
local function script(text)
  local out, err, code = run.run(run.hana, { "-e",
    'local case = require "tests.cases.case"\n' .. text })
  assert(code == 0, err)
  return out, err
end

describe("case 037, a level that training never saw", function()
  local train, new = read(37, "train.csv"), read(37, "new.csv")
  local roles = { target = "y", task = "regression" }

  local function fitted(policy)
    return hana.pipeline{
      hana.one_hot{ new_level = policy }, hana.linear_regression{},
    }:fit(train, roles)
  end

  it("leaves the known rows near the truth", function()
    local predicted = fitted(nil):predict(new:head(2))
    assert.near(25, predicted[1], 5)
    assert.near(120, predicted[2], 5)
  end)

  -- The policy by default: an error that names column, level and row.
  it("is an error by default and where it is asked for", function()
    for _, policy in ipairs{ "as_model", "error" } do
      assert.error_matches(function() fitted(policy):predict(new) end,
        "column 'city' has the level 'Dune' in row 3", 1, true)
    end
    local direct = hana.linear_regression{}:fit(train, roles)
    assert.error_matches(function() direct:predict(new) end,
      "column 'city' has the level 'Dune'", 1, true)
  end)

  it("gives every row a finite number, and says which level it is taken for", function()
    for _, policy in ipairs{ "other", "missing" } do
      local out, err = script(([[
        local model = hana.pipeline{
          hana.one_hot{ new_level = "%s" }, hana.linear_regression{},
        }:fit(case.read(37, "train.csv"), "y")
        for _, y in model:predict(case.read(37, "new.csv")):values() do
          assert(y == y and math.abs(y) < 1000)
          print(math.floor(y / 10 + 0.5))
        end
      ]]):format(policy))
      assert.equal("3\n12\n3\n3\n", out)
      assert.equal("Lua warning: one_hot: column 'city' has 2 rows with levels that fit did not " ..
        "see ('Dune'): they get zeros, as the level 'Amber' does\n", err)
    end
  end)

  it("is the same on the command line", function()
    local model, known = temporary.file(nil, ".hana"), temporary.file(nil, ".csv")
    fitted(nil):save(model)
    new:head(2):write_csv(known)
    local out, err, code = run.run(run.hana, { "predict", model, known })
    assert.same({ "", 0 }, { err, code })
    local predicted = hana.read_csv{ text = out, quiet = true }
    assert.same({ "city", "size", "prediction" }, predicted:names())
    assert.same(fitted(nil):predict(new:head(2)):totable(), list(predicted, "prediction"))
    out, err, code = run.run(run.hana, { "predict", model, path(37, "new.csv") })
    assert.same({ "", 1 }, { out, code })
    assert.matches("Dune", err, 1, true)
  end)
end)

describe("case 041, rows of one person on both sides", function()
  local df = read(41, "input.csv")

  it("are kept together by the role `group`", function()
    local cv = hana.cross_validate(hana.knn{ neighbors = 1 }, df,
      { target = "y", group = "user", folds = 5, seed = 1 })
    local seen, fold_of = {}, {}
    for _, row in cv:predictions():rows() do
      assert.is_nil(seen[row.row])
      seen[row.row] = true
      local user = df.user[row.row]
      assert.equal(fold_of[user] or row.fold, row.fold)
      fold_of[user] = row.fold
    end
    assert.equal(180, #cv:predictions())
    local accuracy = cv:score "accuracy"
    assert.is_true(accuracy >= 0.2 and accuracy <= 0.72)
  end)

  it("look like skill without it", function()
    local cv = hana.cross_validate(hana.knn{ neighbors = 1 }, df,
      { target = "y", ignore = { "user" }, folds = 5, seed = 1 })
    assert.is_true(cv:score "accuracy" >= 0.95)
  end)

  it("are kept together by split", function()
    local train, test = df:split{ test = 0.2, group = "user", seed = 1 }
    assert.equal(180, #train + #test)
    assert.equal(0, #train:join(test:select{ "user" }, { by = "user", how = "semi" }))
  end)

  it("do not become a feature by being the group", function()
    local model = hana.naive_bayes{}:fit(df, { target = "y", group = "user" })
    assert.equal(#df, #model:predict(df:drop{ "user" }))
  end)
end)

describe("case 043, classes that a column separates", function()
  local df = read(43, "input.csv")
  local roles = { target = "y", features = { "x" } }

  it("have no unpenalized estimate, which is said", function()
    local model = hana.logistic_regression{ lambda = 0 }:fit(df, roles)
    assert.is_false(model.converged)
    assert.matches("separated", table.concat(model:warnings(), "\n"))
    for _, name in ipairs{ "std_error", "p_value", "low", "high" } do
      assert.same({ null, null }, list(model:summary():table(), name))
    end
    assert.equal(1, hana.metrics.accuracy(df.y, model:predict(df)))
  end)

  it("have a moderate one with a penalty", function()
    local model = hana.logistic_regression{ lambda = 0.1 }:fit(df, roles)
    assert.is_true(model.converged)
    assert.same({}, model:warnings())
    for _, b in model:summary():table().estimate:values() do assert.is_true(math.abs(b) < 50) end
  end)
end)

describe("case 045, a constant that binary cannot hold", function()
  it("is standardized to zero, and stays moderate for new values", function()
    local train = read(45, "train.csv")
    local steps = hana.pipeline{ hana.standardize{} }:fit(train)
    local made = steps:transform(train)
    assert.is_true(math.max(made.c:max(), -made.c:min()) < 1e-9)
    assert.near(0, made.x:mean(), 1e-3)
    assert.near(1, made.x:sd(), 1e-3)
    local new = steps:transform(read(45, "new.csv")).c[1]
    assert.near(0.65, new, 1e-9)
    assert.matches("'c' is constant", table.concat(steps:warnings(), "\n"), 1, true)
  end)
end)

describe("case 047, ties in a ranking", function()
  local auc = hana.metrics.roc_auc

  it("count one half, in every order of the rows", function()
    local df = read(47, "input.csv")
    local reversed = {}
    for i = 1, #df do reversed[i] = #df + 1 - i end
    for _, d in ipairs{ df, df:sort{ "s" }, df:sort{ { "y", "desc" } }, df:take(reversed) } do
      assert.near(0.5, auc(d.y, d.s, { positive = "Y" }), 1e-12)
    end
    local flat = read(47, "flat.csv")
    assert.near(0.5, auc(flat.y, flat.s, { positive = "Y" }), 1e-12)
  end)

  -- The policy: a figure that is not defined is NaN, with a warning that says why.
  it("of one class alone have no area, which is said", function()
    local one = read(47, "one.csv")
    local area = auc(one.y, one.s, { positive = "Y" })
    assert.is_true(area ~= area)
    local _, err = script[[
      local one = case.read(47, "one.csv")
      hana.metrics.roc_auc(one.y, one.s, { positive = "Y" })
    ]]
    assert.matches("roc_auc: the truth has one class only", err, 1, true)
  end)
end)

describe("case 049, F1 without positives", function()
  local m, positive = hana.metrics, { positive = "Y" }

  it("is 0 where all of them are missed", function()
    local df = read(49, "miss.csv")
    assert.same({ 0.0, 0.0, 0.5 }, { m.f1(df.y, df.pred, positive),
      m.recall(df.y, df.pred, positive), m.accuracy(df.y, df.pred) })
    local precision = m.precision(df.y, df.pred, positive)
    assert.is_true(precision ~= precision)
  end)

  it("is not defined where there are none, and a warning says so", function()
    local df = read(49, "none.csv")
    local f1 = m.f1(df.y, df.pred, positive)
    assert.is_true(f1 ~= f1)
    assert.equal(1, m.accuracy(df.y, df.pred))
    local _, err = script[[
      local df = case.read(49, "none.csv")
      hana.metrics.f1(df.y, df.pred, { positive = "Y" })
      df = case.read(49, "miss.csv")
      hana.metrics.precision(df.y, df.pred, { positive = "Y" })
      hana.metrics.classification_report(df.y, df.pred)
    ]]
    assert.matches("f1: the positive class occurs neither", err, 1, true)
    assert.matches("precision: nothing is predicted positive", err, 1, true)
    assert.matches("precision is not defined for a class, and counts as 0", err, 1, true)
  end)

  it("is left out of a mean over folds, which says so", function()
    local x, y = {}, {}
    for i = 1, 60 do
      x[i], y[i] = math.sin(7.3 * i), i % 20 == 0 and "Y" or "N"
    end
    local df = hana.frame{ { "x", x }, { "y", y } }
    local cv = hana.cross_validate(hana.naive_bayes{}, df, { target = "y", positive = "Y",
      folds = 5, stratify = false, metrics = { "recall" }, seed = 1 })
    local without = 0
    for _, v in cv.folds.recall:values() do without = without + (v ~= v and 1 or 0) end
    assert.is_true(without > 0)
    assert.matches(("recall is not defined in %d of 5 folds"):format(without),
      table.concat(cv.warnings, "\n"), 1, true)
  end)
end)

describe("case 051, calibration of five points", function()
  it("weighs each bin by its points, 1 being in the last", function()
    local df = read(51, "input.csv")
    assert.near(0.4, hana.metrics.ece(df.y, df.p, { positive = "Y" }), 1e-9)
    assert.near(0.35, hana.metrics.brier(df.y, df.p, { positive = "Y" }), 1e-12)
  end)

  it("is warned about where a curve is fitted to them", function()
    local model = hana.calibrated{ base = hana.logistic_regression{}, method = "isotonic" }
    model:fit(read(51, "input.csv"), { target = "y", positive = "Y" })
    assert.matches("noise of 5 rows", table.concat(model:warnings(), "\n"), 1, true)
  end)
end)

describe("case 053, one seed", function()
  local text = [[
    local df = case.read(53, "input.csv")
    hana.threads(%d)
    local model = hana.bagging{ base = hana.decision_tree{}, bags = 20, seed = %d }
    for _, p in model:fit(df, "y"):predict_proba(df).Y:values() do print(("%%a"):format(p)) end
    local cv = hana.cross_validate(model, df, { target = "y", folds = 5, seed = 1 })
    for _, p in cv:predictions().p_Y:values() do print(("%%a"):format(p)) end
    print(cv:score "accuracy")
  ]]

  it("gives the same bits for any number of threads, in any process", function()
    local one = script(text:format(1, 1))
    assert.matches("0x1", one, 1, true)
    for _, threads in ipairs{ 1, 2, 8 } do assert.equal(one, (script(text:format(threads, 1)))) end
    assert.are_not.equal(one, (script(text:format(1, 2))))
  end)
end)

-- What `p:monitor` measures. A share below a thousandth counts as a thousandth.
describe("case 055, drift with a new category", function()
  local function drift(before, after)
    return shift.column(list(read(55, before), "c"), list(read(55, after), "c"), false)
  end

  it("is measured alike both ways, and is none between equal data", function()
    assert.near(0.04054651081081642, drift("ref.csv", "shifted.csv").psi, 1e-9)
    assert.near(0.04054651081081642, drift("shifted.csv", "ref.csv").psi, 1e-9)
    assert.equal(0, drift("ref.csv", "ref.csv").psi)
  end)

  it("names the category, with a finite figure that does not grow with the rows", function()
    local one, ten = drift("ref.csv", "new.csv"), drift("ref10.csv", "new10.csv")
    assert.same({ { "C" }, { "C" } }, { one.fresh, ten.fresh })
    assert.is_true(one.psi > 0.25 and one.psi < math.huge)
    assert.near(one.psi, ten.psi, 1e-9)
  end)
end)
