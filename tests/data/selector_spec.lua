local hana = require "hana"

local df = hana.frame{
  { "m_height", { 1.5, 1.8 } },
  { "m_weight", { 60, 80 } },
  { "id", { 1, 2 } },
  { "name", { "a", "b" } },
  { "size", hana.column({ "S", "L" }):cast "category" },
  { "ok", { true, false } },
}

local function chosen(options) return df:select(hana.cols(options)):names() end

describe("hana.cols", function()
  it("selects by type", function()
    assert.same({ "m_height", "m_weight", "id" }, chosen{ type = "number" })
    assert.same({ "name", "size" }, chosen{ type = "text" })
    assert.same({ "size" }, chosen{ type = "category" })
    assert.same({ "ok" }, chosen{ type = "bool" })
    assert.same({}, chosen{ type = "date" })
    assert.same(df:names(), chosen{ type = "any" })
  end)

  it("selects by pattern and leaves names out", function()
    assert.same({ "m_height", "m_weight" }, chosen{ matches = "^m_" })
    assert.same({ "m_weight", "id" }, chosen{ type = "number", except = { "m_height" } })
    assert.same({ "m_weight" }, chosen{ type = "number", matches = "weight|name" })
  end)

  it("leaves out what a frame may lack", function()
    assert.same({ "m_height", "m_weight", "id" }, chosen{ type = "number", except = { "key" } })
    local part = df:drop{ "id" }
    assert.same({ "m_height", "m_weight" },
      part:select(hana.cols{ type = "number", except = { "id" } }):names())
  end)

  local m = hana.cols{ matches = "^m_" }
  local both = { "id", m, "m_weight", hana.cols{ type = "bool" } }

  it("stands wherever columns do", function()
    assert.same({ "name", "size", "ok" }, df:drop(hana.cols{ type = "number" }):names())
    assert.same({ "id", "m_height", "m_weight", "ok" }, df:select(both):names())
    assert.same({ "name", "size" }, df:drop(both):names())
    assert.same({ "id", "m_height", "m_weight", "ok", "n" },
      df:group_by(both):summarize{ n = "count()" }:names())
    assert.same({ "id", "m_height", "m_weight", "ok", "n" }, df:count(both):names())
    assert.equal(2, #df:distinct(both))
    assert.equal(2, #df:drop_null(both))
    assert.same({ "name", "size", "ok", "name_", "value" },
      df:pivot_longer{ columns = { "id", m }, name = "name_" }:names())
    assert.same(df:names(), df:mutate_each({ m, "id" }, ".x + 1"):names())
    assert.error_matches(function() df:select{ "id", hana.cols{ type = "bool" }, 3 } end,
      "names or selections of columns, got")
    assert.error_matches(function() df:select{ "idd", m } end, "did you mean 'id'")
  end)

  it("is a key of sort", function()
    local function ids(keys) return df:sort(keys).id:totable() end
    assert.same({ 1, 2 }, ids(m))
    assert.same({ 2, 1 }, ids{ { m, "desc" } })
    assert.same({ 2, 1 }, ids{ { "ok", "asc" }, m })
    assert.same({ 1, 2 }, ids{ m, { "id", "desc" } })
    assert.error_matches(function() ids{ { m, "down" } } end, "\"asc\" or \"desc\"")
  end)

  it("chooses what readers read", function()
    local text = "b,m_1,a,m_2\nx,1,2,3\ny,4,5,6\n"
    local function read(columns)
      return hana.read_csv({ text = text }, { columns = columns, quiet = true })
    end
    local df2 = read(m)
    assert.same({ "m_1", "m_2" }, df2:names())
    assert.equal(2, #df2)
    assert.equal(2, #df2:read_report().columns)
    assert.same({ "a", "b" }, read{ "a", hana.cols{ type = "text" } }:names())
    assert.same({ "b", "m_1", "m_2" }, read(hana.cols{ except = "a" }):names())
    assert.error_matches(function() read(hana.cols{ type = "date" }) end, "selects none")
    assert.same({ "m_1", "m_2" }, hana.read_json({ text = '{"m_1":1,"b":2,"m_2":3}' },
      { columns = m }):names())
    local path = os.tmpname()
    local file <close> = assert(io.open(path, "w"))
    file:write(text)
    file:close()
    local scan = hana.scan_csv(path, { columns = { m, "b" } })
    assert.same({ "m_1", "m_2", "b" }, scan:collect():names())
    assert.same({ "b", "n" }, scan:group_by(hana.cols{ type = "string" }):count():names())
    os.remove(path)
  end)

  it("stands beside names in steps and roles, which keep it", function()
    local rows = hana.frame{
      { "a", { 1, 2, 3, 4 } }, { "b", { 4, 1, 3, 2 } }, { "c", { 1, 0, 1, 1 } },
      { "y", { 1.5, 2.5, 3, 4 } },
    }
    local function fitted(columns)
      local model = hana.pipeline{ hana.standardize{ columns = columns }, hana.ridge{ lambda = 1 } }
      model:fit(rows, { target = "y" })
      return model
    end
    local mixed = fitted{ "c", hana.cols{ matches = "a" } }
    local predicted = mixed:predict(rows)
    assert.is_true(predicted:equal(fitted{ "c", "a" }:predict(rows)))
    assert.is_false(predicted:equal(fitted{ "c" }:predict(rows)))
    local path = os.tmpname()
    mixed:save(path)
    local again = hana.load(path)
    assert.is_true(again:predict(rows):equal(predicted))
    assert.same(mixed:params(), again:params())
    os.remove(path)
    local model = hana.ridge{ lambda = 1 }
    model:fit(rows, { target = "y", features = { "b", hana.cols{ matches = "a|y" } } })
    assert.equal(4, #model:predict(rows:drop{ "c" }))
    assert.error_matches(function()
      model:fit(rows, { target = "y", features = { "y", hana.cols{ matches = "a" } } })
    end, "'y' has another role")
  end)

  it("stands for a name where columns are cast or filled", function()
    local frame = hana.frame{
      { "a", { 1, hana.null } }, { "b", { 3, 4 } }, { "s", { "x", hana.null } },
    }
    local ints = hana.cols{ type = "int" }
    assert.same({ a = "float", b = "float", s = "string" }, frame:cast{ [ints] = "float" }:types())
    assert.same({ a = "float", b = "string", s = "string" },
      frame:cast{ [ints] = "float", b = "string" }:types())
    assert.same({ a = "float", b = "string", s = "string" },
      frame:cast{ { ints, "float" }, { "b", "string" } }:types())
    assert.same({ 1, 0 }, frame:fill_null{ [ints] = 0 }.a:totable())
    assert.same({ "x", "-" }, frame:fill_null{ { hana.cols{ type = "string" }, "-" } }.s:totable())
    local path = os.tmpname()
    frame:write_csv(path)
    local scan = hana.scan_csv(path):fill_null{ [ints] = 0 }:cast{ [ints] = "float" }
    assert.same({ 1.0, 0.0 }, scan:select{ "a" }:collect().a:totable())
    os.remove(path)
    assert.error_matches(function()
      frame:cast{ [ints] = "float", [hana.cols{ matches = "a" }] = "int" }
    end, "cast: two selections have column 'a'")
  end)

  it("refuses what it does not know", function()
    assert.error_matches(function() chosen{ typ = "number" } end, "typ.*did you mean 'type'")
    assert.error_matches(function() chosen{ type = "nmber" } end,
      "unknown type 'nmber'; did you mean 'number'")
    assert.error_matches(function() chosen{ matches = "(" } end, "%(")
  end)
end)
