local hana = require "hana"

local function people()
  return hana.frame{
    { "name", { "Kim", "Lee", hana.null, "Park" } },
    { "age", { 31, 28, 45, hana.null } },
    { "height", { 170.5, 165, 180, 155.5 } },
    { "member", { true, false, true, hana.null } },
  }
end

local function list(column) return column:totable() end

describe("a frame from Lua values", function()
  it("has the names in the order given and a type for each column", function()
    local df = people()
    assert.same({ "name", "age", "height", "member" }, df:names())
    assert.same({ name = "string", age = "int", height = "float", member = "bool" }, df:types())
    assert.equal("int", df:types()[2])
    assert.equal(4, #df)
    assert.equal(4, df:nrow())
    assert.equal(4, df:ncol())
  end)

  it("sorts the names of a keyed table", function()
    local df = hana.frame{ b = { 1 }, a = { 2 }, c = { 3 } }
    assert.same({ "a", "b", "c" }, df:names())
  end)

  it("takes rows", function()
    local df = hana.frame{ { b = 1, a = "x" }, { b = 2.5 } }
    assert.same({ "a", "b" }, df:names())
    assert.same({ "x", hana.null }, list(df.a))
    assert.same({ 1.0, 2.5 }, list(df.b))
  end)

  it("makes whole numbers and floats together float", function()
    local df = hana.frame{ { "x", { 1, 2.5, 3 } } }
    assert.equal("float", df:types().x)
    assert.equal("float", math.type(df.x[1]))
  end)

  it("takes a type as third element", function()
    local df = hana.frame{ { "c", { "b", "a" }, "category" },
      { "d", { "2024-02-29", hana.null }, "date" } }
    assert.equal("category", df:types().c)
    assert.equal("date", df:types().d)
    assert.equal("2024-02-29", df.d[1])
  end)

  it("names hana.null where a value is missing", function()
    assert.error_matches(function() hana.frame{ { "x", { 1, nil, 3 } } } end,
      "column 'x' has no value at row 2: write hana%.null for a missing value")
  end)

  it("refuses a mixture and says where", function()
    assert.error_matches(function() hana.frame{ { "x", { 1, 2, "three" } } } end,
      "column 'x' mixes int %(row 1%) and string %(row 3%)")
  end)

  it("refuses unequal lengths", function()
    assert.has_error(function() hana.frame{ { "x", { 1 } }, { "y", { 1, 2 } } } end)
  end)

  it("refuses what is no cell", function()
    assert.error_matches(function() hana.frame{ { "x", { {}, {} } } } end,
      "a cell cannot be a table")
  end)

  it("refuses text that is not UTF-8, and names with NUL", function()
    assert.error_matches(function() hana.frame{ { "x", { "a", "\xff" } } } end,
      "column 'x': the text in row 2 is not valid UTF%-8")
    assert.error_matches(function() hana.frame{ { "a\0b", { 1 } } } end, "NUL")
    assert.equal(3, #hana.frame{ { "x", { "a\0b" } } }.x[1])
  end)

  it("with no columns has no rows", function()
    local df = hana.frame{}
    assert.equal(0, #df)
    assert.equal(0, df:ncol())
  end)
end)

describe("rows", function()
  it("are tables without the nulls", function()
    assert.same({ name = "Lee", age = 28, height = 165.0, member = false }, people():row(2))
    assert.same({ age = 45, height = 180.0, member = true }, people():row(3))
  end)

  it("come in order", function()
    local seen = {}
    for i, row in people():rows() do seen[i] = row.height end
    assert.same({ 170.5, 165.0, 180.0, 155.5 }, seen)
  end)

  it("outside of the frame are errors", function()
    assert.error_matches(function() people():row(5) end, "row 5 is out of range 1%.%.4")
    assert.error_matches(function() people():row(0) end, "row 0 is out of range 1%.%.4")
  end)
end)

describe("columns of a frame", function()
  it("are found by field, index and col", function()
    local df = people()
    assert.equal(28, df.age[2])
    assert.equal(28, df["age"][2])
    assert.equal(28, df:col("age")[2])
    assert.equal("age", df.age:name())
  end)

  it("that are missing raise with the nearest name", function()
    local df = people()
    assert.error_matches(function() return df.agee end, "no column 'agee'; did you mean 'age'%?")
    assert.error_matches(function() return df:col("heigth") end, "did you mean 'height'")
  end)

  it("hidden by a method are found by col", function()
    local df = hana.frame{ { "count", { 7 } }, { "close", { 8 } } }
    assert.equal("function", type(df.count))
    assert.equal(7, df:col("count")[1])
    assert.equal(8, df.close[1])
  end)

  it("cannot be assigned", function()
    local df = people()
    assert.error_matches(function() df.age = 1 end, "frames are immutable")
    assert.error_matches(function() df.age[1] = 1 end, "columns are immutable")
  end)

  it("are not indexed by numbers", function()
    assert.error_matches(function() return people()[1] end, "use df:row%(i%)")
  end)
end)

describe("an error", function()
  it("names the line of the script, not of the library", function()
    local _, message = pcall(function() people():mutate(3) end)
    assert.matches("frame_spec%.lua:%d+: mutate:", message)
    _, message = pcall(function() people():mutate{ { "x", "agee + 1" } } end)
    assert.matches("frame_spec%.lua:%d+: ", message)
  end)
end)

describe("a bad argument", function()
  it("is named by the function that the script called", function()
    local df = people()
    local function message(f)
      local _, text = pcall(f)
      return text
    end
    assert.matches("frame_spec%.lua:%d+: bad argument #1 to 'head' %(number expected, got string",
      message(function() df:head("x") end))
    assert.matches("frame_spec%.lua:%d+: mutate_each: a name or a list of names expected",
      message(function() df:mutate_each(3, "x") end))
    assert.matches("frame_spec%.lua:%d+: concat: table expected, got number$",
      message(function() hana.concat(3) end))
    assert.matches("frame expected, got number", message(function() df.head(3) end))
  end)
end)

describe("verbs on columns", function()
  it("select in the order asked for, drop, rename", function()
    local df = people()
    assert.same({ "height", "age" }, df:select{ "height", "age" }:names())
    assert.same({ "age" }, df:select("age"):names())
    assert.same({ "name", "height" }, df:drop{ "age", "member" }:names())
    assert.same({ "who", "age", "cm", "member" }, df:rename{ who = "name", cm = "height" }:names())
    assert.same({ "who", "age", "height", "member" }, df:rename{ { "who", "name" } }:names())
  end)

  it("take a selector wherever columns do", function()
    local df = people()
    assert.same({ "age", "height" }, df:select(hana.cols{ type = "number" }):names())
    assert.same({ "height" }, df:select(hana.cols{ type = "number", except = { "age" } }):names())
    assert.same({ "name", "member" }, df:select(hana.cols{ matches = "me" }):names())
    assert.same({ "age", "height" }, df:drop(hana.cols{ matches = "me" }):names())
    assert.same({}, df:select(hana.cols{ type = "date" }):names())
    assert.same(df:names(), df:select(hana.cols{}):names())
    assert.same({ "name", "member" }, df:select(hana.cols{ except = { "age", "height" } }):names())
  end)

  it("know the options of a selector", function()
    assert.error_matches(function() hana.cols{ typ = "number" } end,
      "unknown option 'typ' for cols; did you mean 'type'")
  end)

  it("raise for an unknown name", function()
    assert.error_matches(function() people():select{ "ago" } end, "did you mean 'age'")
    assert.error_matches(function() people():rename{ x = "ago" } end, "did you mean 'age'")
  end)

  it("clean names", function()
    local df = hana.frame{
      { "First Name", { 1 } }, { "first-name", { 2 } }, { "Größe (cm)", { 3 } }, { "2nd", { 4 } },
      { "키", { 5 } },
    }
    assert.same({ "first_name", "first_name_2", "größe_cm", "x2nd", "키" }, df:clean_names():names())
  end)

  it("put frames side by side", function()
    local df = people()
    local name, age = df:select{ "name" }, df:select{ "age" }
    assert.same({ "name", "age" }, hana.bind_columns{ name, age }:names())
    assert.has_error(function() hana.bind_columns{ name, age:head(1) } end)
  end)
end)

describe("verbs on rows", function()
  it("slice, head and tail", function()
    local df = people()
    assert.same({ 165.0, 180.0 }, list(df:slice(2, 3).height))
    assert.same({ 180.0, 155.5 }, list(df:slice(3, 99).height))
    assert.same({ 170.5 }, list(df:head(1).height))
    assert.same({ 155.5 }, list(df:tail(1).height))
    assert.equal(0, #df:head(0))
    assert.equal(4, #df:head(100))
  end)

  it("take and leave out rows by number", function()
    local df = people()
    assert.same({ 180.0, 170.5, 180.0 }, list(df:take{ 3, 1, 3 }.height))
    assert.same({ 170.5, 155.5 }, list(df:without{ 2, 3 }.height))
    assert.error_matches(function() df:take{ 5 } end, "row 5 is out of range 1%.%.4")
    assert.error_matches(function() df:take{ "a" } end, "element 1 is not a row number")
  end)

  it("sort stably with nulls last", function()
    local df = people()
    assert.same({ 28, 31, 45, hana.null }, list(df:sort("age").age))
    assert.same({ 45, 31, 28, hana.null }, list(df:sort{ { "age", "desc" } }.age))
    local two = hana.frame{ { "a", { 1, 2, 1, 2 } }, { "b", { 1, 2, 3, 4 } } }
    assert.same({ 2, 4, 1, 3 }, list(two:sort{ { "a", "desc" } }.b))
    assert.same({ 4, 2, 3, 1 }, list(two:sort{ { "a", "desc" }, { "b", "desc" } }.b))
    assert.error_matches(function() df:sort{ { "age", "down" } } end, "asc")
    assert.error_matches(function() df:sort{ "agee" } end, "did you mean 'age'")
  end)

  it("keep the first of equal rows", function()
    local df = hana.frame{ { "a", { "x", "y", "x" } }, { "b", { 1, 2, 3 } } }
    assert.same({ 1, 2 }, list(df:distinct{ "a" }.b))
    assert.equal(3, #df:distinct())
  end)

  it("put frames one after the other", function()
    local df = people()
    assert.equal(6, #hana.concat{ df, df:head(2) })
    local names = df:names()
    assert.error_matches(function() hana.concat{ df, df:select{ "age" } } end, ("column '%s' is in "
      .. "frame 1, not in frame 2; fill = true makes it null there"):format(
      names[1] == "age" and names[2] or names[1]), 1, true)
    assert.error_matches(function() hana.concat{ df:select{ "age" }, df } end,
      "is in frame 2, not in frame 1; fill = true makes it null there", 1, true)
    local filled = hana.concat({ df, df:select{ "age" } }, { fill = true })
    assert.is_nil(filled.name[5])
    assert.error_matches(function() hana.concat{} end, "at least one frame")
  end)

  it("draw samples that a seed repeats", function()
    local n = {}
    for i = 1, 100 do n[i] = i end
    local df = hana.frame{ { "n", n } }
    local a, b = df:sample{ n = 10, seed = 1 }, df:sample{ n = 10, seed = 1 }
    assert.same(list(a:col("n")), list(b:col("n")))
    assert.equal(25, #df:sample{ n = 0.25, seed = 1 })
    hana.seed(5)
    local c, d = df:sample{ n = 10 }, df:sample{ n = 10 }
    assert.not_same(list(c:col("n")), list(d:col("n")))
    hana.seed(5)
    assert.same(list(c:col("n")), list(df:sample{ n = 10 }:col("n")))
    hana.seed(1)
    assert.error_matches(function() df:sample{ n = 101 } end, "100 rows")
    assert.error_matches(function() df:sample{} end, "must be a number > 0")
  end)

  it("split into disjoint parts that cover all rows", function()
    local n = {}
    for i = 1, 100 do n[i] = i end
    local df = hana.frame{ { "n", n } }
    local train, test = df:split{ test = 0.2, seed = 3 }
    assert.equal(80, #train)
    assert.equal(20, #test)
    local seen = {}
    for _, part in ipairs{ train, test } do
      for _, v in part:col("n"):values() do seen[v] = (seen[v] or 0) + 1 end
    end
    for i = 1, 100 do assert.equal(1, seen[i]) end
    local a, b, c = df:split{ test = 30, valid = 0.2, seed = 3 }
    assert.same({ 50, 20, 30 }, { #a, #b, #c })
    assert.error_matches(function() df:split{ tset = 0.2 } end, "did you mean 'test'")
  end)
end)

describe("expressions", function()
  it("filter rows where they are true", function()
    local df = people()
    assert.same({ "Kim", hana.null }, list(df:filter("age >= 30").name))
    assert.same({ "Lee" }, list(df:filter("age < $max", { max = 30 }).name))
    assert.error_matches(function() df:filter("agee > 1") end, "did you mean 'age'")
    assert.error_matches(function() df:filter("age >") end, "\n  age >\n       %^")
  end)

  it("make columns, in order or all from the original", function()
    local df = hana.frame{ { "a", { 1, 2, 3 } } }
    assert.same({ 3, 5, 7 }, list(df:mutate{ { "b", "a * 2" }, { "c", "b + 1" } }.c))
    assert.same({ 2, 3, 4 }, list(df:mutate{ a = "a + 1" }.a))
    assert.has_error(function() df:mutate{ b = "a", c = "b" } end)
    assert.same({ 5, 6, 7 }, list(df:mutate({ { "b", "a + $k" } }, { k = 4 }).b))
  end)

  it("stand beside columns, lists, functions and constants in mutate", function()
    local df = hana.frame{ { "a", { 1, 2, hana.null } } }
    local out = df:mutate{
      { "b", df.a }, { "c", { "x", "y", "z" } },
      { "d", function(row) return row.a and row.a * 10 end }, { "e", "d + 1" }, { "f", 7 },
    }
    assert.same({ "a", "b", "c", "d", "e", "f" }, out:names())
    assert.same({ 1, 2, hana.null }, list(out.b))
    assert.same({ 10, 20, hana.null }, list(out.d))
    assert.same({ 11, 21, hana.null }, list(out.e))
    assert.same({ 7, 7, 7 }, list(out.f))
    assert.has_error(function() df:mutate{ { "b", { 1, 2 } } } end)
    assert.error_matches(function() df:mutate{ { "b" } } end, "element 1 must be { name, value }")
    assert.error_matches(function() df:mutate{ { "b", "a" }, c = "a" } end, "not both")
  end)

  it("run on each of several columns", function()
    local df = hana.frame{ { "a", { 1.0, 4.0 } }, { "b", { 9.0, 16.0 } }, { "c", { "x", "y" } } }
    local out = df:mutate_each(hana.cols{ type = "number" }, "sqrt(.x)", { suffix = "_root" })
    assert.same({ "a", "b", "c", "a_root", "b_root" }, out:names())
    assert.same({ 3.0, 4.0 }, list(out.b_root))
    assert.same({ 2.0, 3.0 }, list(df:mutate_each("a", "sqrt(.x) + 1").a))
    assert.same({ ".x1.0", ".x4.0" }, list(df:mutate_each("a", "'.x' .. string(.x)").a))
  end)
end)

describe("groups", function()
  local function sales()
    return hana.frame{
      { "city", { "b", "a", "b", "a", "b" } }, { "n", { 1, 2, 3, 4, 5 } },
    }
  end

  it("are summarized in key order", function()
    local out = sales():group_by{ "city" }:summarize{ { "rows", "count()" }, { "total", "sum(n)" } }
    assert.same({ "city", "rows", "total" }, out:names())
    assert.same({ "a", "b" }, list(out.city))
    assert.same({ 2, 3 }, list(out:col("rows")))
    assert.same({ 6, 9 }, list(out.total))
    assert.same(list(out.total),
      list(sales():group_by("city"):summarise{ total = "sum(n)" }.total))
  end)

  it("are counted", function()
    assert.same({ 2, 3 }, list(sales():count{ "city" }:col("n")))
  end)

  it("keep the rows in place in mutate", function()
    local out = sales():group_by{ "city" }:mutate{ { "share", "n / sum(n)" } }
    assert.same({ 1, 2, 3, 4, 5 }, list(out:col("n")))
    assert.same({ 1 / 9, 2 / 6, 3 / 9, 4 / 6, 5 / 9 }, list(out.share))
  end)

  it("are given to a function with their key", function()
    local keys = {}
    local out = sales():group_by{ "city" }:apply(function(part, key)
      keys[#keys + 1] = key.city
      return part:head(1)
    end)
    assert.same({ "a", "b" }, keys)
    assert.same({ 2, 1 }, list(out:col("n")))
  end)

  it("know their verbs", function()
    assert.error_matches(function() return sales():group_by("city").sumarize end,
      "did you mean 'summarize'")
  end)
end)

describe("joins", function()
  local left = hana.frame{ { "id", { 1, 2, 3 } }, { "x", { "a", "b", "c" } } }
  local right = hana.frame{ { "customer", { 2, 3, 4 } }, { "y", { 20, 30, 40 } } }

  it("match by keys of other names", function()
    assert.same({ 20, 30 }, list(left:join(right, { by = { id = "customer" } }).y))
    assert.same({ hana.null, 20, 30 },
      list(left:join(right, { by = { id = "customer" }, how = "left" }).y))
    assert.same({ "a" }, list(left:join(right, { by = { id = "customer" }, how = "anti" }).x))
  end)

  it("know the kinds and say which is near", function()
    local by = { id = "customer" }
    assert.error_matches(function() left:join(right, { by = by, how = "lift" }) end,
      "did you mean 'left'")
    assert.error_matches(function() left:join(right) end, "no column in common")
    assert.error_matches(function() left:join(right, { on = "id" }) end, "unknown option 'on'")
  end)
end)

describe("nulls", function()
  it("are left out or filled", function()
    local df = people()
    assert.equal(2, #df:drop_null())
    assert.equal(3, #df:drop_null{ "age" })
    local filled = df:fill_null{ age = 0, name = { stat = "mode" } }
    assert.same({ 31, 28, 45, 0 }, list(filled.age))
    assert.is_string(filled.name[3])
    assert.error_matches(function() df:fill_null{ age = { stat = "midian" } } end,
      "did you mean 'median'")
  end)
end)

describe("cast", function()
  it("changes types strictly", function()
    local df = hana.frame{ { "a", { "1", "2" } }, { "b", { 1, 0 } } }
    local out = df:cast{ a = "int", b = "bool" }
    assert.same({ 1, 2 }, list(out.a))
    assert.same({ true, false }, list(out.b))
    local bad = hana.frame{ { "a", { "1", "two" } } }
    assert.error_matches(function() bad:cast{ a = "int" } end, "cast: column 'a': .*two")
    assert.has_error(function() df:cast{ a = "integer" } end)
  end)

  it("takes a format for dates", function()
    local df = hana.frame{ { "d", { "29. 2. 2024" } } }
    assert.same({ "2024-02-29" }, list(df:cast{ d = { "date", "%d. %m. %Y" } }.d))
  end)

  it("counts the cells that it cannot cast, and shows the first three", function()
    local df = hana.frame{
      { "n", { "1", "x", "3", "", "5.5", "y" } }, { "one", { "1", "2", "3", "4", "5", "z" } },
      { "d", { "1.2.2024", "30.2.2024", "2024-02-01", hana.null, "3.2.2024", "4.2.2024" } },
    }
    local function fails(what, message)
      local ok, err = pcall(df.cast, df, what)
      assert.is_false(ok)
      assert.equal(message, (err:gsub("^.-:%d+: ", "")))
    end
    fails({ n = "int" }, "cast: column 'n': 4 of 6 cells cannot become int: row 2: 'x', "
      .. "row 4: '', row 5: '5.5', ...")
    fails({ one = "int" }, "cast: column 'one': row 6: 'z' cannot become int")
    fails({ d = { "date", "%d.%m.%Y" } }, "cast: column 'd': 2 of 6 cells cannot become date by "
      .. "the format '%d.%m.%Y': row 2: '30.2.2024', row 3: '2024-02-01'")
    fails({ one = { "category", { "1", "2", "z" } } }, "cast: column 'one': 3 of 6 cells are no "
      .. "level: row 3: '3', row 4: '4', row 5: '5'")
    fails({ n = "itn" }, "cast: column 'n': unknown type 'itn'; did you mean 'int'?")
    local category = hana.frame{ { "n", { "a", "1", "a", "b" } } }:cast{ n = "category" }
    assert.error_matches(function() category:cast{ n = "int" } end,
      "3 of 4 cells cannot become int: row 1: 'a', row 3: 'a', row 4: 'b'$")
  end)

  it("makes such cells null where that is asked for, and tells which", function()
    local df = hana.frame{
      { "n", { "1", "x", "3", hana.null } }, { "x", { 1.5, 2, 3, 0 / 0 } },
      { "d", { "1.2.2024", "30.2.2024", "2.2.2024", "3.2.2024" } },
      { "s", { "S", "L", "XL", "S" } },
    }
    warn "@off"
    local out = df:cast({
      { "n", "int" }, { "x", "int" }, { "d", { "date", "%d.%m.%Y" } },
      { "s", { "category", { "S", "L" } } },
    }, { on_error = "null" })
    warn "@on"
    local null = hana.null
    assert.same({ 1, null, 3, null }, out.n:totable())
    assert.same({ null, 2, 3, null }, out.x:totable())
    assert.same({ "2024-02-01", null, "2024-02-02", "2024-02-03" }, out.d:totable())
    assert.same({ "S", "L", null, "S" }, out.s:totable())
    assert.is_true(out.s:ordered())
    local report = out:read_report()
    assert.equal(5, report.failed)
    assert.equal("changed", report.verdict)
    assert.same({ "n", "x", "x", "d", "s" }, report.cells:col("column"):totable())
    assert.same({ 2, 1, 4, 2, 3 }, report.cells:col("row"):totable())
    assert.same({ "x", "1.5", "nan", "30.2.2024", "XL" }, report.cells:col("value"):totable())
    assert.same({ 1, 2, 1, 1 }, report:table().failed:totable())
    assert.equal("column 'n': 1 cell cannot become int and is null: row 2: 'x'", report.notes[1])
    local clean = df:cast({ x = "float" }, { on_error = "null" }):read_report()
    assert.equal("clean", clean.verdict)
    assert.equal(0, #clean.cells)
  end)

  it("knows its options", function()
    local df = hana.frame{ { "a", { "1", "two" } } }
    assert.error_matches(function() df:cast({ a = "int" }, { on_eror = "null" }) end,
      "unknown option 'on_eror' for cast; did you mean 'on_error'")
    assert.error_matches(function() df:cast({ a = "int" }, { on_error = "nul" }) end,
      "'on_error' must be raise or null, got 'nul'; did you mean 'null'")
    assert.error_matches(function() df:cast({ a = "int" }, "null") end, "table of options")
    assert.error_matches(function() df:cast({ a = "int" }, { on_error = "raise" }) end,
      "'two' cannot become int")
  end)
end)

describe("verbs that take columns", function()
  it("take one list, and say so when they are given more", function()
    local df = hana.frame{ { "a", { 1 } }, { "b", { 2 } } }
    for _, verb in ipairs{ "select", "drop", "distinct", "sort", "group_by", "count" } do
      assert.error_matches(function() df[verb](df, "a", "b") end,
        verb .. ": several columns go into one table: " .. verb .. "{")
    end
  end)
end)

describe("compare", function()
  it("says what differs", function()
    local a = hana.frame{ { "x", { 1, 2 } }, { "y", { "a", "b" } }, { "z", { 1, 2 } } }
    local b = hana.frame{ { "x", { 1, 3 } }, { "y", { "a", "b" } }, { "w", { 1, 2 } } }
    local c = a:compare(b)
    assert.equal("different", c.verdict)
    assert.same({ "changed", "equal", "removed", "added" }, list(c:table().status))
    assert.equal(2, c:table().first_row[1])
    assert.equal("equal", a:compare(a).verdict)
    assert.equal("int", a:compare(a):table():types().first_row)
    assert.matches("2 rows", a:compare(a).sentence)
    local shorter = a:compare(a:head(1))
    assert.equal("different", shorter.verdict)
    assert.matches("2 against 1 rows; 0 of %d columns differ in the rows that both have",
      shorter.sentence)
    assert.matches('"notes": %[%]', hana.read_csv{ text = "a\n1\n", quiet = true }
      :read_report():json())
    assert.error_matches(function() hana.frame{ { "a", { "\u{1F600}" } } }
      :write_csv("/tmp/hana_none.csv", { encoding = "cp949" }) end,
      "/tmp/hana_none.csv: '.*' %(U%+1F600%) is not in cp949")
  end)
end)

describe("a printed frame", function()
  it("shows names, types, null and how much is not shown", function()
    local text = tostring(people())
    assert.matches("name", text)
    assert.matches("string", text)
    assert.matches("null", text)
    local n = {}
    for i = 1, 50 do n[i] = i end
    assert.matches("40", tostring(hana.frame{ { "n", n } }))
  end)
end)

describe("files", function()
  local path = os.tmpname()
  after_each(function() os.remove(path) end)

  it("keep a frame as it is", function()
    local df = people():save(path)
    local back = hana.load(path)
    assert.is_true(df:equal(back))
    assert.equal(df:hash(), back:hash())
  end)

  it("that are missing are named", function()
    assert.error_matches(function() hana.load("/nonexistent/x.hana") end, "/nonexistent/x.hana")
  end)

  it("are written and read as CSV", function()
    people():write_csv(path)
    local back = hana.read_csv(path, { quiet = true })
    assert.is_true(people():equal(back))
    people():write_csv(path, { delimiter = ";", null = "NA" })
    assert.is_true(people():equal(hana.read_csv(path)))
  end)

  it("are read in one go", function()
    people():write_csv(path)
    local df = hana.read_csv({ path, path }, { source = "file" })
    assert.equal(8, #df)
    assert.equal(path, df.file[8])
  end)

  it("are read from text", function()
    local df = hana.read_csv{ text = "a;b\n1;x\n" }
    assert.same({ "a", "b" }, df:names())
    assert.equal(1, df.a[1])
    df = hana.read_csv{ text = "zip\n1\n", types = { zip = "string" } }
    assert.equal("string", df:types().zip)
  end)

  it("give a report of what was read", function()
    local df = hana.read_csv({ text = "a,count\n1,2\nNA,3\n" }, { quiet = true })
    local report = df:read_report()
    assert.equal("clean", report.verdict)
    assert.equal(2, #report:table())
    assert.same({ 1, 0 }, list(report:table().nulls))
    assert.matches("df.count is a method", tostring(report))
    assert.is_table(hana.json.decode(report:json()))
  end)

  it("name an unknown option and the nearest", function()
    assert.error_matches(function() hana.read_csv("x.csv", { delimeter = ";" }) end,
      "unknown option 'delimeter' for read_csv; did you mean 'delimiter'%?")
    assert.error_matches(function() hana.read_csv(7) end, "read_csv: a path")
    assert.error_matches(function() hana.read_csv{ text = "a\n", types = { a = "itn" } } end,
      "did you mean 'int'")
  end)
end)

describe("hana", function()
  it("raises for an unknown name with the nearest", function()
    assert.error_matches(function() return hana.fram end, "did you mean 'frame'%?")
  end)
end)
