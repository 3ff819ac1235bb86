-- Files on which other readers are known to have gone wrong, and what is right.
local hana = require "hana"
local temporary = require "tests.io.temporary"

local null = hana.null

local function read(bytes, options)
  options = options or {}
  options.quiet = true
  return hana.read_csv(temporary.file(bytes, ".csv"), options)
end

local function list(df, name) return df:col(name):totable() end

local function report(df) return tostring(df:read_report()) end

local function about(df, name)
  for _, column in ipairs(df:read_report().columns) do
    if column.name == name then return column end
  end
end

local function written(df, options)
  local path = temporary.file(nil, ".csv")
  df:write_csv(path, options)
  return temporary.bytes(path)
end

describe("read_csv", function()
  after_each(temporary.clear)

  it("reads Korean in CP949 beyond EUC-KR, and Western text, without being told", function()
    local korean = "\xC0\xCC\xB8\xA7,\xC1\xF6\xBF\xAA,\xB1\xDD\xBE\xD7\n" ..
      "\xB1\xE8\x8Cc\xB9\xE6,\x94\xEE\xB5\xBF,1200\n\xBC\xAD\xBE\xBE,\xC7\xD1\xB0\xAD\xB7\xCE,35\n"
    local df = read(korean)
    assert.same({ "이름", "지역", "금액" }, df:names())
    assert.same({ "김똠방", "서씨" }, list(df, "이름"))
    assert.same({ "뷁동", "한강로" }, list(df, "지역"))
    assert.same({ 1200, 35 }, list(df, "금액"))
    assert.matches("cp949", report(df), 1, true)
    for _, encoding in ipairs{ "cp949", "euc-kr", "EUC-KR" } do
      assert.same(list(df, "지역"), list(read(korean, { encoding = encoding }), "지역"))
    end
    assert.equal(korean, written(df, { encoding = "cp949" }))
    df = read("name,city\nJos\xE9,M\xE1laga\nZo\xEB,K\xF6ln\n")
    assert.same({ "José", "Zoë" }, list(df, "name"))
    assert.same({ "Málaga", "Köln" }, list(df, "city"))
  end)

  it("keeps all digits of 64-bit integers beside a missing one", function()
    local df = read("ref,hash\n9007199254740993,18446744073709551615\n,7\n" ..
      "4611686018427387905,340282366920938463463374607431768211455\n-9223372036854775808,8\n")
    assert.equal("int", df:types().ref)
    assert.same({ 9007199254740993, null, 4611686018427387905, math.mininteger }, list(df, "ref"))
    assert.equal("string", df:types().hash)
    assert.same({ "18446744073709551615", "7", "340282366920938463463374607431768211455", "8" },
      list(df, "hash"))
  end)

  it("reads decimal commas where it is told to, and leaves them alone otherwise", function()
    local german = "datum;betrag;satz\n31.12.2025;1.234,50;0,5\n01.01.2026;-0,75;12\n" ..
      "02.01.2026;1.000.000,00;-3,25\n03.01.2026;12;1e-3\n"
    local df = read(german,
      { decimal = ",", thousands = ".", types = { datum = { "date", "%d.%m.%Y" } } })
    assert.same({ "2025-12-31", "2026-01-01", "2026-01-02", "2026-01-03" }, list(df, "datum"))
    assert.same({ 1234.5, -0.75, 1e6, 12.0 }, list(df, "betrag"))
    assert.same({ 0.5, 12.0, -3.25, 0.001 }, list(df, "satz"))
    df = read(german)
    assert.same({ "1.234,50", "-0,75", "1.000.000,00", "12" }, list(df, "betrag"))
    assert.matches("decimal", report(df), 1, true)
    df = read("ville;montant\nLyon;1\u{202F}234,5\nNice;12\u{202F}000\u{202F}000\nBrest;-7\n",
      { decimal = ",", thousands = "\u{202F}" })
    assert.same({ 1234.5, 12e6, -7.0 }, list(df, "montant"))
  end)

  it("takes no group of digits that is none for a number", function()
    assert.same({ "1.5", "12.34" },
      list(read("a\n1.5\n12.34\n", { delimiter = ";", decimal = ",", thousands = "." }), "a"))
    assert.same({ 1234567.0, 1234567.5 },
      list(read("a\n1.234.567\n12.34.567,5\n", { delimiter = ";", decimal = ",", thousands = "." }),
        "a"))
  end)

  it("keeps every cell when a type shows late", function()
    local rows = { "id,qty,code,note" }
    for i = 1, 3000 do
      rows[i + 1] = ("%d,%s,%s,%s"):format(i, i == 2500 and "12.5" or tostring(i % 5 + 1),
        i == 2900 and "A17" or tostring(1000 + i), i == 2950 and "late" or "")
    end
    local text = table.concat(rows, "\n") .. "\n"
    local df = read(text)
    assert.equal(3000, #df)
    assert.same({ "int", "float", "string", "string" },
      { df:types().id, df:types().qty, df:types().code, df:types().note })
    assert.equal(12.5, df.qty[2500])
    assert.same({ "1001", "A17" }, { df.code[1], df.code[2900] })
    assert.equal("late", df.note[2950])
    assert.equal(2999, about(df, "note").nulls[""])
    assert.matches("'A17' in line 2901", about(df, "code").why, 1, true)
    assert.error_matches(function() read(text, { types = { code = "int" } }) end,
      ":2901: column 'code': 'A17' is not an integer", 1, true)
  end)

  it("drops the empty column behind a delimiter that ends each row", function()
    local df = read("day,low,high\n1,40,70,\n2,50,80,\n3,60,90,\n")
    assert.same({ "day", "low", "high" }, df:names())
    assert.same({ 1, 2, 3 }, list(df, "day"))
    assert.same({ 70, 80, 90 }, list(df, "high"))
    assert.matches("ends in a delimiter", report(df), 1, true)
    df = read("day|low|high|\n1|40|70|\n2|50|80|\n")
    assert.same({ "day", "low", "high", "column_4" }, df:names())
    assert.same({ 70, 80 }, list(df, "high"))
    assert.error_matches(function() read("day,low\n1,40,\n2,50,60\n") end,
      ":3: 3 fields, expected 2", 1, true)
    assert.error_matches(function() read("day,low\n1,40,\n2,50\n") end, ":3: 2 fields", 1, true)
  end)

  it("looks for comments only where it is told to, before quotes", function()
    local df = read('# measured with a 5" probe\nid,tag,n\n1,"#new, #old",10\n# "\n2,plain,20\n',
      { comment = "#" })
    assert.same({ "#new, #old", "plain" }, list(df, "tag"))
    assert.same({ 10, 20 }, list(df, "n"))
    df = read("tag,weight\nox,512\n#yak,498\n")
    assert.same({ "ox", "#yak" }, list(df, "tag"))
  end)

  it("says that NA became null, and leaves Namibia alone where it is told to", function()
    local text = 'code,region,pop\nNO,EU,5\nNA,AF,3\nUS,"NA",\n'
    local df = read(text, { null = { "" } })
    assert.same({ "NO", "NA", "US" }, list(df, "code"))
    assert.same({ "EU", "AF", "NA" }, list(df, "region"))
    assert.same({ 5, 3, null }, list(df, "pop"))
    df = read(text)
    assert.same({ "NO", null, "US" }, list(df, "code"))
    assert.same({ NA = 1 }, about(df, "code").nulls)
    assert.matches("code: string, 1 null %(NA%)", report(df))
  end)

  it("reads each decimal as the nearest double and writes the shortest that is it", function()
    -- Bits from CPython's float(), which rounds correctly (David Gay's algorithm).
    local cases = {
      { "0.1", "3fb999999999999a" }, { "0.30000000000000004", "3fd3333333333334" },
      { "-27.483000", "c03b7ba5e353f7cf" }, { "5e-324", "0000000000000001" },
      { "2.225073858507201e-308", "000fffffffffffff" },
      { "2.2250738585072011e-308", "000fffffffffffff" },
      { "2.2250738585072014e-308", "0010000000000000" },
      { "1.7976931348623157e308", "7fefffffffffffff" }, { "-0.0", "8000000000000000" },
      { "9007199254740993.0", "4340000000000000" }, { "1e23", "44b52d02c7e14af6" },
      { "123456789.123456789", "419d6f34547e6b75" }, { "0.000001", "3eb0c6f7a0b5ed8d" },
      { "100000000000000000000000.5", "44b52d02c7e14af7" },
    }
    local rows = { "x" }
    for i, case in ipairs(cases) do rows[i + 1] = case[1] end
    local df = read(table.concat(rows, "\n") .. "\n")
    local text = written(df)
    local back = read(text)
    for i, case in ipairs(cases) do
      for _, frame in ipairs{ df, back } do
        local bits = ("%016x"):format(string.unpack("i8", string.pack("d", frame.x[i])))
        assert.equal(case[2], bits, case[1])
      end
    end
    assert.matches("^x\n0.1\n0.30000000000000004\n%-27.483\n5e%-324\n", text)
  end)

  it("reads one format of dates in a column, never two", function()
    local text = "d\n03.05.2021\n07.02.2021\n28.06.2021\n"
    assert.same({ "2021-05-03", "2021-02-07", "2021-06-28" },
      list(read(text, { types = { d = { "date", "%d.%m.%Y" } } }), "d"))
    assert.error_matches(function() read(text, { types = { d = { "date", "%m.%d.%Y" } } }) end,
      "'28.06.2021' is not a date by '%m.%d.%Y' (line 4)", 1, true)
    assert.equal("string", read(text):types().d)
    local slashes = read("d\n05/06/2020\n07/08/2020\n")
    assert.equal("string", slashes:types().d)
    assert.matches("'%d/%m/%Y' or '%m/%d/%Y'", about(slashes, "d").hint, 1, true)
  end)

  it("minds the hours that clocks skip and repeat", function()
    -- Offsets from the IANA time zone database, through Python's zoneinfo.
    local york = { timezone = "America/New_York" }
    local df = read("t\n2025-03-09 01:59:59\n2025-03-09 03:00:00\n", york)
    assert.same({ 1 }, { df:mutate{ { "s", "t - lag(t)" } }.s[2] })
    local gap = "t\n2025-03-09 01:59:59\n2025-03-09 02:30:00\n2025-03-09 03:00:00\n"
    assert.error_matches(function() read(gap, york) end, "'2025-03-09 02:30:00' does not exist", 1,
      true)
    df = read(gap, { timezone = "America/New_York", on_error = "null" })
    assert.equal(null, list(df, "t")[2])
    assert.equal(1, about(df, "t").failed)
    df = read("t\n2025-11-02 01:30:00\n", york)
    assert.same({ "2025-11-02T01:30:00-04:00" }, list(df, "t"))
    assert.matches("happened twice", report(df), 1, true)
    df = read("t\n2025-11-02T01:30:00-04:00\n2025-11-02T01:30:00-05:00\n")
    assert.same({ "2025-11-02T05:30:00Z", "2025-11-02T06:30:00Z" }, list(df, "t"))
    df = read("t\n1988-07-01 00:00:00\n1990-07-01 00:00:00\n", { timezone = "Asia/Seoul" })
    assert.same({ "1988-07-01T00:00:00+10:00", "1990-07-01T00:00:00+09:00" }, list(df, "t"))
  end)
end)
