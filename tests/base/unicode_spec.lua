local hana = require "hana"

-- Python's unicodedata; reference/make_texts.py made the file.
local folder = debug.getinfo(1, "S").source:match "^@(.*/)"

local function column(values) return hana.frame{ { "x", values } } end

describe("texts", function()
  it("have the lengths, normal forms and cases that Python gives them", function()
    local texts, lengths, normal, lower, upper = {}, {}, {}, {}, {}
    for line in io.lines(folder .. "reference/texts.tsv") do
      local a, b, c, d, e = line:match "^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)$"
      local i = #texts + 1
      texts[i], lengths[i], normal[i], lower[i], upper[i] = a, math.tointeger(b), c, d, e
    end
    assert.equal(400, #texts)
    local got = column(texts):mutate{
      { "n", "len(x)" }, { "nfc", "normalize(x)" }, { "low", "lower(x)" }, { "up", "upper(x)" },
      { "back", "sub(x, 1, len(x))" },
    }
    assert.same(lengths, got.n:totable())
    assert.same(normal, got.nfc:totable())
    assert.same(lower, got.low:totable())
    assert.same(upper, got.up:totable())
    assert.same(texts, got.back:totable())
  end)

  it("stop patterns that would take forever", function()
    local df = column{ ("a"):rep(60) .. "b" }
    assert.error_matches(function() df:filter "matches(x, '(a+)+$')" end, "too many steps")
    assert.error_matches(function() df:filter "matches(x, '(a')" end, "parenthes")
  end)
end)
