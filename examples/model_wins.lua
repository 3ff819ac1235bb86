-- A case in which the model wins: the sex of a penguin. Nobody can ask the bird, and a blood test
-- is right but costs money each time. A rule of thumb, a look-up table and a model measure the bird
-- instead; all are judged on the same folds.
--
--   hana examples/model_wins.lua        한국어 판정문은 hana examples/model_wins.lua ko

local hana = require "hana"

local lang = arg and arg[1] == "ko" and "ko" or "en"
local here = (arg and arg[0] or ""):match("^(.*)/[^/]*$") or "."

local birds = hana.read_csv(here .. "/data/penguins/penguins.csv", { quiet = true })
  :filter("not is_null(sex)")
  :mutate{ { "weight_class", "floor(body_mass_g / 250)" } }

local candidates = {
  rule = hana.rules{
    { "species == 'Gentoo' and body_mass_g > 5075", "male" },
    { "species ~= 'Gentoo' and body_mass_g > 3700", "male" },
    otherwise = "female",
  },
  table = hana.lookup{ keys = { "species", "weight_class" } },
  model = hana.pipeline{ hana.standardize{}, hana.logistic_regression{ lambda = 0.1 } },
}

local measured = {}
for _, name in ipairs{ "rule", "table", "model" } do
  local cv = hana.cross_validate(candidates[name], birds, {
    target = "sex", folds = 5, repeats = 4, seed = 1,
    features = {
      "species", "bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g",
      "weight_class",
    },
  })
  measured[name] = hana.measured(cv)
  print(name, measured[name])
end

-- A bird counted on the wrong side spoils a little of the survey.
local d = hana.decide{
  question = lang == "ko" and "펭귄의 성별을 어떻게 아는가?" or "How do we know a penguin's sex?",
  cases_per_year = 4000, years = 3, hourly = 50, cost_of_error = 40, currency = "USD",
  lang = lang, seed = 1,
  alternatives = {
    { kind = "ask", name = "blood test", per_case = hana.dist.pert(12, 18, 30),
      error = hana.dist.beta(2, 398) },
    { kind = "rule", name = "rule of thumb", hours = 4, per_case = 2, error = measured.rule },
    { kind = "lookup", name = "table of weights", hours = 8, per_case = 2,
      uncovered = 0.5, error = measured.table },
    -- Bill and flipper take a minute more than the weight alone.
    { kind = "model", name = "model", hours = 60, per_year = 500, per_case = 2.8,
      error = measured.model },
  },
}
print(d)

return { measured = measured, decision = d }
