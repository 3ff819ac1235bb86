local hana = require "hana"
local private_postgres = require "tests.io.private_postgres"

local null = hana.null

local function failure(f, ...)
  local good, message = pcall(f, ...)
  assert.is_false(good)
  return (message:gsub("^[^:]*:%d+: ", ""))
end

describe("postgres", function()
  local server, why_not

  setup(function() server, why_not = private_postgres.start() end)
  teardown(function() if server then server.stop() end end)

  local function read(query, params, options)
    options = options or {}
    options.quiet = true
    return hana.read_sql(server.url, query, params, options)
  end

  -- A spec that runs where there is a server.
  local function with_server(name, f)
    it(name, function()
      if not server then return pending(why_not) end
      server.psql "drop schema public cascade; create schema public"
      f()
    end)
  end

  local function sample()
    return hana.read_csv{ text = table.concat({
      "i,f,b,s,d,t",
      '9223372036854775807,1.5,true,"a\t\\N ""b""\n가\\",2024-02-29,2024-02-29T12:30:15.123456Z',
      ",,,,,",
      '-9007199254740993,-1e300,false,"",1969-12-31,1950-01-01T00:00:00Z',
      "",
    }, "\n"), quiet = true }
  end

  with_server("gives back what was written, with its types", function()
    local df = sample()
    assert.equal(df, df:write_sql(server.url, "all types"))
    local back = read 'select * from "all types"'
    assert.equal("equal", df:compare(back).verdict)
    assert.same(df:types(), back:types())
    assert.equal(9223372036854775807, back.i[1])
    assert.equal("a\t\\N \"b\"\n가\\", back.s[1])
    local odd = hana.frame{ { "x", { 1 / 0, -1 / 0, 0 / 0, 0.1, 5e-324 } } }
    odd:write_sql(server.url, "odd")
    local x = read("select x from odd").x:totable()
    assert.same({ 1 / 0, -1 / 0, 0.1, 5e-324 }, { x[1], x[2], x[4], x[5] })
    assert.is_true(x[3] ~= x[3])
  end)

  with_server("writes what another program reads", function()
    sample():write_sql(server.url, "t")
    assert.equal("9223372036854775807|1.5|t|13|2024-02-29|2024-02-29 12:30:15.123456\n|||||\n" ..
      "-9007199254740993|-1e+300|f|0|1969-12-31|1950-01-01 00:00:00\n",
      server.psql "select i, f, b, octet_length(s), d, t at time zone 'UTC' from t")
    assert.equal("bigint double precision boolean text date timestamp with time zone\n",
      server.psql [[select string_agg(data_type, ' ' order by ordinal_position)
        from information_schema.columns where table_name = 't']])
  end)

  with_server("has a type for each of the server's", function()
    server.psql [[
      create table t (i2 smallint, i4 int, r4 real, n numeric, money numeric(10,2), whole numeric,
        c char(3), v varchar, d date, ts timestamp, tz timestamptz, u uuid, j jsonb, a int[],
        ok bool);
      insert into t values (1, 2, 0.1, 0.12345678901234567890, 5, 9007199254740993, 'x', 'y',
        '1969-12-31', '2024-02-29 10:00:00', '2024-02-29 10:00:00+09', null, '{"a": 1}', '{1,2}',
        true);
      insert into t (n) values ('NaN');
    ]]
    local df = read "select * from t"
    assert.same({ i2 = "int", i4 = "int", r4 = "float", n = "float", money = "float",
      whole = "int", c = "string", v = "string", d = "date", ts = "datetime", tz = "datetime",
      u = "string", j = "string", a = "string", ok = "bool" }, df:types())
    local row = df:row(1)
    assert.equal(0.1, row.r4)
    assert.equal(0.12345678901234567890, row.n)
    assert.equal(9007199254740993, row.whole)
    assert.equal("2024-02-29T10:00:00Z", row.ts)
    assert.equal("2024-02-29T01:00:00Z", row.tz)
    assert.equal("{1,2}", row.a)
    assert.equal('{"a": 1}', row.j)
    assert.is_true(df.n[2] ~= df.n[2])
    assert.matches("numerics with more than 15 digits (1) were rounded",
      table.concat(df:read_report().notes, "\n"), 1, true)
    local seoul = read("select ts, tz from t limit 1", nil, { timezone = "Asia/Seoul" })
    assert.equal("2024-02-29T10:00:00+09:00", seoul.ts[1])
    assert.equal("2024-02-29T10:00:00+09:00", seoul.tz[1])
    local total = read "select count(*) as n, sum(i4::bigint) as total from t"
    assert.same({ n = 2, total = 2 }, total:row(1))
  end)

  with_server("reads dates that are none as text, and says so", function()
    local df = read "select d::date as d from (values ('2024-02-29'), ('infinity')) as t(d)"
    assert.same({ "2024-02-29", "infinity" }, df.d:totable())
    assert.matches("column 'd' is declared date, but 'infinity' in row 2",
      df:read_report().notes[1], 1, true)
  end)

  with_server("takes parameters", function()
    hana.frame{ { "a", { 1, 2, 3 } }, { "s", { "x", "it's ?", null } } }:write_sql(server.url, "t")
    assert.same({ 2, 3 }, read("select a from t where a > $1", { 1 }).a:totable())
    assert.same({ 2 }, read("select a from t where s = ? and s <> '?' -- ?",
      { "it's ?" }).a:totable())
    assert.same({ 1, 3 }, read("select a from t where a = $2 or a = $1", { 3, 1 }).a:totable())
    local row = read("select ? as i, ? as f, ? as b, ?::text as s, ?::date as d",
      { 9223372036854775807, 0.1, true, null, "2024-02-29" }):row(1)
    assert.same({ i = 9223372036854775807, f = 0.1, b = true, d = "2024-02-29" }, row)
    assert.matches("go by position", failure(read, "select :a", { a = 1 }))
    assert.matches("requires 2", failure(read, "select $1::int + $2::int", { 1 }))
  end)

  with_server("raises, replaces or appends where the table exists", function()
    local df = hana.frame{ { "a", { 1, 2 } }, { "b", { "x", "y" } } }
    df:write_sql(server.url, "t")
    assert.matches("table 't' exists; if_exists = \"replace\" or \"append\"",
      failure(df.write_sql, df, server.url, "t"), 1, true)
    hana.frame{ { "b", { "z" } }, { "a", { 3 } } }:write_sql(server.url, "t",
      { if_exists = "append" })
    assert.same({ 1, 2, 3 }, read("select * from t").a:totable())
    df:write_sql(server.url, "t", { if_exists = "replace" })
    assert.equal(2, #read "select * from t")
    server.psql "create schema shop"
    df:write_sql(server.url, "shop.t", { if_exists = "append" })
    assert.equal(2, #read "select * from shop.t")
  end)

  with_server("leaves the table as it was when writing fails", function()
    local df = hana.frame{ { "a", { 1, 2 } } }
    df:write_sql(server.url, "t")
    local bad = hana.frame{ { "a", { "x", "a\0b" } } }
    assert.matches("column 'a', row 2: a NUL byte", failure(bad.write_sql, bad, server.url, "t",
      { if_exists = "replace" }), 1, true)
    local text = hana.frame{ { "a", { "3", "many" } } }
    assert.matches("invalid input syntax for type bigint: \"many\"", failure(text.write_sql, text,
      server.url, "t", { if_exists = "append" }), 1, true)
    assert.same({ 1, 2 }, read("select * from t").a:totable())
  end)

  with_server("refuses what it cannot do, by name", function()
    server.psql "create table t (a int); insert into t values (1)"
    assert.matches("column 'x' is bytea; encode(x, 'hex')",
      failure(read, "select '\\x00ff'::bytea as x"), 1, true)
    assert.matches("read%-only", failure(read, "delete from t returning a"))
    assert.matches("multiple commands", failure(read, "select 1; delete from t"))
    assert.matches('syntax error at or near "frm"', failure(read, "select * frm t"), 1, true)
    assert.equal(1, #read "select * from t")
    assert.equal(0, #read "select * from t where false")
  end)

  with_server("streams many rows", function()
    local n = 100000
    local df = read("select i, i / 2.0::float8 as half, 'row ' || i as name " ..
      "from generate_series(1, ?) as i", { n })
    assert.equal(n, #df)
    df:write_sql(server.url, "big")
    assert.equal("equal", df:compare(read "select * from big").verdict)
  end)

  with_server("keeps passwords out of what it says", function()
    local df = read "select 1 as a"
    assert.is_nil(df:read_report().path:find("secret", 1, true))
    local message = failure(hana.read_sql, "postgres://hana:secret@/postgres?host=/nowhere",
      "select 1")
    assert.is_nil(message:find("secret", 1, true))
    assert.matches("/nowhere", message)
  end)
end)
