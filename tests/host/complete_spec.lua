local hana = require "hana"
local complete = require("hana.complete").complete

local df = hana.frame{ { "height", { 1 } }, { "weight", { 2 } }, { "몸무게", { 3 } } }

--- Completes the word at the end of the line.
local function at_end(line, locals, earlier)
  local first = line:find("[^%s\"'`><=;,+%-*/%%^~#&|{}()%[%]]*$")
  return complete(line, first, #line, locals or { df = df }, earlier or "")
end

describe("completion", function()
  it("knows keywords, locals and globals", function()
    assert.same({ "repeat", "require", "return" }, (at_end "re"))
    assert.same({ "df" }, (at_end "x = df"))
    assert.same({ "string" }, (at_end "stri"))
  end)

  it("knows what is in hana before and after it is used", function()
    assert.same({ "hana.read_csv" }, (at_end "hana.read_c"))
    assert.same({ "hana.logistic_regression" }, (at_end "local m = hana.logi"))
    assert.same({ "hana.metrics.roc_auc" }, (at_end "hana.metrics.roc"))
  end)

  it("knows columns and methods after a dot, methods alone after a colon", function()
    assert.same({ "df.head", "df.height" }, (at_end "df.he"))
    assert.same({ "df:head" }, (at_end "df:he"))
    assert.same({ "df.weight:mean", "df.weight:median" }, (at_end "df.weight:me"))
  end)

  it("knows the options of what a table is given to", function()
    assert.same({ "max_depth", "max_leaves" }, (at_end "m = hana.decision_tree{ max"))
    assert.same({ "strategy" }, (at_end "p = hana.pipeline{ hana.impute{ str"))
    assert.same({ "delimiter" }, (at_end 'hana.read_csv("a{b", { skip = 1, deli'))
    assert.same({ "test" }, (at_end "df:split{ te"))
    -- A value is no key.
    assert.same({}, (at_end "hana.decision_tree{ max_depth = max_d"))
  end)

  it("knows columns inside strings, of frames that the chunk mentions", function()
    local found, files = at_end 'df:filter("hei'
    assert.same({ "height" }, found)
    assert.is_true(files)
    assert.same({ "몸무게" }, (at_end "df:select{ '몸"))
    assert.same({}, (at_end('print("hei', { df = df })))
    assert.same({ "height" }, (at_end('  { "hei', { df = df }, "df:select{\n")))
  end)

  it("is quiet about what has no fields, and runs nothing that fails", function()
    assert.same({}, (at_end("n.x", { n = 5 })))
    assert.same({}, (at_end("missing.x")))
    local trap = setmetatable({}, { __index = function() error "touched" end })
    assert.same({}, (at_end("trap.x.y", { trap = trap })))
    assert.same({ "s:upper" }, (at_end("s:upp", { s = "text" })))
  end)
end)
