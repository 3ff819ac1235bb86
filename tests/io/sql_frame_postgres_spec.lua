local hana = require "hana"
local private_postgres = require "tests.io.private_postgres"
local random = require "tests.io.sql_frame_random"

describe("sql_frame on PostgreSQL", function()
  local server, why_not

  setup(function() server, why_not = private_postgres.start() end)
  teardown(function() if server then server.stop() end end)

  local function with_server(name, f)
    it(name, function()
      if not server then return pending(why_not) end
      server.psql "drop schema public cascade; create schema public"
      f(server.url)
    end)
  end

  with_server("gives what the frame gives, over random tables and verbs", function(url)
    warn "@off" -- joins tell of repeated keys
    finally(function() warn "@on" end)
    local counts = { same = 0, refused = 0, failed = 0, unnoticed = 0 }
    for seed = 1, 160 do
      if seed % 20 == 1 then
        local a, b = random.tables(seed, 30, { math.huge, -math.huge, 1e308, 0 / 0, 0 / 0 })
        a:write_sql(url, "t", { if_exists = "replace" })
        b:select{ "id", "j", "s", "y", "d" }:write_sql(url, "u", { if_exists = "replace" })
        server.psql "alter table t add primary key (id); alter table u add primary key (id)"
      end
      local t, u = hana.sql_frame(url, "t"), hana.sql_frame(url, "u")
      local outcome = random.chain(seed, t, u, t:collect(), u:collect())
      counts[outcome] = counts[outcome] + 1
    end
    assert.is_true(counts.same > 110, ("%d the same"):format(counts.same))
    assert.is_true(counts.unnoticed < 3, ("%d errors unnoticed"):format(counts.unnoticed))
  end)

  with_server("reads each type as read_sql does", function(url)
    server.psql[[create table t (a smallint, b int, c real, d double precision, e text,
      f varchar(5), g char(4), h boolean, i date, j timestamp, k timestamptz, l uuid,
      m numeric, n numeric(10, 2));
      insert into t values (1, 2, 0.1, 0.1, 'é', 'b', 'c', true, '1969-12-31',
      '2024-01-31 12:00', '2024-01-31 12:00+09', '00000000-0000-0000-0000-000000000001', 7, 2.50),
      (null, null, null, null, null, null, null, null, null, null, null, null, null, null);]]
    assert.error_matches(function() hana.sql_frame(url, "t") end, "declares no type.*column 'm'")
    local types = { m = "int", n = "float" }
    local f = hana.sql_frame(url, "t", { types = types })
    local read = hana.read_sql(url, "select * from t", nil, { quiet = true })
    assert.is_nil(random.difference(f:collect(), read))
    -- as values of expressions too
    local all = f:mutate{ { "z", "1" } }:head(5):mutate{ { "z", "z + a" } }:drop "z"
    assert.is_nil(random.difference(all:collect(), read))
    assert.equal(1, f:filter("c == 0.1 and g == 'c   ' and j < k + 99999 and n == 2.5"):nrow())
  end)

  with_server("has texts in the order of their bytes, whatever the collation", function(url)
    server.psql[[create table t (s text collate "und-x-icu");
      insert into t values ('b'), ('B'), ('a'), ('서'), ('É');]]
    local f = hana.sql_frame(url, "t")
    assert.same({ "B", "a", "b", "É", "서" }, f:sort("s"):collect().s:totable())
    assert.same({ "B", "a" }, f:filter("s < 'b'"):sort("s"):collect().s:totable())
    assert.same({ "B" }, f:summarize{ { "s", "min(s)" } }:collect().s:totable())
    assert.same({ "B", "a", "b", "É", "서" }, f:count("s"):collect().s:totable())
  end)

  with_server("binds texts and quotes names", function(url)
    server.psql[[create schema "옛 것"; create table "옛 것"."t""; drop" ("a""b" int primary key,
      "c;d" text); insert into "옛 것"."t""; drop" values (1, 'x'), (2, '''; --');]]
    local f = hana.sql_frame(url, '옛 것.t"; drop')
    local found = f:filter("`c;d` == $text", { text = "'; --" })
    local sql, params = found:sql()
    assert.matches([[WHERE ("c;d" COLLATE "C") = $1::text]], sql, 1, true)
    assert.same({ "'; --" }, params)
    assert.same({ 2 }, found:collect()['a"b']:totable())
  end)

  with_server("has NaN, infinity and division as frames have them", function(url)
    hana.frame{ { "x", { 1.0, -1.0, 0.0, 0 / 0, math.huge } }, { "y", { 0.0, 0.0, 0.0, 1.0, 2.0 } },
      { "k", { 1, 2, 3, 4, 5 } } }:write_sql(url, "t")
    server.psql "alter table t add primary key (k)"
    local f = hana.sql_frame(url, "t")
    local got = f:mutate{ { "q", "x / y" }, { "g", "x > y" }, { "e", "x == x" }, { "n", "x ~= x" } }
      :collect()
    local want = f:collect():mutate{ { "q", "x / y" }, { "g", "x > y" }, { "e", "x == x" },
      { "n", "x ~= x" } }
    assert.is_nil(random.difference(got, want))
    assert.is_nil(random.difference(f:sort{ { "x", "desc" } }:collect(),
      f:collect():sort{ { "x", "desc" } }))
  end)

  with_server("refuses what PostgreSQL computes in another way", function(url)
    hana.frame{ { "s", { "a" } }, { "x", { 1.5 } }, { "n", { 1 } } }:write_sql(url, "names")
    local f = hana.sql_frame(url, "names")
    for text, why in pairs{
      ["lower(s)"] = "locale", ["matches(s, 'a')"] = "not PCRE2", ["trim(s)"] = "spaces alone",
      ["round(x, 1)"] = "rounds floats", ["x % 2.5"] = "no %% of", ["string(x)"] = "writes a",
      ["int(s)"] = "reads texts", ["split_part(s, 'a', 1)"] = "empty text",
      ["n < x"] = "float%(...%) around the int",
    } do
      assert.error_matches(function() f:mutate{ { "q", text } } end, why .. ".*collect%(%) first")
    end
    assert.error_matches(function() f:distinct "s" end, "sort before it")
    assert.error_matches(function() hana.sql_frame(url, "name") end, "did you mean 'names'%?")
  end)
end)
