local hana = require "hana"
local temporary = require "tests.io.temporary"

local null = hana.null

local function read(text, options)
  options = options or {}
  options.text, options.quiet = text, true
  return hana.read_text(options)
end

local function list(df, name) return df:col(name):totable() end

local function notes(df) return table.concat(df:read_report().notes, "\n") end

local log = [[^(\S+) (\d+)(?: (\S+))?]]
local names = { "path", "ms", "agent" }

describe("read_text", function()
  after_each(temporary.clear)

  it("gives each line as it is", function()
    local df = read("a,b\r\n\nNA\n007\n 한 \nlast")
    assert.same({ "a,b", "", "NA", "007", " 한 ", "last" }, list(df, "line"))
    assert.equal("string", df:types().line)
    assert.same({ "text" }, read("x\n", { names = { "text" } }):names())
    assert.equal(0, #read(""))
    assert.same({ null, "x" }, list(read("-\nx\n", { null_add = "-" }), "line"))
  end)

  it("makes a column of each group, with the types of CSV", function()
    local df = read("/a 12 curl\n/b 7\n\n/c 9 ok\n", { pattern = log, names = names })
    assert.same({ path = "string", ms = "int", agent = "string" }, df:types())
    assert.same({ 12, 7, 9 }, list(df, "ms"))
    assert.same({ "curl", null, "ok" }, list(df, "agent"))
    local typed = read("2024-02-29 true 1.5 007\n", { pattern = [[(\S+) (\S+) (\S+) (\S+)]] })
    assert.same({ column_1 = "date", column_2 = "bool", column_3 = "float", column_4 = "string" },
      typed:types())
  end)

  it("takes the names of groups", function()
    local df = read("k=1\n", { pattern = [[(?<key>\w)=(?<value>\d)]] })
    assert.same({ "key", "value" }, df:names())
  end)

  it("tells a group that matched nothing from one that took no part", function()
    local df = read("a=\nb\n", { pattern = [[^(\w)(?:=(.*))?$]], names = { "k", "v" } })
    assert.same({ "", null }, list(df, "v"))
  end)

  it("says which line does not match", function()
    local text = "/a 12\nbroken line\n/b 7\nnothing\n"
    assert.error_matches(function() read(text, { pattern = log, names = names }) end,
      "text: line 2: the line does not match the pattern: 'broken line'", 1, true)
    local nulls = read(text, { pattern = log, names = names, on_error = "null" })
    assert.same({ 12, null, 7, null }, list(nulls, "ms"))
    assert.matches("lines that do not match the pattern, all null now: 2", notes(nulls), 1, true)
    assert.matches("the first such row is in line 2: broken line", notes(nulls), 1, true)
    local skipped = read(text, { pattern = log, names = names, on_error = "skip" })
    assert.same({ 12, 7 }, list(skipped, "ms"))
    assert.equal(2, skipped:read_report().skipped)
    assert.matches("rows skipped: 2; the first in line 2: broken line", notes(skipped), 1, true)
    assert.matches("lines skipped: 2, 4", notes(skipped), 1, true)
    assert.same({ 2, 4 }, nulls:read_report().changed_lines)
    assert.equal("changed", skipped:read_report().verdict)
    local typed = read("/a 12\n/b x\n", { pattern = [[^(\S+) (\S+)$]], names = { "path", "ms" },
      types = { ms = "int" }, on_error = "skip" })
    assert.matches("first in line 2: column 'ms': 'x' is not of type int", notes(typed), 1, true)
  end)

  it("takes types, null texts, columns, skip and limit", function()
    local text = "# log\n29/Feb/2024:10:00:00 -\n01/Mar/2024:11:30:00 x\n"
    local options = {
      pattern = [[^(\S+) (\S+)$]], names = { "when", "n" }, skip = 1, null_add = { "-" },
      types = { when = { "datetime", "%d/%b/%Y:%H:%M:%S" } }, timezone = "Asia/Seoul",
    }
    local df = read(text, options)
    assert.same({ "2024-02-29T10:00:00+09:00", "2024-03-01T11:30:00+09:00" }, list(df, "when"))
    assert.same({ null, "x" }, list(df, "n"))
    options.limit, options.columns = 1, { "n", "when" }
    assert.same({ "n", "when" }, read(text, options):names())
    assert.equal(1, #read(text, options))
    options.limit, options.types = nil, { n = "int" }
    assert.error_matches(function() read(text, options) end,
      "text: line 3: column 'n': 'x' is not an integer", 1, true)
    options.on_error = "skip"
    assert.same({ null }, list(read(text, options), "n"))
  end)

  it("refuses patterns and names that do not fit", function()
    assert.error_matches(function() read("a", { pattern = "a" }) end, "the pattern has no groups")
    assert.error_matches(function() read("a", { pattern = "(a)", names = { "x", "y" } }) end,
      "option 'names' has 2 names, the pattern 1 groups", 1, true)
    assert.error_matches(function() read("a", { pattern = "(a" }) end, "pattern '%(a'")
    assert.error_matches(function() read("a", { pattern = "(a)(a)", names = { "x", "x" } }) end,
      "two columns would be called 'x'")
    assert.error_matches(function() read("a", { patern = "(a)" }) end, "did you mean 'pattern'")
  end)

  it("reads other encodings and compressed files", function()
    local path = temporary.file("\xB1\xE8 1\n", ".log")
    local df = hana.read_text(path, { pattern = [[(\p{Hangul}+) (\d)]], quiet = true })
    assert.same({ "김" }, list(df, "column_1"))
    assert.equal("cp949", df:read_report().encoding)
    os.execute(("gzip -f -k %s"):format(path))
    assert.same({ "김 1" }, list(hana.read_text(path .. ".gz", { quiet = true }), "line"))
    os.remove(path .. ".gz")
  end)

  it("gives the same for any number of threads, and finds types over all lines", function()
    local lines = {}
    for i = 1, 120000 do lines[i] = ("/page%d %d agent%d"):format(i % 100, i, i % 7) end
    lines[119000] = "/x 1.5 odd"
    local text = table.concat(lines, "\n")
    local options = { pattern = [[^(\S+) ([\d.]+) (\S+)$]], names = names }
    local one = (function()
      hana.threads(1)
      local df = read(text, options)
      hana.threads(0)
      return df
    end)()
    local two = read(text, options)
    assert.equal("float", two:types().ms)
    assert.equal(120000, #two)
    assert.equal(one:hash(), two:hash())
    assert.equal(one:read_report().columns[2].why, two:read_report().columns[2].why)
    assert.equal("numbers, not all whole: '1.5' in line 119000", two:read_report().columns[2].why)
  end)
end)
