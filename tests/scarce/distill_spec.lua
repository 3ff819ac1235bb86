local hana = require "hana"
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local make = dofile(here .. "../learn/compositions_data.lua")

local df, new = make(300), make(100, 9)
local roles = { target = "c", features = { "x", "z" } }

setup(function() warn("@off") end)
teardown(function() warn("@on") end)

describe("distill", function()
  it("fits the student to the teacher's probabilities: the same as giving them by hand", function()
    local teacher = hana.naive_bayes{}:fit(df, roles)
    local d = hana.distill{ teacher = teacher, student = hana.logistic_regression{ lambda = 0.3 } }
      :fit(df, roles)
    local by_hand = hana.logistic_regression{ lambda = 0.3 }:fit(df:select{ "x", "z" },
      { target_proba = teacher:predict_proba(df) })
    local a, b = d:predict_proba(new).yes, by_hand:predict_proba(new).yes
    for i = 1, #new do assert.is_true(math.abs(a[i] - b[i]) < 1e-9) end
  end)

  it("softens by temperature and mixes with the labels by alpha", function()
    local teacher = hana.naive_bayes{}:fit(df, roles)
    local said = teacher:predict_proba(df)
    local yes, no = {}, {}
    for i = 1, #df do
      local a, b = said.yes[i] ^ (1 / 3), said.no[i] ^ (1 / 3)
      yes[i] = 0.7 * a / (a + b) + 0.3 * (df.c[i] == "yes" and 1 or 0)
      no[i] = 1 - yes[i]
    end
    local d = hana.distill{ teacher = teacher, student = hana.logistic_regression{ lambda = 0.3 },
      temperature = 3, alpha = 0.7 }:fit(df, roles)
    local by_hand = hana.logistic_regression{ lambda = 0.3 }:fit(df:select{ "x", "z" },
      { target_proba = hana.frame{ { "no", no }, { "yes", yes } } })
    local a, b = d:predict_proba(new).yes, by_hand:predict_proba(new).yes
    for i = 1, #new do assert.is_true(math.abs(a[i] - b[i]) < 1e-9) end
  end)

  it("cross-fits an unfitted teacher", function()
    local d = hana.distill{ teacher = hana.bagging{ base = hana.decision_tree{}, bags = 20 },
      student = hana.decision_tree{ max_leaves = 6 }, seed = 4 }:fit(df, roles)
    assert.matches("x", d:rules())
    assert.is_true(hana.metrics.accuracy(new.c, d:predict(new)) > 0.7)
  end)

  it("warns about a teacher that saw the rows, and refuses it in a cross-validation", function()
    local teacher = hana.naive_bayes{}:fit(df, roles)
    local d = hana.distill{ teacher = teacher, student = hana.decision_tree{ max_depth = 3 } }
    d:fit(df, roles)
    assert.matches("has seen 300", table.concat(d:warnings(), " "))
    assert.error_matches(function()
      hana.cross_validate(d, df, { target = "c", features = { "x", "z" }, folds = 3 })
    end, "leak")
    -- Rows that the teacher has not seen are fine.
    hana.cross_validate(d, new, { target = "c", features = { "x", "z" }, folds = 3 })
  end)

  it("learns from unlabeled rows through the teacher", function()
    local half = df:mutate{ { "c", "if_else(row_number() % 2 == 0, c, nil)" } }
    local student = hana.decision_tree{ max_depth = 3 }
    local d = hana.distill{ teacher = hana.naive_bayes{}, student = student }
    assert.are.equal(#new, #d:fit(half, roles):predict(new))
  end)

  it("distills numbers, without a temperature", function()
    local student = hana.decision_tree{ max_leaves = 20 }
    local d = hana.distill{ teacher = hana.ridge{}, student = student }
    d:fit(df, { target = "y", features = { "x", "z" } })
    assert.is_true(hana.metrics.r2(new.y, d:predict(new)) > 0.8)
    assert.error_matches(function()
      hana.distill{ teacher = hana.ridge{}, student = hana.decision_tree{}, temperature = 2 }
        :fit(df, { target = "y", features = { "x", "z" } })
    end, "temperature")
  end)

  it("refuses a teacher of another target", function()
    local teacher = hana.ridge{}:fit(df, { target = "y", features = { "x", "z" } })
    assert.error_matches(function()
      hana.distill{ teacher = teacher, student = hana.decision_tree{} }:fit(df, roles)
    end, "another target")
  end)
end)
