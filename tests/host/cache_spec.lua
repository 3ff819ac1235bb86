local hana = require "hana"
local run = require "tests.host.run"

-- Each script runs in one new folder, as from a user's shell.
local folder = os.tmpname()
os.remove(folder)
assert(os.execute("mkdir " .. run.quote(folder)))

local function script(text)
  local path = folder .. "/script.lua"
  local file <close> = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  local pipe = io.popen(("cd %s && %s script.lua 2>&1"):format(run.quote(folder),
    run.quote(run.hana)))
  local out = pipe:read "a"
  pipe:close()
  return out
end

local function clear() os.execute("rm -rf " .. run.quote(folder .. "/.hana_cache")) end

describe("hana.cache", function()
  before_each(clear)
  teardown(function() os.execute("rm -rf " .. run.quote(folder)) end)

  it("computes once, and again when an input or the function changes", function()
    local text = [[
      local hana = require "hana"
      local df = hana.frame{ { "값", { 1, 2, 3 } } }
      local out = hana.cache("합계", { df, { scale = 2 } }, function(inputs)
        print("computing")
        return inputs[1]:mutate{ x = "`값` * 2" }:summarize{ s = "sum(x)" }
      end)
      print(out.s[1])
    ]]
    assert.equal("computing\n12\n", script(text))
    assert.equal("12\n", script(text))
    assert.equal("12\n", script("\n\n" .. text))
    assert.equal("computing\n12\n", script((text:gsub("scale = 2", "scale = 3"))))
    assert.equal("computing\n14\n", script((text:gsub("1, 2, 3", "1, 2, 4"))))
    assert.equal("computing\n18\n", script((text:gsub("%* 2", "* 3"))))
    assert.equal("computing\n12\n", script((text:gsub("합계", "sum"))))
    assert.equal("12\n", script(text))
  end)

  it("keeps frames with their types, models and plain values", function()
    local text = [[
      local hana = require "hana"
      local df = hana.frame{ { "k", hana.column({ "b", "a", hana.null }):cast "category" },
        { "x", { 1, 2, 3 } }, { "y", { 2.5, 4.0, 6.5 } } }
      local kept = hana.cache("frame", df, function(d) return d end)
      print(kept:compare(df).verdict, kept.k:type())
      local model = hana.cache("model", { df }, function(i)
        return hana.ridge{ lambda = 0.1 }:fit(i[1]:drop{ "k" }, "y")
      end)
      print(("%.9f"):format(model:predict(df:drop{ "k" })[1]))
      local value = hana.cache("value", { model, df.x }, function()
        return { n = 3, f = 2.0, big = 9007199254740993, none = hana.null,
          list = { "가", false } }
      end)
      print(value.n, value.f, value.big, value.none == hana.null, value.list[1], value.list[2])
      print(hana.cache("no", {}, function() return false end))
    ]]
    local first = script(text)
    assert.matches("^equal\tcategory\n[%d.]+\n"
      .. "3\t2.0\t9007199254740993\ttrue\t가\tfalse\nfalse\n$", first)
    assert.equal(first, script(text))
  end)

  it("keeps tables of frames, columns and models, and takes unfitted models", function()
    local text = [[
      local hana = require "hana"
      local df = hana.frame{ { "x", { 1, 2, 3, 4 } }, { "y", { 2.5, 4.0, 6.5, 8.0 } } }
      local model = hana.ridge{ lambda = LAMBDA }
      local kept = hana.cache("parts", { model, df }, function(inputs)
        print("computing")
        local train, test = inputs[2]:split{ test = 2, seed = 1 }
        return { frames = { train, test }, x = inputs[2].x, n = 3,
          model = inputs[1]:fit(train, "y") }
      end)
      print(#kept.frames[1], #kept.frames[2], kept.x:name(), kept.x[4], kept.n,
        kept.model:params().lambda, kept.model.fitted)
    ]]
    local one, two = text:gsub("LAMBDA", "1"), text:gsub("LAMBDA", "2")
    local line = "2\t2\tx\t4\t3\t1.0\ttrue\n"
    assert.equal("computing\n" .. line, script(one))
    assert.equal(line, script(one))
    assert.equal("computing\n" .. line:gsub("1.0", "2.0"), script(two))
  end)

  it("computes anew what cannot be read", function()
    local text = [[
      local hana = require "hana"
      print(hana.cache("a", { 1 }, function() return { 7 } end)[1])
    ]]
    assert.equal("7\n", script(text))
    local listing = io.popen("ls " .. run.quote(folder .. "/.hana_cache"))
    local name = listing:read "l"
    listing:close()
    assert.matches("^a%-%x+%.json$", name)
    local file <close> = assert(io.open(folder .. "/.hana_cache/" .. name, "w"))
    file:write("{")
    file:close()
    assert.matches("warning: cache: 'a' is computed anew: .*\n7\n$", script(text))
    assert.equal("7\n", script(text))
  end)

  it("says what it cannot keep or compare", function()
    local function fails(message, ...)
      local ok, got = pcall(hana.cache, ...)
      assert.is_false(ok)
      assert.matches(message, got)
    end
    local function one() return 1 end
    fails("part of a file's name, got '%.%./a'", "../a", {}, one)
    fails("part of a file's name, got nil", nil, {}, one)
    fails("'a': a function expected as the third argument, got a table", "a", {}, {})
    fails("'a': inputs%.f is a function: inputs are frames", "a", { f = print }, one)
    fails("'a': NaN", "a", { 0 / 0 }, one)
    fails("'a' gave what cannot be kept .*: json cannot hold a function", "a", {},
      function() return { print } end)
    local df = hana.frame{ { "x", { 1 } } }
    fails("'a' gave what cannot be kept .*: a comparison: keep its `:table%(%)`", "a", {},
      function() return { df:compare(df) } end)
    fails("'a': the function gave nothing", "a", {}, function() end)
  end)
end)
