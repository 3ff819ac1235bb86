local hana = require "hana"
local run = require "tests.host.run"
local temporary = require "tests.io.temporary"

local null = hana.null

local function failure(f, ...)
  local good, message = pcall(f, ...)
  assert.is_false(good)
  return (message:gsub("^[^:]*:%d+: ", ""))
end

describe("sqlite", function()
  local path, url

  before_each(function()
    path = temporary.file("", ".db") -- an empty file is an empty database
    url = "sqlite:" .. path
  end)
  after_each(temporary.clear)

  -- SQLite's own program, so that what hana wrote is read by another, and the other way round.
  local function shell(command) return run.run("sh", { "-c", command }) end
  local has_program = select(3, shell "command -v sqlite3") == 0
  local function program(sql)
    if not has_program then
      pending("the program sqlite3 is not installed")
      return nil
    end
    local script = temporary.file(sql, ".sql")
    local out, complaints, code = shell(("sqlite3 %s < %s"):format(path, script))
    assert.equal(0, code, complaints)
    return out
  end

  local function read(query, params, options)
    options = options or {}
    options.quiet = true
    return hana.read_sql(url, query, params, options)
  end

  local function sample()
    return hana.read_csv{ text = table.concat({
      "i,f,b,s,d,t",
      '9223372036854775807,1.5,true,"a ""b"" 가",2024-02-29,2024-02-29T12:30:15.123456Z',
      ",,,,,",
      '-9007199254740993,-1e300,false,"",1969-12-31,1950-01-01T00:00:00Z',
      "",
    }, "\n"), quiet = true }
  end

  it("gives back what was written, with its types", function()
    local df = sample()
    assert.equal(df, df:write_sql(url, "all types"))
    local back = read 'select * from "all types"'
    assert.equal("equal", df:compare(back).verdict)
    assert.same(df:types(), back:types())
    assert.equal(9223372036854775807, back.i[1])
    assert.equal("2024-02-29T12:30:15.123456Z", back.t[1])
  end)

  it("writes what another program reads", function()
    sample():write_sql(url, "t")
    local out = program "select i, f, b, s is null, s, d, t, typeof(i), typeof(t) from t;"
    if not out then return end
    assert.equal('9223372036854775807|1.5|1|0|a "b" 가|2024-02-29|2024-02-29T12:30:15.123456Z' ..
      "|integer|text\n|||1||||null|null\n" ..
      "-9007199254740993|-1.0e+300|0|0||1969-12-31|1950-01-01T00:00:00Z|integer|text\n", out)
  end)

  it("takes the declared type where all cells are of it", function()
    if not program [[
      create table t (n integer, r real, s varchar(20), d date, at timestamp, ok boolean, money
        decimal(10,2), id numeric, plain);
      insert into t values (1, 2, '007', '2024-02-29', '2024-02-29 10:00:00', 1, 5, 3, 'x');
      insert into t values (2, 2.5, 8, null, '2024-02-29T10:00:00+09:00', 0, 5.25, 4, 7);
    ]] then return end
    local df = read "select * from t"
    assert.same({ n = "int", r = "float", s = "string", d = "date", at = "datetime", ok = "bool",
      money = "float", id = "int", plain = "string" }, df:types())
    assert.same({ "007", "8" }, df.s:totable())
    assert.same({ "2024-02-29T10:00:00Z", "2024-02-29T01:00:00Z" }, df.at:totable())
    assert.same({ 5.0, 5.25 }, df.money:totable())
    assert.same({ "x", "7" }, df.plain:totable())
    assert.same({ true, false }, df.ok:totable())
    local seoul = read("select at from t", nil, { timezone = "Asia/Seoul" })
    assert.equal("2024-02-29T10:00:00+09:00", seoul.at[1])
  end)

  it("says which cell is not of its declared type", function()
    if not program [[
      create table t (n integer, d date);
      insert into t values (1, '2024-02-29'), ('many', 'yesterday'), (2.5, null);
    ]] then return end
    local df = read "select * from t"
    assert.same({ n = "string", d = "string" }, df:types())
    assert.same({ "1", "many", "2.5" }, df.n:totable())
    local notes = table.concat(df:read_report().notes, "\n")
    assert.matches("column 'n' is declared int, but 'many' in row 2 is none", notes, 1, true)
    assert.matches("column 'd' is declared date, but 'yesterday' in row 2 is none", notes, 1, true)
    assert.matches("column 'n', row 2: 'many' is no int",
      failure(read, "select * from t", nil, { types = { n = "int" } }), 1, true)
  end)

  it("says what became of cells that are stored as several types", function()
    if not program [[
      create table t (n integer, s text, ok boolean, at datetime, plain, big real, code varchar);
      insert into t values (1, 'a', 1, '2024-02-29', 7, 1.5, 'x'), ('many', 'b', 'yes', 20240229,
        'seven', 2, 'y'), (2.5, null, 0, null, 8, null, null);
      create table numbers (i);
      insert into numbers values (9007199254740993), (0.5);
    ]] then return end
    local df = read "select * from t"
    assert.same({ n = "string", s = "string", ok = "bool", at = "string", plain = "string",
      big = "float", code = "string" }, df:types())
    local report = df:read_report()
    local notes = table.concat(report.notes, "\n")
    assert.matches("column 'n' is declared int, but 'many' in row 2 is none; it became string: "
      .. "numbers (2, the first is '1' in row 1), text (1, the first is 'many' in row 2)", notes, 1,
      true)
    assert.matches("column 'ok' is mixed and became bool: numbers (2, the first is '1' in row 1), "
      .. "text (1, the first is 'yes' in row 2)", notes, 1, true)
    assert.matches("column 'at' is declared datetime, but '20240229' in row 2 is none; it became "
      .. "string: numbers (1, the first is '20240229' in row 2), text (1, the first is "
      .. "'2024-02-29' in row 1)", notes, 1, true)
    assert.matches("column 'plain' is mixed and became string: numbers (2, the first is '7' in row "
      .. "1), text (1, the first is 'seven' in row 2)", notes, 1, true)
    assert.equal(4, #report.notes)
    assert.matches("; mixed: numbers (2,", report.columns[1].why, 1, true)
    assert.equal("declared so", report.columns[2].why)

    df = read("select * from t", nil, { types = { plain = "string" }, columns = { "plain" } })
    assert.same({ "7", "seven", "8" }, df.plain:totable())
    assert.matches("^given by types; mixed: numbers %(2,", df:read_report().columns[1].why)
    assert.equal(0, #df:read_report().notes)

    df = read "select * from numbers"
    report = df:read_report()
    assert.same({ i = "float" }, df:types())
    assert.equal("changed", report.verdict)
    assert.same({ "column 'i': integers with more digits than a float holds (1) were rounded" },
      { table.unpack(report.notes) })
  end)

  it("takes parameters by position and by name", function()
    hana.frame{ { "a", { 1, 2, 3 } }, { "s", { "x", "it's", null } } }:write_sql(url, "t")
    assert.same({ 2, 3 }, read("select a from t where a > ?", { 1 }).a:totable())
    assert.same({ 2 }, read("select a from t where s = ?", { "it's" }).a:totable())
    assert.same({ 3 }, read("select a from t where s is ?", { null }).a:totable())
    assert.same({ 1, 3 }, read("select a from t where a = $2 or a = $1", { 3, 1 }).a:totable())
    assert.same({ 2 }, read("select a from t where a = :a and s = $s",
      { a = 2, s = "it's" }).a:totable())
    local row = read("select ? as i, ? as f, ? as s, ? as b",
      { 9223372036854775807, 0.1, "x", true })
    assert.same({ i = 9223372036854775807, f = 0.1, s = "x", b = 1 }, row:row(1))
    assert.matches("the query has 2 parameters, 1 values were given",
      failure(read, "select ?, ?", { 1 }), 1, true)
    assert.matches("the query has 1 parameters, 2 values were given",
      failure(read, "select ?", { 1, 2 }), 1, true)
    assert.matches("the query's parameter :b has no value",
      failure(read, "select :b", { a = 1 }), 1, true)
  end)

  it("keeps an empty result's columns and types", function()
    sample():write_sql(url, "t")
    local df = read "select * from t where 0"
    assert.equal(0, #df)
    assert.same(sample():types(), df:types())
  end)

  it("renames columns of one name, and says so", function()
    local df = read "select 1 as a, 2 as a"
    assert.same({ "a", "a_2" }, df:names())
    assert.matches("renamed 'a_2'", df:read_report().notes[1])
  end)

  it("raises, replaces or appends where the table exists", function()
    local df = hana.frame{ { "a", { 1, 2 } }, { "b", { "x", "y" } } }
    df:write_sql(url, "t")
    assert.matches("table 't' exists; if_exists = \"replace\" or \"append\"",
      failure(df.write_sql, df, url, "t"), 1, true)
    hana.frame{ { "b", { "z" } }, { "a", { 3 } } }:write_sql(url, "t", { if_exists = "append" })
    assert.same({ 1, 2, 3 }, read("select * from t").a:totable())
    df:write_sql(url, "t", { if_exists = "replace" })
    assert.equal(2, #read "select * from t")
    df:write_sql(url, "new", { if_exists = "append" })
    assert.equal(2, #read "select * from new")
    assert.matches("option 'if_exists' must be", failure(df.write_sql, df, url, "t",
      { if_exists = "fail" }), 1, true)
  end)

  it("leaves the table as it was when writing fails", function()
    local df = hana.frame{ { "a", { 1, 2 } } }
    df:write_sql(url, "t")
    local bad = hana.frame{ { "a", { 1.5, 0 / 0 } } }
    assert.matches("column 'a', row 2: NaN", failure(bad.write_sql, bad, url, "t",
      { if_exists = "replace" }), 1, true)
    assert.matches("column 'a', row 2: NaN", failure(bad.write_sql, bad, url, "t",
      { if_exists = "append" }), 1, true)
    assert.same({ 1, 2 }, read("select * from t").a:totable())
    local other = hana.frame{ { "a", { 1 } }, { "b", { 2 } } }
    assert.matches("no column named b", failure(other.write_sql, other, url, "t",
      { if_exists = "append" }), 1, true)
    local fresh = temporary.file(nil, ".db")
    os.remove(fresh)
    assert.matches("NaN", failure(bad.write_sql, bad, "sqlite:" .. fresh, "t"))
    assert.is_false(temporary.exists(fresh))
  end)

  it("refuses what it cannot do, by name", function()
    hana.frame{ { "a", { 1 } } }:write_sql(url, "t")
    assert.matches("column 'x', row 1: a blob of 2 bytes; hex", failure(read,
      "select x'00ff' as x"), 1, true)
    assert.matches("changes the database", failure(read, "delete from t"))
    assert.matches("one statement is expected, got several",
      failure(read, "select 1; select 2"), 1, true)
    assert.matches("one statement is expected, got none", failure(read, " -- nothing"), 1, true)
    assert.matches('near "frm": syntax error', failure(read, "select * frm t"), 1, true)
    assert.matches("column 'x', row 1: text that is not UTF%-8",
      failure(read, "select cast(x'ff' as text) as x"))
    assert.equal(1, #read "select * from t")
    assert.matches("no such file", failure(hana.read_sql, "sqlite:/nowhere/x.db", "select 1"))
    assert.matches("unknown store 'mysql:': sqlite: and postgres: are known",
      failure(hana.read_sql, "mysql://x", "select 1"), 1, true)
    assert.matches("sqlite:shop.db is expected",
      failure(hana.read_sql, "sqlite://shop.db", "select 1"), 1, true)
    assert.equal(1, #hana.read_sql("sqlite://" .. path, "select * from t", nil, { quiet = true }))
    assert.matches("a store is a URL", failure(hana.read_sql, "shop.db", "select 1"))
    local text = temporary.file(("not a database at all "):rep(100), ".db")
    assert.matches("file is not a database", failure(hana.read_sql, "sqlite:" .. text,
      "select * from t"))
  end)

  it("streams many rows", function()
    local n = 200000
    local df = read(("with recursive c(i) as (select 1 union all select i + 1 from c " ..
      "where i < %d) select i, i / 2.0 as half, 'row ' || i as name from c"):format(n))
    assert.equal(n, #df)
    df:write_sql(url, "big")
    local back = read "select count(*) as n, sum(i) as total, max(half) as top from big"
    assert.same({ n = n, total = n * (n + 1) // 2, top = n / 2 }, back:row(1))
    assert.equal("equal", df:compare(read "select * from big").verdict)
  end)
end)
