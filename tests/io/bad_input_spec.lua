-- What people hand over by mistake: each gives a frame with a report of what was changed, or one
-- sentence that names the file and what was found.
local hana = require "hana"
local run = require "tests.host.run"
local temporary = require "tests.io.temporary"

local null = hana.null

after_each(temporary.clear)

local function read(bytes, options)
  options = options or {}
  options.quiet = true
  return hana.read_csv(temporary.file(bytes, ".csv"), options)
end

-- The message without the position in this file: one line.
local function refusal(action)
  local ok, message = pcall(action)
  assert.is_false(ok)
  message = tostring(message):gsub("^[^:]*_spec.lua:%d+: ", "")
  assert.is_nil(message:find("\n", 1, true), message)
  assert.is_true(#message < 300, message)
  return message
end

local function refuses(expected, bytes, options)
  assert.matches(expected, refusal(function() read(bytes, options) end), 1, true)
end

local function notes(df) return table.concat(df:read_report().notes, "\n") end

describe("a file that is not there for reading", function()
  it("is named with the reason", function()
    assert.equal("no/such.csv: no such file",
      refusal(function() hana.read_csv "no/such.csv" end))
    assert.equal("tests: is a folder", refusal(function() hana.read_csv "tests" end))
    assert.matches("no such file", refusal(function() hana.read_csv "" end))
    assert.matches("NUL byte", refusal(function() hana.read_csv "a\0.csv" end))
    assert.matches("x: name too long", refusal(function() hana.read_csv(("x"):rep(280)) end))
  end)

  it("may be one that others may not read", function()
    local path = temporary.file("a\n1\n", ".csv")
    os.execute("chmod 000 " .. path)
    local script = ('io.write(select(2, pcall(hana.read_csv, "%s")))'):format(path)
    local out
    if io.open(path) then -- a superuser, who reads everything: as nobody
      local ok = os.execute "setpriv --reuid=65534 --clear-groups true 2>/dev/null"
      if not ok then return pending "setpriv is not there" end
      local probe = ("setpriv --reuid=65534 --clear-groups %s -v 2>&1"):format(run.quote(run.hana))
      if not io.popen(probe):read("a"):find("Lua", 1, true) then
        return pending "nobody may not run this hana"
      end
      out = run.run("setpriv", { "--reuid=65534", "--clear-groups", run.hana, "-e", script })
    else
      out = run.run(run.hana, { "-e", script })
    end
    assert.matches(path .. ": permission denied", out, 1, true)
  end)
end)

describe("a file without rows", function()
  it("is an error when it is empty", function()
    refuses("the file is empty", "")
    refuses("the file is empty", "\xEF\xBB\xBF")
  end)

  it("is a frame without rows when it has a header", function()
    for _, text in ipairs{ "a,b\n", "a,b", "a,b\r\n", "\xEF\xBB\xBFa,b\n" } do
      local df = read(text)
      assert.same({ 0, "a", "b" }, { #df, table.unpack(df:names()) })
    end
  end)
end)

describe("rows of other lengths", function()
  local text = "a,b\n1,2\n3\n4,5,6\n"

  it("are an error with line and counts", function()
    refuses(": line 3: 1 field, expected 2", text)
  end)

  it("are mended or skipped where that is asked for, and counted", function()
    local df = read(text, { on_error = "null" })
    assert.same({ 2, null, 5 }, df.b:totable())
    assert.matches("too short, filled up with nulls: 1", notes(df), 1, true)
    assert.matches("too long, their last fields dropped: 1", notes(df), 1, true)
    df = read(text, { on_error = "skip" })
    assert.same({ 1 }, df.a:totable())
    assert.equal(2, df:read_report().skipped)
  end)
end)

describe("what is no text", function()
  it("is named by what it is", function()
    refuses("not delimited text but a zip archive", "PK\3\4\20\0\0\0\8\0")
    refuses("not delimited text but a picture", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    refuses("not delimited text but a PDF document", "%PDF-1.4\n")
    refuses("not delimited text but a program", temporary.bytes("/proc/self/exe"):sub(1, 4096))
    refuses("not delimited text but a Parquet file", "PAR1\21\4\21\0\0PAR1")
    refuses("not delimited text but an old Office file, as .xls files are: hana.read_xlsx",
      "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0")
    refuses('an SQLite database: hana.read_sql("sqlite:PATH", query)', "SQLite format 3\0\16\0")
    refuses("the gzip data are cut short", "\31\139\8\0\0\0\0\0\0\3\1\2")
    assert.matches("not delimited text but bytes packed by gzip: given as a path",
      refusal(function() hana.read_csv{ text = "\31\139\8\0\0\0\0\0\0\3\1\2" } end), 1, true)
    for _, reader in ipairs{ "read_json", "read_text", "read_xlsx" } do
      assert.matches("text: not .* but a Parquet file, which hana does not read",
        refusal(function() hana[reader]{ text = "PAR1\21\4\21\0\0PAR1" } end))
    end
  end)

  it("is a table where only its first cell begins so", function()
    for header, width in pairs{ ["PAR1,PAR2"] = 2, ["ORC"] = 1, ["ARROW1,x"] = 2, ["HANA"] = 1 } do
      local df = read(header .. "\r\n" .. ("1,"):rep(width):sub(1, -2) .. "\r\n")
      assert.equal(width, df:ncol())
      assert.equal(1, #df)
    end
  end)

  local html = "<html>\n<head><title>404 Not\nFound</title></head>\n<body>no</body></html>\n"
  local function gzip(bytes)
    local path = temporary.file(bytes, ".txt")
    local packed = temporary.file(nil, ".csv")
    assert(os.execute(("gzip -c %s > %s"):format(run.quote(path), run.quote(packed))))
    return temporary.bytes(packed)
  end

  it("is markup, and named so", function()
    local function page(text, title)
      refuses("not delimited text but an HTML page" .. (title or ""), text)
    end
    page(html, " '404 Not Found', as a download that failed")
    page(gzip(html), " '404 Not Found'")
    page("\xEF\xBB\xBF\r\n  " .. html)
    page("<!DOCTYPE html>\n<html lang=\"ko\"><meta charset=utf-8>")
    page("<!doctype HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\">\n<HTML><HEAD>")
    page("<!DOCTYPE html>")
    page("<!-- saved -->\n<!-- twice --><table border=1><tr><td>a</td></tr></table>")
    page("<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC \"x\"><html><p>a</p></html>")
    page((html:gsub(".", "%0\0")))
    local function document(text) refuses("not delimited text but an XML ", text) end
    document "<?xml version='1.0' encoding='UTF-8'?>\n<Error><Code>NoSuchKey</Code></Error>"
    document("<?xml version='1.0'?><!--" .. (" "):rep(100000) .. "--><a><b>1</b></a>")
    document "<?xml version='1.0'?><?xml-stylesheet href='a'?>\n<a/>"
    document(gzip "<rss version='2.0'>\n<channel><title>x</title></channel></rss>\n\n")
    document("<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'>"
      .. "<a/>")
    assert.matches("not JSON but an HTML page '404 Not Found'",
      refusal(function() hana.read_json(temporary.file(html, ".json")) end), 1, true)
  end)

  it("is JSON, and named with what reads it", function()
    local function json(text) refuses("JSON: hana.read_json reads it", text) end
    local function lines(text)
      refuses("JSON (an object, or one a line): hana.read_json reads it", text)
    end
    json '[{"a": 1, "b": "x"}, {"a": 2, "b": "]"}]'
    json '[\n  {\n    "a": [1, {"b": "\\"}"}]\n  },\n  {"a": 2}\n]\n'
    json '[{}]'
    json(gzip '[{"a":1},\n{"a":2}]\n')
    json '[{"a": 1}, {"a": ' -- cut short
    lines '{"a":1,"b":2}\n{"a":2,"b":3}\n'
    lines '{"error": "not found"}'
    lines '{"error": "rate'
    lines(' \n{ "a" : "가" } \r\n{ "a" : "나" }\r\n')
    assert.matches("not an Excel workbook but JSON: hana.read_json reads it",
      refusal(function() hana.read_xlsx(temporary.file('[{"a":1}]', ".xlsx")) end), 1, true)
  end)

  it("is a table where a cell is or begins with a tag, a list or an object", function()
    local function table_of(text, rows, columns, options)
      local df = read(text, options)
      assert.same({ rows, columns }, { #df, df:ncol() }, text)
    end
    table_of("<html>,n\n<body>,2\n", 1, 2)
    table_of("<html>\n5\n", 1, 1)
    table_of("<html>\n<body>\n<table>\n", 2, 1)
    table_of("<b>name</b>,n\n<b>x</b>,2\n", 1, 2)
    table_of("<b><i>name</i></b>,n\n<b>x</b>,2\n", 1, 2)
    table_of("<10,>=10\n1,2\n", 1, 2)
    table_of("<none>;x\n1;2\n", 1, 2)
    table_of("<a\n>b\n</a>\n", 2, 1)
    table_of("< 5 | <table>\n1|2\n", 1, 2)
    table_of('"<html><head></head></html>",n\nx,2\n', 1, 2)
    table_of("[id],[name]\n1,x\n", 1, 2)
    table_of("[1, 2]\tn\n[3]\t4\n", 1, 2)
    table_of("[]\n1\n", 1, 1)
    table_of("{a},b\n1,2\n", 1, 2)
    table_of("{}\tx\n1\t2\n", 1, 2)
    table_of('{"a": 1}\t5\n{"a": 2}\t6\n', 2, 2, { header = false, delimiter = "\t" })
    table_of('[{"a": 1}]\t5\n[]\t6\n', 2, 2, { header = false, delimiter = "\t" })
    table_of('"{""a"": 1}",5\nx,6\n', 1, 2)
    table_of("<!-- from a page -->\na,b\n1,2\n", 1, 2, { comment = "<" })
    table_of("<!-- from a page -->\na,b\n1,2\n", 1, 2, { skip = 1 })
  end)

  it("has NUL bytes, which are an error with a line", function()
    refuses(": line 2: a NUL byte", "a,b\n1,x\0y\n")
    refuses(": line 1: a NUL byte", "a\0,b\n1,2\n")
    refuses(": line 3: a NUL byte", "a,b\n1,2\n\xFF\0\1\x90,3\n")
  end)
end)

describe("bytes of another encoding", function()
  it("are guessed, and the report says so", function()
    local df = read "a,b\n1,caf\xE9\n"
    assert.equal("café", df.b[1])
    assert.matches("not UTF-8: read as windows-1252", notes(df), 1, true)
  end)

  it("are an error with line and byte where an encoding was given", function()
    refuses("line 2: byte 0xE9 is not valid utf-8", "a,b\n1,caf\xE9\n", { encoding = "utf-8" })
    refuses("line 3: byte 0xE9 is not valid cp949", "a\n\xC7\xD1\n\xE9\n", { encoding = "cp949" })
    refuses("is not valid utf-16le", "\xFF\xFEa\0\n")
  end)

  it("among UTF-8 are an error where they are few, else reported with the line", function()
    refuses("line 3: byte 0xE9 is not valid utf-8",
      "a\n" .. ("é"):rep(20) .. "\ncaf\xE9\n")
    assert.matches("line 3 is not UTF-8, though other parts are: encodings are mixed",
      notes(read "a\ncaf\xC3\xA9\ncaf\xE9\n"), 1, true)
  end)
end)

describe("headers", function()
  it("of 10,000 columns are read", function()
    local names, cells = {}, {}
    for i = 1, 10000 do names[i], cells[i] = "c" .. i, i end
    local df = read(table.concat(names, ",") .. "\n" .. table.concat(cells, ",") .. "\n")
    assert.equal(10000, df:ncol())
    assert.equal(9999, df.c9999[1])
    assert.is_true(#tostring(df) < 10000)
  end)

  it("with a name twice or none get names, which are reported", function()
    local df = read "a,a,,b\n1,2,3,4\n"
    assert.same({ "a", "a_2", "column_3", "b" }, df:names())
    assert.matches("'a' stands in the header again: it is called 'a_2'", notes(df), 1, true)
    assert.matches("field 3 of the header is empty: it is called 'column_3'", notes(df), 1, true)
    assert.same({ "a", "a_3", "a_2" }, (read "a,a,a_2\n1,2,3\n"):names())
    assert.same({ "column_1", "b" }, (read "  ,b\n1,2\n"):names())
  end)
end)

describe("a line", function()
  it("of 200 MB is one cell #slow", function()
    local path = temporary.file(nil, ".csv")
    local long = "head -c 200000000 /dev/zero | tr '\\0' x"
    local made = os.execute(("(echo a; %s; echo; echo y) > %s"):format(long, path))
    if not made then return pending "no room for a file of 200 MB" end
    local started = os.time()
    local df = hana.read_csv(path, { quiet = true })
    assert.is_true(os.time() - started < 60)
    assert.equal(2, #df)
    assert.equal(200000000, #df.a[1])
    assert.equal("y", df.a[2])
    assert.is_true(#tostring(df) < 1000)
  end)

  it("that a quote opens and none closes is an error with its line", function()
    refuses(": line 3: the quote that opens here is never closed", 'a,b\n1,2\n3,"x\n4,5\n6,7\n')
    refuses(": line 2: text behind the closing quote of field 2", 'a,b\n1,"x"y\n')
  end)
end)

describe("output", function()
  local numbers = {}
  for i = 1, 20000 do numbers[i] = i end
  local df = hana.frame{ { "x", numbers } }

  -- A full file system of 64 kB is in files_spec.lua.
  it("to a full disk is an error, for scripts and commands", function()
    assert.equal("/dev/full: no space left on the device",
      refusal(function() df:write_csv "/dev/full" end))
    assert.matches("/dev/full: no space left", refusal(function() df:save "/dev/full" end))
    local path = temporary.file("x,y\n1,2\n", ".csv")
    local err = io.popen(("%s inspect %s 2>&1 >/dev/full; echo $?"):format(
      run.quote(run.hana), path)):read "a"
    assert.equal("hana: not everything could be written to standard output\n1\n", err)
  end)

  it("to folders that are not there leaves nothing", function()
    assert.matches("no such folder", refusal(function() df:write_csv "no/such/x.csv" end))
    assert.equal("tests: is a folder", refusal(function() df:write_csv "tests" end))
  end)

  it("to a closed standard output ends as lua5.4 does", function()
    for _, script in ipairs{ "print(1)", "io.write(('x'):rep(100000))" } do
      local codes = {}
      for i, program in ipairs{ run.quote(run.hana), "lua5.4" } do
        codes[i] = io.popen(("%s -e %s 2>&1 >&-; echo $?"):format(program, run.quote(script)))
          :read "a"
      end
      assert.equal(codes[2], codes[1])
    end
    local path = temporary.file("x,y\n1,2\n", ".csv")
    local text = io.popen(("%s inspect %s 2>&1 >&-; echo $?"):format(run.quote(run.hana), path))
      :read "a"
    assert.equal("hana: not everything could be written to standard output\n1\n", text)
  end)

  it("to a reader that has enough ends at once", function()
    local started = os.time()
    local out = io.popen(("%s -e 'while true do print(1) end' 2>&1 | head -1"):format(
      run.quote(run.hana))):read "a"
    assert.equal("1\n", out)
    assert.is_true(os.time() - started < 10)
  end)
end)

describe("what nests without end", function()
  local df = hana.frame{ { "a", { 1, 2 } } }

  local function first_line(action)
    local ok, message = pcall(action)
    assert.is_false(ok)
    return tostring(message):match("^[^\n]*")
  end

  it("is an error in an expression", function()
    local n = 100000
    for _, text in ipairs{
      ("("):rep(n) .. "a" .. (")"):rep(n), ("("):rep(n), ("not "):rep(n) .. "true",
      ("- "):rep(n) .. "a", "a" .. ("^a"):rep(n), "'a'" .. ("..'a'"):rep(n), "a" .. ("+a"):rep(n),
      "a > 0" .. (" and a > 0"):rep(n), ("abs("):rep(n) .. "a" .. (")"):rep(n),
      "is_in(a, " .. ("{"):rep(n) .. "1" .. ("}"):rep(n) .. ")",
      "case_when(" .. ("a > 1, 1, "):rep(n) .. "2)",
    } do
      local message = first_line(function() df:mutate{ { "x", text } } end)
      assert.matches("the expression [hi][as]s? .*%d+ ", message)
    end
    assert.equal(1, #df:filter(("("):rep(100) .. "a > 1" .. (")"):rep(100)))
  end)

  it("is an error in JSON, tables and models", function()
    assert.matches("nested too deeply", first_line(function() hana.json.decode(("["):rep(1e6)) end))
    local itself = {}
    itself[1] = itself
    assert.matches("nested deeper than 200", first_line(function() hana.json.encode(itself) end))
    assert.matches("more than 16 deep", first_line(function()
      local model = hana.ridge{}
      for _ = 1, 1000 do model = hana.pipeline{ model } end
    end))
  end)
end)
