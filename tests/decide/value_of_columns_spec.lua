local hana = require "hana"

-- y = 3 a + b + noise; `copy` is b again, `idle` says nothing.
local function data()
  local state = 12345
  local function uniform()
    state = (1103515245 * state + 12345) % 2147483648
    return state / 2147483648
  end
  local columns = { a = {}, b = {}, copy = {}, idle = {}, y = {} }
  for i = 1, 240 do
    local a, b = uniform(), uniform()
    columns.a[i], columns.b[i], columns.copy[i], columns.idle[i] = a, b, b, uniform()
    columns.y[i] = 3 * a + b + 0.05 * (uniform() - 0.5)
  end
  return hana.frame{
    { "a", columns.a }, { "b", columns.b }, { "copy", columns.copy }, { "idle", columns.idle },
    { "y", columns.y },
  }
end

local line = function() return hana.ridge{ lambda = 1e-6 } end

local function row(v, name)
  for _, one in ipairs(v.columns) do
    if one.column == name then return one end
  end
end

describe("value_of_columns", function()
  local df = data()

  it("keeps what is worth its price and leaves out what is not", function()
    local v = hana.value_of_columns(line(), df, {
      target = "y", folds = 5, repeats = 2, seed = 1, value_per_point = 1000,
      price = { a = 0.5, idle = 0.5 }, currency = "USD",
    })
    assert.equal("collect", row(v, "a").verdict)
    assert.equal("leave out", row(v, "idle").verdict)
    assert.equal("leave some out", v.verdict)
    assert.equal("mae", v.metric)
    -- The price of a case for each of the 240 rows.
    assert.equal(120, row(v, "a").price)
    assert.matches("Worth collecting: a.", v.sentence, 1, true)
    assert.matches("leave it out: idle", v.sentence, 1, true)
    -- Only what has a price is judged.
    assert.equal(2, #v.columns)
    assert.same({ "a", "idle" }, v:table():col("column"):totable())
    assert.matches("<svg", v:plot():svg(), 1, true)
  end)

  it("loses without a column what two cross-validations on the same folds differ by", function()
    local options = { target = "y", folds = 4, repeats = 2, seed = 7, metrics = { "rmse" } }
    local with = hana.cross_validate(line(), df, options)
    options.ignore = { "a" }
    local less = hana.cross_validate(line(), df, options)
    -- The same rows in the same folds.
    local x, y = with:predictions(), less:predictions()
    for _, name in ipairs{ "row", "repeat", "fold" } do
      assert.same(x:col(name):totable(), y:col(name):totable())
    end
    local v = hana.value_of_columns(line(), df, {
      target = "y", folds = 4, repeats = 2, seed = 7, metric = "rmse", value_per_point = 10,
      columns = { "a" },
    })
    local difference = less:score("rmse") - with:score("rmse")
    assert.is_true(math.abs(row(v, "a").loss - difference) < 1e-12)
    assert.is_true(math.abs(row(v, "a").net - 10 * difference) < 1e-9)
  end)

  it("does not throw two columns out that say the same", function()
    -- Each of b and copy stands for the other; together they are worth 1000 x 0.25.
    local v = hana.value_of_columns(line(), df, {
      target = "y", folds = 5, repeats = 2, seed = 1, value_per_point = 1000, cases = 100,
      price = { b = 0.5, copy = 0.5 },
    })
    assert.equal("leave out", row(v, "b").verdict)
    assert.equal("leave out", row(v, "copy").verdict)
    assert.equal("collect", v.together.verdict)
    assert.same({ "b", "copy" }, v.together.columns)
    assert.is_true(v.together.net > 50)
    assert.matches("But not all of b, copy", v.sentence, 1, true)
  end)

  it("judges classes in points of accuracy, and all features where none has a price", function()
    local classes = df:mutate{ { "big", "if_else(y > 2, 'yes', 'no')" } }:drop{ "y" }
    local v = hana.value_of_columns(hana.logistic_regression{ lambda = 0.1 }, classes, {
      target = "big", folds = 4, seed = 1, value_per_point = 5,
      features = { "a", "b", "idle" }, lang = "ko",
    })
    assert.equal("accuracy", v.metric)
    assert.equal(3, #v.columns)
    local a = row(v, "a")
    assert.is_true(math.abs(a.value - 500 * a.loss) < 1e-9)
    assert.matches("모을 가치가 있는 열: a", v.sentence, 1, true)
  end)

  it("refuses what cannot be judged", function()
    local function refuse(pattern, more, model)
      local options = { target = "y", value_per_point = 1, folds = 3 }
      for key, value in pairs(more) do
        options[key] = value
      end
      assert.error_matches(
        function() hana.value_of_columns(model or line(), df, options) end,
        pattern
      )
    end
    refuse("no feature 'hip'", { price = { hip = 1 } })
    refuse("the price of 'a' must be a number >= 0", { price = { a = -1 } })
    refuse("'value_per_point' must be a number >= 0", { value_per_point = "much" })
    refuse("unknown metric 'rsme'; did you mean 'rmse'", { metric = "rsme" })
    refuse("nothing would be left", { features = { "a" } })
    refuse("did you mean 'target'", { taget = "y" })
    refuse(
      "without 'a' the model cannot be judged",
      { columns = { "a" } },
      hana.pipeline{ hana.derive{ { "a2", "a * a" } }, line() }
    )
  end)
end)
