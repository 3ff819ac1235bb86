local hana = require "hana"
local temporary = require "tests.io.temporary"

local null = hana.null

local function path_of(text, suffix) return temporary.file(text, suffix or ".jsonl") end

local function read(text, options, suffix)
  options = options or {}
  options.quiet = true
  return hana.read_json(path_of(text, suffix), options)
end

local function list(df, name) return df:col(name):totable() end

local function notes(df) return table.concat(df:read_report().notes, "\n") end

local function about(df, name)
  for _, column in ipairs(df:read_report().columns) do
    if column.name == name then return column end
  end
end

local function failure(text, options)
  local path = path_of(text)
  local good, message = pcall(hana.read_json, path, options)
  assert.is_false(good)
  return (message:gsub(path, "FILE", nil):gsub("^.-(FILE)", "%1"))
end

describe("read_json", function()
  after_each(temporary.clear)

  it("gives each column the type of its values", function()
    local df = read('{"b":true,"i":1,"f":1,"s":"x","n":null}\n' ..
      '{"b":false,"i":-2,"f":2.5,"s":"","n":null}\n')
    assert.same({ b = "bool", i = "int", f = "float", s = "string", n = "float" }, df:types())
    assert.same({ "b", "i", "f", "s", "n" }, df:names())
    assert.same({ 1.0, 2.5 }, list(df, "f"))
    assert.same({ "x", "" }, list(df, "s"))
    assert.same({ null, null }, list(df, "n"))
    assert.equal("JSON Lines", df:read_report().format)
    assert.equal("clean", df:read_report().verdict)
  end)

  it("takes keys that come late, go missing or change their order", function()
    local lines = {}
    for i = 1, 300 do
      lines[i] = i < 250 and ('{"a":%d}'):format(i) or ('{"b":"x%d","a":%d}'):format(i, i)
    end
    lines[301] = '{"b":"last"}'
    local df = read(table.concat(lines, "\n"))
    assert.same({ "a", "b" }, df:names())
    assert.equal(301, #df)
    assert.equal(52, df.b:count())
    assert.is_nil(df.b[249])
    assert.equal("x250", df.b[250])
    assert.equal(300, df.a[300])
    assert.is_nil(df.a[301])
  end)

  it("keeps all digits of integers and the bits of floats", function()
    local df = read('{"id":9007199254740993,"x":0.1}\n{"id":-9223372036854775808,"x":5e-324}\n')
    assert.same({ 9007199254740993, math.mininteger }, list(df, "id"))
    assert.same({ 0.1, 5e-324 }, list(df, "x"))
    local mixed = read('{"x":9007199254740993}\n{"x":0.5}\n')
    assert.matches("more digits than a float holds %(1%)", notes(mixed))
    assert.matches("does not fit 64 bits", failure('{"id":9223372036854775808}'))
  end)

  it("names the line of what it cannot read", function()
    assert.equal("FILE: line 4, column 6: expected a value, found 'N'",
      failure('{"a":1}\n{"a":2}\n{"a":3}\n{"a":NaNN}\n{"a":5}\n'))
    assert.equal("FILE: line 2, column 7: expected ',' or '}', found the end",
      failure('{"a":1}\n{"a":2\n{"a":3}\n'))
    assert.equal("FILE: line 1, column 9: expected the end of the line behind the object, " ..
      "found 'x'", failure('{"a":1} x\n'))
    assert.equal("FILE: line 1, column 8: the key 'a' stands twice in one object",
      failure('{"a":1,"a":2}'))
    assert.equal("FILE: line 2, column 1: expected an object, found '['", failure('{"a":1}\n[1]'))
    assert.equal("FILE: line 3, column 2: expected an object, found '4'",
      failure('[{"a":1},\n{"a":2},\n 4]'))
    assert.equal("FILE: line 1, column 11: expected the end behind the array, found '2'",
      failure('[{"a":1}] 2'))
    assert.equal("FILE: the file is empty", failure(" \n"))
  end)

  it("counts the records that on_error takes care of", function()
    local text = '{"a":1,"b":"x"}\n{"a":2,"late":3,"b":"y\n\n{"a":4,"b":"z"}\n'
    local nulls = read(text, { on_error = "null" })
    assert.same({ "a", "b" }, nulls:names())
    assert.same({ 1, null, 4 }, list(nulls, "a"))
    assert.same({ "x", null, "z" }, list(nulls, "b"))
    assert.matches("all null now: 1; the first: line 2, column 21: the string is never closed",
      notes(nulls))
    assert.equal("changed", nulls:read_report().verdict)
    local skipped = read(text, { on_error = "skip" })
    assert.same({ "x", "z" }, list(skipped, "b"))
    assert.equal(1, skipped:read_report().skipped)
    assert.matches("rows skipped: 1; the first: line 2", notes(skipped))
    assert.same({ 2 }, skipped:read_report().skipped_lines)
    local several = read('{"a":1}\n{"a":"x"}\n{"a":\n{"a":2}\n[]\n', { on_error = "skip",
      types = { a = "int" } })
    assert.same({ 1, 2 }, list(several, "a"))
    assert.same({ 2, 3, 5 }, several:read_report().skipped_lines)
    assert.matches("lines skipped: 2-3, 5", notes(several), 1, true)
    local good, message = pcall(read, '[{"a":1},{"a":]', { on_error = "skip" })
    assert.is_false(good)
    assert.matches("on_error works for JSON Lines", message)
  end)

  it("reads an array, objects over several lines, and compressed files", function()
    local array = read('[\n {"a": 1},\n {"a": [1, {"b": null}]}\n]\n', nil, ".json")
    assert.equal("a JSON array", array:read_report().format)
    local objects = read('{\n "a": 1\n}\n{\n "a": 2\n}\n')
    assert.same({ 1, 2 }, list(objects, "a"))
    assert.equal(0, #read("[]"))
    local path = path_of('{"a":"김"}\n')
    os.execute(("gzip -f -k %s"):format(path))
    assert.same({ "김" }, list(hana.read_json(path .. ".gz"), "a"))
    os.remove(path .. ".gz")
    local korean = read('{"a":"\xB1\xE8\xC3\xB6\xBC\xF6"}\n')
    assert.same({ "김철수" }, list(korean, "a"))
    assert.equal("cp949", korean:read_report().encoding)
  end)

  it("keeps what is nested as JSON text and says so", function()
    local df = read('{"n":{"x":[1,2.50],"y":"é"}}\n{"n":null}\n{"n":[]}\n')
    assert.same({ '{"x":[1,2.5],"y":"é"}', null, "[]" }, list(df, "n"))
    assert.equal("lists or objects", about(df, "n").why)
    assert.matches("column 'n': lists and objects %(2%) became JSON text, first in line 1",
      notes(df))
  end)

  it("makes text of a column with values of several sorts and says so", function()
    local df = read('{"m":1}\n{"m":true}\n{"m":"x"}\n{"m":2.0}\n')
    assert.same({ "1", "true", "x", "2" }, list(df, "m"))
    assert.matches("column 'm' is mixed and became text: true or false %(1, the first is 'true' " ..
      "in line 2%)", notes(df))
  end)

  it("takes types, null texts, columns and a limit", function()
    local text = '{"d":"2024-02-29","z":"7","t":"2024-01-01T09:00"}\n{"d":"-","z":"x","t":null}\n'
    local df = read(text, {
      types = { d = "date", t = "datetime" }, null_add = { "-" }, timezone = "Asia/Seoul",
    })
    assert.same({ "2024-02-29", null }, list(df, "d"))
    assert.same({ "2024-01-01T09:00:00+09:00", null }, list(df, "t"))
    assert.same({ ["-"] = 1 }, about(df, "d").nulls)
    assert.matches('types = { %["d"%] = "date" } reads it as dates', about(read(
      '{"d":"2024-02-29"}'), "d").hint)
    assert.same({ "z", "d" }, read(text, { columns = { "z", "d" } }):names())
    assert.equal(1, #read(text, { limit = 1 }))
    assert.matches(": line 2: column 'z': 'x' is not an integer$",
      select(2, pcall(read, text, { types = { z = "int" } })))
    assert.same({ 7, null }, list(read(text, { types = { z = "int" }, on_error = "null" }), "z"))
    local skipped = read(text, { types = { z = "int" }, on_error = "skip" })
    assert.same({ 7 }, list(skipped, "z"))
    assert.matches("rows skipped: 1; the first: line 2: column 'z': 'x' is not an integer",
      notes(skipped))
    assert.matches("unknown option 'limits' for read_json; did you mean 'limit'%?",
      select(2, pcall(read, text, { limits = 1 })))
  end)
end)

describe("read_json of hostile files", function()
  it("does not fill memory with nulls", function()
    local lines = {}
    for i = 1, 20000 do lines[i] = ('{"k%d":1}'):format(i) end
    assert.error_matches(function() read(table.concat(lines, "\n")) end,
      "jsonl: %d+ values are spread over %d+ rows and %d+ columns that are nearly empty")
  end)

  it("does not run out of stack", function()
    assert.error_matches(function() read(('{"a":'):rep(100000)) end, "nested too deeply")
    assert.error_matches(function() read(("["):rep(100000)) end, "expected an object")
  end)
end)

describe("write_json", function()
  after_each(temporary.clear)

  it("writes a row a line, which reads back as it was", function()
    local df = hana.frame{
      { "i", { 9007199254740993, null } }, { "f", { 0.1, -0.0 } }, { "b", { true, null } },
      { "s", { 'a "q"\n\\ 한글', "" } },
    }
    local path = path_of()
    df:write_json(path)
    assert.equal('{"i":9007199254740993,"f":0.1,"b":true,"s":"a \\"q\\"\\n\\\\ 한글"}\n' ..
      '{"i":null,"f":-0.0,"b":null,"s":""}\n', temporary.bytes(path))
    local back = hana.read_json(path)
    assert.same(df:types(), back:types())
    for _, name in ipairs(df:names()) do assert.same(list(df, name), list(back, name)) end
  end)

  it("writes one array to a path that ends in .json", function()
    local df = hana.read_csv{ text = "d,t\n2024-02-29,2024-01-01 00:30\n,\n" }
    local path = path_of(nil, ".json")
    df:write_json(path)
    assert.same({ { d = "2024-02-29", t = "2024-01-01T00:30:00Z" }, { d = null, t = null } },
      hana.json.decode(temporary.bytes(path)))
    df:head(0):write_json(path)
    assert.same({}, hana.json.decode(temporary.bytes(path)))
  end)

  it("refuses what JSON cannot say", function()
    local df = hana.frame{ { "x", { 1.0, 0 / 0 } } }
    assert.error_matches(function() df:write_json(path_of()) end,
      "column 'x', row 2: NaN has no JSON form")
  end)

  it("writes the files of the examples so that they read back", function()
    local n = 0
    for _, file in ipairs(hana.glob("examples/data/*/*.csv")) do
      local df = hana.read_csv(file, { quiet = true })
      local path = path_of()
      df:write_json(path)
      local back = hana.read_json(path, { quiet = true, types = df:types() })
      assert.equal(#df, #back)
      for _, name in ipairs(df:names()) do
        assert.is_true(df:col(name):equal(back:col(name)), file .. " " .. name)
        n = n + #df
      end
    end
    assert.is_true(n > 1000)
  end)
end)

describe("read_json on two threads", function()
  after_each(temporary.clear)
  after_each(function() hana.threads(0) end)

  -- More than a megabyte of records: keys that come late or out of order, numbers that turn out to
  -- be fractions, texts that need escapes.
  local function lines(n)
    local out = {}
    for i = 1, n do
      local parts = { ('"id":%d'):format(i), ('"s":"가 %d \\n\\u00e9"'):format(i % 97) }
      if i % 3 > 0 then parts[#parts + 1] = ('"x":%s'):format(i % 1000 == 7 and "2.5" or i) end
      if i > n // 2 then table.insert(parts, 1, ('"late":[%d,null]'):format(i % 5)) end
      if i % 11 == 0 then parts[#parts + 1] = '"n":null' end
      out[i] = "{" .. table.concat(parts, ",") .. "}" .. (i % 50 == 0 and "\n" or "")
    end
    return out
  end

  local function both(path, options)
    local results = {}
    for threads = 1, 2 do
      hana.threads(threads)
      local good, df = pcall(hana.read_json, path, options)
      results[threads] = good and { df = df, report = df:read_report() } or { message = df }
    end
    return results[1], results[2]
  end

  it("gives what one thread gives", function()
    local path = path_of(table.concat(lines(40000), "\n"))
    local one, two = both(path, { quiet = true })
    assert.equal("equal", one.df:compare(two.df).verdict)
    assert.same(one.df:names(), two.df:names())
    assert.same({ "id", "s", "x", "n", "late" }, two.df:names())
    assert.equal("float", two.df:types().x)
    assert.same(one.report, two.report)
  end)

  it("names the same line, and leaves the same rows out", function()
    local text = lines(40000)
    text[38000] = '{"id":1,"id":2}'
    text[39000] = "{"
    local path = path_of(table.concat(text, "\n"))
    local one, two = both(path, { quiet = true })
    assert.equal(one.message, two.message)
    assert.matches(": line 38759, column 9: the key 'id' stands twice", two.message)
    for _, on_error in ipairs{ "skip", "null" } do
      one, two = both(path, { quiet = true, on_error = on_error })
      assert.equal("equal", one.df:compare(two.df).verdict)
      assert.same(one.report, two.report)
      assert.equal(on_error == "skip" and 39998 or 40000, #two.df)
    end
  end)
end)
