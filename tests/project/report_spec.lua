local report = require "hana.report"

local function book(blocks)
  return {
    title = "A & B <c>",
    lang = "en",
    kicker = "k",
    lead = "l",
    footer = "f",
    words = { contents = "Contents", top = "t" },
    pages = {
      {
        key = "one",
        number = 1,
        title = "One",
        file = "01-one.md",
        status = "done",
        status_text = "done",
        blocks = blocks,
      },
      {
        key = "two",
        number = 2,
        title = "Two",
        file = "02-two.md",
        status = "open",
        status_text = "open",
        blocks = {},
      },
    },
  }
end

describe("report", function()
  it("takes texts literally but for strong, code and links", function()
    assert.equal("a &lt;b&gt; &amp; <strong>c</strong>", report.inline("a <b> & **c**"))
    assert.equal("<code>**x** &lt;</code>", report.inline("`**x** <`"))
    assert.equal('<a href="x.html">x</a>', report.inline("[x](x.html)"))
    assert.equal("x", report.inline("[x](javascript:alert)"))
    assert.equal("snake_case_name * 2", report.inline("snake_case_name * 2"))
  end)

  it("writes a page that asks nothing of the network", function()
    local html = report.html(book{
      report.prose "x",
      report.table{ columns = { { label = "a" } }, rows = { { "1" }, { "2" } } },
    })
    assert.matches("^<!doctype html>", html)
    assert.matches("A &amp; B &lt;c&gt;", html, 1, true)
    assert.is_nil(html:find("https?://[^w]"))
    assert.is_nil(html:find("@import"))
    assert.is_nil(html:find("<link[^>]*stylesheet"))
    assert.is_nil(html:find("<script[^>]*src"))
    assert.matches("prefers-color-scheme:dark", html, 1, true)
    assert.matches("@media print", html, 1, true)
    assert.matches('name="viewport"', html, 1, true)
  end)

  it("escapes what a cell holds", function()
    local html = report.blocks_to_html(
      { report.table{ columns = { { label = "<h>" } }, rows = { { "<script>" }, { "b" } } } },
      {}
    )
    assert.matches("&lt;script&gt;", html, 1, true)
    assert.is_nil(html:find("<script>", 1, true))
    assert.matches("&lt;h&gt;", html, 1, true)
  end)

  it("keeps sort keys and marks of rows", function()
    local block = report.table{
      columns = { { label = "n" }, { label = "v", align = "right" } },
      rows = { { "a", { text = "1,000", sort = 1000 } }, { "b", { text = "20", sort = 20 } } },
      marks = { [2] = "best" },
    }
    local html = report.blocks_to_html({ block }, {})
    assert.matches('data-sort="1000"', html, 1, true)
    assert.matches('<tr class="best">', html, 1, true)
    assert.matches('class="sortable"', html, 1, true)
    local md = report.blocks_to_markdown{ block }
    assert.matches("| n | v |\n| --- | ---: |\n| a | 1,000 |\n| **b** | 20 |", md, 1, true)
  end)

  it("leaves out a column in which nothing stands", function()
    local block = report.table{
      columns = { { label = "n" }, { label = "remarks" } },
      rows = { { "a", "" }, { "b", nil } },
    }
    assert.equal(1, #block.columns)
  end)

  it("escapes bars in Markdown cells", function()
    local md = report.blocks_to_markdown{
      report.table{ columns = { { label = "a" } }, rows = { { "x|y" } } },
    }
    assert.matches("x\\|y", md, 1, true)
  end)

  it("links the pages", function()
    local md = report.page_markdown(book{ report.prose "text" }, 1)
    assert.matches("^# 1 One\n", md)
    assert.matches("[Two →](02-two.md)", md, 1, true)
    assert.is_nil(md:find("←", 1, true))
  end)

  it("makes the ids of pictures unique and takes the page's ink", function()
    local svg =
      [[<?xml version="1.0"?><svg viewBox="0 0 1 1"><desc>d</desc>
      <g color="black" id="p"><use xlink:href='#p'/>
      <path stroke='rgb( 68,  68,  68)'/></g></svg>]]
    local html = report.blocks_to_html(
      { report.figure{ svg = svg, alt = "one" }, report.figure{ svg = svg, alt = 'a "b"' } },
      {}
    )
    assert.matches('id="f1-p"', html, 1, true)
    assert.matches("'#f2-p'", html, 1, true)
    assert.matches("currentColor", html, 1, true)
    assert.is_nil(html:find("<?xml", 1, true))
    assert.is_nil(html:find('color="black"', 1, true))
    assert.matches('aria-label="a &quot;b&quot;"', html, 1, true)
  end)

  it("aligns Hangul in a terminal", function()
    local text = report.blocks_to_text{
      report.table{
        columns = { { label = "이름" }, { label = "n", align = "right" } },
        rows = { { "가나다", "1" }, { "ab", "22" } },
      },
    }
    local lines = {}
    for line in text:gmatch("[^\n]+") do
      lines[#lines + 1] = line
    end
    local width = require("hana.phrase").width
    assert.equal(width(lines[2]), width(lines[3]))
  end)
end)
