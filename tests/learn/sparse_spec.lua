local hana = require "hana"
local golden = require "tests.learn.golden"

-- The same word counts twice: as text that text_tokens turns into a sparse block, and as columns.
local words = { "free", "hello", "lunch", "money", "prize", "project", "win" }
local texts, counts, class, number = {}, {}, {}, {}
for i = 1, 80 do
  local text = {}
  counts[i] = {}
  for j in ipairs(words) do counts[i][j] = 0.0 end
  for k = 1, 3 + i % 5 do
    local j = (i * k * k + 3 * k + i // 7) % #words + 1
    text[k] = words[j]
    counts[i][j] = counts[i][j] + 1
  end
  texts[i] = table.concat(text, " ")
  class[i] = counts[i][1] > 1 and "a" or counts[i][4] > 0 and i % 3 > 0 and "b" or "c"
  number[i] = 2 * counts[i][2] - counts[i][6] + math.sin(i)
end

local function sparse(target) return hana.frame{ { "text", texts }, { "y", target } } end
local function dense(target) return golden.matrix(counts, { { "y", target } }) end
local roles = { target = "y", features = { "text" } }

local function answers(name, options, target)
  warn "@off"
  local a = hana.pipeline{
    hana.text_tokens{ columns = { "text" }, weighting = "counts" }, hana[name](options),
  }
  a:fit(sparse(target), roles)
  warn "@on"
  local b = hana[name](options):fit(dense(target), "y")
  return golden.answers(b, dense(target)), golden.answers(a, sparse(target)), a
end

describe("from a sparse block as from columns", function()
  for name, options in pairs{ ridge = { lambda = 0.5 }, linear_regression = {}, knn = {} } do
    it("learns " .. name, function()
      local expected, got = answers(name, options, number)
      golden.assert_near(expected, got, 1e-9)
    end)
  end
  for name, options in pairs{
    logistic_regression = { lambda = 0.5 }, decision_tree = {},
    naive_bayes = { kind = "multinomial" },
  } do
    it("learns " .. name, function()
      local expected, got = answers(name, options, class)
      golden.assert_near(expected, got, 1e-7)
    end)
  end

  it("learns ridge without an intercept", function()
    local expected, got = answers("ridge", { intercept = false }, number)
    golden.assert_near(expected, got, 1e-9)
  end)

  it("learns presence", function()
    local expected, got = answers("naive_bayes", { kind = "bernoulli" }, class)
    golden.assert_near(expected, got, 1e-9)
  end)

  it("takes counts as multinomial unless told", function()
    local expected = answers("naive_bayes", { kind = "multinomial" }, class)
    local _, got = answers("naive_bayes", {}, class)
    golden.assert_near(expected, got, 1e-9)
    assert.error_matches(function() answers("naive_bayes", { kind = "gaussian" }, class) end,
      "does not take sparse features")
    warn "@on"
  end)

  it("gives the same bits on one thread and on two", function()
    for name, target in pairs{ ridge = number, logistic_regression = class, naive_bayes = class } do
      local _, one = answers(name, { threads = 1 }, target)
      local _, two = answers(name, { threads = 2 }, target)
      assert.same(one, two)
    end
  end)
end)

describe("beyond the range of doubles", function()
  local x, y = {}, {}
  for i = 1, 20 do x[i], y[i] = math.sin(i) * 1e200, math.cos(i) end
  local df = hana.frame{ { "huge", x }, { "y", y } }

  it("least squares names the column", function()
    for _, name in ipairs{ "ridge", "linear_regression" } do
      assert.error_matches(function() hana[name]{}:fit(df, "y") end,
        name .. ": column 'huge' is too large for doubles")
    end
  end)

  it("classifiers name it too, and a tree answers", function()
    local k = {}
    for i = 1, 20 do k[i] = x[i] > 0 and "up" or "down" end
    local classes = hana.frame{ { "huge", x }, { "k", k } }
    for _, name in ipairs{ "naive_bayes", "logistic_regression" } do
      assert.error_matches(function() hana[name]{}:fit(classes, "k") end,
        "column 'huge' is too large for doubles")
    end
    assert.same(k, hana.decision_tree{}:fit(classes, "k"):predict(classes):totable())
  end)
end)
