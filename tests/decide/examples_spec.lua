-- The examples that decide: each in both languages, with the verdict that its data lead to.

local core = require "hana.core"
require "hana"

-- Runs an example in this process, without its output; what it returns, and what it printed.
local function run(name, lang)
  local path, lines = "examples/" .. name .. ".lua", {}
  local environment = setmetatable({
    arg = { [0] = path, lang },
    print = function(...)
      local parts = {}
      for i = 1, select("#", ...) do
        parts[i] = tostring((select(i, ...)))
      end
      lines[#lines + 1] = table.concat(parts, "\t")
    end,
  }, { __index = _G })
  local start = core.clock()
  local made = assert(loadfile(path, "t", environment))()
  return made, table.concat(lines, "\n"), core.clock() - start
end

describe("examples", function()
  it("spam_rules: nothing is built for an office, a model for a provider", function()
    local r, text, seconds = run "spam_rules"
    assert.is_true(seconds < 10)
    assert.equal(4210, r.measured.model.rows)
    for _, name in ipairs{ "deliver", "keywords", "model" } do
      assert.equal(4210, r.measured[name].covered)
    end
    -- The keywords make fewer mistakes than delivering everything, but dearer ones.
    assert.is_true(r.measured.keywords.share < r.measured.deliver.share)
    assert.is_true(r.measured.keywords.cost > r.measured.deliver.cost)
    assert.is_true(r.measured.model.cost < r.measured.deliver.cost)
    assert.equal("do not build", r.office.verdict)
    assert.equal("model", r.provider.verdict)
    assert.is_true(r.office.break_even.cases_per_year > 100000)
    assert.is_true(r.office.break_even.cases_per_year < 2000000)
    assert.matches("Leave it as it is", text, 1, true)
    assert.matches("지금 그대로 둡니다", select(2, run("spam_rules", "ko")), 1, true)
  end)

  it("model_wins: a model beats a blood test, a rule and a table", function()
    local r, text, seconds = run "model_wins"
    assert.is_true(seconds < 10)
    assert.equal("model", r.decision.verdict)
    assert.is_true(r.decision.best.probability > 0.8)
    assert.is_true(r.measured.model.share < r.measured.rule.share)
    assert.is_true(r.measured.model.share < r.measured.table.share)
    assert.equal(333, r.measured.model.rows)
    assert.matches("Build the model", text, 1, true)
    assert.matches("모델을 만듭니다", select(2, run("model_wins", "ko")), 1, true)
  end)

  it("lookup_wins: a tape is as good as a model, and cheaper", function()
    local r, text, seconds = run "lookup_wins"
    assert.is_true(seconds < 10)
    assert.equal("lookup", r.decision.verdict)
    assert.equal("tape", r.decision.best.name)
    -- The rule of thumb goes by age alone.
    assert.is_true(r.measured.rule.share > 3 * r.measured.tape.share)
    assert.is_true(math.abs(r.measured.model.share - r.measured.tape.share) < 0.01)
    assert.matches("Look it up", text, 1, true)
    assert.matches("조회합니다", select(2, run("lookup_wins", "ko")), 1, true)
  end)

  it("cannot_tell: the data leave it open, and say what finding out is worth", function()
    local r, text, seconds = run "cannot_tell"
    assert.is_true(seconds < 10)
    assert.equal("measure this first", r.decision.verdict)
    assert.is_true(r.decision.best.probability < 0.74)
    assert.is_true(r.measured.model.share < r.measured.rule.share)
    assert.equal("run it", r.pilot.verdict)
    assert.is_true(r.pilot.net > 0)
    assert.matches("The choice is open", text, 1, true)
    assert.matches("아직 결론을 낼 수 없습니다", select(2, run("cannot_tell", "ko")), 1, true)
  end)
end)
