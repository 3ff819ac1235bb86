-- The nine stages on 333 penguins, in a few seconds.
--
--   hana examples/nine_stages.lua        report in report/nine_stages/
--
-- Weighing a penguin takes two people and a scale. A model estimates its mass from bill and
-- flipper, learned on the islands Dream and Torgersen. Then the team moves on to Biscoe, where a
-- heavier species lives: the ninth stage has to notice.

local hana = require "hana"

local here = (arg and arg[0] or ""):match("^(.*)/[^/]*$") or "."
local penguins = hana.read_csv(here .. "/data/penguins/penguins.csv", { quiet = true })
local p = hana.project{ title = "The mass of a penguin", out = "report/nine_stages", seed = 1 }

-- 1 What is not known, and what is it worth?
p:define{
  problem = "The mass of a penguin says how it is fed, but weighing takes two people and a scale.",
  decision = "Whether to weigh the birds or to estimate their mass from bill and flipper.",
  users = "Field team",
  metric = "mae",
  goal = 250,
  unit = "g",
  cost_of_error = 15,
  currency = "USD",
  baseline = hana.baseline{ strategy = "median" },
}

-- 2 Data: the first season, with its source.
p:collect{
  why = "To learn how mass goes with bill, flipper and sex.",
  what = {
    bill_length_mm = "required",
    bill_depth_mm = "required",
    flipper_length_mm = "required",
    body_mass_g = "required",
    sex = "nice",
  },
  how = "Measured and weighed at the nest; the sex from a blood sample.",
  expected = 160,
}
local first = p:collect(penguins:filter "island ~= 'Biscoe'", {
  source = "palmerpenguins 0.1.1, the islands Dream and Torgersen",
  collected_on = "2009",
  licence = "CC0",
})

-- 3 Rows that cannot be used are left out, after a part was sealed that nobody looks at.
local measured = { "bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "sex" }
local train, sealed = p:split(first:drop{ "year" }, { test = 0.25 })
local clean = p:prepare(train, function(df) return df:drop_null(measured) end, {
  why = "A bird that was not weighed, or not measured, teaches nothing.",
})

-- 4 A look, and a feature that travels with the model.
p:explore(clean, { target = "body_mass_g" })
p:features{ { "bill_volume", "bill_length_mm * bill_depth_mm^2", "a strong bill, a strong bird" } }

-- 5 Candidates; the baseline of stage 1 runs with them.
p:train(clean, {
  target = "body_mass_g",
  task = "regression",
  ignore = { "species", "island" },
  models = {
    { "line", hana.pipeline{ hana.one_hot{}, hana.standardize{}, hana.ridge{ lambda = 1 } } },
    { "neighbors", hana.pipeline{ hana.one_hot{}, hana.standardize{}, hana.knn{ neighbors = 9 } } },
    { "tree", hana.decision_tree{ max_leaves = 12, min_leaf = 5 } },
  },
})

-- 6 How wrong are they, on rows they were not fitted to? And is estimating worth it at all?
local judged = p:validate{ folds = 5, repeats = 4 }
p:alternatives{
  question = "How do we get to know the mass of a penguin?",
  cases_per_year = 500,
  years = 3,
  hourly = 40,
  alternatives = {
    { kind = "ask", name = "weigh it", setup = 800, per_case = 9, error = 0.01 },
    {
      kind = "model",
      name = "estimate it",
      setup = 1500,
      hours = 16,
      error = hana.measured(judged.line, { wrong = "abs(truth - predicted) > 500" }),
    },
  },
}

-- 7 Which one, in gram, microseconds and hours?
local best = p:select{
  by = "mae",
  limits = { predict_us = 200 },
  hours = { line = 4, neighbors = 4, tree = 4 },
  prices = { hour = 40 },
}
p:validate{ model = best, test = sealed }

-- 8 One file, and a card that says what it is for.
p:deploy{ model = best, to = "report/nine_stages/mass.hana", card = true }

-- 9 The second season, on another island.
local second = penguins:filter("island == 'Biscoe'"):drop{ "year" }:drop_null(measured)
local watch = p:monitor{
  model = best,
  reference = clean,
  current = second,
  label = "Biscoe",
  retrain_when = { psi = 0.2, decay = 100 },
}

-- Whoever retrains on both islands has a model for both.
local again = hana.cross_validate(best, hana.concat{ clean, second }, {
  target = "body_mass_g",
  task = "regression",
  ignore = { "species", "island" },
  folds = 5,
  repeats = 4,
  metrics = { "mae" },
  seed = 1,
})
print(("%s: the model misses by %.0f g on Biscoe, one that knows both islands by %.0f g"):format(
  watch.verdict, best:score(second, "mae"), again:score "mae"))
