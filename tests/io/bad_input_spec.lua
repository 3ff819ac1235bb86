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
    refuses("the gzip data are cut short", "\31\139\8\0\0\0\0\0\0\3\1\2")
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
