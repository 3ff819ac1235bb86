local hana = require "hana"
local random = require "tests.io.sql_frame_random"
local run = require "tests.host.run"
local sweep = dofile("tests/bindings/sweep.lua")
local temporary = require "tests.io.temporary"

describe("sql_frame on SQLite", function()
  local path, url
  before_each(function()
    path = temporary.file("", ".db") -- an empty file is an empty database
    url = "sqlite:" .. path
  end)
  after_each(temporary.clear)

  local function orders()
    hana.frame{
      { "id", { 1, 2, 3, 4, 5 } }, { "city", { "서울", "Busan", hana.null, "서울", "busan" } },
      { "price", { 10.5, 20.0, hana.null, 5.25, 1.0 } }, { "n", { 1, -2, 3, hana.null, 7 } },
      { "day", { "2024-01-31", "1969-12-31", hana.null, "2024-02-29", "2000-01-01" } },
    }:cast{ day = "date" }:write_sql(url, "orders")
    return hana.sql_frame(url, "orders")
  end

  -- Statements by SQLite's own program; false where it is not installed.
  local function sqlite(statements)
    if select(3, run.run("sh", { "-c", "command -v sqlite3" })) ~= 0 then
      pending("the program sqlite3 is not installed")
      return false
    end
    local script = temporary.file(statements, ".sql")
    local _, complaints, code = run.run("sh", { "-c", ("sqlite3 %s < %s"):format(path, script) })
    assert.equal(0, code, complaints)
    return true
  end

  it("knows its columns without reading rows", function()
    local f = orders():filter("price // (n - n) > 1") -- would fail on a row
    assert.same({ "id", "city", "price", "n", "day" }, f:names())
    assert.same({ id = "int", city = "string", price = "float", n = "int", day = "date" },
      f:types())
    assert.equal(5, f:ncol())
  end)

  it("is one statement, with texts as parameters", function()
    local f = orders():filter("price > $least and city ~= $city",
      { least = 2, city = "x'; drop table orders; --" }):select{ "city", "price" }
    local sql, params = f:sql()
    assert.equal(table.concat({
      [[SELECT "city", "price"]], [[FROM "orders"]],
      [[WHERE hana_float("price", 'price') > 2 AND "city" <> ?1]], "ORDER BY rowid",
    }, "\n"), sql)
    assert.same({ "x'; drop table orders; --" }, params)
    assert.same({ "서울", "Busan", "서울" }, f:collect().city:totable())
    assert.same({ "서울", "Busan", "서울" }, hana.read_sql(url, sql, params).city:totable())
  end)

  it("quotes names whatever they are", function()
    local names = { 'a"b', "c;d--", "한글 이름", "e'f", "select", "g`h", "?1", "%s" }
    local columns = {}
    for i, name in ipairs(names) do columns[i] = { name, { i, i + 1 } } end
    hana.frame(columns):write_sql(url, [[t"; drop table x; -- '표]])
    local f = hana.sql_frame(url, [[t"; drop table x; -- '표]])
    local got = f:filter('`a"b` > 1'):mutate{ { "?", "`c;d--` + `한글 이름`" } }:sort("g`h"):collect()
    names[#names + 1] = "?"
    assert.same(names, got:names())
    assert.equal(7, got["?"][1])
    local grouped = f:group_by{ "e'f", 'a"b' }:summarize{ { "x\"y", "sum(`?1`)" } }:collect()
    assert.same({ 7, 8 }, grouped['x"y']:totable())
  end)

  it("gives what the frame gives, over random tables and verbs", function()
    warn "@off" -- joins tell of repeated keys
    finally(function() warn "@on" end)
    local counts = { same = 0, refused = 0, failed = 0, unnoticed = 0 }
    for seed = 1, 600 do
      if seed % 20 == 1 then
        os.remove(path)
        local a, b = random.tables(seed, 30, { math.huge, -math.huge, 1e308 })
        a:write_sql(url, "t")
        b:select{ "id", "j", "s", "y", "d" }:write_sql(url, "u")
      end
      local t, u = hana.sql_frame(url, "t"), hana.sql_frame(url, "u")
      local outcome = random.chain(seed, t, u, t:collect(), u:collect())
      counts[outcome] = counts[outcome] + 1
    end
    assert.is_true(counts.same > 500, ("%d the same"):format(counts.same))
    assert.is_true(counts.unnoticed < 6, ("%d errors unnoticed"):format(counts.unnoticed))
  end)

  it("gives what the frame gives of nothing and of one row", function()
    warn "@off"
    finally(function() warn "@on" end)
    for rows = 0, 1 do
      for seed = 1, 60 do
        os.remove(path)
        local a, b = random.tables(seed, rows)
        a:write_sql(url, "t")
        b:select{ "id", "j", "s", "y", "d" }:write_sql(url, "u")
        local t, u = hana.sql_frame(url, "t"), hana.sql_frame(url, "u")
        random.chain(1000 + seed, t, u, t:collect(), u:collect())
      end
    end
  end)

  it("does not try a condition on rows that another left out", function()
    local f = orders():filter("n ~= 7 and not is_null(n)")
    assert.same({ 1, 2, 3 }, f:filter("10 // (n - 7) < 0"):collect().id:totable())
    local all = hana.sql_frame(url, "orders")
    assert.same({ 1, 2, 3 }, all:filter("n ~= 7 and 10 // (n - 7) < 0"):collect().id:totable())
    local divided = all:filter("n > 0"):mutate{ { "q", "7 // (n - -2)" } }:filter("q >= 1")
    assert.same({ 1, 3 }, divided:collect().id:totable())
  end)

  it("ends in an error where hana has one", function()
    local f = orders()
    assert.error_matches(function() f:mutate{ { "q", "id // (n - n)" } }:collect() end,
      "by the integer 0")
    assert.error_matches(function()
      f:mutate{ { "q", "id + 9223372036854775807" } }:filter("q > 0"):collect()
    end, "integer overflow")
    assert.error_matches(function() f:filter("city > 3") end, "cannot compare text with an int")
    assert.error_matches(function() f:mutate{ { "q", "0.0 / (price - price)" } }:collect() end,
      "NaN")
    assert.error_matches(function() f:mutate{ { "q", "int(city)" } }:collect() end, "is no int")
  end)

  it("holds cells to what their column is declared to be", function()
    local made = sqlite[[
      create table t (id integer primary key, x real, n int, d date, name text collate nocase);
      insert into t values (1, 1.5, 2, '2024-01-01', 'kim'), (2, 'abc', 'x', 'soon', 'KIM');]]
    if not made then return end
    local f = hana.sql_frame(url, "t")
    assert.error_matches(function() f:filter("x > 1"):collect() end,
      "column 'x' is declared float, but 'abc' is none")
    assert.error_matches(function() f:filter("n > 1"):collect() end, "declared int")
    assert.error_matches(function() f:filter("d > '2000-01-01'"):collect() end, "declared date")
    assert.error_matches(function() f:collect() end, "'abc' is no float")
    assert.same({ 1 }, f:select{ "id", "name" }:filter("name == 'kim'"):collect().id:totable())
    assert.same({ "KIM", "kim" }, f:count("name"):collect().name:totable())
    assert.equal(1, f:filter("id == 2"):select("id"):nrow())
  end)

  it("wants a type where none is declared", function()
    local made = sqlite[[
      create table t (a, b numeric, c text); insert into t values (1, 2.5, 'x');]]
    if not made then return end
    assert.error_matches(function() hana.sql_frame(url, "t") end,
      [[declares no type that all cells of column 'a' have: say types = { %["a"%] = "float" }]])
    local f = hana.sql_frame(url, "t", { types = { a = "int", b = "float" } })
    assert.equal(3.5, f:mutate{ { "s", "a + b" } }:collect().s[1])
    assert.same({ "c" }, hana.sql_frame(url, "t", { columns = { "c" } }):names())
    assert.error_matches(function() hana.sql_frame(url, "t", { types = { aa = "int" } }) end,
      "no column 'aa'")
    assert.error_matches(function() hana.sql_frame(url, "t", { typs = {} }) end,
      "did you mean 'types'")
  end)

  it("reads views, and tables without a row id by their key", function()
    local made = sqlite[[
      create table t (k text primary key, v integer) without rowid;
      insert into t values ('b', 1), ('a', 2); create view w as select v, k from t where v > 1;
      create table s (x integer, y real) strict; insert into s values (1, 2.5);]]
    if not made then return end
    assert.same({ "a", "b" }, hana.sql_frame(url, "t"):collect().k:totable())
    assert.same({ 2 }, hana.sql_frame(url, "w"):filter("v > 0"):collect().v:totable())
    assert.matches([[WHERE "x" > 0]], hana.sql_frame(url, "s"):filter("x > 0"):sql(), 1, true)
  end)

  it("refuses what it cannot compute so, and says the way out", function()
    local f = orders()
    assert.error_matches(function() f:tail(3) end,
      "'tail' is not translated into SQL; collect%(%) first")
    assert.error_matches(function() f:mutate{ { "c", "category(city)" } } end,
      "has no categories; collect%(%) first")
    assert.error_matches(function() f:mutate{ { "c", "lag(price)" } } end,
      "lag needs the order of the rows.*collect%(%) first")
    assert.error_matches(function() f:mutate{ { "c", "sqrt(price - lag(price))" } }:collect() end,
      "lag needs the order of the rows.*collect%(%) first")
    assert.error_matches(function() return #f end, "nrow%(%) asks the database")
    assert.error_matches(function() f:mutate{ { "c", { 1, 2 } } } end, "collect%(%) first")
    assert.error_matches(function() f:mutate{ { "Price", "1" } } end, "differ by case alone")
    assert.error_matches(function() f:group_by("city"):apply(print) end, "'apply' by groups")
  end)

  it("names what is missing", function()
    local f = orders()
    assert.error_matches(function() hana.sql_frame(url, "order") end,
      "no table 'order' in .*; did you mean 'orders'%?")
    assert.error_matches(function() hana.sql_frame("sqlite:/no/such.db", "t") end, "no such file")
    assert.error_matches(function() f:filter("prize > 1") end, "did you mean 'price'")
    assert.error_matches(function() f:select{ "cty" } end, "did you mean 'city'")
    assert.error_matches(function() f:filtr("x") end, "unknown verb 'filtr'.*did you mean 'filter'")
    assert.error_matches(function() f.x = 1 end, "does not change")
    assert.error_matches(function() hana.sql_frame(url) end, "the name of a table expected")
    assert.error_matches(function() hana.sql_frame("shop.db", "t") end, "a store is a URL")
  end)

  it("joins frames of one database", function()
    local f = orders()
    assert.error_matches(function() f:join(hana.frame{ { "id", { 1 } } }) end, "collect%(%) first")
    local other_path = temporary.file("", ".db")
    hana.frame{ { "id", { 1 } } }:write_sql("sqlite:" .. other_path, "t")
    assert.error_matches(function() f:join(hana.sql_frame("sqlite:" .. other_path, "t")) end,
      "of two databases")
    local best = f:group_by("city"):summarize{ { "most", "max(price)" } }
    assert.same({ "서울", "Busan", "busan" },
      f:join(best, { by = "city" }):filter("price == most"):collect().city:totable())
    local twice = f:join(f, { by = "id", suffix = { "_l", "_r" } })
    local here = f:collect():join(f:collect(), { by = "id", suffix = { "_l", "_r" } })
    assert.same(here:names(), twice:names())
    assert.is_true(here:equal(twice:sort "id":collect()))
  end)

  it("fails cleanly when memory runs out", function()
    orders()
    sweep.library_fails(function()
      return hana.sql_frame(url, "orders"):filter("lower(city) ~= 'x' or n // 2 > 1")
        :mutate{ { "q", "price / n" } }:group_by("city")
        :summarize{ { "m", "median(q)" }, { "s", "sd(q)" }, { "d", "mode(day)" } }:collect()
    end)
  end)

  it("shows its first rows and its types", function()
    local text = tostring(orders())
    assert.matches("frame of table orders in the database", text, 1, true)
    assert.matches("서울", text, 1, true)
    assert.matches("float", text, 1, true)
  end)
end)
