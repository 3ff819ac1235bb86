local hana = require "hana"
local run = require "tests.host.run"
local temporary = require "tests.io.temporary"

local function failure(f, ...)
  local good, message = pcall(f, ...)
  assert.is_false(good)
  return (message:gsub("^[^:]*:%d+: ", ""))
end

-- Rows whose types widen on the way, with line breaks, quotes and delimiters inside quotes.
local function mixed_rows(n)
  local texts = { "a", '"b,\nc"', '"d""e"', '""', "", "가" }
  local lines = { "id,zip,x,y,d,s,late,q" }
  for i = 1, n do
    lines[#lines + 1] = ("%d,%s,%s,%s,2024-0%d-01%s,%s,%s,%s"):format(i,
      i < n * 0.6 and 10000 + i or "0" .. i,
      i < n * 0.8 and i * 37 % 101 or i * 37 % 101 + 0.25,
      i % 7 == 0 and "" or (i * 61 % 997) / 7,
      i % 9 + 1, i > n * 0.9 and "T10:00:00" or "",
      texts[i * 31 % #texts + 1],
      i > n - 10 and "2020-01-01" or "",
      i % 2 == 0 and '""' or i)
  end
  lines[#lines + 1] = ""
  return table.concat(lines, "\n")
end

-- The same table, floats to 12 digits.
local function assert_close(expected, got)
  assert.same(expected:names(), got:names())
  assert.same(expected:types(), got:types())
  assert.equal(#expected, #got)
  for _, name in ipairs(expected:names()) do
    for i = 1, #expected do
      local a, b = expected:col(name)[i], got:col(name)[i]
      if math.type(a) == "float" and a == a then
        assert.is_true(b ~= nil and math.abs(a - b) <= 1e-12 * math.max(1, math.abs(a)),
          ("%s[%d]: %s, %s"):format(name, i, a, b))
      elseif a == a then
        assert.equal(a, b, name)
      else
        assert.is_true(b ~= b)
      end
    end
  end
end

describe("scan_csv", function()
  after_each(temporary.clear)

  local function file(text) return temporary.file(text, ".csv") end

  it("collects what read_csv reads, wherever parts end", function()
    local path = file(mixed_rows(300))
    local df = hana.read_csv(path, { quiet = true })
    for _, bytes in ipairs{ 700, 1013, 2500, 9000, 1 << 20 } do
      local parts = hana.scan_csv(path, { part_bytes = bytes }):collect()
      assert.equal("equal", df:compare(parts).verdict, bytes)
      assert.same(df:types(), parts:types())
    end
  end)

  it("takes carriage returns, other quotes, delimiters and comments", function()
    local cases = {
      { "a;b\r\n1;'x;\r\n'\r\n2;y\r\n# it's;nothing\r\n3;'z'\r\n",
        { quote = "'", comment = "#", delimiter = ";" } },
      { "a\tb\n1\t\"x\ty\"\n2\tz\n", {} },
      { "skipped \"line\na§b\n1§x\n2§\"y§\nz\"\n3§w\n", { skip = 1, delimiter = "§" } },
      { "a  b\n1 \"x y\"\n2   z\n", { delimiter = "whitespace" } },
      { "1,\"x\"\n2,y\n3,z", { header = false } },
      { "\u{FEFF}sep=|\n\na|b\n1|\"p|q\"\n\n2|r\n", {} },
      { "a\n1\n2\n3\n4\n", { limit = 3 } },
      { "b,a\n1,2\n3,4\n", { columns = { "a" }, types = { a = "string" } } },
      { "a,b\n", {} },
    }
    for i, case in ipairs(cases) do
      local path, options = file(case[1]), { quiet = true }
      for key, value in pairs(case[2]) do options[key] = value end
      local df = hana.read_csv(path, options)
      for _, bytes in ipairs{ 1, 9, 16, 1000 } do
        options.part_bytes = bytes
        local parts = hana.scan_csv(path, options):collect()
        assert.equal("equal", df:compare(parts).verdict, ("case %d, %d bytes"):format(i, bytes))
      end
      options.part_bytes = nil
    end
  end)

  it("reads random files as read_csv does, or fails in the same line", function()
    local random = { 12345 }
    local function draw(n) -- Park and Miller's generator: the same files everywhere
      random[1] = random[1] * 48271 % 2147483647
      return random[1] % n + 1
    end
    local function pick(list) return list[draw(#list)] end
    local cells = {
      { "1", "-2", "300", "007", '"5"', "", "9223372036854775807" },
      { "1", "2.5", "-1e3", "", "NA" },
      { "a", "b c", "Q", '"d""d"', '""', "", "가", 'x"y' },
      { "2024-01-01", "2024-02-29", "", "2024-01-01T10:00:00" },
      { "true", "false", "" },
      { "", "NA", '""' },
      { "1", "2.5", "x", "true", "2024-01-01", '""', "" },
    }
    local function new_text()
      local ending, delimiter = pick{ "\n", "\n", "\r\n", "\r" }, pick{ ",", ";", "\t" }
      local kinds, lines = {}, {}
      for j = 1, draw(3) do kinds[j] = pick(cells) end
      lines[1] = table.concat({ "a", "b", "c" }, delimiter, 1, #kinds)
      for _ = 1, draw(12) - 1 do
        local fields = {}
        for j, kind in ipairs(kinds) do
          fields[j] = pick(kind):gsub("Q", '"q,;\t' .. ending .. 'x"')
        end
        if draw(60) == 1 then fields[#fields + 1] = "extra" end
        lines[#lines + 1] = table.concat(fields, delimiter)
        if draw(15) == 1 then lines[#lines + 1] = "" end
      end
      return table.concat(lines, ending) .. pick{ ending, "" }
    end
    local path = temporary.file("", ".csv")
    hana.threads(1) -- waking others costs more than such files
    finally(function() hana.threads(0) end)
    for _ = 1, 150 do
      local text = new_text()
      run.write_file(path, text)
      local good, df = pcall(hana.read_csv, path, { quiet = true })
      for _, bytes in ipairs{ draw(8), 8 + draw(30), 1000 } do
        local fine, parts = pcall(function()
          return hana.scan_csv(path, { quiet = true, part_bytes = bytes }):collect()
        end)
        assert.equal(good, fine, text)
        if good then
          assert.equal("equal", df:compare(parts).verdict, text)
          assert.same(df:types(), parts:types(), text)
        else
          assert.equal(df:match "csv:(%d+): ", parts:match "csv:(%d+): ", text)
        end
      end
    end
  end)

  it("aggregates over groups as a frame does", function()
    local path = file(mixed_rows(900))
    local df = hana.read_csv(path, { quiet = true })
    local scan = hana.scan_csv(path, { part_bytes = 12000 })
    local what = { { "n", "count()" }, { "m", "mean(x)" }, { "v", "var(y) + 1" }, { "sd", "sd(y)" },
      { "top", "max(d)" }, { "low", "min(s)" }, { "c", "count(y)" }, { "total", "sum(id)" },
      { "f", "first(s)" }, { "l", "last(id)" }, { "r", "sum(x * 2) / count()" },
      { "more", "mean(x) > $k" }, { "some", "any(y > 100)" }, { "none", "all(y > 1)" } }
    local k = { k = 50 }
    assert_close(df:summarize(what, k), scan:summarize(what, k))
    assert_close(df:group_by{ "s", "d" }:summarize(what, k),
      scan:group_by{ "s", "d" }:summarize(what, k))
    local steps = function(x)
      return x:filter("x > $least", { least = 20 }):mutate{ { "z", "x * 2" }, { "w", "z + 1" } }
        :select{ "s", "z", "w", "y", "id" }:drop{ "id" }:rename{ why = "y" }:drop_null{ "why" }
        :fill_null{ s = "none" }
    end
    local few = { { "z", "sum(z)" }, { "w", "mean(w)" }, { "y", "sd(why)" } }
    assert_close(steps(df):group_by("s"):summarize(few), steps(scan):group_by("s"):summarize(few))
    assert_close(steps(df), steps(scan):collect())
    assert_close(df:filter("x > 1e9"):summarize(what, k), scan:filter("x > 1e9"):summarize(what, k))
    assert_close(df:count{ "zip" }, scan:count{ "zip" })
    assert_close(df:distinct{ "s" }:select{ "s" }, scan:distinct{ "s" }:select{ "s" }:collect())
  end)

  describe("that looks at few columns", function()
    local path, lines = nil, { "a,b,c,d,e,f" }
    for i = 1, 40 do
      lines[#lines + 1] = ("%d,%d,%s,%s,2024-01-%02d,x%d"):format(i, i % 3,
        i % 5 > 0 and i / 4 or "", i % 4 > 0 and '"t,\nu"' or "v", i % 28 + 1, i)
    end
    before_each(function() path = file(table.concat(lines, "\n") .. "\n") end)

    local chains = {
      function(x) return x:count "b" end,
      function(x) return x:summarize{ { "n", "count()" } } end,
      function(x) return x:filter("c > 2"):group_by{ "d", "b" }:summarize{ { "m", "mean(a)" } } end,
      function(x) return x:mutate{ { "a", "a * 2" }, { "z", "a + c" } }:count "z" end,
      function(x) return x:mutate{ a = "c", c = "a" }:summarize{ { "s", "sum(a)" } } end,
      function(x) return x:rename{ { "a", "b" }, { "b", "a" } }:count{ "a" } end,
      function(x) return x:rename{ g = "b" }:count{ "g" } end,
      function(x) return x:select{ "f", "b" }:filter("b == 1") end,
      function(x) return x:select "d" end,
      function(x) return x:drop{ "f" }:drop_null{ "c" }:count{ "b" } end,
      function(x) return x:drop_null():count{ "b" } end,
      function(x)
        return x:fill_null{ c = 0 }:cast{ b = "float" }:summarize{ { "m", "mean(c)" } }
      end,
      function(x) return x:clean_names():count{ "d" } end,
      function(x) return x:mutate{ k = function(row) return row.a end }:count{ "k" } end,
      function(x) return x:select(hana.cols{ type = "int" }):summarize{ { "m", "max(b)" } } end,
      function(x) return x:join(hana.frame{ { "b", { 0, 1 } }, { "a", { 5, 6 } } }, { by = "b" })
        :count{ "a_right" } end,
      function(x) return x:filter("g > 1"):count{ "a" } end,
      function(x) return x:rename{ a = "b" }:count{ "c" } end,
      function(x) return x:select{ "a", "a" }:count{ "a" } end,
      function(x) return x:select{ "a" }:count{ "b" } end,
      function(x) return x:drop{ "a" }:count{ "a" } end,
      function(x) return x:cast{ f = "int" }:count{ "a" } end,
      function(x) return x:count{ "bb" } end,
      function(x) return x:rename{ g = "h" }:count{ "b" } end,
    }

    it("gives what a frame gives, and fails where it fails", function()
      local df = hana.read_csv(path, { quiet = true })
      for i, chain in ipairs(chains) do
        local good, expected = pcall(chain, df)
        for _, bytes in ipairs{ 50, 400, 1 << 20 } do
          local fine, got = pcall(function()
            local result = chain(hana.scan_csv(path, { part_bytes = bytes, quiet = true }))
            return tostring(result):find "^scan" and result:collect() or result
          end)
          assert.equal(good, fine, ("chain %d: %s"):format(i, tostring(got)))
          if good then
            assert_close(expected, got)
          elseif i ~= 22 then -- parts have rows of their own
            assert.equal((tostring(expected):gsub("^[^:]*:%d+: ", "")),
              (tostring(got):gsub("^[^:]*:%d+: ", "")))
          end
        end
      end
    end)

    it("reads no others", function()
      local needs = require "hana.needs"
      local names = { "a", "b", "c", "d", "e", "f" }
      local function step(word, ...) return { word = word, arguments = table.pack(...) } end
      assert.same({ "b", "c" }, needs.columns(names, { step("filter", "c > 2") }, { "b" }))
      assert.same({ "a" }, needs.columns(names, {}, {}))
      assert.same({ "c", "f" }, needs.columns(names, { step("select", { "f", "c" }) }))
      assert.same({ "a", "c" },
        needs.columns(names, { step("mutate", { { "z", "a + c" }, { "b", "z" } }) }, { "b" }))
      assert.is_nil(needs.columns(names, { step("filter", "c > 2") }))
      assert.is_nil(needs.columns(names, { step("clean_names") }, { "b" }))
      assert.is_nil(needs.columns(names, {}, { "g" }))
      -- A cell that types = refuses is not seen where nobody looks, as with columns =.
      assert.equal(3, #hana.scan_csv(path, { types = { f = "int" } }):count{ "b" })
      assert.error_matches(function() hana.scan_csv(path, { types = { f = "int" } }):collect() end,
        "column 'f': 'x1' is not")
    end)
  end)

  it("keeps the variance of large offsets", function()
    local lines = { "x" }
    for i = 1, 3000 do lines[#lines + 1] = tostring(1000000000 + i % 10) end
    local path = file(table.concat(lines, "\n"))
    -- 300 each of 0 .. 9: their variance is 8.25 * 3000 / 2999.
    local v = hana.scan_csv(path, { part_bytes = 5000 }):summarize{ { "v", "var(x)" } }.v[1]
    assert.is_true(math.abs(v - 8.25 * 3000 / 2999) < 1e-9)
  end)

  it("joins what fits into memory", function()
    local path = file("k,x\na,1\nb,2\na,3\nc,4\n")
    local names = hana.frame{ { "k", { "a", "b" } }, { "name", { "A", "B" } } }
    local df = hana.read_csv(path, { quiet = true })
    local scan = hana.scan_csv(path, { part_bytes = 4 })
    for _, how in ipairs{ "inner", "left", "semi", "anti" } do
      local options = { by = "k", how = how }
      assert.equal("equal", df:join(names, options):compare(scan:join(names, options):collect())
        .verdict)
    end
    assert.matches("join with how = \"full\" needs all rows at once",
      failure(scan.join, scan, names, { by = "k", how = "full" }), 1, true)
  end)

  it("reads no more than head needs", function()
    local path = file("a,b\n1,x\n2,y\n3,z\n4,\"never closed\n")
    local scan = hana.scan_csv(path, { part_bytes = 4 })
    assert.same({ 1, 2 }, scan:head(2).a:totable())
    assert.same({ "a", "b" }, scan:names())
    assert.same({ 2, 3 }, scan:filter("a > 1"):head(2).a:totable())
    assert.equal(0, #scan:head(0))
  end)

  it("reads gzip", function()
    local text = mixed_rows(200)
    local path = file(text)
    if select(3, run.run("sh", { "-c", "gzip -k " .. path })) ~= 0 then
      return pending "gzip is not installed"
    end
    local df = hana.read_csv(path, { quiet = true })
    local parts = hana.scan_csv(path .. ".gz", { part_bytes = 3000 }):collect()
    assert.equal("equal", df:compare(parts).verdict)
    local whole = run.read_file(path .. ".gz")
    local cut = temporary.file(whole:sub(1, #whole // 2), ".csv.gz")
    assert.matches("the gzip data are cut short",
      failure(function() hana.scan_csv(cut):collect() end))
    os.remove(path .. ".gz")
  end)

  it("finds another encoding late, and reads again", function()
    local path = file("a,b\n1,x\n2,y\n3,\xB0\xA1\n4,\xB0\xA1\xB3\xAA\n")
    assert.same({ "x", "y", "가", "가나" },
      hana.scan_csv(path, { part_bytes = 6 }):collect().b:totable())
    local wide = file("\xFF\xFEa\0\n\0001\0\n\0")
    assert.matches("does not read UTF%-16", failure(function() hana.scan_csv(wide):collect() end))
  end)

  it("names the line of what is wrong", function()
    local lines = { "a,b" }
    for i = 1, 50 do lines[#lines + 1] = i .. ",x" end
    lines[#lines + 1] = "51,x,extra"
    local path = file(table.concat(lines, "\n"))
    assert.matches(path .. ": line 52: ", failure(function()
      hana.scan_csv(path, { part_bytes = 40 }):collect()
    end), 1, true)
    local open = file("a,b\n1,x\n2,y\n3,\"z\n4,w\n")
    assert.matches(open .. ": line 4: ", failure(function()
      hana.scan_csv(open, { part_bytes = 4 }):collect()
    end), 1, true)
    local skipping = hana.scan_csv(path, { part_bytes = 40, on_error = "skip", quiet = true })
    assert.equal(50, #skipping:collect())
    lines[10], lines[20] = "9,\"x\"y", "19"
    local broken = file(table.concat(lines, "\n"))
    local said, warn = {}, _G.warn
    finally(function() _G.warn = warn end)
    _G.warn = function(...) said[#said + 1] = table.concat{ ... } end
    hana.scan_csv(broken, { part_bytes = 40, on_error = "skip" }):collect()
    assert.equal(broken .. ": 3 rows skipped, skipped lines: 10, 20, 52", said[1])
    hana.scan_csv(broken, { part_bytes = 40, on_error = "null" }):collect()
    assert.equal(broken .. ": 3 rows or cells changed, changed lines: 10, 20, 52", said[2])
  end)

  it("names the row of the file where a cell cannot be computed", function()
    local lines = { "i" }
    for i = 1, 200 do lines[i + 1] = tostring(i) end
    local scan = hana.scan_csv(file(table.concat(lines, "\n")), { part_bytes = 50 })
    assert.matches("by the integer 0 in row 150;", failure(function()
      scan:mutate{ { "y", "1 // (i - 150)" } }:collect()
    end), 1, true)
    assert.matches("by the integer 0 in row %d+ of the part from row %d+ on;", failure(function()
      scan:filter "i % 2 == 0":mutate{ { "y", "1 // (i - 150)" } }:collect()
    end))
  end)

  it("refuses what needs all rows, by name", function()
    local path = file(mixed_rows(20))
    local scan = hana.scan_csv(path)
    local cases = {
      { "'sort' needs all rows at once; select, filter or summarize to less, then collect()",
        function() scan:sort{ "x" } end },
      { "filter \"x > mean(x)\" looks beyond its own row",
        function() scan:filter "x > mean(x)" end },
      { "mutate \"rank(x)\" looks beyond its own row",
        function() scan:mutate{ { "r", "rank(x)" } } end },
      { "mutate with a column or a list", function() scan:mutate{ { "r", { 1, 2 } } } end },
      { "median needs all values at once", function() scan:summarize{ { "m", "median(x)" } } end },
      { "quantile needs all values at once",
        function() scan:group_by{ "s" }:summarize{ { "m", "quantile(x, 0.9)" } } end },
      { "\"lag(x)\" looks beyond its own row",
        function() scan:summarize{ { "m", "sum(lag(x))" } } end },
      { "\"row_number()\" looks beyond its own row",
        function() scan:group_by{ "s" }:summarize{ { "m", "max(row_number())" } } end },
      { "this has a value for each row; one value is wanted",
        function() scan:group_by{ "s" }:summarize{ { "m", "count() + id" } } end },
      { "a scan has no length before it is read; scan:nrow() reads it",
        function() return #scan end },
      { "cast to category needs all values to know the levels",
        function() scan:cast{ s = "category" } end },
      { "category(x) needs all values to know the levels",
        function() scan:mutate{ { "c", "category(s)" } } end },
      { "category(x) needs all values to know the levels",
        function() scan:summarize{ { "c", "max(category(s))" } } end },
      { "fill_null of the category 's' may add a level", function()
        hana.scan_csv(path, { types = { s = "category" } }):fill_null{ s = "none" }:collect()
      end },
      { "'apply' by groups needs all rows at once",
        function() scan:group_by{ "s" }:apply(print) end },
      { "fill_null with a statistic", function() scan:fill_null{ x = { stat = "mean" } } end },
      { "unknown verb 'filtre' of a scan; did you mean 'filter'?",
        function() scan:filtre "x > 1" end },
      { "unknown column 'xx'", function() scan:filter("xx > 1"):collect() end },
      { "unknown option 'delimeter' for scan_csv; did you mean 'delimiter'?",
        function() hana.scan_csv(path, { delimeter = ";" }):collect() end },
      { "unknown option 'blocks'",
        function() hana.scan_csv(path, { blocks = { a = "x*" } }):collect() end },
      { "/nowhere.csv: no such file", function() hana.scan_csv "/nowhere.csv" end },
    }
    for _, case in ipairs(cases) do assert.matches(case[1], failure(case[2]), 1, true) end
  end)

  it("knows the levels of categories as a frame does", function()
    local path = file "s,n\nm,1\nz,2\nb,3\nq,4\na,5\n"
    local types = { s = "category" }
    local df = hana.read_csv(path, { types = types, quiet = true })
    local scan = hana.scan_csv(path, { types = types, part_bytes = 4 })
    assert.same(df.s:levels():totable(), scan:collect().s:levels():totable())
    assert.same(df:count{ "s" }.s:totable(), scan:count{ "s" }.s:totable())
    assert.equal(df.s:max(), scan:summarize{ { "m", "max(s)" } }.m[1])
    local order = { "category", { "z", "q", "m", "b", "a" } }
    df = hana.read_csv(path, { quiet = true }):cast{ s = order }
    scan = hana.scan_csv(path, { part_bytes = 4 }):cast{ s = order }
    assert.same(df:count{ "s" }.s:totable(), scan:count{ "s" }.s:totable())
    assert.equal(df.s:max(), scan:summarize{ { "m", "max(s)" } }.m[1])
    assert.equal(5, #scan:filter "category(n) ~= '7'":collect())
  end)

  it("does not mind what fails for no rows", function()
    local scan = hana.scan_csv(file "a,b\n1,x\n2,\n3,y\n", { part_bytes = 4 })
    assert.equal(3, scan:summarize{ { "q", "sum(a) // count(b)" } }.q[1])
  end)

  it("counts as a frame does, and takes what a frame takes", function()
    local path = file("n,x\n1,\n1,2\n2,3\n")
    local df, scan = hana.read_csv(path, { quiet = true }), hana.scan_csv(path, { part_bytes = 4 })
    assert.equal(3, scan:nrow())
    for _, columns in ipairs{ {}, { "x" }, { { "n", "x" } } } do
      assert.equal("equal", df:count(columns[1]):compare(scan:count(columns[1])).verdict)
    end
    local both = { { "x", 0 } }
    assert.equal("equal", df:fill_null(both):compare(scan:fill_null(both):collect()).verdict)
  end)

  it("ends in a frame either way", function()
    local path = file("a\n1\n2\n")
    local scan = hana.scan_csv(path)
    assert.equal(2, scan:summarize{ { "n", "count()" } }:collect().n[1])
    assert.equal("scan of " .. path .. ", filter", tostring(scan:filter "a > 1"))
  end)

  it("takes memory for a part, not for the file", function()
    if run.sanitized then return end
    local path = file(nil)
    local out <close> = assert(io.open(path, "wb"))
    out:write("id,key,x\n")
    local rows = {}
    for i = 1, 20000 do rows[i] = ("%d,\"key %d\",%.3f\n"):format(i, i % 100, i / 7) end
    local block = table.concat(rows)
    for _ = 1, 300 do out:write(block) end -- 150 MB, 6 million rows
    out:close()
    local script = temporary.file(([[
      local hana = require "hana"
      local df = hana.scan_csv(%q, { part_bytes = 4 << 20 }):group_by{ "key" }
        :summarize{ { "n", "count()" }, { "x", "sd(x)" } }
      assert(#df == 100 and df.n[1] == 60000)
      print(io.open "/proc/self/status":read "a":match "VmHWM:%%s*(%%d+)")
    ]]):format(path), ".lua")
    local text, complaints, code = run.run(run.hana, { script })
    assert.equal(0, code, complaints)
    assert.is_true(tonumber(text) < 120 * 1024, text)
  end)
end)
