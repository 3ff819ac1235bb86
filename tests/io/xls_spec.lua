local hana = require "hana"
local temporary = require "tests.io.temporary"

local folder = "tests/data_files/excel/"

local function list(df, name) return df:col(name):totable() end

describe("read_xlsx of .xls files", function()
  after_each(temporary.clear)

  it("reads the same as from the .xlsx files with the same content", function()
    local cells = 0
    for _, file in ipairs{ "deaths", "type-me" } do
      assert.same(hana.sheets(folder .. file .. ".xlsx"), hana.sheets(folder .. file .. ".xls"))
      for _, sheet in ipairs(hana.sheets(folder .. file .. ".xls")) do
        local new = hana.read_xlsx(folder .. file .. ".xlsx", { sheet = sheet, quiet = true })
        local old = hana.read_xlsx(folder .. file .. ".xls", { sheet = sheet, quiet = true })
        assert.same(new:names(), old:names())
        assert.same(new:types(), old:types())
        assert.same(new:read_report().notes, old:read_report().notes)
        for _, name in ipairs(new:names()) do
          assert.same(list(new, name), list(old, name))
          cells = cells + new:col(name):count()
        end
      end
    end
    assert.is_true(cells > 150)
  end)

  it("reads texts that run over several records, all sorts of numbers, and errors", function()
    local df = hana.read_xlsx(folder .. "edge.xls", { quiet = true })
    assert.equal(100, #df)
    for i = 1, 100 do
      assert.equal((i % 2 == 1 and "한글 é" or "plain "):rep(i) .. i, df.text[i])
      assert.equal(i / 7, df.number[i])
      assert.equal(i / 100, df.rk[i])
      assert.equal(i % 2 == 0, df.flag[i])
      assert.equal(i % 10 ~= 0 and i or nil, df.error[i])
    end
    assert.equal("2000-02-29", df.day[60])
    assert.equal("1999-12-31T12:30:59Z", df.stamp[59])
    assert.same({ "string", "float", "float", "bool", "date", "datetime", "int" }, {
      df:types().text, df:types().number, df:types().rk, df:types().flag, df:types().day,
      df:types().stamp, df:types().error,
    })
    assert.matches("error cells became null (10), the first is #N/A in cell G11",
      table.concat(df:read_report().notes, "\n"), 1, true)
  end)

  it("names what merged cells cover, and takes a range", function()
    local df = hana.read_xlsx(folder .. "edge.xls",
      { sheet = "merged", header_rows = 2, quiet = true })
    assert.same({ "head a", "head b", "tall" }, df:names())
    local part = hana.read_xlsx(folder .. "edge.xls",
      { sheet = 1, range = "B3:C4", header = false, quiet = true })
    assert.same({ 2 / 7, 3 / 7 }, list(part, "column_1"))
    assert.same({ 0.02, 0.03 }, list(part, "column_2"))
  end)

  it("ends in a sentence where the file is cut off, or is something else", function()
    local bytes = temporary.bytes(folder .. "edge.xls")
    for _, size in ipairs{ 10, 511, 600, 5000, #bytes // 2 } do
      local good, message = pcall(hana.read_xlsx, temporary.file(bytes:sub(1, size), ".xls"))
      assert.is_false(good)
      assert.matches("not a whole Excel workbook", message)
    end
    assert.error_matches(function() hana.read_xlsx(folder .. "page.xls") end, "page.xls: HTML")
    local csv = temporary.file("a\tb\n1\t2\n", ".xls")
    assert.error_matches(function() hana.read_xlsx(csv) end, "hana.read_csv reads it", 1, true)
    local xml = temporary.file('<?xml version="1.0"?><Workbook xmlns=' ..
      '"urn:schemas-microsoft-com:office:spreadsheet"/>', ".xls")
    assert.error_matches(function() hana.read_xlsx(xml) end, "an XML spreadsheet of Excel 2003")
  end)
end)
