local hana = require "hana"
local golden = require "tests.learn.golden"

local reference = golden.read "decision_tree"

local function data(target)
  return golden.matrix(reference.x, { { "y", reference[target] }, { "w", reference.w } })
end
local weighted = { target = "y", weights = "w" }

local function described(options)
  local out = {}
  for name, value in pairs(options) do out[#out + 1] = name .. " = " .. tostring(value) end
  return table.concat(out, ", ")
end

local function leaves(model)
  local n = 0
  for _ in model:rules():gmatch "%->" do n = n + 1 end
  return n
end

local function check(case, target, answers)
  local df = data(target)
  local m = hana.decision_tree(case.options):fit(df, weighted)
  golden.assert_near(answers, golden.answers(m, df), 1e-9)
  assert.equal(case.leaves, leaves(m))
  golden.assert_near(case.importance, golden.figures(m, "importance"), 1e-9)
end

describe("decision_tree", function()
  for _, case in ipairs(reference.classes) do
    it("grows scikit-learn's tree of classes: " .. described(case.options), function()
      check(case, "k", golden.flat(case.out))
    end)
  end
  for _, case in ipairs(reference.numbers) do
    it("grows scikit-learn's tree of numbers: " .. described(case.options), function()
      check(case, "y", case.out)
    end)
  end

  for _, case in ipairs(reference.validated) do
    it("is as good as scikit-learn's on " .. case.file, function()
      local columns = { table.unpack(case.features) }
      columns[#columns + 1] = case.target
      local df = hana.read_csv("examples/data/" .. case.file, { quiet = true })
      df = df:select(columns):drop_null(columns)
      local total = 0
      for fold = 0, 9 do
        local train, test = {}, {}
        for i = 1, #df do
          local to = (i - 1) % 10 == fold and test or train
          to[#to + 1] = i
        end
        local m = hana.decision_tree{ min_leaf = 5 }
        m:fit(df:take(train), { target = case.target, out_of_range = "ignore" })
        local part, sum = df:take(test), 0
        local truth, predicted = part[case.target], m:predict(part)
        for i = 1, #part do
          if case.classifies then
            sum = sum + (truth[i] == predicted[i] and 1 or 0)
          else
            sum = sum + math.abs(truth[i] - predicted[i])
          end
        end
        total = total + sum / #part
      end
      assert.is_near(case.score, total / 10, 2 * case.std_error)
    end)
  end

  it("sends missing values where they fit", function()
    local x, y = {}, {}
    for i = 1, 40 do
      x[i] = i % 4 == 0 and hana.null or i + 0.0
      y[i] = (i % 4 == 0 or i > 30) and "yes" or "no"
    end
    local df = hana.frame{ { "x", x }, { "y", y } }
    local m = hana.decision_tree{}:fit(df, "y")
    assert.same(y, m:predict(df):totable())
    assert.equal(2, leaves(m))
    assert.matches("x > 30%.5 or missing\n  %-> yes  100%%  %(weight 17%)", m:rules())
  end)

  it("parts what is missing from what is present", function()
    local x, y = {}, {}
    for i = 1, 20 do
      x[i] = i % 2 == 0 and hana.null or i + 0.0
      y[i] = i % 2 == 0 and 5.0 or 1.0
    end
    local m = hana.decision_tree{}:fit(hana.frame{ { "x", x }, { "y", y } }, "y")
    assert.equal("x is present\n  -> 1  (weight 10)\nx is missing\n  -> 5  (weight 10)\n",
      m:rules())
  end)

  it("groups the levels of a category in one question", function()
    local city, y = {}, {}
    local names = { "Busan", "Daegu", "Incheon", "Jeju", "Seoul" }
    for i = 1, 50 do
      city[i] = names[i % 5 + 1]
      y[i] = (city[i] == "Busan" or city[i] == "Jeju") and 10.0 or 2.0
    end
    local df = hana.frame{ { "city", city }, { "y", y } }
    local m = hana.decision_tree{}:fit(df, "y")
    assert.equal("city in {Daegu, Incheon, Seoul}\n  -> 2  (weight 30)\n"
      .. "city in {Busan, Jeju}\n  -> 10  (weight 20)\n", m:rules())
    assert.same(y, m:predict(df):totable())
  end)

  it("groups levels with more than two classes too", function()
    local level, y = {}, {}
    for i = 1, 60 do
      level[i] = "l" .. i % 6
      y[i] = ({ "a", "b", "c" })[i % 6 // 2 + 1]
    end
    local df = hana.frame{ { "level", level }, { "y", y } }
    local m = hana.decision_tree{}:fit(df, "y")
    assert.same(y, m:predict(df):totable())
    assert.equal(3, leaves(m))
  end)

  it("learns from class probabilities", function()
    local df = data("k"):drop{ "y" }
    local shares = { {}, {}, {} }
    for i, class in ipairs(reference.k) do
      for k = 1, 3 do shares[k][i] = tonumber(class) + 1 == k and 1.0 or 0.0 end
    end
    local proba = hana.frame{ { "0", shares[1] }, { "1", shares[2] }, { "2", shares[3] } }
    local case = reference.classes[1]
    local m = hana.decision_tree(case.options):fit(df, { target_proba = proba, weights = "w" })
    golden.assert_near(golden.flat(case.out), golden.proba(m, df), 1e-9)
  end)

  it("refuses a criterion of the other task", function()
    local df = hana.frame{ { "x", { 1.0, 2, 3 } }, { "y", { 1.0, 2, 3 } } }
    assert.error_matches(function() hana.decision_tree{ criterion = "gini" }:fit(df, "y") end,
      "criterion 'gini' is for classes")
  end)

  it("is one leaf where there is nothing to ask", function()
    local df = hana.frame{ { "x", { 3.0, 3, 3 } }, { "y", { 1.0, 2, 6 } } }
    local m = hana.decision_tree{}:fit(df, "y")
    assert.same({ 3.0, 3.0, 3.0 }, m:predict(df):totable())
    local one = df:head(1)
    assert.equal(1, hana.decision_tree{}:fit(one, "y"):predict(one)[1])
  end)

  local w = {}
  for i, value in ipairs(reference.w) do w[i] = math.tointeger(value) end
  describe("of classes", function()
    golden.properties(it, hana.decision_tree, data("k"):drop{ "w" }, w, 1e-12)
  end)
  describe("of numbers", function()
    golden.properties(it, hana.decision_tree, data("y"):drop{ "w" }, w, 1e-12)
  end)
end)
