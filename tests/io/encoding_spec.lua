-- Bytes from Python's codecs.
local hana = require "hana"
local temporary = require "tests.io.temporary"

local texts = {
  ["utf-8"] = "\xEC\x9D\xB4\xEB\xA6\x84,n\n\xEA\xB9\x80,1\n",
  ["utf-16le"] = "t\xC7\x84\xB9,\0n\0\n\0\x40\xAE,\x001\0\n\0",
  ["utf-16be"] = "\xC7t\xB9\x84\0,\0n\0\n\xAE\x40\0,\x001\0\n",
  cp949 = "\xC0\xCC\xB8\xA7,n\n\xB1\xE8,1\n",
}
local marks = { ["utf-8"] = "\xEF\xBB\xBF", ["utf-16le"] = "\xFF\xFE", ["utf-16be"] = "\xFE\xFF" }

local function read(bytes, encoding)
  return hana.read_csv(temporary.file(bytes), { encoding = encoding, quiet = true })
end

describe("an encoding", function()
  after_each(temporary.clear)

  it("is read by its name and by its mark", function()
    for name, bytes in pairs(texts) do
      local df = read(bytes, name)
      assert.same({ "이름", "n" }, df:names(), name)
      assert.equal("김", df["이름"][1])
      assert.equal(name, df:read_report().encoding)
      if marks[name] then
        df = read(marks[name] .. bytes)
        assert.same({ "이름", "n" }, df:names(), name)
        assert.equal(name, df:read_report().encoding)
        assert.same({ "이름", "n" }, read(marks[name] .. bytes, name):names())
      end
    end
    assert.same({ "이름", "n" }, read(marks["utf-16be"] .. texts["utf-16be"], "utf-16"):names())
  end)

  it("is guessed from the bytes", function()
    local ascii = { "a\0,\0b\0\n\x001\0,\x002\0\n\0", "\0a\0,\0b\0\n\x001\0,\x002\0\n" }
    assert.equal("utf-16le", read(ascii[1]):read_report().encoding)
    assert.equal("utf-16be", read(ascii[2]):read_report().encoding)
    assert.equal("cp949", read(texts.cp949):read_report().encoding)
    assert.equal("utf-8", read("a\n1\n"):read_report().encoding)
    assert.equal("windows-1252", read("gr\xF6\xDFe\n\x80 5\n"):read_report().encoding)
    assert.same({ "größe" }, read("gr\xF6\xDFe\n\x80 5\n"):names())
    assert.equal("x", read("\x84\x31\x95\x33x,y\n1,2\n"):names()[1])
  end)

  it("is an error with line and byte where the bytes are not of it", function()
    assert.error_matches(function() read("a\nb\n\xC3\x28\n", "utf-8") end,
      "line 3: byte 0xC3 is not valid utf-8", 1, true)
    assert.error_matches(function() read("a\n\xB1\xE8\n\xFF\xFF\n", "cp949") end, "line 3.*cp949")
    assert.error_matches(function() read("a\n\x81\n", "windows-1252") end, "line 2")
    assert.error_matches(function() read("a\n", "utf8-ish") end,
      "'encoding' must be auto.*utf8%-ish")
  end)

  it("is not changed for a few broken bytes in UTF-8", function()
    local text = ("가나다라마바사\n"):rep(20) .. "\xB1\xE8\n"
    assert.error_matches(function() read(text) end, "line 21: byte 0xB1 is not valid utf-8", 1,
      true)
    assert.error_matches(function() read(("a,b\n1,서울"):sub(1, -2)) end,
      "line 2: byte 0xEC is not valid utf-8", 1, true)
    assert.equal("Zoé", read("a\nZo\xE9").a[1])
  end)

  it("that cannot hold a character says which", function()
    local df = hana.frame{ { "x", { "€" } } }
    local path = temporary.file(nil)
    assert.error_matches(function() df:write_csv(path, { encoding = "latin1" }) end,
      "'€' (U+20AC) is not in latin1", 1, true)
    df:write_csv(path, { encoding = "windows-1252" })
    assert.equal("x\n\x80\n", temporary.bytes(path))
    df:write_csv(path, { encoding = "utf-16le", bom = true })
    assert.equal("\xFF\xFEx\0\n\0\xAC\x20\n\0", temporary.bytes(path))
  end)
end)
