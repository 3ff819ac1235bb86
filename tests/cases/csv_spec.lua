local case = require "tests.cases.case"
local hana = require "hana"
local run = require "tests.host.run"
local temporary = require "tests.io.temporary"

local about, list, path, read, report = case.about, case.list, case.path, case.read, case.report
local null = hana.null

local function written(df, options)
  local file = temporary.file(nil, ".csv")
  df:write_csv(file, options)
  return file
end

local function again(df) return hana.read_csv(written(df), { quiet = true }) end

local function through_json(df)
  local file = temporary.file(nil, ".jsonl")
  df:write_json(file)
  return hana.read_json(file, { quiet = true }), temporary.bytes(file)
end

local function bits(x) return ("%016x"):format(string.unpack("i8", string.pack("d", x))) end

after_each(temporary.clear)

describe("case 001, Korean in CP949 beyond EUC-KR", function()
  it("is read without being told, and written back to the same bytes", function()
    local df = read(1, "korean.csv")
    assert.same({ "이름", "지역", "금액" }, df:names())
    assert.same({ "김똠방", "펲씨" }, list(df, "이름"))
    assert.same({ "뷁동", "한강로" }, list(df, "지역"))
    assert.same({ 1200, 35 }, list(df, "금액"))
    assert.matches("cp949", report(df), 1, true)
    local bytes = temporary.bytes(path(1, "korean.csv"))
    assert.equal(bytes, temporary.bytes(written(df, { encoding = "cp949" })))
  end)

  it("is one encoding under both of its names", function()
    for _, encoding in ipairs{ "cp949", "euc-kr", "EUC-KR" } do
      assert.same({ "뷁동", "한강로" }, list(read(1, "korean.csv", { encoding = encoding }), "지역"))
    end
  end)

  it("is not what Western text is taken for", function()
    local df = read(1, "latin.csv")
    assert.same({ "José", "Zoë" }, list(df, "name"))
    assert.same({ "Málaga", "Köln" }, list(df, "city"))
  end)
end)

describe("case 003, 64-bit integers beside an empty cell", function()
  it("keeps every digit, through a file and JSON", function()
    local df = read(3, "input.csv")
    local ref = { 9007199254740993, null, 4611686018427387905, math.mininteger }
    assert.equal("int", df:types().ref)
    assert.same(ref, list(df, "ref"))
    assert.same(ref, list(again(df), "ref"))
    assert.same(ref, list(through_json(df), "ref"))
  end)

  it("refuses to lose digits among floats", function()
    assert.error_matches(function() hana.frame{ { "a", { 0.5, 9007199254740993 } } } end,
      "column 'a': 9007199254740993 (row 2) cannot stand among floats", 1, true)
    assert.error_matches(function()
      hana.concat{ read(3, "input.csv"):select{ "ref" }, hana.frame{ { "ref", { 0.5 } } } }
    end, "9007199254740993", 1, true)
    assert.same({ 0.5, 2.0 ^ 60 }, hana.frame{ { "a", { 0.5, 1 << 60 } } }.a:totable())
  end)

  it("keeps digits beyond 64 bits as text, and says so", function()
    local df = read(3, "input.csv")
    assert.equal("string", df:types().hash)
    assert.same({ "18446744073709551615", "340282366920938463463374607431768211455", "7", "8" },
      list(df, "hash"))
    assert.matches("64", about(df, "hash").why, 1, true)
  end)
end)

describe("case 005, decimal commas", function()
  it("are read where they are asked for", function()
    local df = read(5, "german.csv",
      { decimal = ",", thousands = ".", types = { datum = { "date", "%d.%m.%Y" } } })
    assert.same({ "datum", "betrag", "satz" }, df:names())
    assert.same({ "2025-12-31", "2026-01-01", "2026-01-02", "2026-01-03" }, list(df, "datum"))
    assert.same({ 1234.5, -0.75, 1e6, 12.0 }, list(df, "betrag"))
    assert.same({ 0.5, 12.0, -3.25, 0.001 }, list(df, "satz"))
    df = read(5, "french.csv", { decimal = ",", thousands = "\u{202F}" })
    assert.same({ 1234.5, 12e6, -7.0 }, list(df, "montant"))
  end)

  it("stay text where they are not, and the report names the option", function()
    local df = read(5, "german.csv")
    assert.equal("string", df:types().betrag)
    assert.same({ "1.234,50", "-0,75", "1.000.000,00", "12" }, list(df, "betrag"))
    assert.matches("decimal", report(df), 1, true)
  end)

  it("are not told from groups of three digits, and the report says so", function()
    local df = hana.read_csv{ text = 'a,b\n"1,234",2\n"5,678",3\n', quiet = true }
    assert.same({ "1,234", "5,678" }, list(df, "a"))
    assert.equal('thousands = "," or decimal = "," reads it as numbers, a thousand times apart',
      about(df, "a").hint)
    assert.equal('decimal = "," reads it as numbers',
      about(hana.read_csv{ text = 'a;b\n1,5;2\n', quiet = true }, "a").hint)
  end)

  it("allow no group of digits that is none", function()
    local options = { delimiter = ";", decimal = ",", thousands = ".", quiet = true }
    local function column(text)
      options.text = text
      return list(hana.read_csv(options), "a")
    end
    assert.same({ "1.5", "12.34" }, column "a\n1.5\n12.34\n")
    assert.same({ 1234567.0, 1234567.5 }, column "a\n1.234.567\n12.34.567,5\n")
  end)
end)

describe("case 007, a type that shows late", function()
  it("loses no cell", function()
    local df = read(7, "input.csv")
    assert.equal(3000, #df)
    local types = df:types()
    assert.same({ "int", "float", "string", "string" },
      { types.id, types.qty, types.code, types.note })
    assert.equal(9009.5, df.qty:sum())
    assert.equal(12.5, df.qty[2500])
    assert.same({ "1001", "A17" }, { df.code[1], df.code[2900] })
    assert.equal("late", df.note[2950])
    assert.equal(0, #df:filter "is_null(qty) or is_null(code)")
    assert.equal(2999, #df:filter "is_null(note)")
    assert.equal(2999, about(df, "note").nulls[""])
    assert.matches("'A17' in line 2901", about(df, "code").why, 1, true)
  end)

  it("is seen by a scan too", function()
    local df = read(7, "input.csv")
    local scanned = hana.scan_csv(path(7, "input.csv")):collect()
    assert.same(df:types(), scanned:types())
    for _, name in ipairs(df:names()) do assert.same(list(df, name), list(scanned, name)) end
  end)

  it("is an error with line, column and text where another type was asked for", function()
    assert.error_matches(function() read(7, "input.csv", { types = { code = "int" } }) end,
      ": line 2901: column 'code': 'A17' is not an integer", 1, true)
  end)
end)

-- The extra column of a file whose header does not end in the delimiter is dropped and reported; a
-- header that ends in one has a last column without a name, which stays.
describe("case 009, a delimiter at the end of each row", function()
  it("shifts no header", function()
    local df = read(9, "input.csv")
    assert.same({ "day", "low", "high" }, df:names())
    assert.same({ 1, 2, 3 }, list(df, "day"))
    assert.same({ 40, 50, 60 }, list(df, "low"))
    assert.same({ 70, 80, 90 }, list(df, "high"))
    assert.matches("ends in a delimiter", report(df), 1, true)
    df = read(9, "pipes.txt")
    assert.same({ "day", "low", "high", "column_4" }, df:names())
    assert.same({ 1, 2 }, list(df, "day"))
    assert.same({ 40, 50 }, list(df, "low"))
    assert.same({ 70, 80 }, list(df, "high"))
    assert.same({ null, null }, list(df, "column_4"))
  end)

  it("is an error where the extra field holds something, or is not always there", function()
    local function text(rows) return function() hana.read_csv{ text = rows, quiet = true } end end
    assert.error_matches(text "day,low\n1,40,\n2,50,60\n", "line 3: 3 fields, expected 2", 1, true)
    assert.error_matches(text "day,low\n1,40,\n2,50\n", ": line 3: 2 fields", 1, true)
  end)
end)

describe("case 011, comments", function()
  it("are lines before quotes are looked at, where they are asked for", function()
    local df = read(11, "input.csv", { comment = "#" })
    assert.same({ "id", "tag", "n" }, df:names())
    assert.same({ 1, 2 }, list(df, "id"))
    assert.same({ "#new, #old", "plain" }, list(df, "tag"))
    assert.same({ 10, 20 }, list(df, "n"))
  end)

  it("are data where they are not", function()
    local df = read(11, "names.csv")
    assert.same({ "ox", "#yak" }, list(df, "tag"))
    assert.same({ 512, 498 }, list(df, "weight"))
  end)
end)

-- The policy: a null text is null quoted or not (only the empty text is told apart), and the report
-- counts it by its text. data.table keeps a quoted NA; both are right for the case.
describe("case 013, the country code NA", function()
  it("stays text where only the empty cell is null", function()
    local df = read(13, "input.csv", { null = { "" } })
    assert.same({ "NO", "NA", "US" }, list(df, "code"))
    assert.same({ "EU", "AF", "NA" }, list(df, "region"))
    assert.same({ 5, 3, null }, list(df, "pop"))
  end)

  it("is null by default, and the report says from which text", function()
    local df = read(13, "input.csv")
    assert.same({ "NO", null, "US" }, list(df, "code"))
    assert.same({ NA = 1 }, about(df, "code").nulls)
    assert.matches("code: string, 1 null %(NA%)", report(df))
  end)

  it("is null and reported where it was quoted", function()
    local df = read(13, "input.csv")
    assert.same({ "EU", "AF", null }, list(df, "region"))
    assert.same({ NA = 1 }, about(df, "region").nulls)
  end)
end)

describe("case 015, decimals to doubles and back", function()
  -- Bits from CPython's float(), which rounds correctly (David Gay's algorithm).
  local right = {
    "3fb999999999999a", "3fd3333333333334", "c03b7ba5e353f7cf", "c03b7ba5e353f7cf",
    "0000000000000001", "000fffffffffffff", "0010000000000000", "7fefffffffffffff",
    "8000000000000000", "4340000000000000", "44b52d02c7e14af6", "419d6f34547e6b75",
    "3eb0c6f7a0b5ed8d", "44b52d02c7e14af7",
  }

  it("keep their bits", function()
    local df = read(15, "input.csv")
    local json, back = through_json(df), again(df)
    for i, expected in ipairs(right) do
      assert.same({ i, expected, expected, expected },
        { i, bits(df.x[i]), bits(back.x[i]), bits(json.x[i]) })
    end
    assert.equal(-math.huge, df:mutate{ { "z", "1 / x" } }.z[9])
  end)

  it("are not infinity where no double is as large", function()
    local df = hana.read_csv{ text = "a,b\n1e400,-inf\n2,1e308\n", quiet = true }
    assert.same({ "1e400", "2" }, list(df, "a"))
    assert.matches("'1e400' in line 2", about(df, "a").why, 1, true)
    assert.same({ -math.huge, 1e308 }, list(df, "b"))
  end)

  it("are written as the shortest text that reads back", function()
    local text = temporary.bytes(written(read(15, "input.csv")))
    assert.matches("\n1,0.1\n2,0.30000000000000004\n", text, 1, true)
    assert.matches("\n4,-27.483\n5,5e-324\n", text, 1, true)
  end)
end)

describe("case 057, a locale with a decimal comma", function()
  local script = [[
    local hana = require "hana"
    local df = hana.read_csv(arg[1], { quiet = true })
    df:write_csv(arg[2])
    df:write_json(arg[2] .. ".jsonl")
    io.write(df.x:sum() == 4 and "four" or "not four", " ", #df:filter("x > 1.5"), " ",
      df:filter("x > 1.5").x[1] == 5 / 2 and "two and a half" or "?", " ",
      hana.json.encode(3 / 2), "\n")
  ]]

  local function locale()
    local folder = run.new_folder()
    local made = os.execute(("localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >%s/log 2>&1"):format(
      run.quote(folder), run.quote(folder)))
    return folder, made
  end

  it("changes nothing about files and expressions", function()
    local folder, made = locale()
    finally(function() os.execute("rm -r " .. run.quote(folder)) end)
    if not made then return pending "localedef cannot make de_DE.UTF-8 (Debian package locales)" end
    local env = { env = { "LOCPATH=" .. folder, "LC_ALL=de_DE.UTF-8" } }
    local out, err, code = run.run(run.hana, { "-e", "print(1.5)" }, env)
    assert.same({ "1.5\n", "", 0 }, { out, err, code })
    -- As lua5.4 does: what print writes is the C library's.
    out = run.run(run.hana, { run.folder() .. "/" .. path(57, "locale.lua") }, env)
    assert.equal("true\n1,5\n", out)
    local file, program = temporary.file(nil, ".csv"), temporary.file(nil, ".lua")
    run.write_file(program, 'assert(os.setlocale("de_DE.UTF-8", "numeric"))\n' .. script)
    out, err, code = run.run(run.hana,
      { program, run.folder() .. "/" .. path(57, "input.csv"), file }, env)
    assert.same({ "four 1 two and a half 1.5\n", "", 0 }, { out, err, code })
    assert.equal("x\n1.5\n2.5\n", temporary.bytes(file))
    local json = temporary.bytes(file .. ".jsonl")
    os.remove(file .. ".jsonl")
    assert.equal('{"x":1.5}\n{"x":2.5}\n', json)
  end)
end)
