local hana = require "hana"

local df = hana.frame{
  { "text", { "free money", "see you at noon", "FREE prize", "noon", hana.null } },
  { "n", { 1, 2, 3, 4, 5 } },
  { "y", { "spam", "ham", "spam", "ham", "ham" } },
  { "z", { 10.0, 20, 30, 40, 50 } },
}
local roles = { target = "y", features = { "text", "n" } }

describe("rules", function()
  it("decide by the first condition that is true", function()
    local model = hana.rules{ { "contains(lower(text), 'free')", "spam" }, { "n > 3", "ham" } }
    assert.are.same({ "spam", hana.null, "spam", "ham", "ham" },
      model:fit(df, roles):predict(df):totable())
    local closed = hana.rules{ { "contains(lower(text), 'free')", "spam" }, otherwise = "ham" }
    assert.are.same({ "spam", "ham", "spam", "ham", "ham" },
      closed:fit(df, roles):predict(df):totable())
  end)

  it("give numbers and expressions in regression", function()
    local model = hana.rules{ { "n <= 2", 5 }, { "n == 3", "10 * n" }, otherwise = "n + 0.5" }
      :fit(df, { target = "z", features = { "n" } })
    assert.are.same({ 5, 5, 30, 4.5, 5.5 }, model:predict(df):totable())
  end)

  it("are judged on the same folds as a model", function()
    local cv = hana.cross_validate(hana.rules{ { "contains(lower(text), 'free')", "spam" },
      otherwise = "ham" }, df, { target = "y", features = { "text", "n" }, folds = 2, seed = 1 })
    assert.are.equal(1, (cv:score("accuracy")))
  end)

  it("are printed, saved and loaded", function()
    local path = os.tmpname()
    local model = hana.rules{ { "n > 3", "ham" }, otherwise = "spam" }:fit(df, roles)
    assert.matches("n > 3: ham\notherwise: spam", model:rules())
    model:save(path)
    assert.are.same(model:predict(df):totable(), hana.load(path):predict(df):totable())
    os.remove(path)
  end)

  it("say which rule is wrong", function()
    assert.error_matches(function() hana.rules{} end, "rule")
    assert.error_matches(function() hana.rules{ { "n >", "ham" } } end, "condition 1")
    assert.error_matches(function() hana.rules{ { "n > mean(n)", "ham" } } end, "other rows")
    assert.error_matches(function() hana.rules{ { "n > 3", "egg" } }:fit(df, roles) end, "egg")
    local number = hana.rules{ { "n + 1", "ham" } }
    assert.error_matches(function() number:fit(df, roles) end, "condition 1")
    assert.error_matches(function() hana.rules{ { "m > 1", "ham" } }:fit(df, roles) end, "'m'")
  end)
end)
