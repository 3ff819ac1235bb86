local hana = require "hana"
local json = hana.json

describe("hana.json", function()
  it("writes keys sorted and numbers with all digits", function()
    assert.equal('{"a":1,"b":[true,null],"c":"x"}',
      json.encode{ c = "x", a = 1, b = { true, hana.null } })
    assert.equal("9007199254740993", json.encode(9007199254740993))
    assert.equal("0.1", json.encode(0.1))
    assert.equal("3.0", json.encode(3.0))
  end)

  it("reads back what it wrote", function()
    local value = {
      n = 9223372036854775807, f = 0.1, s = "a\0b\n가", list = { 1, hana.null, { x = {} } },
    }
    assert.same(value, json.decode(json.encode(value)))
    assert.equal("float", math.type(json.decode("3.0")))
    assert.equal("integer", math.type(json.decode("3")))
  end)

  it("tells an empty array from an empty object", function()
    assert.equal("{}", json.encode{})
    assert.equal("[]", json.encode(json.array{}))
    assert.equal("[]", json.encode(json.decode("[]")))
    assert.equal("{}", json.encode(json.decode("{}")))
  end)

  it("gives null as hana.null", function()
    assert.equal(hana.null, json.decode("null"))
    assert.equal(hana.null, json.decode('{"a":null}').a)
    assert.equal("null", tostring(hana.null))
  end)

  it("refuses what JSON cannot hold", function()
    assert.error_matches(function() json.encode{ 1, nil, 3 } end,
      "hole at element 2: write hana%.null")
    assert.has_error(function() json.encode(0 / 0) end)
    assert.has_error(function() json.encode(math.huge) end)
    assert.error_matches(function() json.encode(print) end, "json cannot hold a function")
    assert.error_matches(function() json.encode{ 1, a = 2 } end, "list elements and names")
    assert.error_matches(function() json.encode{ [true] = 1 } end, "must be a string")
    local loop = {}
    loop.loop = loop
    assert.error_matches(function() json.encode(loop) end, "deeper than 200")
  end)

  it("says where a text is wrong", function()
    assert.has_error(function() json.decode('{"a":1,"a":2}') end)
    assert.error_matches(function() json.decode("[1,\n2,,]") end, "2")
  end)
end)
