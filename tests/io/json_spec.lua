local hana = require "hana"

local json = hana.json

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
