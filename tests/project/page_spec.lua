-- The pages as a browser shows them: at the width of a telephone and of a desk, in light and dark,
-- in English and Korean. Nothing may stick out sideways, complain or fetch anything.
local hana = require "hana"

local function capture(command)
  local pipe = assert(io.popen(command .. " 2>/dev/null"))
  local text = pipe:read "a"
  pipe:close()
  return text
end

local browser = capture("command -v chromium || command -v chromium-browser || "
  .. "command -v google-chrome"):match "%S+"

-- Frames of a fixed width, since a headless window does not get as narrow as a telephone. The
-- watcher is the first script of each page.
local watcher = [[<script>
window.__said=[];
["error","warn"].forEach(function(k){console[k]=function(){
  window.__said.push(k+": "+Array.from(arguments).join(" "))}});
window.addEventListener("error",function(e){window.__said.push("error: "+e.message)});
window.addEventListener("unhandledrejection",function(e){
  window.__said.push("rejected: "+e.reason)});
</script>]]

local judge = [[<script>
function judge(frame){
  var w=frame.contentWindow,d=w.document,found=[];
  var wide=d.documentElement.clientWidth;
  if(d.documentElement.scrollWidth>wide)
    found.push("page is "+d.documentElement.scrollWidth+" wide in "+wide);
  d.querySelectorAll("body *").forEach(function(e){
    var own=e.closest(".scroll,.draw");
    if(own&&own!==e)return;
    if(e.closest("pre")&&e.tagName!=="PRE")return;
    if(e.closest("svg")&&e.tagName!=="svg")return;
    var box=e.getBoundingClientRect();
    if(box.width>0&&box.right>wide+1)
      found.push(e.tagName+"."+e.getAttribute("class")+" ends at "+Math.round(box.right)+": "
        +e.textContent.slice(0,40));
  });
  d.querySelectorAll("th button").forEach(function(b,i){if(i<3)b.click()});
  w.performance.getEntriesByType("resource").forEach(function(r){
    if(!/^data:/.test(r.name))found.push("fetched "+r.name)});
  var ink=w.getComputedStyle(d.body);
  return{name:frame.name,width:wide,found:found.slice(0,12),said:w.__said,
    ink:ink.color,paper:ink.backgroundColor,lang:d.documentElement.lang,
    figures:d.querySelectorAll("figure svg").length,
    tables:d.querySelectorAll("table.sortable").length};
}
window.addEventListener("load",function(){setTimeout(function(){
  var out=Array.from(document.querySelectorAll("iframe")).map(judge);
  document.body.textContent="";
  var pre=document.createElement("pre");
  pre.id="result";pre.textContent=encodeURIComponent(JSON.stringify(out));
  document.body.appendChild(pre);
},300)});
</script>]]

local function attribute(text)
  return (text:gsub("&", "&amp;"):gsub('"', "&quot;"))
end

local function unescape(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

local function headless(folder, options, page)
  return capture(("timeout 60 '%s' --headless --no-sandbox --disable-gpu --hide-scrollbars "
    .. "--user-data-dir='%s/browser' %s 'file://%s'"):format(browser, folder, options, page))
end

-- What the browser finds in each page, at each width, in one colour scheme.
local function look(folder, pages, widths, scheme)
  local parts = { "<!doctype html><meta charset=utf-8><body>" }
  for _, page in ipairs(pages) do
    local text = read(page):gsub("<head>", function(tag) return tag .. watcher end, 1)
    for _, width in ipairs(widths) do
      parts[#parts + 1] = ('<iframe name="%s at %d" width="%d" height="900" style="border:0" '
        .. 'srcdoc="%s"></iframe>'):format(page:match "[^/]*/[^/]*$", width, width, attribute(text))
    end
  end
  parts[#parts + 1] = judge
  local wrapper = folder .. "/wrapper.html"
  write(wrapper, table.concat(parts))
  local dump = headless(folder, ("--blink-settings=preferredColorScheme=%d "
    .. "--virtual-time-budget=4000 --dump-dom"):format(scheme == "dark" and 0 or 1), wrapper)
  local text = dump:match '<pre id="result">(.-)</pre>'
  assert(text, "the browser did not answer: " .. dump:sub(1, 200))
  return hana.json.decode(unescape(text))
end

local function luminance(color)
  local r, g, b = color:match "(%d+), *(%d+), *(%d+)"
  return 0.2126 * tonumber(r) + 0.7152 * tonumber(g) + 0.0722 * tonumber(b)
end

-- A project with a page for every stage and long words everywhere.
local function write_project(out, lang)
  local n, columns = 240, {}
  for _, name in ipairs{ "x", "a_column_with_a_rather_long_name", "g", "y", "when" } do
    columns[name] = {}
  end
  local day = { "월요일", "화요일", "수요일" }
  for i = 1, n do
    columns.x[i] = (i * 37 % 101) / 10
    columns.a_column_with_a_rather_long_name[i] = 123456.789 * (i * 53 % 97)
    columns.g[i] = ({ "a level with a long name of its own", "b", "c" })[i % 3 + 1]
    columns.when[i] = day[i % 3 + 1]
    columns.y[i] = 2 * columns.x[i] + (i % 3) + (i * 29 % 13) / 10
  end
  local df = hana.frame(columns)
  local title = lang == "ko" and "치수" or "Sizes"
  local p = hana.project{ title = title, out = out, lang = lang, seed = 3 }
  p:define{ problem = "y is not known", decision = "what to send", metric = "mae", goal = 1.5,
    cost_of_error = 2 }
  p:alternatives{ question = "How?", cases_per_year = 1000, alternatives = {
    { kind = "ask", name = "a required field in the form", per_case = 0.01, error = 0.05 },
    { kind = "model", name = "predict", setup = 3000, error = hana.dist.beta(4, 20) } } }
  p:collect{ why = "to learn", what = { x = "required", y = "required", absent = "nice" },
    how = "by hand", expected = 400, template = "form.xlsx" }
  local _ = p:collect(df, { source = "made up" })
  local train, sealed = p:split(df, { test = 0.2 })
  local clean = p:prepare(train, function(d) return d:filter("x > 0.5") end)
  p:explore(clean, { target = "y" })
  p:features{ { "x2", "x * x" } }
  p:train(clean, { target = "y", models = { { "line", hana.ridge{ lambda = 0.1 } },
    { "tree", hana.decision_tree{ max_leaves = 6 } } } })
  p:validate{ folds = 3 }
  local best = p:select{ by = "mae" }
  p:validate{ model = best, test = sealed }
  p:deploy{ model = best, to = out .. "/m.hana" }
  p:monitor{ model = best, reference = clean, current = df:filter("x > 6") }
  p:note("```\n" .. ("a long line of code "):rep(12) .. "\n```\n\n" .. ("longword"):rep(30))
end

local function write_form(out, lang)
  local p = hana.project{ title = "Size", out = out, lang = lang }
  p:define{ problem = "unknown", decision = "which size", metric = "mae" }
  p:stop("asking is cheaper", { form = {
    { "height", { type = "int", unit = "cm", min = 120, max = 220, required = true } },
    { "fit", { type = "category", choices = { "close", "regular", "loose" } } },
    { "remark", { type = "string", max_length = 20 } } } })
end

describe("the pages in a browser", function()
  if not browser then
    pending "needs chromium, which is not installed here"
    return
  end
  local folder, pages = os.tmpname(), {}

  setup(function()
    os.remove(folder)
    local saved = io.write
    rawset(io, "write", function() end)
    local done, message = pcall(function()
      for _, lang in ipairs{ "en", "ko" } do
        write_project(folder .. "/" .. lang, lang)
        write_form(folder .. "/form_" .. lang, lang)
        for _, page in ipairs{ "/index.html", "_form" } do
          pages[#pages + 1] = page == "_form" and folder .. "/form_" .. lang .. "/form.html"
            or folder .. "/" .. lang .. page
        end
      end
    end)
    rawset(io, "write", saved)
    if not done then error(message, 0) end
  end)

  teardown(function() os.execute("rm -rf '" .. folder .. "'") end)

  for _, scheme in ipairs{ "light", "dark" } do
    it("fit, are silent and fetch nothing in " .. scheme, function()
      local results = look(folder, pages, { 390, 1280 }, scheme)
      assert.equal(2 * #pages, #results)
      for _, r in ipairs(results) do
        assert.same({}, { table.unpack(r.found) }, r.name)
        assert.same({}, { table.unpack(r.said) }, r.name)
        assert.equal(r.name:match "%d+$", tostring(r.width))
        assert.equal(r.name:match "ko" and "ko" or "en", r.lang, r.name)
        local ink, paper = luminance(r.ink), luminance(r.paper)
        if scheme == "dark" then
          assert.is_true(ink > 180 and paper < 60, r.name)
        else
          assert.is_true(ink < 80 and paper > 220, r.name)
        end
        if r.name:find "index" then assert.is_true(r.figures > 8 and r.tables > 8, r.name) end
      end
    end)
  end

  it("see what does stick out", function()
    local page = folder .. "/en/bad.html"
    write(page, (read(folder .. "/en/index.html"):gsub("</main>",
      '<p style="width:2000px">wide</p><script>nothing.here()</script>%0', 1)))
    local bad = look(folder, { page }, { 390 }, "light")[1]
    assert.is_true(#bad.found > 0)
    assert.matches("nothing is not defined", table.concat(bad.said, "\n"), 1, true)
  end)

  it("print", function()
    for _, page in ipairs(pages) do
      local pdf = folder .. "/page.pdf"
      headless(folder, "--no-pdf-header-footer --print-to-pdf='" .. pdf .. "'", page)
      local text = read(pdf)
      assert.equal("%PDF", text:sub(1, 4))
      local _, sheets = text:gsub("/Type%s*/Page%f[%W]", "")
      assert.is_true(page:find "form" and sheets >= 1 or sheets >= 6, page .. ": " .. sheets)
      os.remove(pdf)
    end
  end)
end)
