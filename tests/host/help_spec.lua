local hana = require "hana"
local core = require "hana.core"
local run = require "tests.host.run"

describe("hana help", function()
  it("knows every part, with all its options", function()
    for _, part in ipairs(core.parts()) do
      local text = hana.help(part.name)
      assert.matches("hana." .. part.name .. "{ ... }", text, 1, true)
      for _, option in ipairs(part.options) do
        assert.matches("\n  " .. option.name .. "%f[ \n]", text)
      end
    end
  end)

  it("knows every name in hana", function()
    for _, name in ipairs(getmetatable(hana).names()) do
      if type(hana[name]) == "function" then
        assert.matches("hana." .. name, hana.help(name), 1, true)
      end
    end
  end)

  it("has one meaning for each name in hana", function()
    local out, err = run.run(run.hana, { "-e", [[
      local seen = {}
      for _, name in ipairs(getmetatable(require "hana").names()) do
        if seen[name] then print(name) end
        seen[name] = true
      end
    ]] })
    assert.equal("", out .. err)
  end)

  it("knows every method, and no method that is not", function()
    local meta = require "hana.meta"
    for kind, stubs in pairs(meta) do
      local methods = core[kind .. "_methods"]
      for name in pairs(methods) do
        assert.matches(kind .. ":" .. name .. "(", hana.help(name), 1, true)
      end
      for name in pairs(stubs) do
        assert.is_function(methods[name], kind .. ":" .. name)
      end
    end
  end)

  it("has a page on expressions with all their functions", function()
    local text = hana.help("expressions")
    for _, f in ipairs(core.expression_functions()) do
      assert.matches(("\n  %s(%s)\n"):format(f.name, f.arguments), text, 1, true)
    end
  end)

  it("knows metrics and functions of expressions", function()
    for _, metric in ipairs(core.metrics()) do
      assert.matches("hana.metrics." .. metric.name, hana.help(metric.name), 1, true)
    end
    for _, f in ipairs(core.expression_functions()) do
      assert.matches(f.name .. "(" .. f.arguments .. ")", hana.help(f.name), 1, true)
    end
  end)

  it("says the same from the command line, and refuses what it does not know", function()
    local out, err, code = run.run(run.hana, { "help", "ridge" })
    assert.equal(hana.help "ridge" .. "\n", out)
    assert.equal("", err)
    assert.equal(0, code)
    out, err, code = run.run(run.hana, { "help", "ridg" })
    assert.equal("", out)
    assert.equal("hana: no help on 'ridg'; did you mean 'ridge'?\n", err)
    assert.equal(1, code)
    out, err, code = run.run(run.hana, { "help", "ridge", "more" })
    assert.equal("", out)
    assert.matches("^hana: one topic at a time\nusage: hana help", err)
    assert.equal(2, code)
  end)

  it("lists the commands that there are, and each of them runs", function()
    local text = hana.help()
    for name, command in pairs(require("hana.cli").commands) do
      assert.matches("hana " .. command.usage, text, 1, true)
      assert.is_function(command.run, name)
    end
  end)
end)
