local en, ko = require "hana.text_en", require "hana.text_ko"
local phrase = require "hana.phrase"

local function holes(template)
  local names = {}
  for name in template:gmatch("{([%w_]+)|?[^{}]*}") do
    names[name] = true
  end
  local list = {}
  for name in pairs(names) do
    list[#list + 1] = name
  end
  table.sort(list)
  return table.concat(list, " ")
end

describe("texts", function()
  it("have the same keys in English and Korean", function()
    for key in pairs(en) do
      assert.is_string(ko[key], "missing in text_ko: " .. key)
    end
    for key in pairs(ko) do
      assert.is_string(en[key], "missing in text_en: " .. key)
    end
  end)

  it("take the same values in both", function()
    for key, template in pairs(en) do
      assert.equal(holes(template), holes(ko[key]), key)
    end
  end)

  it("are in the language they claim", function()
    local same_in_both = { ["range"] = false }
    for key, template in pairs(ko) do
      local words = template:gsub("{[^{}]*}", "")
      if words:find("%a%a%a") or #words > 12 then
        assert.is_truthy(
          words:find("[\xEA-\xED][\x80-\xBF][\x80-\xBF]") or same_in_both[key],
          key .. ": " .. template
        )
      end
    end
    for key, template in pairs(en) do
      assert.is_nil(template:find("[\xEA-\xED][\x80-\xBF][\x80-\xBF]"), key)
    end
  end)

  it("have every key that the project's files ask for", function()
    local root = debug.getinfo(1, "S").source:match("^@(.*)tests/project/") or ""
    local files = io.popen(
      "ls "
        .. root
        .. "lua/hana/project/*.lua "
        .. root
        .. "lua/hana/project.lua "
        .. root
        .. "lua/hana/form.lua "
        .. root
        .. "lua/hana/decide.lua"
    )
    local asked = 0
    for path in files:lines() do
      local file = assert(io.open(path))
      for key in file:read("a"):gmatch('%f[%w]t%("([%w_]+%.?[%w_%.]*)"[,)]') do
        if not key:find("%.$") then
          asked = asked + 1
          assert.is_string(en[key], path .. " asks for " .. key)
        end
      end
      file:close()
    end
    files:close()
    assert.is_true(asked > 150)
  end)
end)

describe("phrase", function()
  it("chooses the Korean particle by the last sound", function()
    local function with(value, forms) return phrase.fill("{x|" .. forms .. "}", { x = value }) end
    assert.equal("키를", with("키", "을/를"))
    assert.equal("몸무게가", with("몸무게", "이/가"))
    assert.equal("이탈률이", with("이탈률", "이/가"))
    assert.equal("오류율을", with("오류율", "을/를"))
    assert.equal("5.8%를", with("5.8%", "을/를"))
    assert.equal("0.6이", with("0.6", "이/가"))
    assert.equal("0.2가", with("0.2", "이/가"))
    assert.equal("서울로", with("서울", "으로/로"))
    assert.equal("부산으로", with("부산", "으로/로"))
    assert.equal("7로", with("7", "으로/로"))
    assert.equal("`hgt`를", with("`hgt`", "을/를"))
    assert.equal("$90을", with("$90", "을/를"))
  end)

  it("raises when a value is missing", function()
    assert.error_matches(function() phrase.fill("{x} and {y}", { x = 1 }) end, "no value for{y}")
    assert.error_matches(function() phrase.speaker "de" end, '"en" or "ko"')
    assert.error_matches(function() phrase.speaker("en")("no.such.key") end, "no such key")
  end)

  it("prints numbers for people", function()
    assert.equal("1,234,567", phrase.number(1234567))
    assert.equal("−1,234", phrase.number(-1234))
    assert.equal("1.74", phrase.number(1.7415))
    assert.equal("37.0", phrase.number(37.02))
    assert.equal("0.0312", phrase.number(0.03123))
    assert.equal("0", phrase.number(-0.0))
    assert.equal("1.20e-07", phrase.number(1.2e-7))
    assert.equal("–", phrase.number(nil))
    assert.equal("NaN", phrase.number(0 / 0))
    assert.equal("∞", phrase.number(math.huge))
    assert.equal("12.3%", phrase.percent(0.1234))
    assert.equal("5.8%", phrase.percent(0.0576))
    assert.equal("0.45%", phrase.percent(0.0045))
    assert.equal("100%", phrase.percent(1))
    assert.equal("$152,751", phrase.money(152750.6, "USD"))
    assert.equal("−$12.50", phrase.money(-12.5, "USD"))
    assert.equal("₩1,000", phrase.money(1000, "KRW"))
    assert.equal("12.50 CHF", phrase.money(12.5, "CHF"))
    assert.equal("8.4 kB", phrase.bytes(8400))
    assert.equal("21.4 ms", phrase.seconds(0.0214))
    assert.equal("2.5", phrase.given(2.5))
    assert.equal(9, phrase.width("한글 abcd"))
  end)

  it("does not depend on the locale", function()
    local old = os.setlocale(nil, "numeric")
    for _, name in ipairs{ "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8" } do
      if os.setlocale(name, "numeric") then break end
    end
    local text = phrase.number(1234.5)
      .. " "
      .. phrase.money(2.5, "USD")
      .. " "
      .. phrase.given(0.25)
    os.setlocale(old, "numeric")
    assert.equal("1,234 $2.50 0.25", (text:gsub("1,235", "1,234")))
  end)
end)
