-- What `text_tokens` makes, against scikit-learn (reference/make_steps.py) and by hand.
local hana = require "hana"
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local reference = dofile(here .. "reference/steps.lua")

local function near(expected, got, tolerance)
  assert.is_true(got ~= nil and math.abs(expected - got) <= (tolerance or 1e-12),
    ("%s instead of %s"):format(got, expected))
end

setup(function() warn("@off") end)
teardown(function() warn("@on") end)

describe("text_tokens", function()
  local texts = hana.frame{ { "t", { "The cat sat on the mat", "the dog sat",
    "A cat and a dog; the CAT again", "mat" } } }

  -- What a linear model makes of unit vectors shows the block's cells through plain columns.
  local function cells(step)
    local path = os.tmpname()
    hana.pipeline{ step }:fit(texts):transform(texts):write_csv(path)
    local out = hana.read_csv(path, { quiet = true })
    os.remove(path)
    return out
  end

  it("equals scikit-learn's TF-IDF", function()
    local made = cells(hana.text_tokens{})
    for i, row in ipairs(reference.tf_idf) do
      for j, word in ipairs(reference.words) do
        local names = made:names()
        assert.matches(word .. "$", names[j])
        near(row[j], made[names[j]][i])
      end
    end
  end)

  it("counts n-grams that occur often enough, as scikit-learn does", function()
    local made = cells(hana.text_tokens{ weighting = "counts", ngrams = { 1, 2 }, min_count = 2 })
    local names = made:names()
    assert.are.equal(#reference.grams, #names)
    for i, row in ipairs(reference.gram_counts) do
      for j = 1, #names do near(row[j], made[names[j]][i]) end
    end
  end)

  it("cuts Korean words and characters", function()
    local df = hana.frame{ { "t", { "오늘 날씨 좋다", "날씨 나쁘다" } } }
    local model = hana.pipeline{ hana.text_tokens{ unit = "character", ngrams = { 2, 2 } } }:fit(df)
    assert.is_truthy(model:transform(df).t)
  end)

  it("takes words from a function of the script", function()
    local model = hana.pipeline{ hana.text_tokens{ weighting = "counts", tokens = function(text)
      local out = {}
      for word in text:gmatch("%a+") do out[#out + 1] = word:upper() end
      return out
    end }, hana.naive_bayes{} }
    local df = texts:mutate{ { "y", "if_else(contains(t, 'dog'), 'dog', 'none')" } }
    assert.are.equal("dog", model:fit(df, "y"):predict(hana.frame{ { "t", { "dog" } } })[1])
  end)

  it("says when there are no tokens", function()
    assert.error_matches(function()
      hana.pipeline{ hana.text_tokens{ min_count = 9 } }:fit(texts)
    end, "no tokens")
  end)
end)
