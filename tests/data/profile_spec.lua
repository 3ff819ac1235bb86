local hana = require "hana"

local null = hana.null

-- The findings of a frame with one column, n rows of it made by a function.
local function findings(f, n, cast)
  local values = {}
  for i = 1, n or 40 do values[i] = f(i) end
  local df = hana.frame{ { "x", values } }
  if cast then df = df:cast{ x = cast } end
  local found = {}
  for _, finding in ipairs(df:profile().findings) do found[finding.finding] = finding.rows end
  return found
end

describe("profile", function()
  it("finds nothing in ordinary columns", function()
    assert.same({}, findings(function(i) return (i * 37 % 17) / 4 end))
    assert.same({}, findings(function(i) return i % 3 == 0 and "a" or "b" end))
    assert.same({}, findings(function(i) return i % 3 == 0 end))
    assert.same({}, findings(function() return 1 end, 0))
  end)

  it("finds columns that say nothing or little", function()
    assert.same({ empty = 40 }, findings(function() return null end))
    assert.same({ constant = 40 }, findings(function() return "a" end))
    assert.same({ mostly_null = 30 },
      findings(function(i) return i % 4 == 0 and i % 5 or null end))
  end)

  it("finds identifiers", function()
    assert.same({ identifier = 40 }, findings(function(i) return "k" .. i end))
    assert.same({ identifier = 40 }, findings(function(i) return 1000 + i end))
    assert.same({}, findings(function(i) return i * i end))
  end)

  it("finds numbers and dates that are text", function()
    assert.same({ numbers_as_text = 40 },
      findings(function(i) return ("1,%03d"):format(i % 7 * 100) end))
    assert.same({ dates_as_text = 40 },
      findings(function(i) return ("2024. %d. 1."):format(i % 5 + 1) end))
    assert.same({ dates_as_text = 40 },
      findings(function(i) return ("2024년 %d월 1일"):format(i % 5 + 1) end))
  end)

  it("finds blanks, spellings and forms that differ in nothing else", function()
    assert.same({ padded = 20, variants = 1 },
      findings(function(i) return i % 2 == 0 and "yes " or "yes" end))
    assert.same({ variants = 1 }, findings(function(i)
      return ({ "Yes", "yes", "no" })[i % 3 + 1]
    end))
    -- The same syllable composed and decomposed; full-width digits.
    assert.same({ not_normal = 20 },
      findings(function(i) return i % 2 == 0 and "가" or "\u{1100}\u{1161}" end, 40))
    assert.same({ not_normal = 10, empty_text = 10 }, findings(function(i)
      return ({ "Ａ", "b", "", null })[i % 4 + 1]
    end))
  end)

  it("finds codes for missing values, NaN and values far out", function()
    assert.same({ sentinel = 4 },
      findings(function(i) return i % 10 == 0 and -999 or 20 + i * 7 % 13 end))
    assert.same({ nan = 1, infinite = 1 }, findings(function(i)
      return i == 3 and 0 / 0 or i == 4 and 1 / 0 or i * 7 % 13 + 0.5
    end))
    assert.same({ far_out = 1 }, findings(function(i) return i == 3 and 5000 or i * 7 % 13 end))
  end)

  it("finds columns and rows that repeat others", function()
    local a, b, c, d = {}, {}, {}, {}
    for i = 1, 50 do
      a[i], b[i], c[i], d[i] = i * 17 % 29, i * 17 % 29, (i * 17 % 29) * 2.54, i * 23 % 31
    end
    local p = hana.frame{ { "a", a }, { "b", b }, { "c", c }, { "d", d } }:profile()
    assert.equal(2, #p.findings)
    assert.equal("duplicate", p.findings[1].finding)
    assert.equal("equals column 'a'", p.findings[1].sentence)
    assert.equal("follows", p.findings[2].finding)
    assert.equal("c", p.findings[2].column)
    assert.equal("look", p.verdict)
    local twice = hana.frame{ { "k", { 1, 2, 1, 3, 1 } } }:profile()
    assert.equal(2, twice.duplicates)
    assert.matches("2 rows repeat others", twice.sentence)
  end)

  it("prints itself and has a table", function()
    local df = hana.frame{ { "odd`name", { "x", "x", null } }, { "n", { 1, 5, 2 } } }
    local p = df:profile()
    assert.matches("3 rows, 2 columns; 1 finding in 1 column", tostring(p), 1, true)
    assert.matches("odd`name has one value, or none", tostring(p), 1, true)
    assert.same({ "has one value, or none", null }, p:table().findings:totable())
    assert.equal("look", hana.json.decode(p:json()).verdict)
    local clean = df:select{ "n" }:profile()
    assert.equal("clean", clean.verdict)
    assert.same({ null }, clean:table().findings:totable())
  end)
end)
