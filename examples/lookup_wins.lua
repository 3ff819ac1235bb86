-- A case in which a look-up table beats the model: what does a child weigh, when it cannot be put
-- on a scale? A tape tells how long it is. An old rule of thumb goes by age, a table by the tape,
-- and a model by all that is known; all are judged on the same children.
--
--   hana examples/lookup_wins.lua        한국어 판정문은 hana examples/lookup_wins.lua ko

local hana = require "hana"

local lang = arg and arg[1] == "ko" and "ko" or "en"
local here = (arg and arg[0] or ""):match("^(.*)/[^/]*$") or "."

local children = hana.read_csv(here .. "/data/dutch_growth/fdgs.csv", { quiet = true })
  :filter("not is_null(wgt) and not is_null(hgt) and between(age, 1, 10)")
  :mutate{ { "mark", "floor(hgt / 5) * 5" } }

local candidates = {
  rule = hana.rules{ { "true", "2 * (age + 4)" } },
  tape = hana.lookup{ keys = { "mark" }, statistic = "median" },
  model = hana.pipeline{
    hana.derive{
      { "hgt2", "hgt^2" }, { "hgt3", "hgt^3" }, { "age2", "age^2" }, { "both", "age * hgt" },
    },
    hana.standardize{},
    hana.ridge{ lambda = 0.1 },
  },
}

-- A dose by weight may be a fifth off.
local measured = {}
for _, name in ipairs{ "rule", "tape", "model" } do
  local cv = hana.cross_validate(candidates[name], children, {
    target = "wgt", features = { "age", "sex", "hgt", "mark" }, folds = 5, repeats = 2, seed = 1,
  })
  measured[name] = hana.measured(cv, { wrong = "abs(truth - predicted) > 0.2 * truth" })
  print(("%-6s misses by %.2f kg, more than a fifth off for %.1f%%"):format(
    name, measured[name].mae, 100 * measured[name].share))
end

local d = hana.decide{
  question = lang == "ko" and "아이의 몸무게를 어떻게 아는가?" or "How do we know a child's weight?",
  cases_per_year = 5000, years = 5, discount = 0.03, hourly = 60, currency = "USD", lang = lang,
  seed = 1,
  -- Seldom is a dose that is a fifth off a harm; then it is a great one.
  cost_of_error = hana.dist.pert(5, 40, 200),
  alternatives = {
    { kind = "rule", name = "rule of thumb", error = measured.rule },
    { kind = "lookup", name = "tape", setup = 400, per_case = 0.1, uncovered = 1,
      error = measured.tape },
    -- It must be typed in, and the program be kept up to date.
    { kind = "model", name = "model", setup = 4000, hours = 120, per_year = 3000, per_case = 0.3,
      error = measured.model },
  },
}
print(d:table())
print(d.paragraph)

return { measured = measured, decision = d }
