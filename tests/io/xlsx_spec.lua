local hana = require "hana"
local temporary = require "tests.io.temporary"

local null = hana.null
local folder = "tests/data_files/excel/"
local edge = folder .. "edge.xlsx"

local function read(sheet, options)
  options = options or {}
  local path = options.path or edge
  options.sheet, options.quiet, options.path = sheet, true, nil
  return hana.read_xlsx(path, options)
end

local function list(df, name) return df:col(name):totable() end

local function notes(df) return table.concat(df:read_report().notes, "\n") end

local function about(df, name)
  for _, column in ipairs(df:read_report().columns) do
    if column.name == name then return column end
  end
end

-- A cell as the reference shows it.
local function shown(value)
  if value == null then return nil end
  if math.type(value) == "float" and value == math.floor(value) then value = value // 1 | 0 end
  if math.type(value) == "float" then return (hana.json.encode(value)) end
  return (tostring(value):gsub("T00:00:00Z?$", ""):gsub("Z$", ""):gsub("\r?\n", " "))
end

describe("read_xlsx", function()
  after_each(temporary.clear)

  it("reads every cell of readxl's examples as openpyxl does", function()
    local frames, n = {}, 0
    for line in io.lines("tests/io/reference/excel.tsv") do
      local file, sheet, row, column, text = line:match("^(.-)\t(.-)\t(%d+)\t(%d+)\t(.*)$")
      local key = file .. sheet
      frames[key] = frames[key] or hana.read_xlsx(folder .. file .. ".xlsx",
        { sheet = sheet, header = false, range = "A1:Z2000", quiet = true, null = {} })
      local value = frames[key][frames[key]:names()[tonumber(column)]][tonumber(row)]
      assert.equal(text, shown(value), line)
      n = n + 1
    end
    assert.is_true(n > 1000)
    for key, df in pairs(frames) do
      for _, name in ipairs(df:names()) do n = n - df:col(name):count() end
      frames[key] = nil
    end
    assert.equal(0, n)
  end)

  it("says which formulas have no result in the file", function()
    local df = hana.read_xlsx(folder .. "unsolved.xlsx", { quiet = true })
    assert.same({ 1, null, null }, list(df, "a"))
    assert.same({ null, 4, null }, list(df, "b"))
    assert.matches("formulas whose result the file does not have are null: 2", notes(df), 1, true)
  end)

  it("reads a table in the middle of notes", function()
    local df = read("arts", { path = folder .. "deaths.xlsx", range = "A5:F15" })
    assert.same({ "string", "string", "int", "bool", "date", "date" }, (function()
      local types = {}
      for i, name in ipairs(df:names()) do types[i] = df:types()[name] end
      return types
    end)())
    assert.equal(10, #df)
    assert.equal("1947-01-08", df:col("Date of birth")[1])
    assert.equal("George Michael", df.Name[10])
    assert.equal("sheet 'arts' (1 of 2)", df:read_report().format)
    local skipped = read("arts", { path = folder .. "deaths.xlsx", skip = 4, limit = 10 })
    assert.same(list(df, "Name"), list(skipped, "Name"))
    assert.same(df:types(), skipped:types())
  end)

  it("counts from 1904 where the workbook does", function()
    local df = read("date_coercion", { path = folder .. "type-me.xlsx", range = "A3:A4",
      header = false })
    assert.same({ "2016-05-23T00:00:00Z", "2016-04-28T11:30:00Z" }, list(df, "column_1"))
  end)

  it("reads the ends of the calendar", function()
    local df = read("serials")
    assert.same({ "1900-01-01T00:00:00Z", "1900-02-28T00:00:00Z", null, "1900-03-01T00:00:00Z",
      "2025-01-01T18:00:00Z", null, null }, list(df, "when"))
    assert.same({ ["1900-02-29"] = 1, ["-1"] = 1, ["2958466"] = 1 }, about(df, "when").nulls)
    assert.matches("error cells became null (3), the first is 1900-02-29 in cell A4", notes(df), 1,
      true)
  end)

  it("counts error cells with their text, whatever on_error says", function()
    local df = read("errors")
    assert.same({ 4, null, null, null }, list(df, "ratio"))
    assert.same({ ["#N/A"] = 2, ["#DIV/0!"] = 1 }, about(df, "ratio").nulls)
    assert.matches("error cells became null (3), the first is #N/A in cell A3", notes(df), 1, true)
    assert.same({ "true", "false", "812", "true" }, list(df, "flag"))
    assert.matches("numbers (1, the first is '812' in cell B4)", notes(df), 1, true)
    assert.same({ "SME", "2.2", "7040000123", "9007199254740993" }, list(df, "mixed"))
    local given = read("errors", { types = { ratio = "int", flag = "bool" }, on_error = "skip" })
    assert.same({ 4, null, null }, list(given, "ratio"))
    assert.same({ true, false, true }, list(given, "flag"))
  end)

  it("takes formats that show dates and times, and those that only look so", function()
    local df = read("times")
    local types, first = df:types(), df:row(1)
    assert.same({ "int", "date", "datetime", "string", "float", "string", "float", "int" }, {
      types.n, types.date, types.stamp, types.clock, types.elapsed, types.ampm, types.days,
      types.red,
    })
    assert.same({ "date", "string", "int", "date", "datetime", "int", "int", "float" }, {
      types.korean, types.minutes, types.exp, types.month, types["locale"], types.general,
      types.astext, types.accounting,
    })
    assert.equal("2024-02-29", first.date)
    assert.equal("2024-02-29T10:30:15Z", first.stamp)
    assert.equal("18:00:00", first.clock)
    assert.equal(129600.0, first.elapsed)
    assert.equal("12:30:00", first.ampm)
    assert.equal("00:00:38", first.minutes)
    assert.matches("times of day without a date became text: 3", notes(df), 1, true)
    assert.matches("elapsed times became seconds: 1", notes(df), 1, true)
    local seoul = read("times", { timezone = "Asia/Seoul" })
    assert.equal("2024-02-29T10:30:15+09:00", seoul.stamp[1])
    local iso = read("iso"):row(1)
    assert.same({ "2024-02-29", "2024-02-29T12:30:15Z", true }, { iso.d, iso.t, iso.b })
  end)

  it("reads shared, rich, inline and computed text", function()
    local df = read("strings")
    assert.same({ "plain", "two runs", "東京", "line\r\nbreak A _x00zz_", "  blanks ", null,
      "of a formula", null, "<&> é 한글" }, list(df, "s"))
    assert.same({ [""] = 2 }, about(df, "s").nulls)
  end)

  it("joins the rows of a header, and names what merged cells cover", function()
    local df = read("headers", { header_rows = 2 })
    assert.same({ "region", "sales 2023", "sales 2024", "total of all" }, df:names())
    assert.equal(2, #df)
    assert.same({ 2, null }, list(df, "sales 2024"))
    assert.matches("merged cells among the data: 1", notes(df), 1, true)
    local none = read("headers", { header = false, range = "B4:E5" })
    assert.same({ "column_1", "column_2", "column_3", "column_4" }, none:names())
    local one = read("headers")
    assert.same({ "region", "sales", "sales_2", "total of all" }, one:names())
    assert.equal("int", read("headers", { header_rows = 2, columns = { "sales 2023" } })
      :types()["sales 2023"])
  end)

  it("keeps rows and columns that are empty in between, not those behind", function()
    local df = read("gaps", { range = "C4:E100" })
    assert.same({ "a", "column_2", "b" }, df:names())
    assert.same({ null, 2, null, 3 }, list(df, "a"))
    assert.same({ null, 1.5, null, null }, list(df, "b"))
    assert.same({ [""] = 2, NA = 1 }, about(df, "b").nulls)
    assert.same({ "a", "column_2", "b" }, read("gaps", { range = "C:E" }):names())
    assert.equal(2, #read("gaps", { range = "4:6" }))
    assert.matches("most of the header is empty: options 'skip' and 'range'", notes(read("gaps")))
    assert.same({ null }, list(read("gaps", { range = "C4:E9", limit = 1 }), "a"))
    assert.equal(0, #read("gaps", { range = "C4:E9", limit = 0 }))
    assert.same({ "NA" }, list(read("gaps", { range = "E8:E8", header = false, null = {} }),
      "column_1"))
  end)

  it("makes text of a mixed column, and takes types", function()
    local path = folder .. "type-me.xlsx"
    local df = read("text_coercion", { path = path })
    assert.same({ null, "cabbage", "true", "1.3", "2016-09-24", "36436153" }, list(df, "text"))
    assert.matches("column 'text' is mixed and became text: true or false (1, the first is " ..
      "'true' in cell A4)", notes(df), 1, true)
    assert.error_matches(function()
      read("numeric_coercion", { path = path, types = { ["maybe numeric?"] = "float" } })
    end, "type-me.xlsx: column 'maybe numeric?': 'true' is not a number (cell A3)", 1, true)
    local nulls = read("numeric_coercion",
      { path = path, types = { ["maybe numeric?"] = "float" }, on_error = "null" })
    assert.same({ null, null, null, null, 123456.0, 123456.0, null },
      list(nulls, "maybe numeric?"))
    local skipped = read("numeric_coercion",
      { path = path, types = { ["maybe numeric?"] = "float" }, on_error = "skip" })
    assert.same({ null, 123456.0, 123456.0 }, list(skipped, "maybe numeric?"))
    assert.equal(4, skipped:read_report().skipped)
  end)

  it("finds sheets by name and number", function()
    assert.same({ "arts", "other" }, hana.sheets(folder .. "deaths.xlsx"))
    assert.equal(71, #read(3, { path = folder .. "datasets.xlsx" }))
    assert.error_matches(function() read("time") end, "edge.xlsx: no sheet 'time'; did you mean " ..
      "'times'?", 1, true)
    assert.error_matches(function() read(12) end, "edge.xlsx: no sheet 12, there are 11", 1, true)
    assert.error_matches(function() read(true) end,
      "option 'sheet' must be a name or a whole number")
    assert.error_matches(function() read("times", { range = "A5:" }) end, "option 'range' must be")
    assert.error_matches(function() read("times", { range = "B2:A1" }) end, "must be like A3:F200")
  end)

  it("says what is wrong with a sheet or a file", function()
    assert.error_matches(function() read("gaps", { range = "F20:G30" }) end,
      "there is nothing in it where options 'range' and 'skip' point")
    assert.error_matches(function() read("empty") end, "sheet 'empty': there is nothing in it")
    assert.error_matches(function() read("mess") end, "the cells of row 1 are not in order")
    assert.error_matches(function() read("bad") end, "cell A2: '1,5' is not a number", 1, true)
    assert.error_matches(function() read("far") end,
      "sheet 'far': %d+ values are spread over %d+ rows and 26 columns that are nearly empty")
    assert.error_matches(function() hana.read_xlsx(folder .. "bomb.xlsx.gz") end,
      "sheet 'bomb': part xl/worksheets/s0.xml unpacks to more than 1%d%d MiB")
    assert.error_matches(function() hana.read_xlsx(folder .. "page.xls") end,
      "page.xls: HTML, not a workbook, whatever its name says", 1, true)
    assert.error_matches(function() hana.read_xlsx("CHANGELOG.md") end,
      "text such as CSV, not a workbook, whatever its name says: hana.read_csv reads it", 1, true)
    assert.error_matches(function() hana.read_xlsx(temporary.file("\0\1\2", ".xlsx")) end,
      "not an Excel workbook")
    assert.error_matches(function() hana.read_xlsx(temporary.file("", ".xlsx")) end,
      "the file is empty")
    local bytes = temporary.bytes(edge)
    assert.error_matches(function()
      hana.read_xlsx(temporary.file(bytes:sub(1, #bytes // 2), ".xlsx"))
    end, "not a whole Excel workbook")
    assert.error_matches(function() hana.read_xlsx("no/such.xlsx") end, "no such file")
    assert.error_matches(function() hana.read_xlsx(edge, { shet = 1 }) end, "did you mean 'sheet'")
  end)
end)

describe("write_xlsx", function()
  after_each(temporary.clear)

  local function back(df, options)
    local path = temporary.file(nil, ".xlsx")
    df:write_xlsx(path, options)
    return hana.read_xlsx(path, { quiet = true, null = {} }), path
  end

  it("writes what reads back, types and all", function()
    local df = hana.frame{
      { "i", { 1, null, -9007199254740992 } }, { "f", { 0.5, 1e300, null } },
      { "b", { true, null, false } },
      { "s", { "a\n_x0041_ <&>", "  한글 ", null } },
      { "d", { "2024-02-29", "1900-03-01", null }, "date" },
      { "c", { "x", "y", "x" }, "category" },
    }
    local read_back = back(df)
    for _, name in ipairs(df:names()) do
      assert.same(list(df, name), list(read_back, name), name)
    end
    assert.same({ "int", "float", "bool", "string", "date", "string" }, {
      read_back:types().i, read_back:types().f, read_back:types().b, read_back:types().s,
      read_back:types().d, read_back:types().c,
    })
  end)

  it("writes datetimes in the time of their zone, to the millisecond", function()
    local df = hana.read_csv{ text = "t\n2024-02-29T23:30:15.125\n1999-12-31T00:00:00\n",
      timezone = "Asia/Seoul" }
    local read_back = back(df)
    assert.same({ "2024-02-29T23:30:15.125000Z", "1999-12-31T00:00:00Z" }, list(read_back, "t"))
  end)

  it("writes as text what a sheet has no numbers for, and warns", function()
    local df = hana.frame{
      { "id", { 9007199254740993, 1 } }, { "x", { 1 / 0, 1.5 } },
      { "d", { "1899-12-31", "2024-01-01" }, "date" }, { "nan", { 0 / 0, 2.5 } },
    }
    warn "@off"
    local read_back = back(df)
    warn "@on"
    assert.same({ "9007199254740993", "1" }, list(read_back, "id"))
    assert.same({ "inf", "1.5" }, list(read_back, "x"))
    assert.same({ "1899-12-31", "2024-01-01" }, list(read_back, "d"))
    assert.same({ null, 2.5 }, list(read_back, "nan"))
  end)

  it("writes 0 rows, the features of blocks, and the name of the sheet", function()
    local empty = hana.frame{ { "a", {}, "int" }, { "b", {}, "string" } }
    local read_back, path = back(empty, { sheet = "판매" })
    assert.same({ "a", "b" }, read_back:names())
    assert.equal(0, #read_back)
    assert.same({ "판매" }, hana.sheets(path))
    local blocks = hana.read_csv{ text = "p1,p2,y\n1,2,a\n3.5,4,b\n", blocks = { p = "p*" } }
    assert.same({ 1, 3.5 }, list(back(blocks), "p1"))
  end)

  it("refuses what does not fit, and leaves nothing behind", function()
    local path = temporary.file("old", ".xlsx")
    assert.error_matches(function()
      hana.frame{ { "s", { ("x"):rep(32768) } } }:write_xlsx(path)
    end, "column 's', row 1: a text of 32768 characters, a cell holds 32767", 1, true)
    assert.error_matches(function()
      hana.frame{ { "s", { "x" } } }:write_xlsx(path, { sheet = "a/b" })
    end, "'a/b' cannot be the name of a sheet", 1, true)
    assert.error_matches(function()
      hana.frame{ { "s", { 1 } } }:write_xlsx("/no/such/folder/x.xlsx")
    end, "/no/such/folder")
    assert.equal("old", temporary.bytes(path))
  end)

  it("writes the files of the examples so that they read back", function()
    local n = 0
    for _, path in ipairs(hana.glob("examples/data/*/*.csv")) do
      local df = hana.read_csv(path, { quiet = true, limit = 300 })
      warn "@off"
      local read_back = back(df)
      warn "@on"
      assert.equal(#df, #read_back)
      for _, name in ipairs(df:names()) do
        for i = 1, #df do
          local a, b = df:col(name)[i], read_back:col(name)[i]
          if a == "" then a = nil end -- an empty text is an empty cell
          if type(a) == "number" and type(b) == "number" then
            assert.is_true(math.abs(a - b) <= 1e-15 * math.abs(a), path .. name .. i)
          else
            assert.equal(tostring(a), tostring(b), path .. name .. i)
          end
          n = n + 1
        end
      end
    end
    assert.is_true(n > 1000)
  end)
end)
