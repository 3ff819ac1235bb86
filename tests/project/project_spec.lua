local hana = require "hana"

local function quietly(f, ...)
  local saved = io.write
  rawset(io, "write", function() end)
  local out = table.pack(pcall(f, ...))
  rawset(io, "write", saved)
  return table.unpack(out, 1, out.n)
end

-- A project whose verbs print nothing.
local function project(options)
  local p = hana.project(options)
  return setmetatable({}, {
    __index = function(_, name)
      local value = p[name]
      if type(value) ~= "function" then return value end
      return function(_, ...)
        local out = table.pack(quietly(value, p, ...))
        if not out[1] then error(out[2], 0) end
        return table.unpack(out, 2, out.n)
      end
    end,
  })
end

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

local function rows(n)
  local x, z, g, y = {}, {}, {}, {}
  for i = 1, n do
    x[i], z[i] = (i * 37 % 101) / 10, (i * 53 % 97) / 10
    g[i] = ({ "a", "b", "c" })[i % 3 + 1]
    y[i] = 2 * x[i] + (i % 3) + (i * 29 % 13) / 10
  end
  return hana.frame{ { "x", x }, { "z", z }, { "g", g }, { "y", y } }
end

describe("project", function()
  local out

  before_each(function()
    out = os.tmpname()
    os.remove(out)
  end)

  after_each(function() os.execute("rm -rf '" .. out .. "'") end)

  local function define(p)
    p:define{
      problem = "y is not known",
      decision = "what to do",
      metric = "mae",
      goal = 1.5,
      unit = "cm",
    }
  end

  local function fail(pattern, f, ...)
    local done, message = pcall(f, ...)
    assert.is_false(done)
    assert.matches(pattern, tostring(message), 1, true)
  end

  it("goes through all nine stages and writes each at once", function()
    local p = project{ title = "Test & <Title>", out = out, seed = 3 }
    define(p)
    assert.is_true(
      exists(out .. "/01-problem.md")
        and exists(out .. "/index.html")
        and exists(out .. "/project.json")
    )
    assert.is_false(exists(out .. "/02-collection.md"))
    p:collect{
      why = "to learn",
      what = { x = "required", y = "required", z = "nice" },
      expected = 400,
    }
    local df, ready = p:collect(rows(300), { source = "made up" })
    assert.equal(0.75, ready.share)
    local train, sealed = p:split(df, { test = 0.2 })
    assert.equal(60, #sealed)
    local clean = p:prepare(train, function(d) return d:filter("x > 0.5") end)
    assert.is_true(#clean < #train)
    p:explore(clean, { target = "y" })
    p:features{ { "x2", "x * x" } }
    local fitted = p:train(clean, {
      target = "y",
      models = {
        { "line", hana.ridge{ lambda = 0.1 } },
        { "tree", hana.decision_tree{ max_leaves = 6 } },
      },
    })
    assert.is_truthy(fitted.line and fitted.tree and fitted.baseline)
    local scores = p:validate{ folds = 4 }
    assert.is_truthy(scores.line)
    local best = p:select{ by = "mae", hours = { line = 1, tree = 2 }, prices = { hour = 10 } }
    local final = p:validate{ model = best, test = sealed }
    assert.is_number(final.mae)
    p:deploy{ model = best, to = out .. "/m.hana" }
    local watch = p:monitor{
      model = best,
      reference = clean,
      current = rows(500):filter("x > 8"),
      retrain_when = { psi = 0.2 },
    }
    assert.equal("retrain", watch.verdict)
    for _, file in ipairs{
      "01-problem.md",
      "02-collection.md",
      "03-preprocessing.md",
      "04-exploration.md",
      "05-training.md",
      "06-validation.md",
      "07-selection.md",
      "08-deployment.md",
      "09-monitoring.md",
      "MODEL_CARD.md",
      "m.hana",
    } do
      assert.is_true(exists(out .. "/" .. file), file)
    end
    local html = read(out .. "/index.html")
    assert.matches("Test &amp; &lt;Title&gt;", html, 1, true)
    assert.is_nil(html:find("https?://[^w]"))
    -- The pictures of the Markdown pages lie beside them.
    for file in read(out .. "/04-exploration.md"):gmatch("%]%((figures/[^)]+)%)") do
      assert.is_true(exists(out .. "/" .. file))
    end
    -- The deployed model carries the derived feature: raw columns are enough.
    local back = hana.load(out .. "/m.hana")
    assert.equal(5, #back:predict(rows(5)))
    local state = hana.json.decode(read(out .. "/project.json"))
    assert.equal("done", state.stages.monitor.status)
    assert.equal(1, state.looks)
  end)

  it("refuses to train before the problem is defined and the data explored", function()
    local p = project{ title = "t", out = out }
    local df = rows(60)
    local call = { target = "y", models = { { "line", hana.ridge{} } } }
    fail("train: stage 1 (Problem definition) is missing: call p:define{", p.train, p, df, call)
    define(p)
    fail(
      "train: stage 4 (Exploration and features) is missing: call p:explore(",
      p.train,
      p,
      df,
      call
    )
    fail("validate: stage 5 (Training) is missing", p.validate, p, {})
    fail("select: stage 6 (Validation) is missing", p.select, p, {})
    fail("deploy: stage 6", p.deploy, p, {})
    fail("monitor: stage 8", p.monitor, p, {})
    fail("say why stage 'explore' is left out", p.skip, p, "explore")
    p:skip("explore", "known from last year")
    p:train(df, call)
    assert.matches("known from last year", read(out .. "/04-exploration.md"), 1, true)
    p:check("rows are independent", false)
    -- Decisions and skips stand on the first page with their reasons.
    local first = read(out .. "/index.html"):match "What was decided, and why.-</table>"
    assert.matches("4 Exploration and features.-known from last year", first)
    assert.matches("Does not hold:.-rows are independent", first)
    assert.matches("skipped", read(out .. "/index.html"), 1, true)
  end)

  it("refuses to collect while why or what is empty", function()
    local p = project{ title = "t", out = out }
    fail("'why' and 'what' are empty", p.collect, p, rows(5), { source = "s" })
    fail("'what' is empty", p.collect, p, { why = "x" })
    fail("'why' is empty", p.collect, p, { why = " ", what = { "x" } })
    p:collect{ why = "x", what = { "x", "no_such" }, template = "form.csv" }
    assert.equal("x,no_such\n", read(out .. "/form.csv"))
    -- Incomplete data are a finding, never a refusal.
    local _, ready = p:collect(rows(5), { source = "s" })
    assert.same({ "no_such" }, ready.absent)
  end)

  it("hands over what is to be collected: a checked Excel form, a plan, a schema", function()
    local p = project{ title = "t", out = out }
    local what = {
      waist = { type = "float", unit = "cm", min = 40, max = 200, why = "the target" },
      sex = { type = "category", choices = { "m", "f, x" }, need = "nice" },
      code = { type = "string", max_length = 5 },
      age = "nice",
    }
    p:collect{ why = "to fit", what = what, expected = 4, template = "form.xlsx" }
    local sheet = io.popen("unzip -p '" .. out .. "/form.xlsx' xl/worksheets/sheet1.xml"):read "a"
    assert.matches('type="decimal".-sqref="D2:D1001"><formula1>40</formula1>'
      .. "<formula2>200</formula2>", sheet)
    assert.matches('type="list" allowBlank="1".-sqref="C2:C1001"', sheet)
    local md = read(out .. "/collection-plan.md")
    assert.matches([["waist" double precision not null check ("waist" >= 40 and "waist" <= 200)]],
      md, 1, true)
    local schema = hana.json.decode(read(out .. "/collection.schema.json"))
    assert.equal(200, schema.properties.waist.maximum)
    assert.same({ "code", "waist" }, { table.unpack(schema.required) })
    fail("must end in .xlsx or .csv", p.collect, p, { why = "x", what = what, template = "a.doc" })
    fail("did you mean 'min'", p.collect, p, { why = "x", what = { a = { mni = 1 } } })
    p:collect{ why = "to fit", what = what, expected = 4 }
    -- Half of the rows is enough to begin; all of them, filled in and within limits, is complete.
    local function taken(text) return select(2, p:collect(hana.read_csv{ text = text }, {})) end
    local ready = taken "waist,code\n50,a\n"
    assert.is_false(ready.enough)
    ready = taken "waist,code\n50,a\n900,b\n"
    assert.is_true(ready.enough and not ready.complete)
    assert.equal("waist", ready.outside[1].name)
    ready = taken "waist,code\n50,a\n90,b\n80,c\n70,d\n"
    assert.is_true(ready.complete)
    ready = taken "code\na\nb\nc\nd\n"
    assert.same({ "waist" }, ready.missing)
    assert.is_false(ready.enough)
    -- The same source again takes its own place; several are summed up in one table.
    assert.equal(1, #p.state.sources)
    p:collect(hana.read_csv{ text = "waist,code\n50,a\n" }, { source = "second" })
    p:collect(hana.read_csv{ text = "waist,code\n60,a\n" }, { source = "third" })
    local page = read(out .. "/02-collection.md")
    assert.equal(1, select(2, page:gsub("How far the sources are", "")))
    assert.matches("3 sources, 6 rows in all", page .. p.state.stages.collect.sentence, 1, true)
  end)

  it("lets nobody see the sealed rows", function()
    local p = project{ title = "t", out = out }
    define(p)
    local df = rows(200)
    local train, sealed = p:split(df, { test = 0.25 })
    fail("cannot be read", function() return sealed.x end)
    fail("cannot be changed", function() sealed.x = 1 end)
    assert.equal("sealed test set of 50 rows", tostring(sealed))
    fail("explore: this is the sealed test set", p.explore, p, sealed, { target = "y" })
    fail(
      "explore: 50 of these 200 rows are in the sealed test set",
      p.explore,
      p,
      df,
      { target = "y" }
    )
    fail("prepare: 50 of these 200 rows", p.prepare, p, df, function(d) return d end)
    fail("is the sealed test set", p.table, p, sealed)
    fail("rows are in the sealed test set", p.table, p, df)
    p:explore(train, { target = "y" })
    local call = { target = "y", models = { { "line", hana.ridge{} } } }
    fail("train: 50 of these 200 rows", p.train, p, df, call)
    fail("train: this is the sealed test set", p.train, p, sealed, call)
    -- Verbs on rows do not launder them.
    fail(
      "in the sealed test set",
      p.train,
      p,
      df:mutate{ { "x", "x + 1" } }:sort{ "y" }:head(120),
      call
    )
    assert.is_false((pcall(hana.cross_validate, hana.ridge{}, sealed, { target = "y" })))
    assert.is_false((pcall(function() return hana.ridge{}:fit(sealed, "y") end)))
  end)

  it("counts looks at the sealed rows, but not the same look again", function()
    local p = project{ title = "t", out = out }
    define(p)
    local train, sealed = p:split(rows(200), { test = 0.25 })
    p:explore(train, { target = "y" })
    local fitted = p:train(train, { target = "y", models = { { "line", hana.ridge{} } } })
    p:validate{}
    p:validate{ model = fitted.line, test = sealed }
    p:validate{ model = fitted.line, test = sealed }
    assert.equal(1, p.state.looks)
    p:validate{ model = fitted.baseline, test = sealed }
    assert.equal(2, p.state.looks)
    assert.matches("look number 2", read(out .. "/06-validation.md"), 1, true)
    fail("'test' must be the sealed handle", p.validate, p, { model = fitted.line, test = train })
  end)

  it("reports rows that are on both sides of the split", function()
    local df = rows(40)
    local p = project{ title = "t", out = out }
    p:split(hana.concat{ df, df }, { test = 0.5 })
    assert.matches(
      "test rows are equal to a training row",
      read(out .. "/03-preprocessing.md"),
      1,
      true
    )
  end)

  it("refuses to prepare what learns from rows", function()
    local p = project{ title = "t", out = out }
    local train = p:split(rows(200), { test = 0.25 })
    local function refused(f) fail("must work row by row", p.prepare, p, train, f) end
    refused(function(d) return d:filter("x > mean(x)") end)
    refused(function(d) return d:mutate{ { "s", "x / max(x)" } } end)
    refused(
      function(d) return d:fill_null{ x = { stat = "mean" } }:mutate{ { "x", "x - mean(x)" } } end
    )
    refused(function(d) return d:head(20) end)
    fail("must return a frame", p.prepare, p, train, function() return nil end)
    fail("rows that are not among those given", p.prepare, p, train, function() return rows(9) end)
    local clean = p:prepare(
      train,
      function(d) return d:mutate{ { "r", "x / (z + 1)" } }:filter("g ~= 'c'"):sort{ "x" } end
    )
    assert.is_true(clean:has "r")
    -- The sealed rows were cleaned by the same function and stay sealed, those that were dropped
    -- too.
    fail("in the sealed test set", p.explore, p, rows(200), { target = "y" })
  end)

  it("is continued by another process, which marks later stages stale", function()
    local p = project{ title = "t", out = out }
    define(p)
    local train, sealed = p:split(rows(200), { test = 0.25 })
    local clean = p:prepare(train, function(d) return d:filter("x > 0.3") end)
    p:explore(clean, { target = "y" })
    p:train(clean, { target = "y", models = { { "line", hana.ridge{} } } })
    -- A new object is what a new process has.
    local again = project{ title = "t", out = out }
    local fitted = again:get "train"
    assert.is_truthy(fitted.line)
    assert.same(clean:col("x"):totable(), again:get("prepare"):col("x"):totable())
    local back, handle = again:get "split"
    assert.equal(#train, #back)
    assert.equal(#sealed, #handle)
    fail("in the sealed test set", again.explore, again, rows(200), { target = "y" })
    again:validate{ folds = 3 }
    again:validate{ model = again:get("train").line, test = handle }
    assert.matches("expected from cross-validation", read(out .. "/06-validation.md"), 1, true)
    local third = project{ title = "t", out = out }
    local best = third:select{ by = "mae" }
    -- What validate gave is there again as it was: its predictions can be measured.
    local cv, was = third:get("validate").line, again:get("validate").line
    assert.equal(was:score "mae", (cv:score "mae"))
    assert.same(was:predictions().prediction:totable(), cv:predictions().prediction:totable())
    assert.equal(tostring(was), tostring(cv))
    assert.is_true(hana.measured(cv, { wrong = "abs(truth - predicted) > 1" }).rows > 0)
    third:deploy{ model = best, to = out .. "/m.hana" }
    local card = read(out .. "/08-deployment.md")
    assert.matches("seen in training", card, 1, true)
    -- What other processes measured stands in the card: by group, with intervals.
    assert.matches("group by group", card, 1, true)
    assert.matches("| `g` | a | %d+ | [%d.]+ | [%d.]+ to [%d.]+ |", card)
    assert.matches(best:info().data_hash, card, 1, true)
    third:skip("collect", "the rows were made up")
    assert.equal("done", third.state.stages.deploy.status)
    assert.is_nil(third.state.stages.deploy.stale)
  end)

  it("marks later stages stale when an earlier one runs again", function()
    local p = project{ title = "t", out = out }
    define(p)
    local train = p:split(rows(200), { test = 0.25 })
    p:explore(train, { target = "y" })
    p:train(train, { target = "y", models = { { "line", hana.ridge{} } } })
    local again = project{ title = "t", out = out }
    again:explore(again:get("split"), { target = "y" })
    assert.is_true(again.state.stages.train.stale)
    fail("validate: stage 5 (Training) is stale", again.validate, again, {})
    assert.matches("stale", read(out .. "/05-training.md"), 1, true)
    again:train((again:get "split"), { target = "y", models = { { "line", hana.ridge{} } } })
    assert.is_nil(again.state.stages.train.stale)
  end)

  it("stops without a model and writes the form", function()
    local p = project{ title = "Size", out = out, lang = "ko" }
    define(p)
    p:stop(
      "묻는 편이 저렴하다",
      { form = { height = { type = "int", unit = "cm", min = 120, max = 220, required = true } } }
    )
    assert.is_true(exists(out .. "/form.html"))
    local schema = hana.json.decode(read(out .. "/form.schema.json"))
    assert.equal(220, schema.properties.height.maximum)
    assert.matches("필요 없음", read(out .. "/05-training.md"), 1, true)
    fail("closed without a model", p.explore, p, rows(9), {})
    local ok = p:monitor{ current = hana.frame{ { "height", { 170, 180, 165 } } } }
    assert.equal("fine", ok.verdict)
    local bad = p:monitor{
      current = hana.frame{ { "height", { 170, hana.null, 1650 } } },
      shown = 10,
      limits = { drop_off = 0.3 },
    }
    assert.equal("look", bad.verdict)
    assert.equal(3, #bad.alarms)
    -- 3 answers to 10 forms: Wilson's interval for a drop-off of 0.7 is 0.397 to 0.892.
    assert.matches("70%, 95% 구간 39.7% ~ 89.2%", read(out .. "/09-monitoring.md"), 1, true)
    fail("'shown' is 2, fewer than the 3 answers", p.monitor, p,
      { current = hana.frame{ { "height", { 170, 180, 165 } } }, shown = 2 })
    define(p)
    assert.is_nil(p.state.stopped)
  end)

  it("adds a row to its store for every verb", function()
    os.execute("mkdir -p '" .. out .. "'")
    local store = "sqlite:" .. out .. "/hana.db"
    local p = project{ title = "t", out = out .. "/p", store = store }
    define(p)
    p:skip("collect", "made up")
    local again = project{ title = "t", out = out .. "/p" }
    again:note "continued"
    local runs = require("hana.project.ledger").read(store)
    assert.same({ "define", "skip", "note" }, runs.verb:totable())
    assert.matches("made up", runs.finding[2], 1, true)
    fail("'store' must be a URL", project, { title = "t", out = out .. "/p", store = 3 })
    fail("nowhere", function()
      define(project{ title = "t", out = out .. "/q", store = "nowhere:x" })
    end)
  end)

  it("takes notes, tables, plots and checks", function()
    local p = project{ title = "t", out = out }
    define(p)
    p:note "Some **markdown**."
    p:table(rows(3), { caption = "three rows" })
    p:plot(hana.plot{ data = rows(9), geom = "point", x = "x", y = "y" }, { caption = "a cloud" })
    assert.is_true(p:check("it holds", true))
    assert.is_false(p:check("it does not", false))
    local md = read(out .. "/01-problem.md")
    for _, text in ipairs{
      "Some **markdown**.",
      "three rows",
      "a cloud",
      "Checked: it holds",
      "Does not hold",
    } do
      assert.matches(text, md, 1, true)
    end
  end)

  it("compares guessed with measured alternatives", function()
    local p = project{ title = "t", out = out }
    define(p)
    local function given(error)
      return {
        question = "How?",
        cases_per_year = 100,
        cost_of_error = 2,
        alternatives = {
          { kind = "ask", name = "form", error = error },
          { kind = "model", name = "model", setup = 50, error = 0.2 },
        },
      }
    end
    p:alternatives(given(hana.dist.pert(0.1, 0.3, 0.6)))
    p:alternatives(given(hana.measured.counts(4, 100)))
    local again = project{ title = "t", out = out }:get "alternatives"
    assert.equal(p:get("alternatives").sentence, again.sentence)
    local md = read(out .. "/01-problem.md")
    assert.matches("Errors measured for 1 of 2", md, 1, true)
    assert.matches("What was expected before measuring", md, 1, true)
  end)

  it("classifies too", function()
    local p = project{ title = "t", out = out }
    p:define{ problem = "which", metric = "accuracy" }
    local df = rows(240):mutate{ { "label", "if_else(y > 11, 'Y', 'N')" } }:drop{ "y" }
    local train, sealed = p:split(df, { test = 0.25, stratify = "label" })
    p:explore(train, { target = "label" })
    p:train(train, {
      target = "label",
      positive = "Y",
      models = { { "logit", hana.logistic_regression{ lambda = 1 } } },
    })
    p:validate{ folds = 3, stratify = true }
    local cv = project{ title = "t", out = out }:get("validate").logit
    assert.same({ "N", "Y" }, { table.unpack(cv.classes) })
    assert.matches("<svg", cv:plot{ kind = "roc" }:svg(), 1, true)
    local best = p:select{ by = "accuracy" }
    local final = p:validate{ model = best, test = sealed }
    assert.is_true(final.accuracy > 0.7)
    assert.matches("figures/", read(out .. "/06-validation.md"), 1, true)
  end)

  it("replaces its figures when a stage runs again", function()
    local function run()
      local p = project{ title = "t", out = out }
      define(p)
      p:explore(rows(60), { target = "y" })
    end
    local function files()
      local pipe = io.popen("ls " .. out .. "/figures")
      local list = pipe:read "a"
      pipe:close()
      return list
    end
    run()
    local before = files()
    assert.matches("04-explore-1.svg", before, 1, true)
    run()
    assert.equal(before, files())
    local p = project{ title = "t", out = out }
    p:explore(rows(60), { target = "y", figures = 0 })
    assert.is_true(#files() < #before)
  end)

  it("notices that an empty cell gives the answer away", function()
    local p = project{ title = "t", out = out }
    define(p)
    local df = rows(200):mutate{
      { "boat", "if_else(y > 12, 'A', nil)" },
      { "saved", "if_else(y > 12, 'yes', 'no')" },
      { "class", "if_else(x > 6, 'first', 'second')" },
    }
    p:explore(df:drop{ "y" }, { target = "saved" })
    assert.matches(
      "Whether `boat` is filled in explains",
      read(out .. "/04-exploration.md"),
      1,
      true
    )
  end)

  it("refuses what it does not know", function()
    fail("'out' is missing", hana.project, { title = "t" })
    fail(
      'option \'lang\' must be "en" or "ko"',
      hana.project,
      { title = "t", out = out, lang = "de" }
    )
    fail("did you mean 'title'", hana.project, { titel = "t", out = out })
    local p = project{ title = "t", out = out }
    fail("'problem' is empty", p.define, p, {})
    fail("did you mean 'metric'", p.define, p, { problem = "x", metrik = "mae" })
    fail("'test' is missing", p.split, p, rows(9), {})
    fail("no stage 'trian'", p.skip, p, "trian", "x")
    fail("has nothing to give back yet", p.get, p, "train")
  end)
end)
