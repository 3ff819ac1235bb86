local hana = require "hana"

local function data()
  local d = { x = {}, y = {}, g = {}, p = {}, t = {}, lo = {}, hi = {}, z = {} }
  for i = 1, 60 do
    d.x[i], d.y[i] = i % 7 + i / 50, (i * 37) % 11 + 0.5
    d.g[i] = ({ "남자", "woman's", 'a_b^"c"' })[i % 3 + 1]
    d.p[i], d.t[i] = (i % 10) / 10 + 0.03, (i * 7) % 10 < i % 10 and "Y" or "N"
    d.lo[i], d.hi[i], d.z[i] = d.y[i] - 1, d.y[i] + 1, i % 5
  end
  return d
end

local function svg_of(spec)
  local svg = hana.plot(spec):svg()
  assert.matches("<svg", svg, 1, true)
  assert.matches("</svg>", svg, 1, true)
  return svg
end

describe("plot", function()
  it("draws models: a tree, and what is predicted over two columns", function()
    local a, b, g, y = {}, {}, {}, {}
    for i = 1, 200 do
      a[i], b[i] = i % 20 + 0.0, (i * 7) % 13 + 0.0
      g[i] = (a[i] > 9.5 and b[i] > 6.5) and "high" or "low"
      y[i] = a[i] + b[i]
    end
    local df = hana.frame{ { "a", a }, { "b", b }, { "g", g }, { "y", y } }
    local tree = hana.decision_tree{ max_leaves = 3 }
    tree:fit(df, { target = "g", features = { "a", "b" } })
    local svg = svg_of{ geom = "tree", model = tree }
    for _, text in ipairs{ "a &lt;= 9.5", "a > 9.5", "b > 6.5", "high  100%" } do
      assert.matches(text, svg, 1, true)
    end
    svg = svg_of{ geom = "boundary", model = tree, data = df, x = "a", y = "b", color = "g" }
    assert.matches(">high<", svg, 1, true)
    local line = hana.ridge{}:fit(df, { target = "y", features = { "a", "b" } })
    svg_of{ geom = "boundary", model = line, data = df, x = "a", y = "b" }
    assert.matches("<svg", tree:plot{ geom = "tree" }:svg(), 1, true)
    assert.error_matches(function() hana.plot{ geom = "tree" } end, "needs 'model'")
    assert.error_matches(
      function() line:plot{ geom = "tree" }:svg() end, "cannot be written as rules")
    assert.error_matches(
      function()
        hana.plot{ geom = "boundary", model = tree, data = df, x = "a", y = "g" }:svg()
      end,
      "column 'g' is string, expected numbers")
  end)

  it("reads a tree's rules", function()
    local root = require("hana.plot.model_geoms").read_rules(
      "x <= 1\n  -> no  80%\nx > 1\n  y <= 2\n    -> yes\n  y > 2\n    -> no\n")
    assert.equal(2, #root.children)
    assert.equal("no  80%", root.children[1].leaf)
    assert.equal("y > 2", root.children[2].children[2].label)
    assert.equal("no", root.children[2].children[2].leaf)
  end)

  it("draws cross-validations", function()
    local x, g, y = {}, {}, {}
    for i = 1, 90 do
      x[i], g[i] = (i * 37 % 101) / 10, (i * 37 % 101) / 10 + i % 3 > 6 and "Y" or "N"
      y[i] = x[i] + i % 3
    end
    local df = hana.frame{ { "x", x }, { "g", g }, { "y", y } }
    local classes = hana.cross_validate(hana.decision_tree{ max_leaves = 4 }, df,
      { target = "g", positive = "Y", features = { "x" }, folds = 3 })
    local numbers = hana.cross_validate(hana.ridge{}, df,
      { target = "y", features = { "x" }, folds = 3 })
    for _, kind in ipairs{ "confusion", "roc", "pr", "calibration", "metrics" } do
      assert.matches("<svg", classes:plot{ kind = kind }:svg(), 1, true)
    end
    for _, kind in ipairs{ "predictions", "misses", "metrics" } do
      assert.matches("<svg", numbers:plot{ kind = kind, title = "t" }:svg(), 1, true)
    end
    assert.equal("confusion", classes:plot().spec.geom)
    assert.error_matches(function() numbers:plot{ kind = "roc" } end, "'roc' is for classes")
    assert.error_matches(function() numbers:plot{ kind = "mises" } end, "did you mean 'misses'")
  end)

  it("draws every geom", function()
    local d = data()
    for _, geom in ipairs{ "point", "line", "step", "area" } do
      svg_of{ data = d, geom = geom, x = "x", y = "y", color = "g" }
    end
    for _, geom in ipairs{ "box", "violin" } do
      svg_of{ data = d, geom = geom, x = "g", y = "y" }
    end
    for _, geom in ipairs{ "histogram", "density" } do
      svg_of{ data = d, geom = geom, x = "x", color = "g" }
    end
    svg_of{ data = { n = { "a", "b" }, v = { 1, 2 } }, geom = "bar", x = "n", y = "v" }
    svg_of{
      data = { n = { "a", "b" }, v = { 1, 2 } },
      geom = "bar",
      x = "n",
      y = "v",
      horizontal = true,
    }
    svg_of{ data = d, geom = "errorbar", x = "x", y = "y", low = "lo", high = "hi" }
    svg_of{ data = d, geom = "ribbon", x = "x", low = "lo", high = "hi" }
    svg_of{
      data = { a = { 1, 1, 2, 2 }, b = { 1, 2, 1, 2 }, v = { 0.1, 0.5, 0.3, 1 } },
      geom = "heatmap",
      x = "a",
      y = "b",
      fill = "v",
    }
    svg_of{ data = d, geom = "confusion", x = "t", y = "t" }
    for _, geom in ipairs{ "calibration", "roc", "pr" } do
      svg_of{ data = d, geom = geom, x = "p", y = "t", positive = "Y" }
    end
    svg_of{ data = d, geom = "text", x = "x", y = "y", text = "g" }
    svg_of{
      data = d,
      x = "x",
      y = "y",
      layers = {
        { geom = "point" },
        { geom = "abline", slope = 2 },
        { geom = "hline", at = 3 },
        { geom = "vline", at = 2 },
      },
    }
  end)

  it("writes Hangul and odd characters as they are", function()
    local svg = svg_of{
      data = data(),
      geom = "box",
      x = "g",
      y = "y",
      title = "키 `touch /tmp/x` $(x) it's",
    }
    assert.matches("남자", svg, 1, true)
    assert.matches("키 `touch /tmp/x` $(x) it", svg, 1, true)
  end)

  it("takes frames, with nulls and dates", function()
    local df = hana.read_csv({ text = "d,v,g\n2024-01-01,1,a\n2024-02-01,,b\n2024-03-01,3,a\n" })
    svg_of{ data = df, geom = "line", x = "d", y = "v" }
    svg_of{ data = df, geom = "point", x = "d", y = "v", facet = "g" }
    assert.is_truthy(
      tostring(hana.plot{ data = df, geom = "point", x = "v", y = "v" }):find("+", 1, true)
    )
  end)

  it("counts bins and quartiles rightly", function()
    local scales = require "hana.plot.scales"
    local centres, counts, width = scales.bins({ 0, 1, 2, 3, 4, 10 }, 5)
    assert.same({ 1, 3, 5, 7, 9 }, centres)
    assert.same({ 2, 2, 1, 0, 1 }, counts)
    assert.equal(2, width)
    -- R: quantile(c(1, 2, 4, 8), c(0.25, 0.5)) gives 1.75 and 3.
    assert.equal(1.75, scales.quantile({ 1, 2, 4, 8 }, 0.25))
    assert.equal(3, scales.quantile({ 1, 2, 4, 8 }, 0.5))
    local box = scales.box{ 1, 2, 3, 4, 5, 100 }
    assert.equal(5, box.high)
    assert.equal(1, box.low)
    -- 2000-03-01 is day 11017 since 1970 (date -d 2000-03-01 +%s gives 951868800).
    assert.equal(951868800, scales.seconds "2000-03-01")
    assert.equal(951868800 + 3661, scales.seconds "2000-03-01T01:01:01Z")
  end)

  it("saves what the name's ending says", function()
    local path = os.tmpname()
    local p = hana.plot{ data = data(), geom = "point", x = "x", y = "y" }
    local function first(name)
      p:save(name)
      local file = assert(io.open(name, "rb"))
      local bytes = file:read(4)
      file:close()
      os.remove(name)
      return bytes
    end
    assert.equal("\x89PNG", first(path .. ".png"))
    assert.equal("%PDF", first(path .. ".pdf"))
    assert.equal("<?xm", first(path .. ".svg"))
    os.remove(path)
    assert.error_matches(function() p:save("x.bmp") end, "must end in .svg, .png or .pdf")
  end)

  it("refuses what it cannot draw", function()
    local d = data()
    assert.error_matches(
      function() hana.plot{ data = d, geom = "piont", x = "x", y = "y" } end,
      "did you mean 'point'"
    )
    assert.error_matches(
      function() hana.plot{ data = d, geom = "point", x = "x", yy = "y" } end,
      "unknown option 'yy'"
    )
    assert.error_matches(
      function() hana.plot{ data = d, geom = "point", x = "x" } end,
      "geom 'point' needs 'y'"
    )
    assert.error_matches(
      function() hana.plot{ geom = "point", x = "x", y = "y" } end,
      "'data' is missing"
    )
    assert.error_matches(
      function() hana.plot{ data = d, geom = "point", x = "q", y = "y" }:svg() end,
      "no column 'q'"
    )
  end)

  it("says what to install when gnuplot is missing", function()
    local script = os.tmpname()
    local file = assert(io.open(script, "w"))
    file:write[[
      local hana = require "hana"
      local plot = hana.plot{ data = { x = { 1, 2 } }, geom = "histogram", x = "x" }
      print(pcall(plot.svg, plot))
    ]]
    file:close()
    local program = require("tests.host.run").hana
    local pipe = io.popen(("PATH=/nonexistent '%s' %s 2>&1"):format(program, script))
    local text = pipe:read "a"
    pipe:close()
    os.remove(script)
    local expected = "gnuplot is not installed (Debian: apt install gnuplot-nox)"
    assert.matches(expected, text, 1, true)
  end)

  it("shows a rule that lies beyond the data, and marks that differ", function()
    local made = hana.plot{
      data = { x = { 1, 2 }, y = { 400000, 2100000 } },
      x = "x",
      y = "y",
      layers = { { geom = "line" }, { geom = "vline", at = 5 }, { geom = "hline", at = -1 } },
      y_format = "si",
    }
    local script = made:script "svg"
    assert.matches("set xrange [* < 5 : 5 < *]", script, 1, true)
    assert.matches("set yrange [* < -1 : -1 < *]", script, 1, true)
    -- In whole millions the marks would read 1M, 1M, 2M.
    assert.matches("set format y '%.1s%c'", script, 1, true)
  end)
end)
