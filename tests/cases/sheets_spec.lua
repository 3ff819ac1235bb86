local case = require "tests.cases.case"
local hana = require "hana"

local list, report = case.list, case.report
local null = hana.null

local function sheet(number, file)
  return hana.read_xlsx(case.path(number, file), { quiet = true })
end

describe("case 021, the two systems of dates in workbooks", function()
  it("counts from 1904 where the workbook does", function()
    assert.same({ "2025-01-01T00:00:00Z", "2025-01-01T18:00:00Z" },
      list(sheet(21, "mac1904.xlsx"), "when"))
  end)

  it("knows the day that never was", function()
    local df = sheet(21, "win1900.xlsx")
    assert.same({ "1900-01-01", "1900-02-28", null, "1900-03-01", "2025-01-01" },
      list(df, "when"))
    assert.matches("1900-02-29 in cell A4", report(df), 1, true)
  end)

  it("sees through formats that name days and months in quotes, or have a color", function()
    local df = sheet(21, "win1900.xlsx")
    for i = 1, 5 do
      assert.same({ "2025-01-01", "2025-01-01T18:00:00Z", 3.5, 2.25 },
        { df.korean[i], df.stamp[i], df.lasted[i], df.red[i] })
    end
  end)
end)

describe("case 023, errors, truth and a late number in a sheet", function()
  local df = sheet(23, "input.xlsx")

  it("makes nulls of the errors and lists them", function()
    assert.equal(40, #df)
    assert.same({ null, 4, null }, { list(df, "ratio")[3], df.ratio[4], list(df, "ratio")[5] })
    assert.equal(2, 40 - df.ratio:count())
    assert.matches("#DIV/0!", report(df), 1, true)
    assert.matches("#N/A in cell B4", report(df), 1, true)
  end)

  it("makes no truth of a number, and text of what is mixed", function()
    assert.equal("bool", df:types().ok)
    assert.same({ true, false }, { df.ok[1], df.ok[2] })
    assert.same({ "string", "true", "812" }, { df:types().flag, df.flag[39], df.flag[40] })
    assert.same({ "SME", "2.2", "7040000123", "30.1" },
      { df.mixed[1], df.mixed[2], df.mixed[3], df.mixed[4] })
    assert.matches("'812' in cell C41", report(df), 1, true)
  end)
end)

describe("case 035, lines of JSON", function()
  local function lines(file) return hana.read_json(case.path(35, file), { quiet = true }) end

  it("keep a key that shows late", function()
    local df = lines "late.jsonl"
    assert.same({ 300, "a", "b" }, { #df, table.unpack(df:names()) })
    assert.same({ 300, 51 }, { df.a:count(), df.b:count() })
    assert.same({ "x250", "x300" }, { df.b[250], df.b[300] })
  end)

  it("are no table where one of them is bad", function()
    assert.error_matches(function() lines "bad.jsonl" end, "bad.jsonl: line 4, column 6", 1, true)
  end)

  it("keep the digits of integers, and a key that is null throughout", function()
    local df = lines "big.jsonl"
    assert.same({ "id", "z" }, df:names())
    assert.same({ 9007199254740993, 2 }, list(df, "id"))
    assert.same({ null, null }, list(df, "z"))
  end)
end)
