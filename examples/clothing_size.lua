-- Clothing size: ask, look up or predict? On real people, measured, not supposed.
--
--   hana examples/clothing_size.lua        report in report/clothing_size/
--   hana examples/clothing_size.lua ko     한국어 보고서는 report/clothing_size_ko/
--
-- A shop must know how tall its customers are. The first half compares four ways to find out and
-- ends with the form that wins. The second half is a case in which nobody was asked, and a model
-- has to show that it beats a table.

local hana = require "hana"

local lang = arg and arg[1] == "ko" and "ko" or "en"
local here = (arg and arg[0] or ""):match("^(.*)/[^/]*$") or "."
local data = here .. "/data/"
local out = lang == "ko" and "report/clothing_size_ko" or "report/clothing_size"

local function thousands(n)
  return (tostring(n):reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", ""))
end

-- One text in the report's language.
local function say(en, ko) return lang == "ko" and ko or en end

---------------------------------------------------------------------------------------------------
-- Adults: four ways to know a height
---------------------------------------------------------------------------------------------------

local p = hana.project{
  title = say("Clothing size at checkout", "주문서의 의류 치수"),
  out = out,
  lang = lang,
  seed = 1,
}

p:define{
  problem = say(
    "An online shop sends a garment in the wrong size when it does not know how tall the "
      .. "customer is.",
    "온라인 매장이 고객의 키를 몰라 맞지 않는 치수의 옷을 보냅니다."
  ),
  decision = say(
    "How the shop gets to know a customer's height: ask, look up or predict.",
    "고객의 키를 어떻게 알아낼 것인가: 묻기, 조회, 예측."
  ),
  users = say("Order desk and returns desk", "주문 담당과 반품 담당"),
  metric = "mae",
  goal = 2.5,
  unit = "cm",
  cost_of_error = 12.5,
  currency = "USD",
  constraints = {
    say(
      "One more question at checkout loses some of the orders.",
      "주문 과정에 질문이 늘면 주문의 일부를 잃습니다."
    ),
    say(
      "A height counts as wrong when it is off by more than 4 cm: the next size would have fitted.",
      "키가 4 cm 넘게 빗나가면 오류로 봅니다. 다른 치수가 맞았을 것입니다."
    ),
  },
}

local names = {
  form = say("required field", "필수 입력 필드"),
  free = say("free-text field", "자유 입력란"),
  lookup = say("last purchase", "지난 구매 조회"),
  model = say("predict from age and sex", "나이와 성별로 예측"),
}
local question =
  say("How do we know how tall the customer is?", "고객의 키를 어떻게 아는가?")

-- What each way costs. Nothing here is measured, and the report says so.
local function alternatives(errors)
  local margin = 20
  return {
    {
      kind = "ask",
      name = names.form,
      setup = 2000,
      per_case = 0.01,
      drop_off = hana.dist.pert(0.002, 0.01, 0.03),
      margin = margin,
      error = errors.form,
    },
    {
      kind = "ask",
      name = names.free,
      setup = 800,
      per_case = 0.01,
      drop_off = hana.dist.pert(0.001, 0.006, 0.02),
      margin = margin,
      error = errors.free,
      coverage = errors.usable,
      uncovered = errors.nothing,
    },
    {
      kind = "lookup",
      name = names.lookup,
      setup = 3000,
      coverage = hana.dist.beta(62, 38),
      uncovered = errors.nothing,
      error = hana.dist.pert(0.03, 0.08, 0.2),
    },
    {
      kind = "model",
      name = names.model,
      setup = 30000,
      labels = 5000,
      per_label = 0.4,
      per_year = 12000,
      hours = 200,
      error = errors.model,
    },
  }
end

-- Before anything is measured: what people in the room would say.
local guessed = p:alternatives{
  question = question,
  cases_per_year = 120000,
  years = 1,
  hourly = 60,
  alternatives = alternatives{
    form = hana.dist.pert(0.02, 0.1, 0.4),
    free = hana.dist.pert(0.02, 0.1, 0.4),
    usable = hana.dist.pert(0.6, 0.9, 1),
    model = hana.dist.pert(0.1, 0.3, 0.6),
    nothing = hana.dist.pert(0.5, 0.7, 0.9),
  },
}

-- Is it worth measuring before choosing? Three dollars a person, who answers and is then measured.
local pilot = guessed:pilot{ alternative = names.form, input = "error", per_case = 3, setup = 500 }
p:note(
  say("**Measure before choosing?** ", "**고르기 전에 재 볼 것인가?** ") .. pilot.sentence,
  "define"
)

p:collect{
  why = say(
    "To measure how wrong each way of knowing a height is, on people whose height was measured.",
    "키를 실제로 잰 사람들을 대상으로 각 방법이 얼마나 틀리는지 측정하기 위해."
  ),
  what = {
    hm = {
      type = "float",
      unit = "cm",
      min = 120,
      max = 220,
      why = say("height as measured, without shoes", "신발을 벗고 잰 키"),
    },
    hr = {
      type = "float",
      unit = "cm",
      min = 120,
      max = 220,
      why = say("height as the person says it, asked first", "본인이 말한 키. 재기 전에 물음"),
    },
    age = { type = "float", unit = say("years", "세"), min = 18, max = 110 },
    sex = { type = "category", choices = { "Female", "Male" } },
  },
  how = say(
    "Published studies in which people reported their height and were then measured.",
    "사람들이 자기 키를 말한 뒤 실제로 잰, 공개된 연구 자료."
  ),
  expected = 1000,
  template = "form.xlsx",
}
local reported =
  p:collect(hana.read_csv(data .. "selfreport_bmi/selfreport.csv", { quiet = true }), {
    source = say(
      "selfreport (mice): Dutch adults, reported (hr) and measured (hm) height",
      "selfreport (mice): 네덜란드 성인이 말한 키(hr)와 잰 키(hm)"
    ),
    collected_on = "2010",
    licence = "GPL (>= 2)",
    notes = say(
      "The second study (mgg) only asked; its measured heights are missing by design.",
      "두 번째 연구(mgg)는 묻기만 했으므로 잰 키가 없는 것은 설계에 따른 것입니다."
    ),
  })
local typed =
  p:collect(hana.read_csv(data .. "reported_heights/reported_heights.csv", { quiet = true }), {
    source = say(
      "reported_heights (dslabs): answers to a free-text box that asked for inches",
      "reported_heights (dslabs): 인치를 물은 자유 입력란의 답"
    ),
    collected_on = "2014-2017",
    licence = "Artistic-2.0",
    what = { height = "required" },
    why = say(
      "To see what people type when a form does not tell them how.",
      "양식이 방법을 알려 주지 않을 때 사람들이 무엇을 입력하는지 보기 위해."
    ),
  })
local davis = p:collect(hana.read_csv(data .. "davis/davis.csv", { quiet = true }), {
  source = say(
    "Davis (carData): reported and measured height of people who exercise",
    "Davis (carData): 운동하는 사람들이 말한 키와 잰 키"
  ),
  collected_on = "1990",
  licence = "GPL (>= 2)",
  what = { height = "required", repht = "required" },
  why = say(
    "A second, independent look at how well people know their height.",
    "사람들이 자기 키를 얼마나 잘 아는지 독립적으로 한 번 더 보기 위해."
  ),
})

local adults = p:prepare(
  reported,
  function(d) return d:filter("not is_null(hm) and not is_null(hr)") end,
  {
    why = say(
      "Only rows with both heights can show how wrong an answer is.",
      "두 키가 모두 있는 행만 답이 얼마나 틀리는지 보여 줄 수 있습니다."
    ),
  }
)
p:note(
  say(
    "No test set is sealed in this half: nothing fitted here will be used. The prediction is "
      .. "judged out of fold on the "
      .. "same people as the answers, so that both are compared on the same rows.",
    "여기서 학습한 것은 쓰이지 않으므로 시험용 행을 봉인하지 않았습니다. 예측은 답변과 같은 사람들에 대해 폴드 밖에서 평가하여 "
      .. "둘을 같은 행에서 비교합니다."
  )
)
p:explore(adults, { target = "hm", features = { "hr", "age", "sex", "wr", "edu" }, figures = 3 })

-- 1. Asked in a well-built field: what people say against what was measured.
local wrong = "abs(truth - predicted) > 4"
local asked = hana.measured(adults.hm, adults.hr, { wrong = wrong })
local swapped = davis:filter("height < 100") -- one row with height and weight the wrong way round
local second = davis:filter("height >= 100 and not is_null(repht)")
local asked_again = hana.measured(second.height, second.repht, { wrong = wrong })

-- 2. Asked in a free-text box: which answers can be used as they are, and which after parsing. An
-- answer like 5.3 may be 5 ft 3 in or 5.3 ft and is not guessed at.
local function found(pattern) return ("float(extract(text, %q, 1))"):format(pattern) end
local answers = typed:mutate{
  { "text", "lower(trim(height))" },
  { "number", found "^([0-9]+(?:[.][0-9]+)?)$" },
  { "as_asked", "coalesce(between(number, 50, 84), false)" },
  { "cm", found "^([0-9]+(?:[.][0-9]+)?) *(?:cm)?$" },
  { "feet", found "^([4-7]) *(?:'|ft|feet|foot) *" },
  {
    "inches",
    found "^[4-7] *(?:'|ft|feet|foot) *([0-9]{1,2}(?:[.][0-9]+)?) *(?:''|\"|in|inches)?$",
  },
  { "with_unit", found "^([0-9]{2}(?:[.][0-9]+)?) *(?:''|\"|in|inches)$" },
  {
    "parsed",
    [[case_when(as_asked, number * 2.54, between(cm, 120, 220), cm,
                between(with_unit, 50, 84), with_unit * 2.54,
                between(inches, 0, 11.99), feet * 30.48 + inches * 2.54, nil)]],
  },
}
local as_asked = answers:filter("as_asked"):nrow()
local rescued = answers:filter("not as_asked and not is_null(parsed)"):nrow()
local lost = #answers - as_asked - rescued
p:table(answers:filter("not as_asked"):select{ "height", "parsed" }:head(12), {
  caption = say(
    "Answers that are not what was asked for, and what parsing makes of them (cm)",
    "물은 대로 답하지 않은 값과 이를 해석한 결과(cm)"
  ),
  stage = "explore",
})

-- 3. Looked up: no data set here holds past purchases, so that its coverage and error stay
-- assumptions.

-- 4. Predicted from age and sex, judged out of fold on the same people.
local roles = {
  target = "hm",
  features = { "age", "sex" },
  task = "regression",
  folds = 5,
  repeats = 4,
  seed = 1,
}
local line = hana.pipeline{ hana.derive{ { "age2", "age * age" } }, hana.ridge{ lambda = 1e-6 } }
local predicted_cv = hana.cross_validate(line, adults, roles)
local nothing_cv = hana.cross_validate(hana.baseline{ strategy = "median" }, adults, roles)
local predicted = hana.measured(predicted_cv, { wrong = wrong })
local nothing = hana.measured(nothing_cv, { wrong = wrong })

p:note(
  say(
    ([[
### How wrong each way is

On the same %s adults whose height was measured:

- **Asked:** the answer misses by %.1f cm on average and is more than 4 cm off for %.1f%% of the
  people.
- **Predicted from age and sex:** out of fold it misses by %.1f cm and is more than 4 cm off for
  %.1f%%.
- **Not known** (everybody gets the median): %.1f cm, %.1f%%.

A second study (Davis, %d people) finds %.1f cm for the answers. In %d of its rows the *measured*
height and weight are the wrong way round, and the answer is what shows it.

In a free-text box that asked for inches, %s of %s answers (%.0f%%) can be used as they are;
parsing feet, inches and centimetres rescues %d more; %d stay unusable.
]]):format(
      thousands(asked.rows),
      asked.mae,
      100 * asked.share,
      predicted.mae,
      100 * predicted.share,
      nothing.mae,
      100 * nothing.share,
      second:nrow(),
      asked_again.mae,
      swapped:nrow(),
      thousands(as_asked),
      thousands(#answers),
      100 * as_asked / #answers,
      rescued,
      lost
    ),
    ([[
### 각 방법은 얼마나 틀리는가

키를 실제로 잰 같은 성인 %s명을 대상으로:

- **묻기:** 답은 평균 %.1f cm 빗나가며, %.1f%%는 4 cm 넘게 빗나갑니다.
- **나이와 성별로 예측:** 폴드 밖에서 평균 %.1f cm 빗나가며, %.1f%%는 4 cm 넘게 빗나갑니다.
- **모르는 채로 둠**(모두에게 중앙값): %.1f cm, %.1f%%.

다른 연구(Davis, %d명)에서도 답의 오차는 %.1f cm입니다. 그 가운데 %d행은 *잰* 키와 몸무게가 뒤바뀌어 있는데, 이를 드러내는
것은 오히려 답변입니다.

인치를 물은 자유 입력란에서는 답 %s/%s건(%.0f%%)을 그대로 쓸 수 있고, 피트·인치·센티미터를 해석하면 %d건을 더 살릴 수 있으며,
%d건은 쓸 수 없습니다.
]]):format(
      thousands(asked.rows),
      asked.mae,
      100 * asked.share,
      predicted.mae,
      100 * predicted.share,
      nothing.mae,
      100 * nothing.share,
      second:nrow(),
      asked_again.mae,
      swapped:nrow(),
      thousands(as_asked),
      thousands(#answers),
      100 * as_asked / #answers,
      rescued,
      lost
    )
  ),
  "explore"
)
p:check(
  say(
    "asking misses by less than half of what predicting does",
    "묻는 쪽의 오차가 예측 오차의 절반보다 작다"
  ),
  asked.mae < predicted.mae / 2,
  "explore"
)

-- The same alternatives again, with what was measured.
local usable = as_asked + rescued
local verdict = p:alternatives{
  question = question,
  cases_per_year = 120000,
  years = 1,
  hourly = 60,
  alternatives = alternatives{
    form = asked,
    free = asked,
    usable = hana.measured.counts(usable, #answers),
    model = predicted,
    nothing = nothing,
  },
}

-- The same by what a wrong height costs: five sizes, 8 cm apart. The next size is exchanged, one
-- that is further off comes back for good. Errors are measured on the same people, so that they
-- are compared person by person.
local function size(x) return ("clip(floor((%s - 156) / 8), 0, 4)"):format(x) end
local sizes_off = ("abs(%s - %s)"):format(size "truth", size "predicted")
local miss = ("case_when(%s == 0, 0.0, %s == 1, 7.0, 25.0)"):format(sizes_off, sizes_off)
local asked_sizes = hana.measured(adults.hm, adults.hr, { cost = miss })
local predicted_sizes = hana.measured(predicted_cv, { cost = miss })
local by_size = hana.decide{
  question = question,
  cases_per_year = 120000,
  hourly = 60,
  cost_of_error = 7,
  currency = "USD",
  lang = lang,
  seed = 1,
  alternatives = alternatives{
    form = asked_sizes,
    free = asked_sizes,
    usable = hana.measured.counts(usable, #answers),
    model = predicted_sizes,
    nothing = hana.measured(nothing_cv, { cost = miss }),
  },
}
local labels = "case_when(%s == 0, 'S', %s == 1, 'M', %s == 2, 'L', %s == 3, 'XL', 'XXL')"
local function size_name(x) return (labels:gsub("%%s", (size(x):gsub("%%", "%%%%")))) end
local worn = adults:mutate{ { "size", size_name "hm" }, { "said", size_name "hr" } }
local confusion = worn:group_by{ "size" }:summarize{
  { "S", "sum(int(said == 'S'))" },
  { "M", "sum(int(said == 'M'))" },
  { "L", "sum(int(said == 'L'))" },
  { "XL", "sum(int(said == 'XL'))" },
  { "XXL", "sum(int(said == 'XXL'))" },
  { "n", "count()" },
}
p:table(confusion:take{ 3, 2, 1, 4, 5 }, {
  caption = say(
    "Sizes by measured height (rows) and by the answer (columns)",
    "잰 키의 치수(행)와 답한 키의 치수(열)"
  ),
  stage = "define",
})
p:note(
  say(
    ([[
### In sizes and in money

Five sizes, 8 cm apart; the next size is exchanged for $7, one further off comes back for good at
$25. An answer gives the wrong size for %.0f%% of the people and costs $%.2f a customer; predicting
from age and sex does so for %.0f%% and costs $%.2f. %s

Best chain: **%s**, %s a year instead of %s. The field would lose to the next best way only if
more than %.1f%% of the customers left because of it.
]]):format(
      100 * asked_sizes.share,
      asked_sizes.cost,
      100 * predicted_sizes.share,
      predicted_sizes.cost,
      by_size.sentence,
      tostring(by_size.chain),
      "$" .. thousands(math.floor(by_size.chain.mean)),
      "$" .. thousands(math.floor(by_size.best.mean)),
      100 * by_size.break_even.drop_off
    ),
    ([[
### 치수와 돈으로 보면

치수는 다섯 가지, 8 cm 간격입니다. 한 치수가 어긋나면 $7에 교환하고, 더 어긋나면
$25에 반품됩니다. 답변을 쓰면 %.0f%%의 치수가 어긋나 고객 한 명에 $%.2f, 나이와 성별로 예측하면 %.0f%%가 어긋나 $%.2f이 듭니다. %s

가장 좋은 연결: **%s**, 한 해 %s(단독으로는 %s). 필드 때문에 떠나는 고객이 %.1f%%를 넘어야 다음 방법에 밀립니다.
]]):format(
      100 * asked_sizes.share,
      asked_sizes.cost,
      100 * predicted_sizes.share,
      predicted_sizes.cost,
      by_size.sentence,
      tostring(by_size.chain),
      "$" .. thousands(math.floor(by_size.chain.mean)),
      "$" .. thousands(math.floor(by_size.best.mean)),
      100 * by_size.break_even.drop_off
    )
  ),
  "define"
)
p:plot(by_size:plot{ kind = "cost" }, {
  caption = say(
    "What each way costs a year when every miss is priced by size",
    "치수마다 값을 매겼을 때 방법별 연간 비용"
  ),
  stage = "define",
})

-- No model, then: the form, with a unit, limits and a number field.
p:stop(
  say(
    (
      "Asking is cheaper: it misses by %.1f cm, predicting by %.1f cm, and the form would lose "
      .. "only if more than "
      .. "%.1f%% of the customers left because of it."
    ):format(asked.mae, predicted.mae, 100 * verdict.break_even.drop_off),
    (
      "묻는 편이 저렴합니다. 묻기의 오차는 %.1f cm, 예측의 오차는 %.1f cm이며, 양식 때문에 떠나는 고객이 %.1f%%를 넘어야 "
      .. "비로소 양식이 불리해집니다."
    ):format(asked.mae, predicted.mae, 100 * verdict.break_even.drop_off)
  ),
  {
    title = say("Your size", "의류 치수"),
    form = {
      {
        "height",
        {
          type = "int",
          unit = "cm",
          min = 120,
          max = 220,
          required = true,
          label = { en = "Your height", ko = "키" },
          help = {
            en = "Without shoes, between 120 and 220 cm",
            ko = "신발을 벗고 잰 키, 120~220 cm",
          },
        },
      },
      {
        "fit",
        {
          type = "category",
          choices = { "close", "regular", "loose" },
          label = { en = "How should it fit?", ko = "원하는 품" },
        },
      },
    },
  }
)

-- Watching the form: the answers of the second study, against those of the first.
local later = reported:filter("is_null(hm)"):select{ "hr" }:rename{ height = "hr" }
p:monitor{
  current = later:mutate{ { "fit", "if_else(is_null(height), nil, 'regular')" } },
  reference = adults:select{ "hr" }:rename{ height = "hr" },
  limits = { drop_off = verdict.break_even.drop_off },
}

---------------------------------------------------------------------------------------------------
-- Children: nobody was asked, and a table has to be beaten
---------------------------------------------------------------------------------------------------

local q = hana.project{
  title = say("Children's sizes by age and sex", "나이와 성별에 따른 어린이 치수"),
  out = out .. "/children",
  lang = lang,
  seed = 1,
}

q:define{
  problem = say(
    "A gift for a child is ordered by the child's age; the giver does not know the child's height.",
    "아이 선물은 나이로 주문하며, 선물하는 사람은 아이의 키를 모릅니다."
  ),
  decision = say(
    "Which size to send for a child of a given age and sex.",
    "나이와 성별이 주어진 아이에게 어떤 치수를 보낼 것인가."
  ),
  users = say("Gift desk", "선물 담당"),
  metric = "mae",
  goal = 5,
  unit = "cm",
  cost_of_error = 0.8,
  currency = "USD",
  baseline = hana.baseline{ strategy = "median" },
  constraints = {
    say(
      "An answer while the page loads: 50 µs a case.",
      "페이지가 뜨는 동안 답해야 함: 건당 50 µs."
    ),
  },
}
q:collect{
  why = say(
    "To know how children's height goes with age and sex.",
    "나이와 성별에 따라 아이의 키가 어떻게 달라지는지 알기 위해."
  ),
  what = { age = "required", sex = "required", hgt = "required", reg = "nice" },
  how = say(
    "A growth study in which children were measured; no question at checkout.",
    "아이들을 실제로 잰 성장 연구. 주문할 때 따로 묻지 않음."
  ),
  expected = 10000,
}
local growth = q:collect(
  hana
    .read_csv(data .. "dutch_growth/fdgs.csv", { quiet = true })
    :select{ "age", "sex", "reg", "hgt" },
  {
    source = say(
      "fdgs (mice): Fifth Dutch growth study",
      "fdgs (mice): 제5차 네덜란드 성장 연구"
    ),
    collected_on = "2009",
    licence = "GPL (>= 2)",
  }
)

-- One region is kept out altogether: it is the new market that the model will meet.
local market = growth:filter("reg == 'City'")
local known = growth:filter("reg ~= 'City'")
local train, sealed = q:split(known, { test = 0.2 })
local clean = q:prepare(train, function(d) return d:filter("not is_null(hgt)") end, {
  why = say(
    "A child without a height teaches nothing about heights.",
    "키가 없는 행에서는 키를 배울 수 없습니다."
  ),
})
q:explore(clean, { target = "hgt" })
q:features{
  { "half_year", "floor(age * 2) / 2", say("rows of a size table", "치수표의 행") },
  { "age2", "age^2", say("growth slows down", "성장이 느려짐") },
  { "age3", "age^3", say("and spurts", "급성장") },
  {
    "boy_age",
    "if_else(sex == 'boy', age, 0.0)",
    say("boys grow longer", "남아는 더 오래 자람"),
  },
  { "boy_age2", "boy_age^2", "" },
}
q:train(clean, {
  target = "hgt",
  ignore = { "reg" },
  models = {
    { "table", hana.lookup{ keys = { "half_year", "sex" }, statistic = "median" } },
    { "line", hana.pipeline{ hana.standardize{}, hana.ridge{ lambda = 0.1 } } },
    { "tree", hana.decision_tree{ max_leaves = 80, min_leaf = 25 } },
  },
})
local judged = q:validate{ folds = 5, repeats = 2 }

-- Off by more than 6 cm is the next size.
local next_size = "abs(truth - predicted) > 6"
q:alternatives{
  question = say("A size table or a model?", "치수표인가, 모델인가?"),
  cases_per_year = 40000,
  years = 3,
  hourly = 60,
  cost_of_error = 9,
  alternatives = {
    {
      kind = "lookup",
      name = say("size table", "치수표"),
      setup = 500,
      hours = 4,
      error = hana.measured(judged.table, { wrong = next_size }),
    },
    {
      kind = "model",
      name = say("curves by sex", "성별 성장 곡선"),
      setup = 2000,
      hours = 24,
      per_year = 500,
      error = hana.measured(judged.line, { wrong = next_size }),
    },
    {
      kind = "model",
      name = say("tree", "의사 결정 나무"),
      setup = 2000,
      hours = 16,
      per_year = 500,
      error = hana.measured(judged.tree, { wrong = next_size }),
    },
  },
}
local best = q:select{
  by = "mae",
  limits = { predict_us = 50 },
  hours = { table = 4, line = 24, tree = 16 },
  prices = { hour = 60, compute_hour = 0.4 },
}
q:validate{ model = best, test = sealed }
q:deploy{
  model = best,
  to = out .. "/children/height.hana",
  card = true,
  limits = {
    say(
      "Learnt from Dutch children measured in 2009; other countries and years may differ.",
      "2009년에 잰 네덜란드 아이들로 학습했습니다. 다른 나라와 시기에는 맞지 않을 수 있습니다."
    ),
  },
}
q:monitor{
  model = best,
  reference = clean,
  current = market:filter("not is_null(hgt)"),
  retrain_when = { psi = 0.2, loss_over = 500 },
  label = say(
    "children in the cities, where the shop opens next",
    "다음에 매장이 열리는 대도시의 아이들"
  ),
}

p:note(
  say(
    "The counterpart, in which nobody was asked and a model had to show what it is worth: "
      .. "[children's sizes](children/index.html).",
    "묻지 않은 경우, 즉 모델이 제 값을 보여야 했던 사례: [어린이 치수](children/index.html)."
  ),
  "define"
)

print(verdict.sentence)
print(say("Reports: ", "보고서: ") .. out .. "/index.html, " .. out .. "/children/index.html")
