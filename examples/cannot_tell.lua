-- A case in which the data cannot tell. A nursery sorts young irises by species; a rule of two
-- thresholds is wrong for 6 of 150 plants, a model for 3. Is the model worth its price? The honest
-- answer is a price for finding out.
--
--   hana examples/cannot_tell.lua        한국어 판정문은 hana examples/cannot_tell.lua ko

local hana = require "hana"

local lang = arg and arg[1] == "ko" and "ko" or "en"
local here = (arg and arg[0] or ""):match("^(.*)/[^/]*$") or "."

local plants = hana.read_csv(here .. "/data/iris/iris.csv", { quiet = true })
  :mutate{ { "petal_class", "floor(petal_width * 5)" } }

local candidates = {
  rule = hana.rules{
    { "petal_width < 0.8", "setosa" },
    { "petal_width < 1.75", "versicolor" },
    otherwise = "virginica",
  },
  table = hana.lookup{ keys = { "petal_class" } },
  model = hana.lda{},
}

local measured = {}
for _, name in ipairs{ "rule", "table", "model" } do
  measured[name] = hana.measured(hana.cross_validate(candidates[name], plants, {
    target = "species", folds = 5, repeats = 4, seed = 1,
    features = { "sepal_length", "sepal_width", "petal_length", "petal_width", "petal_class" },
  }))
  print(name, measured[name])
end

local d = hana.decide{
  question = lang == "ko" and "붓꽃을 어떻게 분류하는가?" or "How are irises told apart?",
  cases_per_year = 30000, hourly = 50, cost_of_error = 4, currency = "USD", lang = lang, seed = 1,
  alternatives = {
    { kind = "rule", name = "two thresholds", hours = 2, error = measured.rule },
    { kind = "lookup", name = "table of widths", hours = 4, uncovered = 0.67,
      error = measured.table },
    -- It needs all four measurements, the others one.
    { kind = "model", name = "model", hours = 30, per_case = 0.02, error = measured.model },
  },
}
print(d:table())
print(d.paragraph)

-- How many more plants should be looked up by hand before choosing, at 60 cents each?
local pilot = d:pilot{ per_case = 0.6 }
print(pilot.sentence)

return { measured = measured, decision = d, pilot = pilot }
