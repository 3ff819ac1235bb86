local hana = require "hana"
local golden = require "tests.learn.golden"

local reference = golden.read "lda"
local iris = golden.matrix(reference.x, { { "y", reference.y } })
local tenth = {}
for i = 1, #iris, 10 do tenth[#tenth + 1] = i end

describe("lda", function()
  it("equals scikit-learn's lsqr solver, shrunk and not", function()
    for key, shrinkage in pairs{ plain = 0, shrunk = 0.3 } do
      local m = hana.lda{ shrinkage = shrinkage }:fit(iris, "y")
      golden.assert_near(golden.flat(reference[key]), golden.proba(m, iris:take(tenth)), 1e-9)
    end
  end)

  it("says what to do about collinear features", function()
    local twice = iris:mutate{ { "copy", "2 * x01" } }
    assert.error_matches(function() hana.lda{}:fit(twice, "y") end, "collinear.*shrinkage")
    assert.are.equal(#iris, #hana.lda{ shrinkage = 0.1 }:fit(twice, "y"):predict(twice))
  end)
end)
