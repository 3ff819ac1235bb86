-- What is wrong or odd with a CSV file, case by case: the error with its line (and column and
-- value, where there is one), or all values. Records are those of Python's csv module in strict
-- mode (but an empty line of one column is a null); what is no ISO date and no number that fits
-- its type stays text, to the last character.
local hana = require "hana"
local temporary = require "tests.io.temporary"

local null = hana.null

after_each(temporary.clear)

local function number(x)
  if x ~= x then return "nan" end
  if math.type(x) == "integer" or x == 1 / 0 or x == -1 / 0 then return tostring(x) end
  for digits = 1, 17 do
    local text = ("%." .. digits .. "g"):format(x)
    if tonumber(text) == x then return text:find "[%.e]" and text or text .. ".0" end
  end
end

local function cell(v)
  if v == null then return "null" end
  if type(v) == "string" then return "'" .. v .. "'" end
  return type(v) == "number" and number(v) or tostring(v)
end

-- What reading gives, as one text: name:type[values] for each column, or the error.
local function outcome(bytes, options, on_error)
  local path, given = temporary.file(bytes, ".csv"), { quiet = true, on_error = on_error }
  for key, value in pairs(options or {}) do given[key] = value end
  local ok, df = pcall(hana.read_csv, path, given)
  if not ok then
    local message = tostring(df):gsub("^[^:]*_spec.lua:%d+: ", "")
    assert.is_nil(message:find "[\n\27]", message)
    assert.is_true(#message < 400, message)
    local at, stop = message:find(path .. ": ", 1, true)
    if not at then return message end
    return message:sub(stop + 1)
  end
  local columns, report, failed = {}, df:read_report(), 0
  for j, name in ipairs(df:names()) do
    local cells = {}
    for i, v in ipairs(df:col(name):totable()) do cells[i] = cell(v) end
    columns[j] = ("%s:%s[%s]"):format(name, df:col(name):type(), table.concat(cells, ","))
    failed = failed + (report.columns[j].failed or 0)
  end
  local text = table.concat(columns, " ")
  if not given.on_error then return text end
  -- Whatever was changed or left out is said.
  if report.skipped + report.changed + failed > 0 then assert.is_true(#report.notes > 0) end
  for _, note in ipairs(report.notes) do assert.is_nil(note:find("...", 1, true), note) end
  return ("skipped %d, changed %d, failed %d: %s"):format(report.skipped, report.changed, failed,
    text)
end

-- { what, bytes, outcome, options, outcome with on_error = "skip", the same with "null" }; errors
-- may go on behind what stands here.
local files = {
  { "short", "a,b\n1,2\n3\n4,5\n", "line 3: 1 field, expected 2",
    skip = "skipped 1, changed 0, failed 0: a:int[1,4] b:int[2,5]",
    null = "skipped 0, changed 1, failed 0: a:int[1,3,4] b:int[2,null,5]" },
  { "long", "a,b\n1,2\n3,4,5\n", "line 3: 3 fields, expected 2",
    skip = "skipped 1, changed 0, failed 0: a:int[1] b:int[2]",
    null = "skipped 0, changed 1, failed 0: a:int[1,3] b:int[2,4]" },
  { "short last no nl", "a,b\n1,2\n3", "line 3: 1 field, expected 2",
    skip = "skipped 1, changed 0, failed 0: a:int[1] b:int[2]",
    null = "skipped 0, changed 1, failed 0: a:int[1,3] b:int[2,null]" },
  { "blank mid", "a,b\n1,2\n\n3,4\n", "a:int[1,3] b:int[2,4]" },
  { "blank mid spaces", "a,b\n1,2\n   \n3,4\n", "line 3: 1 field, expected 2",
    skip = "skipped 1, changed 0, failed 0: a:int[1,3] b:int[2,4]",
    null = "skipped 0, changed 1, failed 0: a:string['1','   ','3'] b:int[2,null,4]" },
  { "blank one col", "a\n1\n\n3\n", "a:int[1,null,3]" },
  { "blank one col end", "a\n1\n\n", "a:int[1,null]" },
  { "header longer", "a,b,c\n1,2\n3,4\n", "line 2: 2 fields, expected 3",
    skip = "skipped 2, changed 0, failed 0: a:float[] b:float[] c:float[]",
    null = "skipped 0, changed 2, failed 0: a:int[1,3] b:int[2,4] c:float[null,null]" },
  { "header shorter", "a,b\n1,2,3\n4,5,6\n", "line 2: 3 fields, expected 2",
    skip = "skipped 2, changed 0, failed 0: a:float[] b:float[]",
    null = "skipped 0, changed 2, failed 0: a:int[1,4] b:int[2,5]" },
  { "R rownames", "a,b\nx,1,2\ny,3,4\n", "line 2: 3 fields, expected 2",
    skip = "skipped 2, changed 0, failed 0: a:float[] b:float[]",
    null = "skipped 0, changed 2, failed 0: a:string['x','y'] b:int[1,3]" },
  { "trail header only", "a,b,\n1,2\n", "line 2: 2 fields, expected 3",
    skip = "skipped 1, changed 0, failed 0: a:float[] b:float[] column_3:float[]",
    null = "skipped 0, changed 1, failed 0: a:int[1] b:int[2] column_3:float[null]" },
  { "trail rows", "a,b\n1,2,\n3,4,\n", "a:int[1,3] b:int[2,4]" },
  { "trail header and rows", "a,b,\n1,2,\n3,4,\n",
    "a:int[1,3] b:int[2,4] column_3:float[null,null]" },
  { "trail some rows", "a,b\n1,2,\n3,4\n", "line 3: 2 fields, expected 3",
    skip = "skipped 1, changed 0, failed 0: a:int[3] b:int[4]",
    null = "skipped 0, changed 1, failed 0: a:int[1,3] b:int[2,4]" },
  { "only delims", ",,\n", "column_1:float[] column_2:float[] column_3:float[]" },
  { "only delims2", ",,\n,,\n",
    "column_1:float[null] column_2:float[null] column_3:float[null]" },
  { "two tables", "a,b\n1,2\n\nc,d,e\n3,4,5\n", "line 4: 3 fields, expected 2",
    skip = "skipped 2, changed 0, failed 0: a:int[1] b:int[2]",
    null = "skipped 0, changed 2, failed 0: a:string['1','c','3'] b:string['2','d','4']" },
  { "open quote", "a,b\n1,\"x\n2,3\n", "line 2: the quote that opens here is never closed" },
  { "open quote header", "\"a,b\n1,2\n", "line 1: the quote that opens here is never closed" },
  { "open quote last", "a,b\n1,2\n3,\"", "line 3: the quote that opens here is never closed" },
  { "text behind", "a,b\n1,\"x\"y\n", "line 2: text behind the closing quote of field 2",
    skip = "skipped 1, changed 0, failed 0: a:float[] b:float[]",
    null = "skipped 0, changed 1, failed 0: a:float[null] b:float[null]" },
  { "quote mid", "a,b\n1,5\" disk\n", "a:int[1] b:string['5\" disk']" },
  { "quote mid2", "a,b\n1,x\"y\"z\n", "a:int[1] b:string['x\"y\"z']" },
  { "backslash", "a,b\n1,\"x\\\"y\"\n", "line 2: text behind the closing quote of field 2",
    skip = "skipped 1, changed 0, failed 0: a:float[] b:float[]",
    null = "skipped 0, changed 1, failed 0: a:float[null] b:float[null]" },
  { "four quotes", "a\n\"\"\"\"\n", "a:string['\"']" },
  { "three quotes", "a\n\"\"\"\n", "line 2: the quote that opens here is never closed" },
  { "two quotes", "a,b\n\"\",1\n", "a:string[''] b:int[1]" },
  { "space before quote", "a,b\n1, \"x,y\"\n", "line 2: 3 fields, expected 2",
    skip = "skipped 1, changed 0, failed 0: a:float[] b:float[]",
    null = "skipped 0, changed 1, failed 0: a:int[1] b:string[' \"x']" },
  { "space before quote ok", "a,b\n1, \"xy\"\n", "a:int[1] b:string[' \"xy\"']" },
  { "space after quote", "a,b\n\"x\" ,1\n", "line 2: text behind the closing quote of field 1",
    skip = "skipped 1, changed 0, failed 0: a:float[] b:float[]",
    null = "skipped 0, changed 1, failed 0: a:float[null] b:float[null]" },
  { "nl in quote", "a,b\n\"x\ny\",1\n", "a:string['x\ny'] b:int[1]" },
  { "crlf in quote", "a,b\r\n\"x\r\ny\",1\r\n", "a:string['x\r\ny'] b:int[1]" },
  { "cr in quote", "a,b\n\"x\ry\",1\n", "a:string['x\ry'] b:int[1]" },
  { "swallow", "a,b\n1,\"x\n2,y\n3,\"z\n4,w\n",
    "line 2: text behind the closing quote of field 2",
    skip = "skipped 1, changed 0, failed 0: a:int[4] b:string['w']",
    null = "skipped 0, changed 1, failed 0: a:int[null,4] b:string[null,'w']" },
  { "quote none", "a,b\n1,\"x\n", "a:int[1] b:string['\"x']", options = { quote = "" } },
  { "quoted after", "a,b\n1,\"x\",\n", "a:int[1] b:string['x']" },
  { "cr only", "a,b\0131,2\0133,4\r", "a:int[1,3] b:int[2,4]" },
  { "mixed ends", "a,b\n1,2\r\n3,4\0135,6\n", "a:int[1,3,5] b:int[2,4,6]" },
  { "lfcr", "a,b\n\0131,2\n\r", "a:int[1] b:int[2]" },
  { "crcrlf", "a,b\r\r\n1,2\r\r\n", "a:int[1] b:int[2]" },
  { "crcrlf onecol", "a\r\r\n1\r\r\n", "a:int[null,1,null]" },
  { "no end", "a,b\n1,2", "a:int[1] b:int[2]" },
  { "U+2028", "a,b\n1,x\xE2\x80\xA8y\n", "a:int[1] b:string['x\xE2\x80\xA8y']" },
  { "formfeed", "a,b\n1,x\12y\n", "a:int[1] b:string['x\12y']" },
  { "formfeed num", "a,b\n1,2\12\n", "a:int[1] b:string['2\12']" },
  { "vtab", "a,b\n1,x\11y\n", "a:int[1] b:string['x\11y']" },
  { "ctrl-z", "a,b\n1,2\n\26", "line 3: 1 field, expected 2",
    skip = "skipped 1, changed 0, failed 0: a:int[1] b:int[2]",
    null = "skipped 0, changed 1, failed 0: a:string['1','\26'] b:int[2,null]" },
  { "ctrl-z inline", "a,b\n1,2\26\n", "a:int[1] b:string['2\26']" },
  { "esc", "a,b\n1,\27[31mx\n", "a:int[1] b:string['\27[31mx']" },
  { "bom", "\xEF\xBB\xBFa,b\n1,2\n", "a:int[1] b:int[2]" },
  { "double bom", "\xEF\xBB\xBF\xEF\xBB\xBFa,b\n1,2\n", "\xEF\xBB\xBFa:int[1] b:int[2]" },
  { "bom mid", "a,b\n\xEF\xBB\xBF1,2\n", "a:string['\xEF\xBB\xBF1'] b:int[2]" },
  { "bom quoted hdr", "\xEF\xBB\xBF\"a\",b\n1,2\n", "a:int[1] b:int[2]" },
  { "utf16le", "\xFF\xFEa\0,\0b\0\n\0001\0,\0002\0\n\0", "a:int[1] b:int[2]" },
  { "utf16be nobom", "\0a\0,\0b\0\n\0001\0,\0002\0\n", "a:int[1] b:int[2]" },
  { "utf16le nobom", "a\0,\0b\0\n\0001\0,\0002\0\n\0", "a:int[1] b:int[2]" },
  { "utf16 odd", "\xFF\xFEa\0,\0b\0\n\0001\0,\0002\0\n",
    "line 2: byte 0x0A is not valid utf-16le" },
  { "utf16 lone surr", "\xFF\xFEa\0\n\0\0\xD8\n\0", "line 2: byte 0x00 is not valid utf-16le" },
  { "utf32", "\xFF\xFE\0\0a\0\0\0\n\0\0\0001\0\0\0\n\0\0\0",
    "line 1: a NUL byte, which text does not have" },
  { "bad utf8", "a,b\n1,\xC3(\n", "a:int[1] b:string['Ã(']" },
  { "bad utf8 explicit", "a,b\n1,\xC3(\n", "line 2: byte 0xC3 is not valid utf-8",
    options = { encoding = "utf-8" } },
  { "trunc utf8", "a,b\n1,\xEA\xB0", "a:int[1] b:string['ê°']" },
  { "overlong", "a,b\n1,\xC0\xAF\n", "a:int[1] b:string['유']" },
  { "surrogate utf8", "a,b\n1,\xED\xA0\x80\n", "a:int[1] b:string['í €']" },
  { "0xFF", "a,b\n1,\xFF\n", "a:int[1] b:string['ÿ']" },
  { "c1 control", "a,b\n1,\x81\n", "line 2: byte 0x81 is not valid windows-1252" },
  { "nul", "a,b\n1,x\0y\n", "line 2: a NUL byte, which text does not have" },
  { "nul end", "a,b\n1,2\n\0", "line 3: a NUL byte, which text does not have" },
  { "latin1 header", "caf\xE9,b\n1,2\n", "café:int[1] b:int[2]" },
  { "cp949", "a,b\n\xC7\xD1\xB1\xDB,2\n", "a:string['한글'] b:int[2]" },
  { "sjis", "a,b\n\x83e\x83X\x83g,2\n", "a:string['ƒeƒXƒg'] b:int[2]" },
  { "gzip trunc", "\31\x8B\8\0\0\0\0\0\0\3\1\2", "the gzip data are cut short" },
  { "empty", "", "the file is empty" },
  { "newline", "\n", "the file is empty" },
  { "newlines", "\n\n\n", "the file is empty" },
  { "spaces", "   \n", "column_1:float[]" },
  { "header only", "a,b\n", "a:float[] b:float[]" },
  { "header only no nl", "a,b", "a:float[] b:float[]" },
  { "dup names", "a,a,a\n1,2,3\n", "a:int[1] a_2:int[2] a_3:int[3]" },
  { "dup names clash", "a,a,a_2\n1,2,3\n", "a:int[1] a_3:int[2] a_2:int[3]" },
  { "empty name", "a,,c\n1,2,3\n", "a:int[1] column_2:int[2] c:int[3]" },
  { "blank names", "a, ,c\n1,2,3\n", "a:int[1] column_2:int[2] c:int[3]" },
  { "padded names", " a , b \n1,2\n", " a :int[1]  b :int[2]" },
  { "nl in name", "\"a\nb\",c\n1,2\n", "a\nb:int[1] c:int[2]" },
  { "numeric names", "1,2\n3,4\n", "1:int[3] 2:int[4]" },
  { "ctl in name", "a\tb,c\n1,2\n", "a\tb:int[1] c:int[2]" },
  { "mixed bool", "a\ntrue\n1\n", "a:string['true','1']" },
  { "mixed date dt", "a\n2024-01-01\n2024-01-01T10:00\n",
    "a:datetime['2024-01-01T00:00:00Z','2024-01-01T10:00:00Z']" },
  { "mixed date num", "a\n2024-01-01\n5\n", "a:string['2024-01-01','5']" },
  { "mixed tz", "a\n2024-01-01T10:00+09:00\n2024-01-01T10:00\n",
    "a:datetime['2024-01-01T01:00:00Z','2024-01-01T10:00:00Z']" },
  { "int then big", "a\n1\n9223372036854775808\n", "a:string['1','9223372036854775808']" },
  { "int big frac", "a\n9223372036854775808\n1.5\n", "a:float[9.223372036854776e+18,1.5]" },
  { "bigint float", "a\n9007199254740993\n1.5\n", "a:float[9007199254740992.0,1.5]" },
  { "types int", "a,b\n1,x\n2,y\n", "line 2: column 'b': 'x' is not an integer",
    options = { types = { b = "int" } },
    skip = "skipped 2, changed 0, failed 0: a:float[] b:int[]",
    null = "skipped 0, changed 0, failed 2: a:int[1,2] b:int[null,null]" },
  { "types int float", "a,b\n1,1.5\n", "line 2: column 'b': '1.5' is not an integer",
    options = { types = { b = "int" } },
    skip = "skipped 1, changed 0, failed 0: a:float[] b:int[]",
    null = "skipped 0, changed 0, failed 1: a:int[1] b:int[null]" },
  { "types int big", "a\n9223372036854775808\n",
    "line 2: column 'a': '9223372036854775808' does not fit 64 bits",
    options = { types = { a = "int" } }, skip = "skipped 1, changed 0, failed 0: a:int[]",
    null = "skipped 0, changed 0, failed 1: a:int[null]" },
  { "types int blank", "a,b\n ,1\n", "line 2: column 'a': ' ' is not an integer",
    options = { types = { a = "int" } },
    skip = "skipped 1, changed 0, failed 0: a:int[] b:float[]",
    null = "skipped 0, changed 0, failed 1: a:int[null] b:int[1]" },
  { "types float", "a\n1,5\n", "line 2: column 'a': '1,5' is not a number",
    options = { delimiter = ";", types = { a = "float" } },
    skip = "skipped 1, changed 0, failed 0: a:float[]",
    null = "skipped 0, changed 0, failed 1: a:float[null]" },
  { "types bool", "a\nmaybe\n", "line 2: column 'a': 'maybe' is neither true nor false",
    options = { types = { a = "bool" } }, skip = "skipped 1, changed 0, failed 0: a:bool[]",
    null = "skipped 0, changed 0, failed 1: a:bool[null]" },
  { "types date", "a\n2024-02-30\n", "line 2: column 'a': '2024-02-30' is not a date",
    options = { types = { a = "date" } }, skip = "skipped 1, changed 0, failed 0: a:date[]",
    null = "skipped 0, changed 0, failed 1: a:date[null]" },
  { "types datetime", "a\n2024-02-30T00:00\n",
    "line 2: column 'a': '2024-02-30T00:00' is not a datetime",
    options = { types = { a = "datetime" } },
    skip = "skipped 1, changed 0, failed 0: a:datetime[]",
    null = "skipped 0, changed 0, failed 1: a:datetime[null]" },
  { "types date from dt", "a\n2024-02-29T10:00\n",
    "line 2: column 'a': '2024-02-29T10:00' is not a date",
    options = { types = { a = "date" } }, skip = "skipped 1, changed 0, failed 0: a:date[]",
    null = "skipped 0, changed 0, failed 1: a:date[null]" },
  { "types date fmt", "a\n31.04.2024\n",
    "line 2: column 'a': '31.04.2024' is not a date by '%d.%m.%Y'",
    options = { types = { a = { "date", "%d.%m.%Y" } } },
    skip = "skipped 1, changed 0, failed 0: a:date[]",
    null = "skipped 0, changed 0, failed 1: a:date[null]" },
  { "types int quoted", "a\n\"12\"\n", "a:int[12]", options = { types = { a = "int" } } },
  { "types int quoted empty", "a,b\n\"\",1\n", "a:int[null] b:int[1]",
    options = { types = { a = "int" } } },
  { "types string NA", "a\nNA\n\"NA\"\n", "a:string[null,null]",
    options = { types = { a = "string" } } },
  { "multi err", "a,b\n1,2\n3,x\ny,4\n5\n", "line 3: column 'b': 'x' is not an integer",
    options = { types = { a = "int", b = "int" } },
    skip = "skipped 3, changed 0, failed 0: a:int[1] b:int[2]",
    null = "skipped 0, changed 1, failed 2: a:int[1,3,null,5] b:int[2,null,4,null]" },
  { "short null", "a,b\n1,2\n3\n4,5,6\n",
    "skipped 0, changed 2, failed 0: a:int[1,3,4] b:int[2,null,5]",
    options = { on_error = "null" } },
  { "short skip", "a,b\n1,2\n3\n4,5,6\n", "skipped 2, changed 0, failed 0: a:int[1] b:int[2]",
    options = { on_error = "skip" } },
  { "broken null", "a,b\n1,2\n\"x\"y,4\n5,6\n",
    "skipped 0, changed 1, failed 0: a:int[1,null,5] b:int[2,null,6]",
    options = { on_error = "null" } },
  { "broken skip", "a,b\n1,2\n\"x\"y,4\n5,6\n",
    "skipped 1, changed 0, failed 0: a:int[1,5] b:int[2,6]", options = { on_error = "skip" } },
  { "broken skip swallow", "a,b\n1,\"x\n2,y\n3,\"z\n4,w\n",
    "skipped 1, changed 0, failed 0: a:int[4] b:string['w']", options = { on_error = "skip" } },
  { "broken null swallow", "a,b\n1,\"x\n2,y\n3,\"z\n4,w\n",
    "skipped 0, changed 1, failed 0: a:int[null,4] b:string[null,'w']",
    options = { on_error = "null" } },
  { "open quote null", "a,b\n1,\"x\n2,3\n", "line 2: the quote that opens here is never closed",
    options = { on_error = "null" } },
  { "open quote skip", "a,b\n1,\"x\n2,3\n", "line 2: the quote that opens here is never closed",
    options = { on_error = "skip" } },
  { "nul skip", "a,b\n1,x\0y\n", "line 2: a NUL byte, which text does not have",
    options = { on_error = "skip" } },
  { "bad utf8 skip", "a,b\n1,\xC3(\n", "line 2: byte 0xC3 is not valid utf-8",
    options = { encoding = "utf-8", on_error = "skip" } },
  { "long nonempty null", "a,b\n1,2,9\n", "skipped 0, changed 1, failed 0: a:int[1] b:int[2]",
    options = { on_error = "null" } },
  { "skip beyond", "a,b\n1,2\n", "the file is empty behind the lines that are skipped",
    options = { skip = 5 } },
  { "skip in quote", "x\"y\na,b\n1,2\n", "a:int[1] b:int[2]", options = { skip = 1 } },
  { "comment only", "#x\n#y\n", "the file is empty", options = { comment = "#" } },
  { "comment mid", "a,b\n1,2#3\n", "a:int[1] b:string['2#3']", options = { comment = "#" } },
  { "comment quoted", "a,b\n\"#1\",2\n#x,y\n", "a:string['#1'] b:int[2]",
    options = { comment = "#" } },
  { "comment long", "a,b\n//x\n1,2\n", "a:int[1] b:int[2]", options = { comment = "//" } },
  { "whitespace", "a b\n1  2\n3 4 5\n", "line 3: 3 fields, expected 2",
    options = { delimiter = "whitespace" },
    skip = "skipped 1, changed 0, failed 0: a:int[1] b:int[2]",
    null = "skipped 0, changed 1, failed 0: a:int[1,3] b:int[2,4]" },
  { "whitespace lead", "  a b\n 1 2 \n", "a:int[1] b:int[2]",
    options = { delimiter = "whitespace" } },
  { "tab comma", "a\tb,c\n1\0092,3\n", "a\tb:string['1\0092'] c:int[3]" },
  { "semicolons", "a;b\n1;2\n", "a:int[1] b:int[2]" },
  { "pipe", "a|b\n1|2\n", "a:int[1] b:int[2]" },
  { "colon", "a:b\n1:2\n", "a:int[1] b:int[2]", options = { delimiter = ":" } },
  { "sep=", "sep=;\na;b\n1;2\n", "a:int[1] b:int[2]" },
  { "sep= only", "sep=;\n", "the file is empty" },
  { "html", "<!DOCTYPE html>\n<html><body><p>404</p></body></html>\n",
    "not delimited text but an HTML page, as a download that failed leaves behind" },
  { "json", "[{\"a\":1}]\n", "not delimited text but JSON: hana.read_json reads it" },
  { "xml", "<?xml version=\"1.0\"?>\n<a/>\n", "not delimited text but an XML document" },
  { "zip", "PK\3\4....",
    "not delimited text but a zip archive, as .xlsx files are: hana.read_xlsx reads those" },
  { "1 col no newline", "a", "a:float[]" },
  { "comma in header only", "a,b\n1;2\n", "line 2: 1 field, expected 2",
    skip = "skipped 1, changed 0, failed 0: a:float[] b:float[]",
    null = "skipped 0, changed 1, failed 0: a:string['1;2'] b:float[null]" },
  { "guess conflict", "a;b,c\n1;2,3\n", "a;b:string['1;2'] c:int[3]" },
  { "decimal comma guess", "a;b\n1,5;2,5\n", "a:string['1,5'] b:string['2,5']" },
  { "null add num", "a\n1\n-\n3\n", "a:string['1','-','3']" },
  { "thousand", "a;b\n1,234;1\n12,34;2\n", "a:string['1,234','12,34'] b:int[1,2]",
    options = { thousands = "," } },
  { "thousand2", "a;b\n1,234,567;1\n1,2;2\n", "a:string['1,234,567','1,2'] b:int[1,2]",
    options = { thousands = "," } },
  { "thousand3", "a\n1 234\n", "a:int[1234]", options = { thousands = " " } },
  { "decimal types", "a;b\n1.5;2\n", "line 2: column 'a': '1.5' is not a number",
    options = { decimal = ",", types = { a = "float" } },
    skip = "skipped 1, changed 0, failed 0: a:float[] b:float[]",
    null = "skipped 0, changed 0, failed 1: a:float[null] b:int[2]" },
  { "nul in quotes", "a,b\n\"x\0y\",2\n", "line 2: a NUL byte, which text does not have" },
  { "nul only", "\0\0\0\0", "line 1: a NUL byte, which text does not have" },
  { "nul null", "a,b\n1,x\0y\n", "line 2: a NUL byte, which text does not have",
    options = { on_error = "null" } },
  { "quote eof empty", "a,b\n1,\"\"", "a:int[1] b:string['']" },
  { "quote eof doubled", "a,b\n1,\"x\"\"", "line 2: the quote that opens here is never closed" },
  { "quote eof lone", "a,b\n1,x\"", "a:int[1] b:string['x\"']" },
  { "quote eof cr", "a,b\r\n1,\"x\"\r", "a:int[1] b:string['x']" },
  { "cr after quote", "a,b\n1,\"x\"\0132,y\n", "a:int[1,2] b:string['x','y']" },
  { "quoted delim header", "\"a,b\",c\n1,2\n", "a,b:int[1] c:int[2]" },
  { "single quotes", "a,b\n'1,2',3\n", "line 2: 3 fields, expected 2",
    skip = "skipped 1, changed 0, failed 0: a:float[] b:float[]",
    null = "skipped 0, changed 1, failed 0: a:string[''1'] b:string['2'']" },
  { "single quotes opt", "a,b\n'1,2',3\n", "a:string['1,2'] b:int[3]",
    options = { quote = "'" } },
  { "quote=delim", "a,b\n1,2\n",
    "read_csv: option 'delimiter' must be one character other than the quote, or 'whitesp"
    .. "ace', got ','",
    options = { delimiter = ",", quote = "," } },
  { "decimal=delim", "a,b\n1,5\n", "a:int[1] b:int[5]",
    options = { decimal = ",", delimiter = "," } },
  { "decimal=thousands", "a;b\n1,5;2\n",
    "read_csv: option 'thousands' must be another mark than 'decimal', got ','",
    options = { decimal = ",", thousands = "," } },
  { "decimal comma; delim guessed", "a;b\n1,5;2,25\n", "a:float[1.5] b:float[2.25]",
    options = { decimal = "," } },
  { "decimal comma vs comma", "a,b\n1,5,2,5\n", "line 2: 4 fields, expected 2",
    skip = "skipped 1, changed 0, failed 0: a:float[] b:float[]",
    null = "skipped 0, changed 1, failed 0: a:int[1] b:int[5]" },
  { "decimal comma quoted", "a,b\n\"1,5\",\"2,5\"\n", "a:string['1,5'] b:string['2,5']" },
  { "decimal comma quoted opt", "a,b\n\"1,5\",\"2,5\"\n", "a:float[1.5] b:float[2.5]",
    options = { decimal = "," } },
  { "thousands de", "a;b\n1.234,5;2\n", "a:float[1234.5] b:int[2]",
    options = { decimal = ",", thousands = "." } },
  { "thousands de bad", "a;b\n1.23,5;2\n", "a:string['1.23,5'] b:int[2]",
    options = { decimal = ",", thousands = "." } },
  { "thousands type", "a\n1,23\n", "line 2: column 'a': '1,23' is not an integer",
    options = { delimiter = ";", thousands = ",", types = { a = "int" } },
    skip = "skipped 1, changed 0, failed 0: a:int[]",
    null = "skipped 0, changed 0, failed 1: a:int[null]" },
  { "thousands type null", "a\n1,23\n1,234\n",
    "skipped 0, changed 0, failed 1: a:int[null,1234]",
    options = { delimiter = ";", on_error = "null", thousands = ",", types = { a = "int" } } },
  { "thousands neg", "a\n-1,234\n", "a:int[-1234]",
    options = { delimiter = ";", thousands = "," } },
  { "thousands frac", "a\n1,234.567,8\n", "a:string['1,234.567,8']",
    options = { delimiter = ";", thousands = "," } },
  { "thousands lead", "a\n,234\n", "a:string[',234']",
    options = { delimiter = ";", thousands = "," } },
  { "thousands double", "a\n1,,234\n", "a:string['1,,234']",
    options = { delimiter = ";", thousands = "," } },
  { "skip neg", "a\n1\n",
    "read_csv: option 'skip' must be a whole number >= 0", options = { skip = -1 } },
  { "skip all", "a\n1\n", "the file is empty behind the lines that are skipped",
    options = { skip = 2 } },
  { "skip to header", "a\n1\n", "1:float[]", options = { skip = 1 } },
  { "limit before bad", "a,b\n1,2\n3\n", "a:int[1] b:int[2]", options = { limit = 1 } },
  { "limit 0", "a\n1\n", "a:float[]", options = { limit = 0 } },
  { "header false", "1,2\n3,4\n", "column_1:int[1,3] column_2:int[2,4]",
    options = { header = false } },
  { "header false empty", "", "the file is empty", options = { header = false } },
  { "header false ragged", "1,2\n3\n", "line 2: 1 field, expected 2",
    options = { header = false },
    skip = "skipped 1, changed 0, failed 0: column_1:int[1] column_2:int[2]",
    null = "skipped 0, changed 1, failed 0: column_1:int[1,3] column_2:int[2,null]" },
  { "header false nl", "\n\n", "the file is empty", options = { header = false } },
  { "columns bad elsewhere", "a,b\n1,x\n", "a:int[1]",
    options = { columns = { "a" }, types = { b = "int" } } },
  { "unknown type", "a\n1\n", "read_csv: unknown type 'integer'",
    options = { types = { a = "integer" } } },
  { "float 1e400", "a\n1e400\n", "line 2: column 'a': '1e400' is more than a float holds",
    options = { types = { a = "float" } }, skip = "skipped 1, changed 0, failed 0: a:float[]",
    null = "skipped 0, changed 0, failed 1: a:float[null]" },
  { "float 1e400 null", "a\n1e400\n2\n", "skipped 0, changed 0, failed 1: a:float[null,2.0]",
    options = { on_error = "null", types = { a = "float" } } },
  { "int 1e3", "a\n1e3\n", "line 2: column 'a': '1e3' is not an integer",
    options = { types = { a = "int" } }, skip = "skipped 1, changed 0, failed 0: a:int[]",
    null = "skipped 0, changed 0, failed 1: a:int[null]" },
  { "int hex", "a\n0x10\n", "line 2: column 'a': '0x10' is not an integer",
    options = { types = { a = "int" } }, skip = "skipped 1, changed 0, failed 0: a:int[]",
    null = "skipped 0, changed 0, failed 1: a:int[null]" },
  { "int +5", "a\n+5\n", "a:int[5]", options = { types = { a = "int" } } },
  { "int 007", "a\n007\n", "a:int[7]", options = { types = { a = "int" } } },
  { "int under", "a\n1_000\n", "line 2: column 'a': '1_000' is not an integer",
    options = { types = { a = "int" } }, skip = "skipped 1, changed 0, failed 0: a:int[]",
    null = "skipped 0, changed 0, failed 1: a:int[null]" },
  { "int nan", "a\nnan\n", "line 2: column 'a': 'nan' is not an integer",
    options = { types = { a = "int" } }, skip = "skipped 1, changed 0, failed 0: a:int[]",
    null = "skipped 0, changed 0, failed 1: a:int[null]" },
  { "float hex", "a\n0x10\n", "line 2: column 'a': '0x10' is not a number",
    options = { types = { a = "float" } }, skip = "skipped 1, changed 0, failed 0: a:float[]",
    null = "skipped 0, changed 0, failed 1: a:float[null]" },
  { "float nan NaN", "a\nnan\nNaN\ninf\n", "a:float[nan,null,inf]",
    options = { types = { a = "float" } } },
  { "float 1e", "a\n1e\n", "line 2: column 'a': '1e' is not a number",
    options = { types = { a = "float" } }, skip = "skipped 1, changed 0, failed 0: a:float[]",
    null = "skipped 0, changed 0, failed 1: a:float[null]" },
  { "bool 1", "a\n1\n0\n", "a:bool[true,false]", options = { types = { a = "bool" } } },
  { "bool yes", "a\nyes\n", "a:bool[true]", options = { types = { a = "bool" } } },
  { "bool skip", "a\ntrue\nmaybe\n", "skipped 1, changed 0, failed 0: a:bool[true]",
    options = { on_error = "skip", types = { a = "bool" } } },
  { "date Feb30 null", "a\n2024-02-30\n2024-02-29\n",
    "skipped 0, changed 0, failed 1: a:date[null,'2024-02-29']",
    options = { on_error = "null", types = { a = "date" } } },
  { "date Feb30 skip", "a\n2024-02-30\n2024-02-29\n",
    "skipped 1, changed 0, failed 0: a:date['2024-02-29']",
    options = { on_error = "skip", types = { a = "date" } } },
  { "datetime 24:00", "a\n2024-01-01T24:00\n",
    "line 2: column 'a': '2024-01-01T24:00' is not a datetime",
    options = { types = { a = "datetime" } },
    skip = "skipped 1, changed 0, failed 0: a:datetime[]",
    null = "skipped 0, changed 0, failed 1: a:datetime[null]" },
  { "datetime 24:00 null", "a\n2024-01-01T24:00\n",
    "skipped 0, changed 0, failed 1: a:datetime[null]",
    options = { on_error = "null", types = { a = "datetime" } } },
  { "datetime 9 digits", "a\n2024-01-01T12:00:00.123456789\n",
    "line 2: column 'a': '2024-01-01T12:00:00.123456789' has more than the 6 digits of a second "
      .. "that a datetime keeps",
    options = { types = { a = "datetime" } },
    skip = "skipped 1, changed 0, failed 0: a:datetime[]",
    null = "skipped 0, changed 0, failed 1: a:datetime[null]" },
  { "datetime off", "a\n2024-01-01T12:00+24:00\n",
    "line 2: column 'a': '2024-01-01T12:00+24:00' is not a datetime",
    options = { types = { a = "datetime" } },
    skip = "skipped 1, changed 0, failed 0: a:datetime[]",
    null = "skipped 0, changed 0, failed 1: a:datetime[null]" },
  { "datetime off2", "a\n2024-01-01T12:00+0900\n", "a:datetime['2024-01-01T03:00:00Z']",
    options = { types = { a = "datetime" } } },
  { "datetime off3", "a\n2024-01-01T12:00+09\n", "a:datetime['2024-01-01T03:00:00Z']",
    options = { types = { a = "datetime" } } },
  { "datetime date only", "a\n2024-01-01\n", "a:datetime['2024-01-01T00:00:00Z']",
    options = { types = { a = "datetime" } } },
  { "datetime 0001 +09", "a\n0000-01-01T00:00+09:00\n", "a:datetime['-0001-12-31T15:00:00Z']" },
  { "datetime fold", "a\n2024-11-03T01:30:00\n", "a:datetime['2024-11-03T01:30:00-04:00']",
    options = { timezone = "America/New_York" } },
  { "tz bad", "a\n1\n", "unknown time zone 'No/Where'", options = { timezone = "No/Where" } },
  { "date fmt tail", "a\n31.12.2024x\n",
    "line 2: column 'a': '31.12.2024x' is not a date by '%d.%m.%Y'",
    options = { types = { a = { "date", "%d.%m.%Y" } } },
    skip = "skipped 1, changed 0, failed 0: a:date[]",
    null = "skipped 0, changed 0, failed 1: a:date[null]" },
  { "date fmt bad", "a\n1\n", "read_csv: column 'a': format '%Q': '%Q' is not known",
    options = { types = { a = { "date", "%Q" } } } },
  { "category", "a\nx\ny\n", "a:category['x','y']", options = { types = { a = "category" } } },
  { "string spaces", "a\n 1 \n", "a:string[' 1 ']", options = { types = { a = "string" } } },
  { "null opt", "a\n-\n1\n", "a:int[null,1]", options = { null = { "-" } } },
  { "null opt keeps empty", "a,b\n,1\n2,3\n", "a:int[null,2] b:int[1,3]",
    options = { null = { "-" } } },
  { "null_add", "a\n#N/A\n1\n", "a:int[null,1]", options = { null_add = { "#N/A" } } },
  { "#N/A", "a\n#N/A\n1\n", "a:string['#N/A','1']" },
  { "#DIV/0", "a\n#DIV/0!\n1\n", "a:string['#DIV/0!','1']" },
  { "quoted nl multiline err", "a,b\n\"x\ny\nz\",2\n3,q\n",
    "line 5: column 'b': 'q' is not an integer", options = { types = { b = "int" } },
    skip = "skipped 1, changed 0, failed 0: a:string['x\ny\nz'] b:int[2]",
    null = "skipped 0, changed 0, failed 1: a:string['x\ny\nz','3'] b:int[2,null]" },
  { "bom utf16 short", "\xFF\xFE", "the file is empty" },
  { "bom utf16be", "\xFE\xFF\0a\0\n\0001\0\n", "a:int[1]" },
  { "utf16 opt on utf8", "a\n1\n", "੡਱:float[]", options = { encoding = "utf-16" } },
  { "encoding unknown", "a\n1\n",
    "read_csv: option 'encoding' must be auto, utf-8, utf-16, cp949, euc-kr, latin1 or wi"
    .. "ndows-1252, got 'utf-9'",
    options = { encoding = "utf-9" } },
  { "ctl value err", "a\n\"x\ny\27\"\n", "line 2: column 'a': 'x y ' is not an integer",
    options = { types = { a = "int" } }, skip = "skipped 1, changed 0, failed 0: a:int[]",
    null = "skipped 0, changed 0, failed 1: a:int[null]" },
  { "comment quote multi", "a,b\n\"x\n#y\",2\n", "a:string['x\n#y'] b:int[2]",
    options = { comment = "#" } },
  { "comment header", "#a,b\na,b\n#\n1,2\n", "a:int[1] b:int[2]", options = { comment = "#" } },
  { "comment empty str", "a\n1\n", "a:int[1]", options = { comment = "" } },
  { "ws tab mix", "a b\n1\0092\n", "a:int[1] b:int[2]", options = { delimiter = "whitespace" } },
  { "two char delim", "a||b\n1||2\n",
    "read_csv: option 'delimiter' must be one character other than the quote, or 'whitesp"
    .. "ace', got '||'",
    options = { delimiter = "||" } },
  { "utf8 delim", "a·b\n1·2\n", "a:int[1] b:int[2]", options = { delimiter = "·" } },
  { "nl delim", "a\n1\n",
    "read_csv: option 'delimiter' must be one character other than the quote, or 'whitesp"
    .. "ace', got ' '",
    options = { delimiter = "\n" } },
  { "tab given comma file", "a,b\n1,2\n", "a,b:string['1,2']", options = { delimiter = "\t" } },
  { "space delim", "a b\n1 2\n", "a:int[1] b:int[2]", options = { delimiter = " " } },
  { "mixed delims rows", "a,b\n1,2\n3;4\n", "line 3: 1 field, expected 2",
    skip = "skipped 1, changed 0, failed 0: a:int[1] b:int[2]",
    null = "skipped 0, changed 1, failed 0: a:string['1','3;4'] b:int[2,null]" },
  { "mixed delims null", "a,b\n1,2\n3;4\n",
    "skipped 0, changed 1, failed 0: a:string['1','3;4'] b:int[2,null]",
    options = { on_error = "null" } },
  { "mixed delims skip", "a,b\n1,2\n3;4\n", "skipped 1, changed 0, failed 0: a:int[1] b:int[2]",
    options = { on_error = "skip" } },
  { "empty last row field", "a,b\n1,\n,\n", "a:int[1,null] b:float[null,null]" },
  { "blank null", "a,b\n1,2\n\n", "skipped 0, changed 0, failed 0: a:int[1] b:int[2]",
    options = { on_error = "null" } },
  { "blank skip", "a,b\n1,2\n \n3,4\n", "skipped 1, changed 0, failed 0: a:int[1,3] b:int[2,4]",
    options = { on_error = "skip" } },
  { "only quotes", "\"\"\n", "column_1:float[]" },
  { "only quotes rows", "\"\",\"\"\n\"\",\"\"\n", "column_1:string[''] column_2:string['']" },
  { "header quoted dup", "\"a\",\"a\"\n1,2\n", "a:int[1] a_2:int[2]" },
  { "int min", "a\n-9223372036854775809\n",
    "line 2: column 'a': '-9223372036854775809' does not fit 64 bits",
    options = { types = { a = "int" } }, skip = "skipped 1, changed 0, failed 0: a:int[]",
    null = "skipped 0, changed 0, failed 1: a:int[null]" },
  { "skipped all", "a,b\n1\n2\n", "skipped 2, changed 0, failed 0: a:float[] b:float[]",
    options = { on_error = "skip" } },
  { "xml html note", "<html>\n<table>\n", "<html>:string['<table>']" },
}

-- A column `a` of one cell: what becomes of it when nothing is said about its type.
local cells = {
  { "1.2.3", "string['1.2.3']" }, { "--1", "string['--1']" }, { "1e", "string['1e']" },
  { "1e+", "string['1e+']" }, { "1e5", "float[1e+05]" }, { "12E5", "float[1.2e+06]" },
  { "0x1F", "string['0x1F']" }, { "1_000", "string['1_000']" }, { " 1", "int[1]" },
  { "1 ", "int[1]" }, { "١", "string['١']" }, { "½", "string['½']" }, { "1.", "float[1.0]" },
  { ".5", "float[0.5]" }, { "+5", "int[5]" }, { "-5", "int[-5]" }, { "- 5", "string['- 5']" },
  { "1e400", "string['1e400']" }, { "-1e400", "string['-1e400']" }, { "1e-400", "float[0.0]" },
  { "9223372036854775807", "int[9223372036854775807]" },
  { "9223372036854775808", "string['9223372036854775808']" },
  { "-9223372036854775808", "int[-9223372036854775808]" },
  { "-9223372036854775809", "string['-9223372036854775809']" }, { "00", "string['00']" },
  { "0", "int[0]" }, { "-0", "int[0]" }, { "-0.0", "float[-0.0]" }, { "0123", "string['0123']" },
  { "-0123", "string['-0123']" }, { "0.10", "float[0.1]" }, { "1 000", "string['1 000']" },
  { "NaN", "float[null]" }, { "nan", "float[nan]" }, { "-nan", "float[nan]" },
  { "inf", "float[inf]" }, { "Infinity", "float[inf]" }, { "-inf", "float[-inf]" },
  { "+inf", "float[inf]" }, { "INF", "float[inf]" }, { "1d5", "string['1d5']" },
  { "1f", "string['1f']" }, { "1L", "string['1L']" }, { "$5", "string['$5']" },
  { "5%", "string['5%']" }, { "(5)", "string['(5)']" },
  { "5-", "string['5-']" }, { "1e5.5", "string['1e5.5']" }, { "1..2", "string['1..2']" },
  { ".", "string['.']" }, { " ", "string[' ']" }, { "-", "string['-']" }, { "+", "string['+']" },
  { "e5", "string['e5']" }, { "1e05", "float[1e+05]" }, { "0e0", "float[0.0]" },
  { "00.5", "string['00.5']" }, { "1E+2", "float[1e+02]" },
  { "123456789012345678901", "string['123456789012345678901']" },
  { "0.1234567890123456789012345", "float[0.12345678901234568]" },
  { "2024-02-29", "date['2024-02-29']" }, { "2023-02-29", "string['2023-02-29']" },
  { "2024-02-30", "string['2024-02-30']" }, { "2024-13-01", "string['2024-13-01']" },
  { "2024-00-10", "string['2024-00-10']" }, { "2024-1-5", "string['2024-1-5']" },
  { "24-01-01", "string['24-01-01']" }, { "2024-01-01T25:00", "string['2024-01-01T25:00']" },
  { "2024-01-01 12:00:60", "string['2024-01-01 12:00:60']" },
  { "2024-01-01 12:00", "datetime['2024-01-01T12:00:00Z']" },
  { "2024-01-01T12", "string['2024-01-01T12']" }, { "0000-01-01", "date['0000-01-01']" },
  { "0001-01-01", "date['0001-01-01']" }, { "9999-12-31", "date['9999-12-31']" },
  { "10000-01-01", "string['10000-01-01']" }, { "-0001-01-01", "string['-0001-01-01']" },
  { "20240101", "int[20240101]" },
  { "2024-02-29T12:00+25:00", "string['2024-02-29T12:00+25:00']" },
  { "2024-02-29T12:00+09:00", "datetime['2024-02-29T03:00:00Z']" },
  { "2024-02-29T12:00Z", "datetime['2024-02-29T12:00:00Z']" },
  { "2024-02-29T12:00:00.123456789", "string['2024-02-29T12:00:00.123456789']" },
  { "2024-02-29T12:00:00.1", "datetime['2024-02-29T12:00:00.100000Z']" },
  { "2024-W05-1", "string['2024-W05-1']" }, { "2024-060", "string['2024-060']" },
  { "2024/02/29", "string['2024/02/29']" }, { "29.02.2024", "string['29.02.2024']" },
  { "02/29/2024", "string['02/29/2024']" },
  { "2024-02-29T24:00:00", "string['2024-02-29T24:00:00']" },
  { "2024-02-29t12:00:00z", "datetime['2024-02-29T12:00:00Z']" },
  { " 2024-02-29 ", "date['2024-02-29']" }, { "1900-02-29", "string['1900-02-29']" },
  { "12:30", "string['12:30']" }, { "2024-02", "string['2024-02']" }, { "2024", "int[2024]" },
  { "true", "bool[true]" }, { "TRUE", "bool[true]" }, { "True", "bool[true]" },
  { "T", "string['T']" }, { "yes", "string['yes']" }, { "tRuE", "string['tRuE']" },
  { "false", "bool[false]" },
}

local function is_error(text) return text:find "^line %d" or not text:find "%[" end

local function agrees(expected, got, name)
  if is_error(expected) then got = got:sub(1, #expected) end
  assert.equal(expected, got, name)
end

describe("a malformed file", function()
  for _, case in ipairs(files) do
    it("with " .. case[1], function()
      local bytes, options = case[2], case.options
      agrees(case[3], outcome(bytes, options), "on_error = raise")
      for _, how in ipairs{ "skip", "null" } do
        if case[how] then agrees(case[how], outcome(bytes, options, how), "on_error = " .. how) end
      end
    end)
  end
end)

describe("a cell", function()
  for _, case in ipairs(cells) do
    it(("%q"):format(case[1]), function()
      agrees("a:" .. case[2], outcome("a\n" .. case[1] .. "\n"), case[1])
      agrees("a:" .. case[2] .. " b:int[1]", outcome("a,b\n" .. case[1] .. ",1\r\n"), "two columns")
    end)
  end
end)

describe("a large malformed file", function()
  local function record(n, text)
    return (text .. ","):rep(n - 1) .. text .. "\n"
  end

  local function header(n)
    local names = {}
    for i = 1, n do names[i] = "c" .. i end
    return table.concat(names, ",") .. "\n"
  end

  it("of very many columns names line, counts and column", function()
    local start = header(5000) .. record(5000, "1")
    agrees("line 3: 4999 fields, expected 5000", outcome(start .. record(4999, "1")))
    agrees("line 3: 5001 fields, expected 5000", outcome(start .. record(5001, "1")))
    local bytes = header(5000) .. ("1,"):rep(4320) .. "x," .. record(679, "1")
    agrees("line 2: column 'c4321': 'x' is not an integer",
      outcome(bytes, { types = { c4321 = "int" } }))
  end)

  it("with a huge field keeps it, and cuts it in a message", function()
    local long = ("x"):rep(1000000)
    assert.equal(("a:string['%s'] b:int[2]"):format(long), outcome("a,b\n" .. long .. ",2\n"))
    assert.equal(("line 2: column 'a': '%s...' is not an integer"):format(("x"):rep(60)),
      outcome("a\n" .. long .. "\n", { types = { a = "int" } }))
    agrees("line 2: the quote that opens here is never closed", outcome('a,b\n1,"' .. long .. "\n"))
  end)

  it("is held to its lines far behind its start", function()
    local good = ("12,abc\n"):rep(300000)
    local line = "line 300002: "
    agrees(line .. "1 field, expected 2", outcome("a,b\n" .. good .. "3\n" .. good))
    agrees(line .. "text behind the closing quote of field 2",
      outcome("a,b\n" .. good .. '3,"x"y\n' .. good))
    agrees(line .. "the quote that opens here is never closed",
      outcome("a,b\n" .. good .. '3,"x\n' .. good))
    agrees(line .. "column 'a': 'x' is not an integer",
      outcome("a,b\n" .. good .. "x,1\n" .. good, { types = { a = "int" } }))
    agrees(line .. "a NUL byte", outcome("a,b\n" .. good .. "3,\0\n" .. good))
    agrees(line .. "byte 0xC3 is not valid utf-8",
      outcome("a,b\n" .. good .. "3,\xC3(\n" .. good, { encoding = "utf-8" }))
    local df = hana.read_csv(temporary.file("a,b\n" .. good .. "3\n" .. good, ".csv"),
      { quiet = true, on_error = "skip" })
    assert.same({ 600000, 1 }, { #df, df:read_report().skipped })
  end)

  it("compressed, cut short or damaged is an error", function()
    local path = temporary.file(("a,b\n" .. ("12,abc\n"):rep(100000)), ".csv")
    assert(os.execute("gzip -kf " .. path))
    local bytes = temporary.bytes(path .. ".gz")
    os.remove(path .. ".gz")
    for _, cut in ipairs{ 5, 11, #bytes // 2, #bytes - 9, #bytes - 1 } do
      assert.matches("gzip data are", outcome(bytes:sub(1, cut)), "cut at " .. cut)
    end
    local at = #bytes - 6
    local damaged = bytes:sub(1, at - 1) .. string.char(bytes:byte(at) ~ 0xFF) .. bytes:sub(at + 1)
    assert.matches("gzip data are", outcome(damaged))
  end)

  it("in UTF-16 is held to its lines", function()
    local function wide(text) return (text:gsub(".", "%0\0")) end
    local start = "\xFF\xFE" .. wide("a,b\n" .. ("1,2\n"):rep(1000))
    agrees("line 1002: byte", outcome(start .. "1"))
    agrees("line 1002: byte", outcome(start .. "\0\xDC" .. wide ",2\n"))
    agrees("line 1002: 1 field, expected 2", outcome(start .. wide "1\n"))
  end)
end)
