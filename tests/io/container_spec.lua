local hana = require "hana"
local temporary = require "tests.io.temporary"

local null = hana.null

local function all_types()
  return hana.frame{
    { "f", { 0.1, null, -math.huge, 0 / 0 } },
    { "i", { math.mininteger, null, math.maxinteger, 0 } },
    { "b", { true, null, false, true } },
    { "s", { "가\0나", null, "", "x\n" } },
    { "c", { "b", null, "a", "b" }, "category" },
    { "d", { "0001-01-01", null, "2024-02-29", "1969-12-31" }, "date" },
    { "t", { "2024-02-29T12:30:00.000001Z", null, "1969-12-31T23:59:59Z", "2024-01-01T00:00:00Z" },
      "datetime" },
  }
end

local function same_cell(a, b)
  return a == b and math.type(a) == math.type(b) or (a ~= a and b ~= b)
end

local function assert_same(a, b)
  assert.same(a:names(), b:names())
  assert.same(a:types(), b:types())
  assert.equal(#a, #b)
  for _, name in ipairs(a:names()) do
    if a:types()[name] ~= "block" then
      local x, y = a:col(name):totable(), b:col(name):totable()
      for i = 1, #a do assert.is_true(same_cell(x[i], y[i]), name .. " " .. i) end
    end
  end
  local ids = require("hana.core").row_ids
  assert.same(ids(a), ids(b))
end

local function saved(df)
  local path = temporary.file(nil, ".hana")
  df:save(path)
  return path
end

describe("a saved frame", function()
  after_each(temporary.clear)

  it("comes back with types, levels, nulls and row ids", function()
    local df = all_types()
    assert_same(df, hana.load(saved(df)))
  end)

  it("keeps the zone of a datetime and the rows of several sources", function()
    local function read(text)
      return hana.read_csv{ text = text, timezone = "Asia/Seoul", quiet = true }
    end
    local df = read("t,x\n2024-07-01 12:00:00,1\n,2\n")
    local other = read("t,x\n2024-01-01 00:00:00,7\n")
    local both = hana.concat{ df, other, df:tail(1) }:sort{ { "x", "desc" } }
    local back = hana.load(saved(both))
    assert_same(both, back)
    assert.equal("2024-01-01T00:00:00+09:00", back.t[1])
  end)

  it("may be empty, without rows or without columns", function()
    assert_same(all_types():head(0), hana.load(saved(all_types():head(0))))
    local none = all_types():select{}
    local back = hana.load(saved(none))
    assert.equal(4, #back)
    assert.equal(0, back:ncol())
  end)

  it("keeps blocks", function()
    local df = hana.read_csv({ text = "id,p1,p2\n1,0,2.5\n2,,4\n" },
      { blocks = { p = "p*" }, quiet = true })
    local path = temporary.file(nil, ".csv")
    hana.load(saved(df)):write_csv(path)
    assert.equal("id,p1,p2\n1,0,2.5\n2,,4\n", temporary.bytes(path))
  end)

  it("keeps the parts of a slice", function()
    local df = all_types():slice(2, 3)
    assert_same(df, hana.load(saved(df)))
  end)

  it("is refused wherever it is damaged", function()
    local bytes = temporary.bytes(saved(hana.frame{ { "x", { 1, 2 } }, { "s", { "a", null } } }))
    for at = 1, #bytes, 3 do
      local damaged = string.char(bytes:byte(at) ~ 1 << (at * 5 % 8))
      local path = temporary.file(bytes:sub(1, at - 1) .. damaged .. bytes:sub(at + 1))
      local good, message = pcall(hana.load, path)
      os.remove(path)
      assert.is_false(good, "byte " .. at)
      assert.matches(path, message, 1, true)
    end
  end)

  it("is refused when it is cut, longer, or something else, with a word that says so", function()
    local bytes = temporary.bytes(saved(all_types()))
    local function load(text) return function() hana.load(temporary.file(text, ".hana")) end end
    for length = 0, #bytes - 1, 61 do assert.has_error(load(bytes:sub(1, length))) end
    assert.error_matches(load(bytes:sub(1, -2)), "cut short")
    assert.error_matches(load(bytes .. "\0"), "something after the last section")
    assert.error_matches(load("a,b\n1,2\n"), "not a file of hana")
    assert.error_matches(load(bytes:sub(1, 8) .. "\2" .. bytes:sub(10)), "format version 2")
    local flipped = bytes:gsub("\r\n\x1a\n", "\n\x1a\n", 1)
    assert.error_matches(load(flipped), "damaged in its first bytes")
    assert.error_matches(function() hana.load("no/such.hana") end, "no/such.hana: no such file", 1,
      true)
  end)

  it("has the CRC-32C that RFC 3720 gives", function()
    -- Of a section, as it lies in the file: the checksum of 32 zero bytes is 8A9136AA.
    local bytes = temporary.bytes(saved(hana.frame{ { "x", { 0, 0, 0, 0 } } }))
    local at = assert(bytes:find("root/frame/columns/0/values", 1, true))
    local length = string.unpack("<I8", bytes, at - 20)
    local crc = string.unpack("<I4", bytes, at - 8)
    assert.equal(32, length)
    assert.equal(0x8A9136AA, crc)
  end)
end)
