-- The small example, run as a newcomer runs it.

local hana = require "hana"
local run = require "tests.host.run"

describe("nine_stages", function()
  it("goes through all nine stages and notices the other island", function()
    local out, err, code = run.run(run.hana, { "examples/nine_stages.lua" })
    assert.equal(0, code, err)
    assert.matches("\nretrain: the model misses by 10%d%d g on Biscoe, one that knows both " ..
      "islands by 2%d%d g\n$", out)
    assert.matches("flipper_length_mm has moved: PSI 2.", out, 1, true)
    assert.matches("The goal of 250 g is met", out, 1, true)
    for line in err:gmatch "[^\n]+" do
      assert.matches("^Lua warning: values outside the training range: ", line)
    end
    local state = hana.json.decode(run.read_file "report/nine_stages/project.json")
    for key, stage in pairs(state.stages) do assert.equal("done", stage.status, key) end
    assert.equal(1, state.looks)
    local page = run.read_file "report/nine_stages/09-monitoring.md"
    assert.matches("or when the score is worse by more than 100", page, 1, true)
    assert.is_true(#run.read_file "report/nine_stages/index.html" > 50000)
    local model = hana.load "report/nine_stages/mass.hana"
    local bird = hana.read_csv{ quiet = true, text = "bill_length_mm,bill_depth_mm," ..
      "flipper_length_mm,sex\n39.1,18.7,181,male\n" }
    assert.is_true(math.abs(model:predict(bird)[1] - 3750) < 500)
  end)
end)
