local hana = require "hana"
local null = hana.null

-- Columns of each type with the same 11 rows and some nulls: 11 is no multiple of 8.
local function samples()
  local text = { "b", "", null, "a", "가나", "b", "a\0c", null, "long text here", "a", "b" }
  local int = { 5, -3, null, 0, math.maxinteger, math.mininteger, 5, 5, null, 1, 2 }
  local float = { 0.5, -0.0, null, 0 / 0, math.huge, -math.huge, 1e-300, 3.0, null, 0.1, 0.5 }
  local bool = { true, false, null, true, true, false, null, false, true, true, false }
  local date = { "2024-02-29", "1970-01-01", null, "1969-12-31", "2000-01-01", "9999-12-31",
                 "2024-02-29", null, "0001-01-01", "2024-03-01", "1970-01-01" }
  local datetime = { "2024-02-29T12:30:15Z", "1970-01-01T00:00:00Z", null, "1969-12-31T23:59:59Z",
                     "2000-01-01T00:00:00.5Z", "2000-01-01T00:00:00Z", null,
                     "2024-02-29T12:30:15Z", "2001-01-01T00:00:00Z", "2024-02-29T12:30:15Z",
                     "2030-01-01T00:00:00Z" }
  return {
    string = hana.column(text), category = hana.column(text):cast "category",
    int = hana.column(int), float = hana.column(float), bool = hana.column(bool),
    date = hana.column(date):cast "date", datetime = hana.column(datetime):cast "datetime",
  }
end

local function cell_text(value)
  if value ~= value then return "nan" end
  return value == null and "null" or tostring(value)
end

local function texts(column)
  local out = {}
  for i, value in ipairs(column:totable()) do out[i] = cell_text(value) end
  return out
end

local function frame_of(column) return hana.frame{ { "x", column } } end

local rows = {}
for name, column in pairs(samples()) do rows[#rows + 1] = { name, column } end
table.sort(rows, function(a, b) return a[1] < b[1] end)

describe("a column", function()
  for _, entry in ipairs(rows) do
    local name, column = entry[1], entry[2]

    describe("of type " .. name, function()
      it("knows its type, length and nulls", function()
        assert.equal(name, column:type())
        assert.equal(11, #column)
        assert.equal(2, column:nulls())
        assert.is_nil(column[3])
      end)

      it("has the same cells in every slice", function()
        local all = texts(column)
        for from = 1, 11 do
          for to = from, 11 do
            local slice = frame_of(column):slice(from, to).x
            assert.same({ table.unpack(all, from, to) }, texts(slice))
            local nulls = 0
            for i = from, to do nulls = nulls + (column[i] == nil and 1 or 0) end
            assert.equal(nulls, slice:nulls())
          end
        end
      end)

      it("has the cells that are taken, from a slice too", function()
        local all = texts(column)
        local slice = frame_of(column):slice(2, 10)
        local taken = slice:take{ 9, 1, 1, 2, 5, 7, 3, 8, 4, 6 }.x
        assert.same({ all[10], all[2], all[2], all[3], all[6], all[8], all[4], all[9], all[5],
                      all[7] }, texts(taken))
      end)

      it("is stacked at any bit", function()
        local all = texts(column)
        for cut = 1, 10 do
          local df = frame_of(column)
          local whole = hana.concat{ df:head(cut), df:tail(11 - cut), df }.x
          local expected = table.move(all, 1, 11, 12, { table.unpack(all) })
          assert.same(expected, texts(whole))
          assert.is_true(column:equal(frame_of(whole):head(11).x))
        end
      end)

      it("equals what is read back from its own text", function()
        assert.is_true(column:equal(column:cast("string"):cast(name)))
      end)

      it("hashes equal cells equally, whatever they are cut from", function()
        local df = frame_of(column)
        local again = hana.concat{ df, df }:slice(12, 22)
        assert.equal(df:hash(), again:hash())
        assert.not_equal(df:hash(), df:take{ 2, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11 }:hash())
        assert.not_equal(df:hash(), df:head(10):hash())
      end)
    end)
  end

  -- Blocks of 65536 rows go to threads: the places where they meet must be right.
  it("is taken right over several blocks of rows", function()
    local n = 150001
    local text, bool, int = {}, {}, {}
    for i = 1, n do
      text[i] = i % 7 == 0 and null or ("x"):rep(i % 5) .. i
      bool[i] = i % 11 == 0 and null or i % 3 == 0
      int[i] = i % 13 == 0 and null or i
    end
    local df = hana.frame{ { "text", text }, { "bool", bool }, { "int", int } }
    local backwards = {}
    for i = 1, n do backwards[i] = n + 1 - i end
    local taken = df:take(backwards)
    local again = taken:take(backwards)
    assert.is_true(df:equal(again))
    assert.equal(df:hash(), again:hash())
    assert.same({ text[1], bool[1], int[1] }, { taken.text[n], taken.bool[n], taken.int[n] })
    for _, i in ipairs{ 1, 65535, 65536, 65537, 131072, 131073, n } do
      assert.equal(int[n + 1 - i] ~= null and int[n + 1 - i] or nil, taken.int[i])
      assert.equal(text[n + 1 - i] ~= null and text[n + 1 - i] or nil, taken.text[i])
    end
    local before = hana.threads()
    hana.threads(1)
    local alone = df:take(backwards)
    hana.threads(before)
    assert.is_true(alone:equal(taken))
    assert.equal(alone:hash(), taken:hash())
  end)

  describe("unique", function()
    it("is ascending, without nulls", function()
      local of = samples()
      assert.same({ "", "a", "a\0c", "b", "long text here", "가나" }, of.string:unique():totable())
      assert.same({ math.mininteger, -3, 0, 1, 2, 5, math.maxinteger }, of.int:unique():totable())
      assert.same({ false, true }, of.bool:unique():totable())
      assert.equal("0001-01-01", of.date:unique()[1])
      assert.equal(7, #of.date:unique())
    end)

    it("has one NaN, at the end, and one zero", function()
      local unique = hana.column{ 0 / 0, 0.0, -(0 / 0), -0.0, 1.5 }:unique():totable()
      assert.equal(3, #unique)
      assert.equal(0, unique[1])
      assert.equal(1.5, unique[2])
      assert.not_equal(unique[3], unique[3])
    end)

    it("of a category keeps the order of its levels", function()
      local category = hana.column{ "b", "a", "b" }:cast "category"
      assert.equal("category", category:unique():type())
      assert.same({ "a", "b" }, category:unique():totable())
    end)

    it("sorts very many values", function()
      local n, values = 300000, {}
      for i = 1, n do values[i] = (i * 7919 % n - n // 2) / 4 end
      values[n + 1], values[n + 2], values[n + 3] = -0.0, 0 / 0, -math.huge
      local unique = hana.column(values):unique()
      assert.equal(n + 2, #unique)
      assert.equal(-math.huge, unique[1])
      local wrong = 0
      for i = 2, n + 1 do
        if unique[i] ~= (i - 2 - n // 2) / 4 then wrong = wrong + 1 end
      end
      assert.equal(0, wrong)
      assert.not_equal(unique[n + 2], unique[n + 2])
    end)

    it("finds many values", function()
      local values = {}
      for i = 1, 5000 do values[i] = i * 7919 % 5003 end
      table.move(values, 1, 5000, 5001)
      local unique = hana.column(values):unique()
      assert.equal(5000, #unique)
      for i = 2, 5000 do assert.is_true(unique[i - 1] < unique[i]) end
    end)
  end)

  describe("cast", function()
    it("refuses what does not convert, naming row and value", function()
      assert.error_matches(function() hana.column{ "1", "x" }:cast "int" end,
        "row 2: 'x' cannot become int")
      assert.error_matches(function() hana.column{ 1.5 }:cast "int" end,
        "row 1: 1.5 cannot become int")
      assert.error_matches(function() hana.column{ 2 }:cast "bool" end,
        "row 1: 2 cannot become bool")
      assert.error_matches(function() hana.column{ 20240229 }:cast "date" end,
        "int cannot become date")
      assert.error_matches(function() hana.column{ "2023-02-29" }:cast "date" end,
        "row 1: '2023%-02%-29' cannot become date")
    end)

    it("keeps all digits of integers", function()
      local text = { "9007199254740993", "-9223372036854775808" }
      local int = hana.column(text):cast "int"
      assert.equal(9007199254740993, int[1])
      assert.same(text, int:cast("string"):totable())
    end)

    it("goes between numbers, bools and texts", function()
      assert.same({ 1, 0, null }, hana.column{ true, false, null }:cast("int"):totable())
      assert.same({ true, false }, hana.column{ 1.0, 0.0 }:cast("bool"):totable())
      assert.same({ 3, -2 }, hana.column{ 3.0, -2.0 }:cast("int"):totable())
      assert.same({ true, false }, hana.column{ "TRUE", " false " }:cast("bool"):totable())
      assert.same({ "0.1", "3.0" }, hana.column{ 0.1, 3.0 }:cast("string"):totable())
      assert.same({ 0.1, 3.0, null }, hana.column{ "0.1", "3", null }:cast("float"):totable())
    end)

    it("orders the levels of numbers by number", function()
      local category = hana.column{ 10, 9, null, 100, 9 }:cast "category"
      assert.same({ "9", "10", "100" }, category:levels():totable())
      assert.same({ "10", "9", null, "100", "9" }, category:totable())
      assert.same({ 10, 9, null, 100, 9 }, category:cast("int"):totable())
    end)

    it("sorts the levels of texts by bytes", function()
      local category = hana.column{ "나", "b", "가", "B" }:cast "category"
      assert.same({ "B", "b", "가", "나" }, category:levels():totable())
    end)

    it("goes between dates and datetimes", function()
      local date = hana.column{ "1969-12-31", "2024-02-29" }:cast "date"
      local datetime = date:cast "datetime"
      assert.equal("2024-02-29T00:00:00Z", datetime[2])
      assert.is_true(date:equal(datetime:cast "date"))
      local late = hana.column{ "1969-12-31T23:59:59.5Z" }:cast "datetime"
      assert.equal("1969-12-31", late:cast("date")[1])
    end)
  end)

  describe("as an ordered category", function()
    local sizes = hana.frame{ { "크기", { "M", "S", null, "L", "M" } }, { "n", { 2, 1, 9, 3, 2 } } }
      :cast{ ["크기"] = { "category", { "S", "M", "L" } } }
    local size = sizes["크기"]

    it("compares and sorts by its levels", function()
      assert.is_true(size:ordered())
      assert.same({ "S", "M", "L" }, size:levels():totable())
      assert.same({ "M", "L", "M" }, sizes:filter("`크기` >= 'M'")["크기"]:totable())
      assert.same({ 1, 2, 2, 3, 9 }, sizes:sort{ "크기" }.n:totable())
      assert.same({ "S", "M", "L", null },
        sizes:group_by{ "크기" }:summarize{ n = "count()" }["크기"]:totable())
      assert.equal("L", size:max())
      assert.error_matches(function() sizes:filter("`크기` > 'XL'") end, "'XL' is no level")
    end)

    it("keeps its order under other verbs", function()
      for _, df in ipairs{ sizes:take{ 4, 2 }, hana.concat{ sizes, sizes }, sizes:fill_null{
        ["크기"] = "L" }, sizes:mutate{ { "크기", "lag(`크기`)" } }, sizes:distinct() } do
        assert.is_true(df["크기"]:ordered())
        assert.same({ "S", "M", "L" }, df["크기"]:levels():totable())
      end
      assert.same({ "M", "S", "L", "L", "M" },
        sizes:fill_null{ ["크기"] = "L" }["크기"]:totable())
      assert.is_false(sizes.n:ordered())
      assert.same({ "2", "1", "9", "3", "2" },
        sizes.n:cast("category", { "9", "3", "2", "1" }):totable())
    end)

    it("takes no text that is no level", function()
      local function fails(levels, message)
        assert.error_matches(function() sizes:cast{ ["크기"] = { "category", levels } } end, message)
      end
      fails({ "S", "M" }, "cast: column '크기': row 4: 'L' is no level")
      fails({ "S", "M", "L", "S" }, "the level 'S' stands there twice")
      assert.error_matches(function() sizes:fill_null{ ["크기"] = "XL" } end, "'XL' is no level")
      assert.error_matches(function() size:cast("string", { "S" }) end, "'category' only")
      local plain = sizes:cast{ ["크기"] = "string" }:cast{ ["크기"] = "category" }
      local filled = plain:fill_null{ ["크기"] = "없음" }["크기"]
      assert.same({ "L", "M", "S", "없음" }, filled:levels():totable())
      -- A level that no row has any more stays one.
      local left = plain:filter("is_null(`크기`) or `크기` ~= 'S'"):fill_null{ ["크기"] = "M" }
      assert.same({ "L", "M", "S" }, left["크기"]:levels():totable())
    end)
  end)

  describe("stacked on another type", function()
    local function stack(a, b)
      return hana.concat{ hana.frame{ { "x", a } }, hana.frame{ { "x", b } } }.x
    end

    it("is a float when one is int and one float", function()
      local x = stack(hana.column{ 1, null }, hana.column{ 0.5 })
      assert.equal("float", x:type())
      assert.same({ 1.0, null, 0.5 }, x:totable())
    end)

    it("does not lose digits of integers", function()
      local half = hana.column{ 0.5 }
      assert.error_matches(function() stack(hana.column{ 9007199254740993 }, half) end,
        "column 'x': .*cannot hold 9007199254740993")
      local wide = stack(hana.column{ 9007199254740994, math.mininteger }, hana.column{ 0.5 })
      assert.same({ 9007199254740994.0, -2.0 ^ 63, 0.5 }, wide:totable())
      assert.error_matches(function() stack(hana.column{ math.maxinteger }, hana.column{ 0.5 }) end,
        "cannot hold 9223372036854775807")
    end)

    it("unites the levels of categories", function()
      local x = stack(hana.column({ "b", null, "a" }):cast "category",
        hana.column({ "c", "a" }):cast "category")
      assert.equal("category", x:type())
      assert.same({ "b", null, "a", "c", "a" }, x:totable())
      assert.same({ "a", "b", "c" }, x:levels():totable())
    end)

    it("is a string when one is category and one string", function()
      local x = stack(hana.column({ "b", null }):cast "category", hana.column{ "z" })
      assert.equal("string", x:type())
      assert.same({ "b", null, "z" }, x:totable())
    end)

    it("is refused otherwise, naming the column", function()
      assert.error_matches(function() stack(hana.column{ 1 }, hana.column{ "a" }) end,
        "column 'x': int and string cannot be stacked")
    end)
  end)

  it("tells null from NaN", function()
    local column = hana.column{ 0 / 0, null }
    assert.equal(1, column:nulls())
    assert.not_equal(column[1], column[1])
    assert.is_nil(column[2])
    assert.is_false(column:equal(hana.column{ null, null }:cast "float"))
  end)

  it("is named where it is not what a method or an operator takes", function()
    local s = hana.frame{ { "city", { "x", "y" } }, { "n", { 1, 2 } } }
    local function fails(action, message)
      assert.error_matches(action, message, 1, true)
    end
    for _, method in ipairs{ "sum", "mean", "median", "sd", "var" } do
      fails(function() return s.city[method](s.city) end, "column 'city': " .. method
        .. " takes numbers, this is text")
    end
    fails(function() return s.city - 1 end, "column 'city': '-' takes numbers, this is text")
    fails(function() return s.n * s.city end, "column 'city': '*' takes numbers, this is text")
    fails(function() return s.city:cast "int" end, "column 'city': 2 of 2 cells cannot become int")
  end)
end)
