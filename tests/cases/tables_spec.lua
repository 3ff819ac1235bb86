local case = require "tests.cases.case"
local hana = require "hana"
local run = require "tests.host.run"

local list, path, read = case.list, case.path, case.read
local null = hana.null

setup(function() warn "@off" end)

-- The policy: a null key matches nothing, as in SQL, for every `how`.
describe("case 025, null keys and keys that stand twice", function()
  it("joins as SQL does", function()
    local left, right = read(25, "left.csv"), read(25, "right.csv")
    local rows = {}
    for _, how in ipairs{ "inner", "left", "semi", "anti", "full" } do
      rows[how] = #left:join(right, { by = "k", how = how })
    end
    assert.same({ inner = 3, left = 5, semi = 2, anti = 2, full = 7 }, rows)
  end)

  it("says that rows multiply, and the help states the rule", function()
    local script = ([[
      local hana = require "hana"
      local left = hana.read_csv("%s", { quiet = true })
      left:join(hana.read_csv("%s", { quiet = true }), { by = "k", how = "left" })
    ]]):format(path(25, "left.csv"), path(25, "right.csv"))
    local out, err, code = run.run(run.hana, { "-e", script })
    assert.same({ "", 0 }, { out, code })
    assert.matches("more than once", err, 1, true)
    assert.matches("null", run.run(run.hana, { "help", "join" }), 1, true)
  end)
end)

describe("case 027, composed and decomposed Hangul", function()
  local nfc, nfd = read(27, "nfc.csv"), read(27, "nfd.csv")

  it("is different text until it is normalized", function()
    assert.equal(0, #nfc:join(nfd, { by = "city", how = "inner" }))
    local normal = { { "city", "normalize(city)" } }
    local both = nfc:mutate(normal):join(nfd:mutate(normal), { by = "city", how = "inner" })
    assert.same({ "서울", "부산" }, list(both, "city"))
    assert.same({ 9, 3 }, list(both, "pop"))
    assert.same({ 605, 770 }, list(both, "area"))
  end)

  it("has as many characters as code points", function()
    assert.same({ 2, 2 }, list(nfc:mutate{ { "n", "len(city)" } }, "n"))
    assert.same({ 5, 5 }, list(nfd:mutate{ { "n", "len(city)" } }, "n"))
  end)

  it("is printed as wide as it shows", function()
    local function column(df, name)
      local last = tostring(df):match("([^\n]*)\n?$")
      return last:gsub(".*" .. name, "")
    end
    assert.equal(column(nfc:rename{ area = "pop" }:mutate{ { "area", "int(770)" } }, "부산"),
      column(nfd, nfd.city[2]))
  end)
end)

describe("case 029, a key with infinities, NaN, null and ties", function()
  local df = read(29, "input.csv"):mutate{ { "x", "num / den" } }

  it("sorts stably, NaN after numbers and null last", function()
    assert.same({ 6, 4, 2, 7, 1, 5, 9, 3, 10, 8 }, list(df:sort{ "x" }, "id"))
  end)

  -- The policy: NaN and null stay last, in this order, whichever way the numbers run.
  it("sorts descending with nulls last again", function()
    assert.same({ 9, 1, 5, 2, 7, 4, 6, 3, 10, 8 }, list(df:sort{ { "x", "desc" } }, "id"))
  end)

  it("gives one order of keys for every order of the rows", function()
    local right = {}
    for i, x in df:sort{ "x" }.x:values() do right[i] = tostring(x):gsub("^-?nan$", "nan") end
    for seed = 1, 20 do
      local shuffled = df:sample{ n = #df, seed = seed }
      local keys = {}
      for i, x in shuffled:sort{ "x" }.x:values() do
        keys[i] = tostring(x):gsub("^-?nan$", "nan")
      end
      for i = 1, #df do
        local same = keys[i] == right[i] or tonumber(keys[i]) == tonumber(right[i])
        assert.is_true(same, ("seed %d, row %d"):format(seed, i))
      end
    end
  end)
end)

describe("case 031, a rolling mean after a spike", function()
  it("depends on its window alone", function()
    local spike = read(31, "spike.csv"):mutate{ { "m", "rolling_mean(x, 5)" } }
    for i, expected in pairs{ [8] = 6, [9] = 8, [10] = 10 } do
      assert.near(expected, spike.m[i], 1e-12)
    end
    assert.is_nil(spike.m[4])
    local zeros = read(31, "zeros.csv"):mutate{ { "m", "rolling_mean(z, 3)" } }
    assert.same({ 0.0, 0.0 }, { zeros.m[6], zeros.m[7] })
    assert.equal(0, #zeros:filter "m < 0")
  end)
end)

describe("case 033, a small spread on a large offset", function()
  local function check(df, var, sd, tolerance)
    local one = df:mutate{ { "g", "'a'" } }:group_by{ "g" }
      :summarize{ { "var", "var(x)" }, { "sd", "sd(x)" } }
    local described
    for _, row in df:describe():rows() do
      if row.column == "x" or row.name == "x" then described = row end
    end
    for _, found in ipairs{ { df.x:var(), df.x:sd() }, { one.var[1], one.sd[1] },
      { var, described.sd } } do
      assert.near(var, found[1], tolerance)
      assert.near(sd, found[2], tolerance)
    end
  end

  for file, expected in pairs{
    ["a.csv"] = { 22.5, 4.743416490252569, 22.5e-12 },
    ["b.csv"] = { 7.5, 2.7386127875258306, 7.5e-12 },
    ["c.csv"] = { 0, 0, 1e-15 },
  } do
    it("keeps the digits, as integers and floats, grouped and described: " .. file, function()
      local df = read(33, file)
      check(df, table.unpack(expected))
      check(df:cast{ x = "float" }, table.unpack(expected))
    end)
  end

  it("correlates with itself", function()
    local df = read(33, "a.csv"):summarize{ { "r", "corr(x, x + 1)" } }
    assert.near(1, df.r[1], 1e-12)
  end)
end)

describe("case 003, an integer key with a null", function()
  it("keeps its digits through a join", function()
    local df = read(3, "input.csv"):select{ "ref" }
    local joined = df:join(df:mutate{ { "twice", "ref // 2" } }, { by = "ref", how = "left" })
    assert.same({ 9007199254740993, null, 4611686018427387905, math.mininteger },
      list(joined, "ref"))
    assert.same({ 4503599627370496, null, 2305843009213693952, -4611686018427387904 },
      list(joined, "twice"))
  end)
end)
