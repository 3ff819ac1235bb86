-- The exported C is compiled with the system's compiler and its answers compared with hana's.
local hana = require "hana"

local function run(command)
  local pipe = io.popen(command .. " 2>&1")
  local out = pipe:read("a")
  local ok, _, code = pipe:close()
  return out, ok and 0 or code
end

local have_compiler = select(2, run("cc --version")) == 0

-- A main that reads rows as "field field ..." lines is more than a spec needs: the rows are written
-- into the program.
local function harness(model, rows, fields)
  local dir = os.tmpname()
  os.remove(dir)
  assert(os.execute("mkdir " .. dir))
  model:export_c(dir .. "/model.c")
  local out = { '#include <stdio.h>\n#include "model.c"\nstatic const model_row data[] = {' }
  for _, row in rows:rows() do
    local cells = {}
    for i, field in ipairs(fields) do
      local value = row[field]
      if math.type(value) then
        cells[i] = ("%.17g"):format(value)
      elseif value == nil then
        cells[i] = rows[field]:type() == "string" and "NULL" or "NAN"
      elseif type(value) == "boolean" then
        cells[i] = value and "1" or "0"
      else
        cells[i] = ("%q"):format(value)
      end
    end
    out[#out + 1] = "    { " .. table.concat(cells, ", ") .. " },"
  end
  out[#out + 1] = ([[};
int main(void)
{
    int i, k;
    for (i = 0; i < %d; i++) {
        double p[model_outputs];
        int refused = model_predict(&data[i], p);
        printf("%%d", refused);
        for (k = 0; k < model_outputs; k++) printf(" %%.17g", p[k]);
        printf("\n");
    }
    return 0;
}]]):format(#rows)
  local file = assert(io.open(dir .. "/main.c", "w"))
  file:write(table.concat(out, "\n"))
  file:close()
  local cc = "cc -std=c99 -Wall -Wextra -Wpedantic -Werror "
  local text, code = run((cc .. "-o %s/main %s/main.c -lm && %s/main"):format(dir, dir, dir))
  assert(code == 0, text)
  local test, wrong =
    run((cc .. "-DMODEL_TEST -o %s/test %s/model.c -lm && %s/test"):format(dir, dir, dir))
  assert(wrong == 0, test)
  os.execute("rm -r " .. dir)
  local answers = {}
  for line in text:gmatch("[^\n]+") do
    local numbers = {}
    for number in line:gmatch("%S+") do numbers[#numbers + 1] = tonumber(number) or 0 / 0 end
    answers[#answers + 1] = numbers
  end
  return answers
end

local function people(n)
  local state = 11
  local function u()
    state = (state * 1103515245 + 12345) % 2147483648
    return state / 2147483648
  end
  local age, fare, city, member, bought, size, waist = {}, {}, {}, {}, {}, {}, {}
  local cities = { "Seoul", "Busan", "Jeju \"island\"", "대구" }
  for i = 1, n do
    age[i] = u() < 0.1 and hana.null or math.floor(18 + 60 * u())
    fare[i] = u() < 0.1 and hana.null or 100 * u()
    city[i] = cities[math.floor(4 * u()) + 1]
    member[i] = u() < 0.5
    local a, f = age[i] == hana.null and 40 or age[i], fare[i] == hana.null and 50 or fare[i]
    local s = 0.05 * a - 0.03 * f + (city[i] == "대구" and 1 or 0) + (member[i] and 0.5 or 0) + u()
    bought[i] = s > 1.5 and "Y" or "N"
    size[i] = s > 2.5 and "L" or s > 1 and "M" or "S"
    waist[i] = 80 + 5 * s
  end
  return hana.frame{ { "age", age }, { "fare", fare }, { "city", city }, { "member", member },
    { "bought", bought }, { "size", size }, { "waist", waist } }
end

local features = { "age", "fare", "city", "member" }

local function pipeline(last, hot)
  return hana.pipeline{
    hana.derive{
      { "per_year", "fare / (age + 1)" },
      { "group", "case_when(age < 30, 1, age < 60, 2, 3)" },
      { "southern", "if_else(is_in(city, { '대구', 'Busan' }), 1, 0)" },
      { "young_or_member", "float((age < 30 or member) and not is_null(fare))" },
    },
    hana.impute{ strategy = "median" },
    hana.one_hot{ columns = { "city" }, new_level = hot },
    hana.standardize{ columns = { "age", "fare", "per_year" } },
    last,
  }
end

local data = people(300)
local rows = people(120):slice(1, 120)

local function compare(model, target, roles)
  roles = roles or {}
  roles.target, roles.features, roles.out_of_range = target, features, "ignore"
  model:fit(data, roles)
  local answers = harness(model, rows, features)
  local ok, proba = pcall(model.predict_proba, model, rows)
  local values = not ok and model:predict(rows)
  for i = 1, #rows do
    assert.are.equal(0, answers[i][1])
    if ok then
      for k, class in ipairs(model.classes) do
        assert.is_true(math.abs(answers[i][k + 1] - proba[class][i]) <= 1e-12)
      end
    else
      local most = 1e-12 * math.max(1, math.abs(values[i]))
      assert.is_true(math.abs(answers[i][2] - values[i]) <= most)
    end
  end
end

describe("export_c", function()
  if not have_compiler then
    print("no C compiler here: the exported code is not compiled")
    return
  end

  setup(function() warn("@off") end)
  teardown(function() warn("@on") end)

  it("gives the probabilities of a logistic pipeline", function()
    compare(pipeline(hana.logistic_regression{ lambda = 0.1 }), "bought")
  end)

  it("gives those of three classes", function()
    compare(pipeline(hana.logistic_regression{ lambda = 0.1 }), "size")
  end)

  it("gives the numbers of a ridge pipeline", function()
    compare(pipeline(hana.ridge{ lambda = 0.5 }, "other"), "waist")
  end)

  it("gives the shares of a tree that takes missing values and categories as they are", function()
    compare(hana.decision_tree{ max_depth = 6 }, "size")
    compare(hana.decision_tree{ max_leaves = 12 }, "waist")
  end)

  it("gives the student of a distillation and the baseline", function()
    compare(hana.distill{ teacher = pipeline(hana.logistic_regression{}),
      student = hana.decision_tree{ max_depth = 4 } }, "bought")
    compare(hana.baseline{}, "bought")
    compare(hana.baseline{}, "waist")
  end)

  it("encodes categories itself for a learner that needs numbers", function()
    compare(hana.pipeline{ hana.impute{}, hana.ridge{ lambda = 1 } }, "waist")
    compare(hana.pipeline{ hana.impute{}, hana.logistic_regression{ lambda = 0 } }, "bought")
  end)

  it("says every expression of numbers as hana computes it", function()
    local derived = {}
    for i, text in ipairs{ "fare ^ 0", "age ^ 2 % 7", "- age % 7", "fare // 3 - -fare // 3",
      "round(fare, 1)", "round(fare * 10 / 4, 0)", "round(age, -1)", "clip(age, nil, 40)",
      "clip(fare, 20, nil)", "clip(age, 30, 35)", "least(age, fare) - greatest(age, fare, 3)",
      "coalesce(age, fare, 0)", "int(fare) + sign(fare - 50)", "float(between(age, 30, 40))",
      "float(not (age < 30) or member)", "float(city ~= 'Busan')", "log1p(abs(fare))",
      "float(is_in(age, { 20, 30, 40 }) == member)", "sqrt(fare) - exp(-fare)", "2 ^ -2 ^ 2 * age",
      "if_else(is_null(age) and member, 5, 6)", "case_when(fare < 10, 1, fare < 50, nil, 2)" } do
      derived[i] = { "d" .. i, text }
    end
    compare(hana.pipeline{ hana.derive(derived), hana.impute{ strategy = "mean" },
      hana.one_hot{ columns = { "city" } }, hana.ridge{ lambda = 1 } }, "waist")
  end)

  it("carries the threshold and the policy of range", function()
    local model = pipeline(hana.logistic_regression{})
      :fit(data, { target = "bought", positive = "Y", features = features, out_of_range = "clip" })
      :with_threshold(0.3)
    local path = os.tmpname()
    model:export_c(path)
    local text = io.open(path):read("a")
    os.remove(path)
    assert.matches("p[1] >= 0.3", text, 1, true)
    assert.matches("if (v[0] > ", text, 1, true)
  end)

  it("refuses by name what cannot be said in C", function()
    local text = hana.pipeline{ hana.text_tokens{ columns = { "city" } }, hana.naive_bayes{} }
      :fit(data, { target = "bought", features = { "city" } })
    assert.error_matches(function() text:export_c("/tmp/never.c") end, "text_tokens")
    assert.is_nil(io.open("/tmp/never.c"))
    local lower = hana.pipeline{ hana.derive{ { "n", "len(city)" } },
      hana.one_hot{}, hana.ridge{} }:fit(data, { target = "waist", features = { "city" } })
    assert.error_matches(function() lower:export_c("/tmp/never.c") end, "len")
    assert.error_matches(function()
      lower:export_c("/tmp/never.c", { prefx = "x" })
    end, "prefix")
  end)
end)
