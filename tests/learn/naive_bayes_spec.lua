local hana = require "hana"
local golden = require "tests.learn.golden"

local reference = golden.read "naive_bayes"

local function data(features)
  return golden.matrix(reference[features], { { "y", reference.y }, { "w", reference.w } })
end
local weighted = { target = "y", weights = "w" }

-- The same frame with codes as categories "0", "1", ...
local function categories()
  local rows = reference.codes
  local list = {}
  for j = 1, #rows[1] do
    local texts = {}
    for i, row in ipairs(rows) do texts[i] = tostring(row[j]) end
    list[j] = { "c" .. j, texts }
  end
  list[#list + 1] = { "y", reference.y }
  list[#list + 1] = { "w", reference.w }
  return hana.frame(list)
end

describe("naive_bayes", function()
  it("equals scikit-learn's GaussianNB on numbers", function()
    local df = data("numbers"):drop{ "w" }
    local m = hana.naive_bayes{}:fit(df, "y")
    golden.assert_near(golden.flat(reference.gaussian), golden.proba(m, df), 1e-10)
  end)

  it("equals MultinomialNB on counts", function()
    local df = data "counts"
    local m = hana.naive_bayes{ kind = "multinomial", alpha = 0.5 }:fit(df, weighted)
    golden.assert_near(golden.flat(reference.multinomial), golden.proba(m, df), 1e-10)
  end)

  it("equals BernoulliNB on presence", function()
    local rows = {}
    for i, row in ipairs(reference.counts) do
      rows[i] = {}
      for j, value in ipairs(row) do rows[i][j] = value > 1 and 1.0 or 0.0 end
    end
    local df = golden.matrix(rows, { { "y", reference.y }, { "w", reference.w } })
    local m = hana.naive_bayes{ kind = "bernoulli", alpha = 0.5 }:fit(df, weighted)
    golden.assert_near(golden.flat(reference.bernoulli), golden.proba(m, df), 1e-10)
  end)

  it("equals CategoricalNB on categories", function()
    local df = categories()
    local m = hana.naive_bayes{ alpha = 2 }:fit(df, weighted)
    golden.assert_near(golden.flat(reference.categorical), golden.proba(m, df), 1e-10)
  end)

  it("multiplies the likelihoods of numbers and categories", function()
    local numbers, texts = data("numbers"):drop{ "w" }, categories():drop{ "y", "w" }
    local both = hana.bind_columns{ numbers, texts }
    local a = golden.proba(hana.naive_bayes{}:fit(numbers, "y"), numbers)
    local b = golden.proba(hana.naive_bayes{}:fit(categories():drop{ "w" }, "y"), categories())
    local c = golden.proba(hana.naive_bayes{}:fit(both, "y"), both)
    local prior = { 0, 0, 0 }
    for _, class in ipairs(reference.y) do prior[class + 1] = prior[class + 1] + 1 end
    for i = 1, 9, 3 do
      local product, total = {}, 0
      for k = 1, 3 do
        product[k] = a[i + k - 1] * b[i + k - 1] / prior[k]
        total = total + product[k]
      end
      for k = 1, 3 do assert.is_near(product[k] / total, c[i + k - 1], 1e-9) end
    end
  end)

  it("leaves out what is missing", function()
    local df = data("numbers"):drop{ "w" }
    local m = hana.naive_bayes{}:fit(df, "y")
    local two = hana.naive_bayes{}:fit(df:drop{ "x03" }, "y")
    local nulls = {}
    for i = 1, #df do nulls[i] = hana.null end
    local blank = df:drop{ "x03" }:mutate{ { "x03", hana.frame{ { "n", nulls, "float" } }.n } }
    golden.assert_near(golden.proba(two, df), golden.proba(m, blank), 1e-9)
  end)

  it("learns from class probabilities", function()
    local df = data("numbers"):drop{ "y", "w" }
    local shares = { {}, {}, {} }
    for i, class in ipairs(reference.y) do
      for k = 1, 3 do shares[k][i] = class + 1 == k and 1.0 or 0.0 end
    end
    local proba = hana.frame{ { "0", shares[1] }, { "1", shares[2] }, { "2", shares[3] } }
    local m = hana.naive_bayes{}:fit(df, { target_proba = proba })
    golden.assert_near(golden.flat(reference.gaussian), golden.proba(m, df), 1e-10)
  end)

  it("refuses counts below 0 by column and row", function()
    local df = hana.frame{ { "n", { 1.0, -2, 3 } }, { "y", { "a", "b", "a" } } }
    assert.error_matches(function() hana.naive_bayes{ kind = "multinomial" }:fit(df, "y") end,
      "naive_bayes: column 'n' is negative in row 2")
  end)

  golden.properties(it, hana.naive_bayes, data("numbers"):drop{ "w" },
    (function()
      local w = {}
      for i, value in ipairs(reference.w) do w[i] = math.tointeger(value) end
      return w
    end)(), 1e-9)
end)
