-- examples/frames.lua. The heights are compared with those that the package dslabs cleaned from the
-- same answers (heights.csv: 164.9 and 176.1 cm); the figures of penguins are those of pandas
-- 3.1.1 (pivot_table of penguins_raw.csv).
local run = require "tests.host.run"

describe("the example of frames", function()
  local out, err, code = run.run(run.hana, { "examples/frames.lua" })

  it("ends well", function()
    assert.equal("", err)
    assert.equal(0, code)
  end)

  it("understands most heights", function()
    local understood, all = out:match "(%d+) of (%d+) heights are understood"
    assert.equal("1095", all)
    assert.is_true(math.tointeger(understood) > 940)
    assert.near(164.9, tonumber(out:match "Female +%d+ +([%d.]+)"), 1)
    assert.near(176.1, tonumber(out:match "Male +%d+ +([%d.]+)"), 1)
  end)

  it("finds what pandas finds", function()
    assert.matches("Adelie +3696 +3742 +3665\n", out)
    assert.matches("Chinstrap +3694 +3800 +3725\n", out)
    assert.matches("Gentoo +5071 +5020 +5141\n", out)
    assert.matches("Gentoo +Biscoe +MALE +6300\n", out)
    assert.matches("read back: equal\n", out)
  end)
end)
