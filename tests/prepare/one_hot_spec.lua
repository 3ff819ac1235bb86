-- What `one_hot` makes.
local hana = require "hana"

setup(function() warn("@off") end)
teardown(function() warn("@on") end)

describe("one_hot", function()
  local train = hana.frame{ { "city", { "B", "A", "A", "C", hana.null, "A" } } }

  it("makes a column a level in order, and one for null when fit saw it", function()
    local made = hana.pipeline{ hana.one_hot{} }:fit(train):transform(train)
    assert.are.same({ "city=A", "city=B", "city=C", "city=(null)" }, made:names())
    assert.are.same({ 0, 1, 1, 0, 0, 1 }, made["city=A"]:totable())
    assert.are.same({ 0, 0, 0, 0, 1, 0 }, made["city=(null)"]:totable())
  end)

  it("gathers rare levels, which new ones then join", function()
    local model = hana.pipeline{ hana.one_hot{ min_count = 2, new_level = "other" } }:fit(train)
    local made = model:transform(hana.frame{ { "city", { "A", "B", "Dune" } } })
    assert.are.same({ "city=A", "city=(other)", "city=(null)" }, made:names())
    assert.are.same({ 0, 1, 1 }, made["city=(other)"]:totable())
  end)

  it("names column, level and row of what it refuses, and warns of what it lets through", function()
    local dune = hana.frame{ { "city", { "A", "Dune" } } }
    local strict = hana.pipeline{ hana.one_hot{} }:fit(train)
    assert.error_matches(function() strict:transform(dune) end, "'city'.*'Dune'.*row 2")
    local lenient = hana.pipeline{ hana.one_hot{ new_level = "missing" } }:fit(train)
    assert.are.same({ 0, 1 }, lenient:transform(dune)["city=(null)"]:totable())
  end)

  it("makes a block of many levels", function()
    local levels = {}
    for i = 1, 90 do levels[i] = ("level %02d"):format(i) end
    local df = hana.frame{ { "g", levels } }
    local made = hana.pipeline{ hana.one_hot{} }:fit(df):transform(df)
    assert.are.equal("block", made.g:type())
  end)

  it("takes its policy from the fit when it has none of its own", function()
    local df = train:mutate{ { "y", "float(row_number())" } }:drop_null{ "city" }
    local dune = hana.frame{ { "city", { "Dune" } } }
    local model = hana.pipeline{ hana.one_hot{}, hana.ridge{ lambda = 1 } }
    model:fit(df, { target = "y", new_level = "other" })
    assert.are.equal(1, #model:predict(dune))
    model:fit(df, { target = "y" })
    assert.error_matches(function() model:predict(dune) end, "Dune")
  end)
end)
