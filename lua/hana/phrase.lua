-- Sentences and numbers for people, in English and Korean. Texts live in text_en.lua and
-- text_ko.lua under the same keys. In a template `{name}` is replaced by a value; `{name|은/는}`
-- adds the particle that fits the value's last sound (the form after a consonant comes first).

local M = {}

local texts = {}
local languages = { en = "hana.text_en", ko = "hana.text_ko" }

---Digits grouped by threes, a point as decimal sign whatever the locale.
local function fixed(x, digits)
  local text = string.format("%." .. digits .. "f", x):gsub(",", ".")
  local sign, whole, rest = text:match("^(-?)(%d+)(.*)$")
  if not whole then return text end
  whole = whole:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
  if tonumber(text) == 0 then sign = "" end
  return (sign == "-" and "−" or "") .. whole .. rest
end

---A number with as many decimals as its size deserves (three significant digits), or with
---exactly `digits` decimals.
---@param x number?
---@param digits integer?
---@return string
function M.number(x, digits)
  if x == nil then return "–" end
  if math.type(x) == "integer" and not digits then return fixed(x, 0) end
  if x ~= x then return "NaN" end
  if x == math.huge then
    return "∞"
  elseif x == -math.huge then
    return "−∞"
  end
  if digits then return fixed(x, digits) end
  local size = math.abs(x)
  if size >= 1e15 or (size > 0 and size < 1e-4) then
    return (string.format("%.2e", x):gsub(",", "."):gsub("^-", "−"))
  end
  if size == math.floor(size) and size < 1e6 then return fixed(x, 0) end
  local decimals = 2 - math.floor(math.log(size, 10))
  return fixed(x, math.max(0, math.min(decimals, 6)))
end

---A number as somebody gave it: up to six digits, no zeros at the end.
---@param x number?
function M.given(x)
  if x == nil then return "–" end
  if math.type(x) == "integer" or x == math.floor(x) then return M.number(x, 0) end
  local text = string.format("%.6g", x):gsub(",", ".")
  return (text:gsub("^-", "−"))
end

---A share as a percentage.
---@param x number?
---@param digits integer?
function M.percent(x, digits)
  if x == nil then return "–" end
  if x ~= x then return "NaN" end
  if not digits then
    local size = math.abs(x * 100)
    digits = (size == 0 or size >= 99.95 or size >= 10) and (size == math.floor(size) and 0 or 1)
      or size >= 1 and 1
      or 2
  end
  return fixed(x * 100, digits) .. "%"
end

local signs = { USD = "$", EUR = "€", GBP = "£", KRW = "₩", JPY = "¥" }

---An amount of money. Whole units from 100 on, cents below, or exactly `digits` decimals.
---@param x number?
---@param currency string?
---@param digits integer?
function M.money(x, currency, digits)
  if x == nil then return "–" end
  local sign = signs[currency or ""]
  local whole = math.abs(x) >= 100 or currency == "KRW" or currency == "JPY"
  local text = fixed(math.abs(x), digits or (whole and 0 or 2))
  local minus = x < 0 and tonumber((text:gsub(",", ""))) ~= 0 and "−" or ""
  if not sign then return minus .. text .. (currency and " " .. currency or "") end
  return minus .. sign .. text
end

---A duration in seconds, in the unit that reads best.
---@param seconds number?
function M.seconds(seconds)
  if seconds == nil then return "–" end
  if seconds < 1e-3 then return M.number(seconds * 1e6, 1) .. " µs" end
  if seconds < 1 then return M.number(seconds * 1e3, 1) .. " ms" end
  if seconds < 120 then return M.number(seconds, 1) .. " s" end
  return M.number(seconds / 60, 1) .. " min"
end

---@param bytes number?
function M.bytes(bytes)
  if bytes == nil then return "–" end
  if bytes < 1000 then return M.number(bytes, 0) .. " B" end
  if bytes < 1e6 then return M.number(bytes / 1e3, 1) .. " kB" end
  return M.number(bytes / 1e6, 1) .. " MB"
end

-- Whether a digit or Latin letter ends in a consonant when it is read in Korean; 8 stands for ㄹ.
local digit_ends = {
  ["0"] = 1,
  ["1"] = 8,
  ["2"] = 0,
  ["3"] = 1,
  ["4"] = 0,
  ["5"] = 0,
  ["6"] = 1,
  ["7"] = 8,
  ["8"] = 8,
  ["9"] = 0,
}

local function last_sound(text)
  -- What stands in brackets, quotes or markup at the end is not what is heard last.
  local bare = text
    :gsub("%s*%b()$", "")
    :gsub("[%s%p]+$", function(tail) return tail:find("%%") and "%" or "" end)
  if bare == "" then return 0 end
  local code
  for _, c in utf8.codes(bare, true) do
    code = c
  end
  if code >= 0xAC00 and code <= 0xD7A3 then return (code - 0xAC00) % 28 end
  local char = utf8.char(code)
  if char == "%" or char == "$" or char == "€" then return 0 end -- 퍼센트, 달러, 유로
  if char == "₩" then return 4 end
  if digit_ends[char] then return digit_ends[char] end
  if char:lower():match("^[lr]$") then return 8 end
  if char:lower():match("^[mn]$") then return 1 end
  return 0
end

local function particle(text, forms)
  local with, without = forms:match("^(.-)/(.*)$")
  local sound = last_sound(text)
  -- 으로/로 counts ㄹ among the vowels.
  if with == "으로" then return (sound ~= 0 and sound ~= 8) and with or without end
  return sound ~= 0 and with or without
end

---Fills a template. Numbers that come as numbers are printed by M.number.
---@param template string
---@param values table?
---@return string
function M.fill(template, values)
  return (
    template:gsub("{([%w_]+)|?([^{}]*)}", function(name, forms)
      local value = values and values[name]
      if value == nil then error("text: no value for{" .. name .. "} in: " .. template, 0) end
      if type(value) == "number" then value = M.number(value) end
      value = tostring(value)
      return forms == "" and value or value .. particle(value, forms)
    end)
  )
end

---The languages that reports are written in.
function M.languages() return { "en", "ko" } end

---A function t(key, values) for one language.
---@param lang string
---@return fun(key: string, values: table?): string
function M.speaker(lang)
  if not languages[lang] then
    error(('project: option \'lang\' must be "en" or "ko", got %q'):format(tostring(lang)), 0)
  end
  texts[lang] = texts[lang] or require(languages[lang])
  local known = texts[lang]
  return function(key, values)
    local template = known[key]
    if not template then error("text: no such key: " .. key, 2) end
    return M.fill(template, values)
  end
end

local wide = {
  { 0x1100, 0x115F },
  { 0x2E80, 0x303E },
  { 0x3041, 0x33FF },
  { 0x3400, 0x4DBF },
  { 0x4E00, 0x9FFF },
  { 0xA000, 0xA4CF },
  { 0xAC00, 0xD7A3 },
  { 0xF900, 0xFAFF },
  { 0xFE30, 0xFE6F },
  { 0xFF00, 0xFF60 },
  { 0xFFE0, 0xFFE6 },
  { 0x1F300, 0x1FAFF },
  { 0x20000, 0x3FFFD },
}

---Terminal cells that a text takes: two for Hangul and other wide characters.
---@param text string
---@return integer
function M.width(text)
  local cells = 0
  for _, code in utf8.codes(text, true) do
    local two = false
    for _, range in ipairs(wide) do
      if code >= range[1] and code <= range[2] then
        two = true
        break
      end
    end
    cells = cells + (two and 2 or 1)
  end
  return cells
end

return M
