local hana = require "hana"
local temporary = require "tests.io.temporary"

local null = hana.null

local function read(text, options)
  options = options or {}
  options.text, options.quiet = text, true
  return hana.read_csv(options)
end

local function list(df, name) return df:col(name):totable() end

local function types(df)
  local all = {}
  for i, name in ipairs(df:names()) do all[i] = name .. ":" .. df:types()[name] end
  return table.concat(all, " ")
end

local function notes(df) return table.concat(df:read_report().notes, "\n") end

local function about(df, name)
  for _, column in ipairs(df:read_report().columns) do
    if column.name == name then return column end
  end
end

describe("read_csv", function()
  after_each(temporary.clear)

  it("finds the type that holds all cells of a column", function()
    local df = read("b,i,f,d,t,s,n\ntrue,1,1,2024-02-29,2024-02-29,x,\n" ..
      "FALSE,-2,2.5,1999-12-31,2024-02-29 12:30:15,1,\n")
    assert.equal("b:bool i:int f:float d:date t:datetime s:string n:float", types(df))
    assert.same({ true, false }, list(df, "b"))
    assert.same({ 1, -2 }, list(df, "i"))
    assert.same({ 1.0, 2.5 }, list(df, "f"))
    assert.same({ "2024-02-29", "1999-12-31" }, list(df, "d"))
    assert.same({ "2024-02-29T00:00:00Z", "2024-02-29T12:30:15Z" }, list(df, "t"))
    assert.same({ "x", "1" }, list(df, "s"))
    assert.same({ null, null }, list(df, "n"))
  end)

  it("keeps the text of what only looks like a number", function()
    local df = read("zip,phone,mix,date\n01234,1,1,2024-01-05\n10115,2,x,2024-13-05\n")
    assert.equal("zip:string phone:int mix:string date:string", types(df))
    assert.same({ "01234", "10115" }, list(df, "zip"))
    assert.same({ "2024-01-05", "2024-13-05" }, list(df, "date"))
  end)

  it("keeps codes that begin with a plus, and says where a number loses it", function()
    local df = read("phone,change,f\n+82101234,+3,+1.5\n+4930123456,-12,+12345678.5\n")
    assert.equal("phone:string change:int f:float", types(df))
    assert.same({ "+82101234", "+4930123456" }, list(df, "phone"))
    assert.same({ 3, -12 }, list(df, "change"))
    assert.same({ 1.5, 12345678.5 }, list(df, "f"))
    assert.equal("digits behind a plus, as telephone numbers have: '+82101234' in line 2",
      about(df, "phone").why)
    assert.equal('types = { ["phone"] = "int" } reads it as numbers, without the plus signs',
      about(df, "phone").hint)
    assert.matches("column 'change': numbers with a plus sign (1), which is not kept; types = " ..
      '{ ["change"] = "string" } keeps it', notes(df), 1, true)
    -- In whichever order, with groups of digits and through a scan.
    assert.same({ "7", "+8210123456" }, list(read("a\n7\n+8210123456\n"), "a"))
    assert.same({ "7.5", "+8210123456" }, list(read("a\n7.5\n+8210123456\n"), "a"))
    assert.same({ "+1.234.567" },
      list(read("a\n+1.234.567\n", { thousands = ".", decimal = "," }), "a"))
    assert.same({ 82101234 }, list(read("a\n+82101234\n", { types = { a = "int" } }), "a"))
    local path = temporary.file("a\n1\n2\n+82101234\n3\n")
    assert.same({ "1", "2", "+82101234", "3" },
      list(hana.scan_csv(path, { quiet = true, part_bytes = 4 }):collect(), "a"))
  end)

  it("takes numbers between blanks and text with its blanks", function()
    local df = read("n,s\n 1, a\n2 ,b \n")
    assert.same({ 1, 2 }, list(df, "n"))
    assert.same({ " a", "b " }, list(df, "s"))
  end)

  it("tells an unquoted empty field from a quoted one", function()
    local df = read('s,n\n,1\n"",""\nx,\n')
    assert.same({ null, "", "x" }, list(df, "s"))
    assert.same({ 1, null, null }, list(df, "n"))
    assert.same({ [""] = 1, ['""'] = 1 }, about(df, "n").nulls)
    assert.equal("string", read('s\n""\n""\n'):types().s)
    assert.same({ "column_1", "b" }, read('"",b\n'):names())
  end)

  it("takes the usual texts for null, counts them, and lets them be changed", function()
    local text = "s,x\nNA,1\n-,NaN\nnull,2\nNone,3\n"
    local df = read(text)
    assert.same({ null, "-", null, null }, list(df, "s"))
    assert.same({ 1, null, 2, 3 }, list(df, "x"))
    assert.same({ NA = 1, null = 1, None = 1 }, about(df, "s").nulls)
    assert.same({ "NA", null, "null", "None" }, list(read(text, { null = { "-", "NaN" } }), "s"))
    assert.same({ null, null, null, null }, list(read(text, { null_add = { "-" } }), "s"))
  end)

  it("keeps a computed not-a-number apart from null", function()
    local x = list(read("x\nnan\n-inf\n1.5\n"), "x")
    assert.is_true(x[1] ~= x[1])
    assert.equal(-math.huge, x[2])
  end)

  it("guesses the delimiter by the even cut of the first records", function()
    for _, d in ipairs{ ";", "\t", "|" } do
      local text = ("a%sb%sc\n1%s2,5%sx\n"):gsub("%%s", d)
      local df = read(text)
      assert.same({ "2,5" }, list(df, "b"))
      assert.equal(d, df:read_report().delimiter)
    end
    assert.equal(",", read("a,b\n1,x;y\n2,x;y\n"):read_report().delimiter)
    assert.equal(";", read("a;b\n1;\"x,y\n\"\n2;\"x,y\"\n"):read_report().delimiter)
    assert.same({ "a" }, read("a\n1\n"):names())
    -- A mark in few lines that the header lacks is text.
    assert.equal(8, #read("s\nx\ny\na;b\nz\nx\ny\nz\nw\n"))
  end)

  it("takes no longer for a byte of one large field than of many", function()
    local text = ("x"):rep(32 << 20)
    local before = os.clock()
    local df = read("a,b\n\"" .. text .. "\",1\n")
    assert.is_true(df.a[1] == text)
    assert.is_true(os.clock() - before < 6, "seconds: " .. os.clock() - before) -- 18 once
  end)

  it("takes the delimiter that the first line names", function()
    local df = read("sep=|\r\na|b\r\n1,5|2\r\n")
    assert.same({ "1,5" }, list(df, "a"))
    assert.matches("names the delimiter: '|'", notes(df), 1, true)
    assert.error_matches(function() read("sep=|\na|b\n1\n") end, "text: line 3: 1 field", 1, true)
    assert.same({ "sep=;" }, read("sep=;\n1\n", { delimiter = "," }):names())
  end)

  it("takes any character, and runs of blanks, as the delimiter", function()
    local df = read('a§b\n1§"x§y"\n', { delimiter = "§" })
    assert.same({ "x§y" }, list(df, "b"))
    df = read('  a   b\n 1\t"x y"\n22  z  \n\n', { delimiter = "whitespace" })
    assert.same({ 1, 22 }, list(df, "a"))
    assert.same({ "x y", "z" }, list(df, "b"))
    assert.error_matches(function() read("a", { delimiter = "ab" }) end, "delimiter")
  end)

  it("reads quotes as RFC 4180 writes them", function()
    local df = read('a,b\r\n"x ""y""","1\r\n2"\r\n3" pipe,"4"\r\n')
    assert.same({ 'x "y"', '3" pipe' }, list(df, "a"))
    assert.same({ "1\r\n2", "4" }, list(df, "b"))
    assert.same({ "'x,y'" }, list(read("a;b\n'x,y';1\n"), "a"))
    assert.same({ "x;y" }, list(read("a;b\n'x;y';1\n", { quote = "'" }), "a"))
    assert.same({ '"x' }, list(read('a;b\n"x;1\n', { quote = false }), "a"))
  end)

  it("reads lines that end in CR, LF or both", function()
    for _, stop in ipairs{ "\n", "\r\n", "\r" } do
      local df = read(table.concat({ "a,b", "1,2", "", "3,4" }, stop))
      assert.same({ 1, 3 }, list(df, "a"))
      assert.same({ 2, 4 }, list(df, "b"))
    end
  end)

  it("skips blank lines, but not where there is one column", function()
    assert.same({ 1, null, 2 }, list(read("a\n1\n\n2\n"), "a"))
    assert.same({ 1, 2 }, list(read("a,b\n1,1\n\n\n2,2\n"), "a"))
  end)

  it("reads without a header, behind other lines, and only so many rows", function()
    local df = read("1,x\n2,y\n3,z\n", { header = false, limit = 2 })
    assert.same({ "column_1", "column_2" }, df:names())
    assert.same({ 1, 2 }, list(df, "column_1"))
    df = read('"open title\nsource: here\na,b\n1,2\n', { skip = 2 })
    assert.same({ 2 }, list(df, "b"))
    assert.equal(0, #read("a,b\n1,2\n", { limit = 0 }))
    assert.same({ "a", "b" }, read("a,b\n"):names())
  end)

  it("names columns that have no name or one that is taken", function()
    local df = read("a,,a,a_2,a\n1,2,3,4,5\n")
    assert.same({ "a", "column_2", "a_3", "a_2", "a_4" }, df:names())
    assert.matches("'a' stands in the header again", notes(df), 1, true)
    assert.matches("field 2 of the header is empty", notes(df), 1, true)
  end)

  it("says that a column is shadowed by a method", function()
    assert.matches('df:col("filter")', notes(read("filter,b\n1,2\n")), 1, true)
  end)

  it("reads only the columns asked for, in that order", function()
    local df = read("a,b,c\n1,2,3\n", { columns = { "c", "a" } })
    assert.same({ "c", "a" }, df:names())
    assert.error_matches(function() read("alpha,b\n1,2\n", { columns = { "alhpa" } }) end,
      "alhpa.*alpha")
  end)

  it("reads the types that were asked for", function()
    local df = read("zip,y,c,d,x\n01234,yes,b,5. 3. 2024,7\n10115,0,a,17. 11. 2024,8\n",
      { types = { zip = "int", y = "bool", c = "category", d = { "date", "%d. %m. %Y" },
        x = "string" } })
    assert.equal("zip:int y:bool c:category d:date x:string", types(df))
    assert.same({ 1234, 10115 }, list(df, "zip"))
    assert.same({ true, false }, list(df, "y"))
    assert.same({ "2024-03-05", "2024-11-17" }, list(df, "d"))
    assert.same({ "7", "8" }, list(df, "x"))
    assert.error_matches(function() read("a\n1\n", { types = { b = "int" } }) end, "'b'")
    assert.error_matches(function() read("a\n1\n", { types = { a = "integer" } }) end, "integer")
    assert.error_matches(function() read("a\n1\n", { types = { a = { "date", "%Y %Q" } } }) end,
      "column 'a': format '%%Y %%Q': '%%Q' is not known")
    assert.error_matches(function() read("a\n1\n", { types = { a = { "int", "%Y" } } }) end,
      "column 'a': a format goes with 'date' and 'datetime' only")
  end)

  it("says why numbers and times stayed text, and what would have read them", function()
    local function why(cells, expected, hint, options)
      options = options or {}
      options.delimiter = ";"
      local df = read("t;u\n" .. table.concat(cells, ";1\n") .. ";1\n", options)
      local column = about(df, "t")
      assert.equal("string", column.type)
      assert.equal(expected, column.why)
      assert.equal(hint, column.hint)
      return df
    end
    local df = why({ "7", "00123" }, "leading zeros, which numbers do not keep: '00123' in line 3")
    assert.matches("\n  t: string, leading zeros, which numbers do not keep: '00123' in line 3\n",
      tostring(df:read_report()), 1, true)
    why({ "x", "00123" }, "text: 'x' in line 2")
    why({ "+82101234" }, "digits behind a plus, as telephone numbers have: '+82101234' in "
      .. "line 2", 'types = { ["t"] = "int" } reads it as numbers, without the plus signs')
    why({ "1,234,567.5", "1" }, "numbers with thousands marks: '1,234,567.5' in line 2",
      'thousands = "," reads it as numbers')
    why({ "1,234" }, "numbers with thousands marks or a decimal comma: '1,234' in line 2",
      'thousands = "," or decimal = "," reads it as numbers, a thousand times apart')
    why({ "1,234", "n" }, "numbers with thousands marks or a decimal comma: '1,234' in line 2")
    why({ "1 234", "5" }, "numbers with thousands marks: '1 234' in line 2",
      'thousands = " " reads it as numbers')
    why({ "1\u{202F}234,5" }, "numbers with thousands marks and another decimal mark: "
      .. "'1\u{202F}234,5' in line 2", 'decimal = ",", thousands = "\\u{202F}" reads it as numbers')
    why({ "2", "3,5" }, "numbers with a decimal comma: '3,5' in line 3",
      'decimal = "," reads it as numbers')
    why({ "2,5", "3.5" }, "numbers with a decimal point: '3.5' in line 3", nil, { decimal = "," })
    why({ "1.234.567,5" }, "numbers with thousands marks: '1.234.567,5' in line 2",
      'thousands = "." reads it as numbers', { decimal = "," })
    why({ "1.234" }, "numbers with thousands marks or a decimal point: '1.234' in line 2",
      'thousands = "." or decimal = "." reads it as numbers, a thousand times apart',
      { decimal = "," })
    why({ "5", "2024-02-29" }, "a date beside other values: '2024-02-29' in line 3")
    why({ "true", "5" }, "a number beside other values: '5' in line 3",
      'null_add = { "true" } reads it as numbers')
    why({ "2024-02-29T10:00:00.123456Z", "2024-02-29T10:00:00.123456789Z" },
      "datetimes with more than the 6 digits of a second that they keep: "
      .. "'2024-02-29T10:00:00.123456789Z' in line 3")
  end)

  it("takes zeros beyond the microsecond, and no other digit", function()
    local function value(cell, kind, options)
      options = options or {}
      if kind then options.types = { t = kind } end
      return read("t\n" .. cell .. "\n", options).t[1]
    end
    local form = { "datetime", "%F %T.%f%z" }
    for cell, kind in pairs{
      ["2024-02-29T10:00:00.123456000Z"] = false, ["2024-02-29 10:00:00.123456000000"] = "datetime",
      ["2024-02-29 10:00:00.123456000Z"] = form, ["2024-02-29 19:00:00.123456+09"] = form,
    } do
      assert.equal("2024-02-29T10:00:00.123456Z", value(cell, kind))
    end
    assert.equal("2024-02-29T10:00:00.123456Z",
      value("2024-02-29 10:00:00.123456789", { "datetime", "%F %T.%f789" }))
    local more = "has more than the 6 digits of a second that a datetime keeps"
    for cell, kind in pairs{
      ["2024-02-29T10:00:00.1234567"] = "datetime",
      [" 2024-02-29T10:00:00.000000001Z "] = "datetime",
      ["2024-02-29 10:00:00.123456789Z"] = form,
    } do
      assert.error_matches(function() value(cell, kind) end,
        "text: line 2: column 't': '" .. cell .. "' " .. more, 1, true)
      assert.is_nil(value(cell, kind, { on_error = "null" }))
    end
    local lines = '{"t":"2024-02-29T10:00:00Z"}\n{"t":"2024-02-29T10:00:00.123456789Z"}\n'
    assert.error_matches(function()
      hana.read_json{ text = lines, types = { t = "datetime" }, quiet = true }
    end, "text: line 2: column 't': '2024-02-29T10:00:00.123456789Z' " .. more, 1, true)
    assert.equal("datetimes with more than the 6 digits of a second that they keep",
      about(hana.read_json{ text = lines, quiet = true }, "t").why)
  end)

  it("gathers like columns into a block", function()
    local df = read("id,p1,p2,y\n1,0,2.5,x\n2,,4,z\n", { blocks = { pixels = "p*" } })
    assert.same({ "id", "pixels", "y" }, df:names())
    assert.equal("block", df:types().pixels)
    assert.error_matches(function() read("id,p1\n1,x\n", { blocks = { p = "p*" } }) end,
      "text: line 2: column 'p1' is string, for 'x'; a block holds numbers")
    assert.error_matches(function() read("id\n1\n", { blocks = { p = "q*" } }) end, "q%*")
  end)

  it("rounds no integer on its way into a block", function()
    local big = "9007199254740993"
    local text = "id,p1,p2\n1,7,2.5\n2,%s,4\n3,5,6\n"
    local function block(cell, options)
      options = options or {}
      options.blocks = { pixels = "p*" }
      return read(text:format(cell), options)
    end
    for _, cell in ipairs{ big, "-" .. big, "123456789012345678901234" } do
      for _, given in ipairs{ {}, { p1 = "int" } } do
        if #cell < 20 or next(given) == nil then
          assert.error_matches(function() block(cell, { types = given }) end,
            "text: line 3: column 'p1': '" .. cell .. "' has more digits than a block holds; types "
            .. "= { [\"p1\"] = \"float\" } rounds it", 1, true)
        end
      end
    end
    assert.error_matches(function()
      read("p1\n1.5\n" .. big .. "\n", { blocks = { p = "p*" } })
    end, "line 3: column 'p1': '" .. big .. "' has more digits")

    assert.has_no.errors(function() block("9007199254740992") end)
    local df = block(big, { on_error = "null" })
    assert.equal(3, #df)
    assert.equal(1, df:read_report().columns[2].failed)
    assert.matches("block 'pixels': cells that are no number .* %(1%), the first is '" .. big
      .. "' in line 3", notes(df))
    df = block(big, { on_error = "skip" })
    assert.same({ 1, 3 }, list(df, "id"))
    assert.matches("rows skipped: 1; the first in line 3: column 'p1': '" .. big, notes(df))
    df = block(big, { types = { p1 = "float" } })
    assert.equal("changed", df:read_report().verdict)
    assert.matches("block 'pixels': integers with more digits than a float holds %(1%)", notes(df))
  end)

  it("reports a block in one line", function()
    local names, cells = {}, {}
    for i = 1, 300 do names[i], cells[i] = "pixel" .. i, i % 3 == 0 and "NA" or "+1" end
    local text = "id," .. table.concat(names, ",") .. ",y\n1," .. table.concat(cells, ",")
      .. ",a\n2," .. ("0,"):rep(300) .. "b\n"
    local df = read(text, { blocks = { pixels = "pixel*" } })
    local report = df:read_report()
    assert.equal(3, #report.columns)
    assert.same({
      name = "pixels", type = "block", why = "numbers of 300 columns, 'pixel1' to 'pixel300'",
      members = 300, nulls = { ["NA"] = 100 }, failed = 0,
    }, report.columns[2])
    assert.matches("\n  pixels: block of 300 columns, 100 null %(NA%)\n", tostring(report))
    assert.same({ "block 'pixels': numbers with a plus sign (200), which is not kept" },
      { table.unpack(report.notes) })
    df = read(text, { blocks = { pixels = "pixel*", odd = "pixel1*" }, columns = { "y", "pixel2",
      "pixel1" } })
    assert.same({ "y", "pixels", "odd" }, df:names())
    assert.equal("numbers of column 'pixel2'", about(df, "pixels").why)

    local paths = { temporary.file(text), temporary.file(text) }
    df = hana.read_csv(paths, { blocks = { pixels = "pixel*" }, quiet = true })
    assert.equal(200, about(df, "pixels").nulls.NA)
    assert.equal(4, #df)
  end)

  it("names file, line, column and value of a cell that is not of its type", function()
    local path = temporary.file("a,price\n1,2\n\n2,\"1,234.5\"\n", ".csv")
    assert.error_matches(function() hana.read_csv(path, { types = { price = "float" } }) end,
      path .. ": line 4: column 'price': '1,234.5' is not a number", 1, true)
  end)

  it("refuses records that are not as long as the header", function()
    assert.error_matches(function() read("a,b\n1,2\n3\n") end,
      "text: line 3: 1 field, expected 2", 1, true)
    assert.error_matches(function() read("a,b\n1,2\n\n3,4,5\n") end,
      "text: line 4: 3 fields, expected 2", 1, true)
    assert.error_matches(function() read("Title\n\na,b\n1,2\n") end, "skip")
  end)

  it("can make null of what is wrong, or skip the row, and says so", function()
    local text = 'a,b\n1,2\nx,3\n4\n5,6,7\n"8"9,1\n'
    local df = read(text, { on_error = "null", types = { a = "int" } })
    assert.same({ 1, null, 4, 5, null }, list(df, "a"))
    assert.same({ 2, 3, null, 6, null }, list(df, "b"))
    assert.equal(1, about(df, "a").failed)
    assert.matches("'x' in line 3", notes(df), 1, true)
    assert.matches("too short, filled up with nulls: 1", notes(df), 1, true)
    df = read(text, { on_error = "skip", types = { a = "int" } })
    assert.same({ 1 }, list(df, "a"))
    assert.equal(4, df:read_report().skipped)
    assert.matches("line 3", notes(df), 1, true)
  end)

  it("names the lines of rows that were skipped or changed", function()
    local text = 'a,b\n1,"x"y\n2,z\n3,"u\nv"w\n4,q\n5\n6,"p"p\n7,r\n8,"s\n9,t\n10,"v"\n11,w\n'
      .. '12,"k"k'
    local skipped = read(text, { on_error = "skip" })
    assert.same({ 2, 4, 7, 11 }, list(skipped, "a"))
    assert.equal(6, skipped:read_report().skipped)
    assert.same({ 2, 4, 5, 7, 8, 10, 11, 12, 14 }, skipped:read_report().skipped_lines)
    assert.matches("lines skipped: 2, 4-5, 7-8, 10-12, 14", notes(skipped), 1, true)
    assert.is_nil(skipped:read_report().changed_lines)
    local changed = read(text, { on_error = "null" })
    assert.same({ 2, 4, 5, 7, 8, 10, 11, 12, 14 }, changed:read_report().changed_lines)
    assert.matches("lines changed: 2, 4-5, 7-8, 10-12, 14", notes(changed), 1, true)
    local many = ("1,x\n"):rep(99998)
    local long = read("a,b\n" .. many .. '2,"x"y\n' .. many .. '3,"x\ny"z\n4,w\n' .. many .. "5",
      { on_error = "skip" })
    assert.same({ 100000, 199999, 200000, 300000 }, long:read_report().skipped_lines)
    local df = read("a,b\n1\n2,3\n", { on_error = "skip" })
    assert.same({ 2 }, df:read_report().skipped_lines)
    assert.is_nil(notes(df):find("lines skipped", 1, true))
    df = read("a\n" .. ("x\n1\n"):rep(3000), { on_error = "skip", types = { a = "int" } })
    assert.equal(3000, #df)
    assert.equal(1000, #df:read_report().skipped_lines)
    assert.matches("lines skipped: 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, ...", notes(df), 1, true)
    local paths = { temporary.file("a,b\n1,2\n3\n"), temporary.file("a,b\n1,2\n") }
    df = hana.read_csv(paths, { on_error = "skip", quiet = true })
    assert.matches(paths[1] .. ": rows skipped: 1; the first in line 3: 1 field, expected 2",
      notes(df), 1, true)
  end)

  it("says where a quote opened that is never closed", function()
    assert.error_matches(function() read('a,b\n1,2\n"x\ny",3\n4,"z\nend') end,
      "text: line 5: the quote that opens here is never closed", 1, true)
  end)

  it("refuses text behind a closing quote", function()
    assert.error_matches(function() read('a,b\n1,"he said "no"."\n') end,
      "text: line 2: text behind the closing quote of field 2", 1, true)
  end)

  it("refuses NUL bytes and an empty file", function()
    assert.error_matches(function() read("a,b\n1,2\n3,\0\n") end,
      "text: line 3: a NUL byte", 1, true)
    assert.error_matches(function() read("") end, "text: the file is empty", 1, true)
    assert.error_matches(function() read("\n\n\n", { delimiter = ";" }) end, "empty")
    assert.error_matches(function() hana.read_csv("no/such.csv") end, "no/such.csv: no such file",
      1, true)
    assert.error_matches(function() hana.read_csv("tests") end, "tests: is a folder", 1, true)
  end)

  it("says what an option must be, and what it is", function()
    local function fails(options, message)
      assert.error_matches(function() read("a\n1\n", options) end, message, 1, true)
    end
    fails({ limit = 1.5 }, "read_csv: option 'limit' must be a whole number >= 0, got 1.5")
    fails({ limit = -1 }, "read_csv: option 'limit' must be a whole number >= 0, got -1")
    fails({ limit = "2" }, "read_csv: option 'limit' must be a whole number >= 0, got \"2\"")
    fails({ skip = true }, "read_csv: option 'skip' must be a whole number >= 0, got true")
    fails({ delimiter = 7 }, "option 'delimiter' must be a string, got 7")
    fails({ header = "no" }, "option 'header' must be true or false, got \"no\"")
    assert.equal(1, #read("a\n1\n2\n", { limit = 1.0 }))
    assert.error_matches(function()
      hana.read_json{ text = '{"a":1}', limit = 0.5 }
    end, "read_json: option 'limit' must be a whole number >= 0, got 0.5", 1, true)
    assert.error_matches(function() hana.read_xlsx("x.xlsx", { sheet = 1.5 }) end,
      "option 'sheet' must be a name or a whole number, got 1.5", 1, true)
    local path = temporary.file(nil, ".csv")
    for _, encoding in ipairs{ "cp949", "euc-kr", "latin1", "windows-1252" } do
      assert.error_matches(function()
        hana.frame{ { "x", { 1 } } }:write_csv(path, { encoding = encoding, bom = true })
      end, "write_csv: option 'bom' is for utf%-8 and utf%-16: .* has no byte%-order mark")
    end
  end)

  it("says what a file is that is no text", function()
    local path = temporary.file(nil, ".hana")
    hana.frame{ { "x", { 1 } } }:save(path)
    assert.error_matches(function() hana.read_csv(path) end, "hana.load reads it", 1, true)
    assert.error_matches(function() read("PK\3\4\20\0") end, "zip archive")
    assert.error_matches(function() read("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") end, "%.xls")
  end)

  it("knows the same rows again", function()
    local text = "a,b\n1,x\n2\n3,z\n"
    local ids = require("hana.core").row_ids
    local all, some = ids(read(text, { on_error = "null" })), ids(read(text, { on_error = "skip" }))
    assert.same({ all[1], all[3] }, some)
    assert.same(all, ids(read(text, { on_error = "null" })))
    assert.not_same(all[1], ids(read("a,b\n1,x\n"))[1])
  end)

  it("adds the path of the file, and reads several", function()
    local one, two = temporary.file("a\n1\n", ".csv"), temporary.file("a\n2.5\n", ".csv")
    local df = hana.read_csv({ one, two }, { source = "file", quiet = true })
    assert.same({ 1.0, 2.5 }, list(df, "a"))
    assert.same({ one, two }, list(df, "file"))
    assert.error_matches(function() hana.read_csv(one, { source = "a" }) end, "'a'")
    -- limit counts the rows of all files.
    assert.same({ 1 }, list(hana.read_csv({ one, two }, { limit = 1, quiet = true }), "a"))
    local other = temporary.file("b\nx\n", ".csv")
    df = hana.read_csv({ one, other, two }, { quiet = true })
    assert.same({ 1.0, hana.null, 2.5 }, list(df, "a"))
    assert.matches("column 'a' is null in " .. other .. ", which has no such column", notes(df), 1,
      true)
    assert.matches("column 'b' is null in " .. one .. " and 1 more file, which", notes(df), 1, true)
  end)

  it("does not change types for files that say nothing, and names those that disagree", function()
    local whole = temporary.file("a\n9007199254740993\n", ".csv")
    local empty, text = temporary.file("a\n", ".csv"), temporary.file("a\nx\n", ".csv")
    local df = hana.read_csv({ empty, whole, empty }, { quiet = true })
    assert.same({ 9007199254740993 }, list(df, "a"))
    assert.equal("int", df.a:type())
    local _, message = pcall(function() hana.read_csv({ whole, text }, { quiet = true }) end)
    assert.matches("column 'a' is int in " .. whole .. " and string in " .. text, message, 1, true)
    assert.matches('types = { ["a"] = "string" }', message, 1, true)
  end)

  it("hints at the option that would have helped", function()
    local df = read("a;b;c;d\n1,5;1.234,50;31.12.2024;-\n2;12;1.1.2025;3\n")
    assert.matches('decimal = ","', about(df, "a").hint, 1, true)
    assert.matches('thousands = "."', about(df, "b").hint, 1, true)
    assert.matches("%d.%m.%Y", about(df, "c").hint, 1, true)
    assert.matches('null_add = { "-" }', about(df, "d").hint, 1, true)
    assert.is_nil(about(read("a\nx\n"), "a").hint)
  end)

  it("says when digits of an integer did not fit a float", function()
    local df = read("a\n9007199254740993\n0.5\n")
    assert.same({ 9007199254740992.0, 0.5 }, list(df, "a"))
    assert.matches("integers with more digits than a float holds (1)", notes(df), 1, true)
  end)

  it("reads a file of several stretches as one, whatever comes late", function()
    local rows = { "id,late,text,code" }
    for i = 1, 60000 do
      local late = i == 55000 and "0.25" or tostring(i)
      local text = i % 997 == 0 and ('"line\n%d, ""quoted"""'):format(i) or "plain text of row"
      rows[i + 1] = ("%d,%s,%s,%s"):format(i, late, text, i == 59000 and "A1" or "12")
    end
    rows[#rows + 1] = ""
    local path = temporary.file(table.concat(rows, "\n"), ".csv")
    local before = hana.threads()
    local first
    for threads = 1, 2 do
      hana.threads(threads)
      local df = hana.read_csv(path, { quiet = true })
      assert.equal(60000, #df)
      assert.equal("id:int late:float text:string code:string", types(df))
      assert.equal(0.25, df.late[55000])
      assert.equal(59999.0, df.late[59999])
      assert.equal('line\n997, "quoted"', df.text[997])
      assert.equal("12", df.code[1])
      local why = about(df, "code").why .. about(df, "late").why
      first = first or why
      assert.equal(first, why)
    end
    rows[50001] = "1,2,3"
    path = temporary.file(table.concat(rows, "\n"), ".csv")
    for threads = 1, 2 do
      hana.threads(threads)
      assert.error_matches(function() hana.read_csv(path) end,
        (": line %d: 3 fields, expected 4"):format(50001 + 49999 // 997), 1, true)
    end
    hana.threads(before)
  end)
end)

describe("write_csv", function()
  after_each(temporary.clear)

  local function written(df, options)
    local path = temporary.file(nil, ".csv")
    df:write_csv(path, options)
    return temporary.bytes(path), path
  end

  it("writes what reads back as it was", function()
    local df = hana.frame{
      { "i", { 1, null, 9007199254740993 } }, { "f", { 0.1, 3.0, null } },
      { "s", { 'a "b", c', "", null } }, { "b", { true, null, false } },
      { "d", { "2024-02-29", null, "1969-12-31" }, "date" },
      { "t", { "2024-02-29T12:30:00Z", "2024-02-29T12:30:00.25Z", null }, "datetime" },
      { "c", { "x", "y\nz", null }, "category" },
    }
    local bytes, path = written(df)
    assert.equal('i,f,s,b,d,t,c\n1,0.1,"a ""b"", c",true,2024-02-29,2024-02-29T12:30:00Z,x\n' ..
      ',3.0,"",,,2024-02-29T12:30:00.250000Z,"y\nz"\n9007199254740993,,,false,1969-12-31,,\n',
      bytes)
    local back = hana.read_csv(path, { types = { c = "category" }, quiet = true })
    assert.same(df:types(), back:types())
    for _, name in ipairs(df:names()) do assert.same(list(df, name), list(back, name)) end
  end)

  it("writes another delimiter, null, encoding and a mark", function()
    local df = hana.frame{ { "이름", { "김;철", null } }, { "x", { 1.5, 2.5 } } }
    assert.equal('\u{FEFF}이름;x\n"김;철";1.5\nNA;2.5\n',
      (written(df, { delimiter = ";", null = "NA", bom = true })))
    assert.equal("\xC0\xCC\xB8\xA7,x\n\xB1\xE8;\xC3\xB6,1.5\n,2.5\n",
      (written(df, { encoding = "cp949" })))
    assert.error_matches(function() written(df, { encoding = "latin1" }) end, "U%+C774.*latin1")
    assert.error_matches(function() written(df, { encoding = "klingon" }) end, "klingon")
    assert.equal('s\n"NA"\nNA\n', (written(hana.frame{ { "s", { "NA", null } } }, { null = "NA" })))
  end)

  it("quotes numbers where the delimiter stands in them", function()
    assert.equal('x.y\n"1.5".2\n', (written(read("x;y\n1.5;2\n"), { delimiter = "." })))
  end)

  it("writes a block as its features", function()
    local df = read("id,p1,p2\n1,0,2.5\n2,,4\n", { blocks = { p = "p*" } })
    assert.equal("id,p1,p2\n1,0,2.5\n2,,4\n", (written(df)))
  end)

  it("leaves the old file alone when it fails", function()
    local path = temporary.file("old", ".csv")
    local df = hana.frame{ { "가", { 1 } } }
    assert.has_error(function() df:write_csv(path, { encoding = "latin1" }) end)
    assert.equal("old", temporary.bytes(path))
    assert.error_matches(function() df:write_csv("no/such/folder/x.csv") end,
      "no/such/folder/x.csv: no such folder", 1, true)
  end)
end)
