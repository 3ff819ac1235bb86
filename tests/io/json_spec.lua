local hana = require "hana"

local temporary = require "tests.io.temporary"

local json = hana.json
local null = hana.null

local function refuses(text, message)
  assert.error_matches(function() json.decode(text) end, message, 1, true)
end

describe("hana.json.decode", function()
  it("takes what RFC 8259 allows", function()
    assert.same({ 1, -2.5, 1e5, true, false, hana.null, "a/b" },
      json.decode(' [1,\t-2.5 ,1E+5,\r\ntrue,false,null,"a\\/b"] '))
    assert.equal("\u{1F600}\b\f\n\r\t\"\\é", json.decode([["\ud83d\ude00\b\f\n\r\t\"\\\u00e9"]]))
    assert.equal("x", json.decode('\u{FEFF}"x"'))
    assert.equal(1e-320, json.decode("1e-320"))
    assert.equal("-0.0", tostring(json.decode("-0")))
    assert.equal(math.mininteger, json.decode("-9223372036854775808"))
  end)

  it("says where it does not", function()
    refuses("", "line 1, column 1: expected a value, found the end")
    refuses("[1,]", "line 1, column 4: expected a value, found ']'")
    refuses("[1\n  2]", "line 2, column 3: expected ',' or ']', found '2'")
    refuses('{"가" 1}', "line 1, column 6: expected ':', found '1'")
    refuses("{a:1}", "line 1, column 2: expected a string, found 'a'")
    refuses("[01]", "line 1, column 2: a number must not begin with a zero")
    refuses("[1.]", "line 1, column 4: expected a digit, found ']'")
    refuses("[+1]", "line 1, column 2: expected a value, found '+'")
    refuses("[nul]", "expected a value")
    refuses("NaN", "expected a value")
    refuses("[1] x", "line 1, column 5: expected the end, found 'x'")
    refuses('"a\nb"', "control characters, found byte 0x0A")
    refuses('["abc', "line 1, column 2: the string is never closed")
    refuses([["\x"]], "unknown escape")
    refuses([["\u12g4"]], "four hexadecimal digits")
    refuses([["\ud800x"]], "half a surrogate pair")
    refuses('"\xFF"', "not valid UTF-8")
    refuses("'a'", "expected a value, found '''")
  end)

  it("refuses what would lose something", function()
    refuses("9223372036854775808", "does not fit 64 bits")
    refuses("1e999", "too large")
    refuses('{"a":1,"b":2,"a":3}', "the key 'a' stands twice in one object")
  end)

  it("takes 200 levels and no more", function()
    assert.is_table(json.decode(("["):rep(200) .. ("]"):rep(200)))
    refuses(("["):rep(201) .. ("]"):rep(201), "nested too deeply")
    refuses(("["):rep(100000), "nested too deeply")
  end)

  it("takes an object of many keys in its stride", function()
    local parts = {}
    for i = 1, 20000 do parts[i] = ('"k%d":%d'):format(i, i) end
    assert.equal(20000, json.decode("{" .. table.concat(parts, ",") .. "}").k20000)
  end)
end)

describe("hana.json.encode", function()
  it("writes floats as the shortest text that reads back", function()
    local numbers = { 0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 1e23, -0.0, 2^53, 123456789.0 }
    for _, x in ipairs(numbers) do
      local back = json.decode(json.encode(x))
      assert.equal(string.pack("d", x), string.pack("d", back))
      assert.equal("float", math.type(back))
    end
  end)

  it("escapes what must be and nothing else", function()
    assert.equal([["\u0000\u001f\"\\/é\n"]], json.encode("\0\x1f\"\\/é\n"))
    assert.error_matches(function() json.encode("\xFF") end, "UTF%-8")
  end)
end)

local function read(text) return hana.read_json{ text = text, quiet = true } end

local function list(df, name) return df:col(name):totable() end

describe("read_json", function()
  it("makes a column of every key, however late it comes", function()
    local rows = {}
    for i = 1, 300 do rows[i] = i < 250 and '{"a":1}' or ('{"a":%d,"b":"x%d"}'):format(i, i) end
    local df = read(table.concat(rows, "\n"))
    assert.same({ "a", "b" }, df:names())
    assert.equal(300, #df)
    assert.equal(249, df:read_report().columns[2].nulls.null)
    assert.equal("x250", df.b[250])
    assert.equal("x300", df.b[300])
  end)

  it("keeps integers, types and nulls", function()
    local df = read('{"i":9007199254740993,"f":1,"s":"가\\u0000","t":true,"z":null}\n\n' ..
      '{"i":null,"f":0.1,"s":"","t":false,"z":null}\n')
    assert.same({ i = "int", f = "float", s = "string", t = "bool", z = "float" },
      { i = df:types().i, f = df:types().f, s = df:types().s, t = df:types().t, z = df:types().z })
    assert.same({ 9007199254740993, null }, list(df, "i"))
    assert.same({ 1.0, 0.1 }, list(df, "f"))
    assert.same({ "가\0", "" }, list(df, "s"))
    assert.same({ null, null }, list(df, "z"))
  end)

  it("keeps what is no single value as its JSON text, and says so", function()
    local df = read('[{"a":[1,2.5],"b":1},\n {"a":{"k":null},"b":"x"}]')
    assert.same({ "[1,2.5]", '{"k":null}' }, list(df, "a"))
    assert.same({ "1", "x" }, list(df, "b"))
    assert.matches("column 'a': lists and objects (2) became JSON text", df:read_report().notes[1],
      1, true)
    assert.matches("column 'b' is mixed and became text", df:read_report().notes[2], 1, true)
  end)

  it("refuses a bad line, and names it", function()
    assert.error_matches(function() read('{"a":1}\n{"a":2}\n\n{"a":NaNN}\n{"a":5}\n') end,
      "text: line 4, column 6: expected a value, found 'N'", 1, true)
    assert.error_matches(function() read('{"a":1}\n{"a":\n2}\n') end, "line 2")
    assert.error_matches(function() read('{"a":1}\n[1]\n') end,
      "line 2, column 1: expected an object")
    assert.error_matches(function() read('{"a":1} {"a":2}\n') end,
      "line 1, column 9: expected the end of the line")
    assert.error_matches(function() read('[{"a":1},]') end, "column 10: expected an object")
    assert.error_matches(function() read('[{"a":1}') end, "expected ',' or ']'")
    assert.error_matches(function() read('[{"a":1}] 2') end, "expected the end")
    assert.error_matches(function() read("\n") end, "text: the file is empty", 1, true)
    assert.error_matches(function() hana.read_json("no/such.jsonl") end, "no such file")
    assert.error_matches(function() hana.read_json("x", { quit = true }) end,
      "unknown option 'quit'")
  end)
end)

describe("write_json", function()
  after_each(temporary.clear)

  it("writes what reads back", function()
    local df = hana.frame{
      { "i", { 9007199254740993, null } }, { "f", { 5e-324, 3.0 } }, { "s", { 'a"\n', null } },
      { "b", { null, true } }, { "d", { "2024-02-29", null }, "date" },
    }
    for _, suffix in ipairs{ ".jsonl", ".json" } do
      local path = temporary.file(nil, suffix)
      df:write_json(path)
      local back = hana.read_json(path, { quiet = true })
      for _, name in ipairs(df:names()) do assert.same(list(df, name), list(back, name)) end
      assert.equal(suffix == ".json" and "[" or "{", temporary.bytes(path):sub(1, 1))
    end
    local path = temporary.file(nil, ".jsonl")
    df:head(1):write_json(path)
    assert.equal('{"i":9007199254740993,"f":5e-324,"s":"a\\"\\n","b":null,"d":"2024-02-29"}\n',
      temporary.bytes(path))
  end)

  it("refuses a number without a JSON form", function()
    local path = temporary.file("old", ".jsonl")
    assert.error_matches(function() hana.frame{ { "x", { 1, 0 / 0 } } }:write_json(path) end,
      "column 'x', row 2: NaN has no JSON form", 1, true)
    assert.equal("old", temporary.bytes(path))
  end)
end)
