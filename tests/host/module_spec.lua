local hana = require "hana"

describe("the module", function()
  it("says which libraries run", function()
    local version = hana.version()
    assert.equal(_VERSION, version.lua)
    assert.matches("^2%.7", version.gsl)
    assert.matches("^%d+%.%d+%.%d+$", version.hana)
    assert.is_true(version.threads >= 1)
  end)

  it("runs on OpenBLAS", function()
    assert.matches("^OpenBLAS ", hana.version().blas)
  end)
end)
