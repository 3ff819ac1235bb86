-- The main example, run as a newcomer runs it, in both languages.

local hana = require "hana"
local program = require("tests.host.run").hana

local function run(arguments)
  local pipe = io.popen("'" .. program .. "' examples/clothing_size.lua " .. arguments .. " 2>&1")
  local text = pipe:read "a"
  local done = pipe:close()
  assert(done, text:sub(-600))
  return text
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

describe("clothing_size", function()
  it("measures that asking beats predicting, and ends with the form", function()
    local text = run ""
    assert.matches("misses by 1.7 cm on average", text, 1, true)
    assert.matches("out of fold it misses by 6.1 cm", text, 1, true)
    assert.matches("803 of 1,095 answers (73%)", text, 1, true)
    assert.matches("assumed, not measured", text, 1, true)
    assert.matches("Ask for it: “required field”", text, 1, true)
    local state = hana.json.decode(read "report/clothing_size/project.json")
    assert.equal("not_needed", state.stages.train.status)
    assert.equal("done", state.stages.monitor.status)
    local schema = hana.json.decode(read "report/clothing_size/form.schema.json")
    assert.equal("cm", schema.properties.height["x-unit"])
  end)

  it("carries the children through all nine stages, in Korean too", function()
    local text = run "ko"
    assert.matches("직접 묻습니다", text, 1, true)
    local folder = "report/clothing_size_ko/children/"
    local state = hana.json.decode(read(folder .. "project.json"))
    for key, stage in pairs(state.stages) do assert.equal("done", stage.status, key) end
    assert.equal(1, state.looks)
    assert.matches("모델 카드", read(folder .. "08-deployment.md"), 1, true)
    local model = hana.load(folder .. "height.hana")
    local child = hana.frame{ { "age", { 6.0, 10.0 } }, { "sex", { "girl", "boy" } } }
    local said = model:predict(child)
    assert.is_true(math.abs(said[1] - 118) < 6 and math.abs(said[2] - 144) < 6)
  end)
end)
