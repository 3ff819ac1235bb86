local hana = require "hana"
local run = require "tests.host.run"

local folder = run.new_folder()
local data = folder .. "/data.csv"
local saved = folder .. "/model.hana"
run.write_file(data, "x,city,y\n1,Seoul,2\n2,Busan,4.5\n3,Seoul,6\n4,Busan,8.5\n")
local function command(...) return run.run(run.hana, { ... }) end

describe("a subcommand", function()
  setup(function()
    hana.read_csv(data, { quiet = true }):save(folder .. "/frame.hana")
    hana.pipeline{ hana.one_hot{}, hana.ridge{ lambda = 1e-9 } }
      :fit(hana.read_csv(data, { quiet = true }), "y"):save(saved)
  end)
  teardown(function() os.execute("rm -r " .. folder) end)

  it("wins over a file of that name, which a path still reaches", function()
    local name = folder .. "/help"
    run.write_file(name, "print 'the file'")
    local out = run.run(run.hana, { "help" }, { folder = folder })
    assert.matches("^hana help NAME", out)
    assert.equal("the file\n", (run.run(run.hana, { "./help" }, { folder = folder })))
  end)

  it("inspect profiles data files", function()
    for _, path in ipairs{ data, folder .. "/frame.hana" } do
      local out, err, code = command("inspect", path)
      assert.matches("^ *x +city +y\n", out)
      assert.matches("Seoul", out)
      assert.equal("", err)
      assert.equal(0, code)
    end
  end)

  it("inspect says what a model holds", function()
    local out, err, code = command("inspect", saved)
    assert.matches("pipeline(one_hot, ridge), fitted to 4 rows", out, 1, true)
    assert.matches("Predicts y (regression)", out, 1, true)
    assert.matches("\ncity +string +0 +Busan, Seoul\n", out)
    assert.matches("\nx +int +0 +1 to 4\n", out)
    assert.equal("", err)
    assert.equal(0, code)
  end)

  it("predict adds a column, to stdout or to a file", function()
    local out, err, code = command("predict", saved, data)
    assert.equal("", err)
    assert.equal(0, code)
    local predicted = hana.read_csv{ text = out, quiet = true }
    assert.same({ "x", "city", "y", "prediction" }, predicted:names())
    for _, row in predicted:rows() do assert.near(row.y, row.prediction, 1e-6) end
    local path = folder .. "/out.csv"
    out, err, code = command("predict", saved, data, "-o", path)
    assert.equal("", out .. err)
    assert.equal(0, code)
    assert.equal(4, #hana.read_csv(path, { quiet = true }))
  end)

  it("predict gives probabilities on demand", function()
    local path = folder .. "/classes.hana"
    hana.naive_bayes{}:fit(hana.read_csv(data, { quiet = true }), { target = "city" }):save(path)
    local out = command("predict", path, data, "--proba")
    local predicted = hana.read_csv{ text = out, quiet = true }
    for _, row in predicted:rows() do assert.near(1, row.p_Seoul + row.p_Busan, 1e-12) end
  end)

  it("takes any number of arguments", function()
    local spec = folder .. "/one_spec.lua"
    run.write_file(spec, "it('is one', function() assert.equal(1, 1) end)\n")
    for _, n in ipairs{ 30, 45, 300 } do
      local words = { "test" }
      for i = 1, n do words[i + 1] = spec end
      local out, err, code = command(table.unpack(words))
      assert.matches(("\n%d successes / 0 failures"):format(n), out)
      assert.equal("", err)
      assert.equal(0, code)
    end
  end)

  it("ends with 2 and the usage where it was called wrongly", function()
    for _, words in ipairs{ { "inspect" }, { "inspect", "a", "b" }, { "predict", "a" },
      { "predict", saved, data, "--nope" }, { "predict", saved, data, "-o" } } do
      local out, err, code = command(table.unpack(words))
      assert.equal("", out)
      assert.matches("^hana: [^\n]+\nusage: hana " .. words[1] .. "[^\n]*\n$", err)
      assert.equal(2, code)
    end
  end)

  it("ends with 1 and one sentence where a file is not what it should be", function()
    run.write_file(folder .. "/empty.csv", "")
    run.write_file(folder .. "/cut.hana", run.read_file(saved):sub(1, 300))
    run.write_file(folder .. "/other.csv", "z\n1\n")
    for _, words in ipairs{ { "inspect", "missing.csv" }, { "inspect", folder },
      { "inspect", folder .. "/empty.csv" }, { "inspect", folder .. "/cut.hana" },
      { "predict", data, data }, { "predict", folder .. "/frame.hana", data },
      { "predict", saved, folder .. "/other.csv" }, { "predict", saved, "missing.csv" },
      { "predict", saved, data, "-o", folder .. "/no/such/folder/out.csv" } } do
      local out, err, code = command(table.unpack(words))
      assert.equal("", out)
      assert.matches("^hana: [^\n]+\n$", err)
      assert.equal(1, code)
    end
  end)
end)
