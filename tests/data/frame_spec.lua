local hana = require "hana"
local core = require "hana.core"
local null = hana.null

local function people()
  return hana.frame{
    { "name", { "Kim", "Lee", null, "Park" } },
    { "age", { 31, 28, 45, null } },
    { "city", { "Seoul", "Busan", "Seoul", "Jeju" } },
  }
end

local function ids(df) return core.row_ids(df) end

local function positions(df)
  local out = {}
  for i, id in ipairs(ids(df)) do out[i] = tonumber(id:match ":(-?%d+)$") end
  return out
end

local function origins(df)
  local out = {}
  for i, id in ipairs(ids(df)) do out[i] = id:match "^(%x+):" end
  return out
end

describe("a frame", function()
  it("refuses names that are twice there, empty or no UTF-8, and unequal lengths", function()
    assert.error_matches(function() hana.frame{ { "a", { 1 } }, { "a", { 2 } } } end,
      "two columns named 'a'")
    assert.error_matches(function() hana.frame{ { "", { 1 } } } end, "column 1 has an empty name")
    assert.error_matches(function() hana.frame{ { "a\xff", { 1 } } } end, "not valid UTF%-8")
    assert.error_matches(function() hana.frame{ { "a", { 1 } }, { "b", { 1, 2 } } } end,
      "'b' has 2 rows, 'a' has 1: write hana.null")
    assert.error_matches(function() hana.frame() end, "frame: columns .* expected, got a nil")
  end)

  it("names the nearest column", function()
    assert.error_matches(function() return people().agee end,
      "no column 'agee'; did you mean 'age'")
    assert.error_matches(function() people():select{ "nam" } end,
      "no column 'nam'; did you mean 'name'")
    assert.error_matches(function() people():drop{ "x" } end, "no column 'x'")
  end)

  it("selects in the order asked for and drops", function()
    assert.same({ "city", "name" }, people():select{ "city", "name" }:names())
    assert.same({ "name", "city" }, people():drop{ "age" }:names())
    assert.error_matches(function() people():select{ "age", "age" } end, "two columns named 'age'")
  end)

  it("renames, swapping too, and refuses collisions", function()
    assert.same({ "name", "years", "city" }, people():rename{ years = "age" }:names())
    local swapped = people():rename{ age = "name", name = "age" }
    assert.same({ "age", "name", "city" }, swapped:names())
    assert.equal("Kim", swapped.age[1])
    assert.error_matches(function() people():rename{ city = "age" } end, "two columns named 'city'")
  end)

  it("finds a column among thousands", function()
    local columns = {}
    for j = 1, 3000 do columns[j] = { "column " .. j, { j } } end
    local wide = hana.frame(columns)
    assert.equal(3000, wide:ncol())
    assert.equal(2999, wide["column 2999"][1])
    assert.is_false(wide:has "column 3001")
  end)

  it("stacks by name, and fills only when asked", function()
    local a = hana.frame{ { "x", { 1 } }, { "y", { "a" } } }
    local b = hana.frame{ { "y", { "b" } }, { "x", { 2 } } }
    local c = hana.frame{ { "x", { 3 } }, { "z", { true } } }
    assert.same({ 1, 2 }, hana.concat{ a, b }.x:totable())
    assert.same({ "x", "y" }, hana.concat{ a, b }:names())
    assert.error_matches(function() hana.concat{ a, c } end, "column 'z' is in frame 2")
    local filled = hana.concat({ a, c }, { fill = true })
    assert.same({ "x", "y", "z" }, filled:names())
    assert.same({ "a", null }, filled.y:totable())
    assert.same({ null, true }, filled.z:totable())
  end)

  it("stacks a column without values under whatever the others hold", function()
    local none = hana.frame{ { "x", { null } } }
    assert.equal("float", none.x:type())
    for _, values in ipairs{ { 9007199254740993 }, { "가" }, { true } } do
      local some = hana.frame{ { "x", values } }
      assert.same({ null, values[1] }, hana.concat{ none, some }.x:totable())
      assert.same({ values[1], null }, hana.concat{ some, none }.x:totable())
      assert.equal(some.x:type(), hana.concat{ none:head(0), some }.x:type())
    end
    assert.equal("float", hana.concat{ none, none }.x:type())
  end)

  it("keeps the zone of times that follow nulls", function()
    local text = "t\n2026-01-01 09:00:00\n"
    local seoul = hana.read_csv({ text = text }, { timezone = "Asia/Seoul" })
    local both = hana.concat({ hana.frame{ { "x", { 1 } } }, seoul }, { fill = true })
    assert.equal("2026-01-01T09:00:00+09:00", both.t[2])
  end)

  it("binds columns of equal length", function()
    local both = hana.bind_columns{ people():select{ "name" }, people():select{ "age" } }
    assert.same({ "name", "age" }, both:names())
    assert.error_matches(function()
      hana.bind_columns{ people():select{ "name" }, people():select{ "age" }:head(2) }
    end, "frame 2 has 2 rows, frame 1 has 4")
  end)

  it("has rows without columns, and columns without rows", function()
    assert.equal(4, #people():select{})
    local none = people():head(0)
    assert.equal(0, #none)
    assert.same({ "name", "age", "city" }, none:names())
    assert.equal(4, #hana.concat{ none, people() })
  end)
end)

describe("row ids", function()
  it("are the hash of the contents and the row number", function()
    local df = people()
    assert.same({ 0, 1, 2, 3 }, positions(df))
    assert.equal(df:hash(), origins(df)[1])
    assert.same(ids(df), ids(people()))
    local other = hana.frame{ { "age", { 31, 28, 45, 46 } } }
    assert.not_equal(origins(df)[1], origins(other)[1])
  end)

  it("go through verbs on columns", function()
    local df = people()
    for _, other in ipairs{ df:select{ "age" }, df:drop{ "age" }, df:rename{ years = "age" },
                            core.set(df, "x", df.age), core.set(df, "age", df.name),
                            hana.bind_columns{ df:select{ "name" }, people():select{ "age" } } } do
      assert.same(ids(df), ids(other))
    end
  end)

  it("go through verbs on rows", function()
    local df = people()
    assert.same({ 1, 2 }, positions(df:slice(2, 3)))
    assert.same({ 3, 0, 3 }, positions(df:take{ 4, 1, 4 }))
    assert.same({ 2, 1 }, positions(df:slice(2, 4):take{ 2, 1 }))
    assert.same({ 0, 1, 2, 3, 3, 0 }, positions(hana.concat{ df, df:take{ 4, 1 } }))
    assert.equal(df:hash(), origins(df:take{ 4 }:select{ "age" })[1])
  end)

  it("keep each its origin when frames are stacked", function()
    local a, b = people(), hana.frame{ { "name", { "Choi" } }, { "age", { 50 } },
                                       { "city", { "Jeju" } } }
    local both = hana.concat{ a, b }
    assert.same({ 0, 1, 2, 3, 0 }, positions(both))
    assert.equal(a:hash(), origins(both)[1])
    assert.equal(b:hash(), origins(both)[5])
    assert.same({ ids(b)[1], ids(a)[2] }, ids(both:take{ 5, 2 }))
    assert.same({ ids(a)[4], ids(b)[1] }, ids(both:tail(2)))
  end)
end)
