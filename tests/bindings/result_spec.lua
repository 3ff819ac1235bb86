local hana = require "hana"
local result = require "hana.result"

describe("a result", function()
  local r = result.new("finding", {
    verdict = "helped", sentence = "it helped by 2 points", difference = 2.0, folds = 5,
    missing = 0 / 0,
  }, {
    table = function() return hana.frame{ { "a", { 1, 2 } } } end,
    methods = { double = function(self) return self.difference * 2 end },
    optional = { "test" },
  })

  it("prints its sentence and its table", function()
    assert.matches("^it helped by 2 points\n *a\nint", tostring(r))
  end)

  it("has its fields, methods and table", function()
    assert.equal("helped", r.verdict)
    assert.equal(4.0, r:double())
    assert.equal(2, #r:table())
    assert.is_nil(r.test)
    assert.is_true(result.is(r))
  end)

  it("raises for other fields with the nearest", function()
    assert.error_matches(function() return r.diference end, "did you mean 'difference'")
    assert.error_matches(function() r:plot() end, "has no plot")
  end)

  it("is JSON", function()
    local back = hana.json.decode(r:json())
    assert.equal("helped", back.verdict)
    assert.equal(hana.null, back.missing)
    assert.same({ { a = 1 }, { a = 2 } }, back.table)
  end)
end)

describe("every result", function()
  it("has a table, a picture, JSON, a verdict and a sentence", function()
    local x, y = {}, {}
    for i = 1, 60 do
      x[i], y[i] = i % 17 + 0.5, i % 17 > 8 and "yes" or "no"
    end
    local df = hana.read_csv{ text = "x,y\n1.5,\n2.5,no\n", quiet = true }
    local data = hana.frame{ { "x", x }, { "y", y } }
    local tree = hana.decision_tree{ max_depth = 2 }:fit(data, "y")
    for _, r in ipairs{ tree:summary(), hana.cross_validate(tree, data, { target = "y" }),
      hana.learning_curve(tree, data, { target = "y", repeats = 3 }), df:profile(),
      df:compare(df:head(1)), df:read_report() } do
      assert.matches("^%l[%l_ ]*$", r.verdict, r.kind)
      assert.matches("%w", r.sentence, r.kind)
      assert.is_true(#r:table():names() > 0)
      assert.equal(r.verdict, hana.json.decode(r:json()).verdict)
      assert.is_function(r:plot().save, r.kind)
      assert.is_true(#tostring(r) > 0)
    end
  end)
end)
