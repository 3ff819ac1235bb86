--- How often the 90% interval of value_of_data covers the truth at twice the data. Each run takes a
--- few hundred rows as the data at hand, fits a curve, and looks at what the estimator really does
--- with twice the training rows: the mean over many draws from the rest of a large set.
---
---     build/hana tests/bench/curve_coverage.lua [folder of data sets] [runs a set]
local hana = require "hana"

local folder, runs = arg[1] or "../shared/data", tonumber(arg[2]) or 40
warn("@off")

local tree = hana.decision_tree{ max_leaves = 20, min_leaf = 5 }
local logit = hana.pipeline{ hana.standardize{}, hana.logistic_regression{ lambda = 1 } }
local sets = {
  { "spambase", "spambase/spambase.csv", logit, "accuracy", task = "classification" },
  { "diamonds", "diamonds/diamonds.csv.gz", tree, "mae", target = "price", task = "regression" },
  { "cps1988", "cps1988/cps1988.csv", hana.ridge{ lambda = 1 }, "mae", target = "wage",
    task = "regression" },
  { "digits", "digits8x8/digits.csv.gz", hana.naive_bayes{}, "accuracy", task = "classification" },
  { "dutch growth", "dutch_growth/fdgs.csv", tree, "mae", target = "hgt",
    features = { "age", "sex", "reg" } },
}

-- The metric of a fit to n rows, on up to 1,000 others, over many draws from the whole set.
local function truth(model, df, roles, n, metric)
  local sum, count, n_test = 0, 40, math.min(1000, #df - n)
  for k = 1, count do
    local drawn = df:sample{ n = n + n_test, seed = 5000 + k }
    local train, test = drawn:split{ test = n_test, seed = k }
    local fitted = model:clone():fit(train, roles)
    sum = sum + hana.metrics[metric](test:col(roles.target), fitted:predict(test))
  end
  return sum / count
end

local covered, all = 0, 0
for _, set in ipairs(sets) do
  local name, file, model, metric = table.unpack(set)
  local df = hana.read_csv(folder .. "/" .. file, { quiet = true })
  local roles = { target = set.target or df:names()[#df:names()], task = set.task,
    features = set.features, new_level = "other", out_of_range = "ignore" }
  df = df:drop_null{ roles.target }
  local at_hand = 400
  local hits, refused = 0, 0
  local expected
  for run = 1, runs do
    local options = { metric = metric, repeats = 8, seed = run,
      sizes = { 0.1, 0.2, 0.35, 0.5, 0.7, 1 } }
    for key, value in pairs(roles) do options[key] = value end
    local some = df:sample{ n = at_hand, seed = run }
    local ok, curve = pcall(hana.learning_curve, model, some, options)
    local v = ok and hana.value_of_data(curve, { per_label = 0, value_per_point = 1 })
    if not v then
      refused = refused + 1
    else
      local twice = 2 * curve.sizes[#curve.sizes]
      expected = expected or truth(model, df, roles, twice, metric)
      local t = v:table()
      -- The table has 24 steps up to four times the data: step 12 is twice.
      local row = t:row(13)
      if row.low <= expected and expected <= row.high then hits = hits + 1 end
    end
  end
  local line = "%-14s %-9s truth at twice the data %.4g: covered in %d of %d runs%s"
  local note = refused > 0 and (", %d refused"):format(refused) or ""
  print(line:format(name, metric, expected or 0 / 0, hits, runs - refused, note))
  covered, all = covered + hits, all + runs - refused
end
print(("all: %.1f%% of %d runs"):format(100 * covered / all, all))
