-- The report writer. A page is a list of blocks (plain tables, so that they can be kept as JSON);
-- pages are written as Markdown, all of them together as one HTML file that loads nothing, and
-- blocks as text for a terminal.
--
-- Inline markup in texts: **strong**, `code`, [label](address). Everything else is literal.

local phrase = require "hana.phrase"
local style = require "hana.project.style"

local M = {}

---@class hana.Block
---@field kind string

---@param level integer 3 or 4
---@param text string
function M.heading(level, text) return { kind = "heading", level = level, text = text } end

---A paragraph of inline markup.
---@param text string
function M.prose(text) return { kind = "prose", text = text } end

---What somebody else wrote in Markdown.
---@param text string
function M.markdown(text) return { kind = "markdown", text = text } end

---Label and value, with a remark where there is one: { { label, value, remark }, ... }.
---@param rows table[]
function M.facts(rows) return { kind = "facts", rows = rows } end

---@param items string[]
function M.list(items) return { kind = "list", items = items } end

---@param tone "info"|"good"|"warn"|"bad"
---@param text string
function M.callout(tone, text) return { kind = "callout", tone = tone, text = text } end

---@param text string
---@param lang string?
function M.code(text, lang) return { kind = "code", text = text, lang = lang } end

local function cell_text(cell)
  if type(cell) == "table" then return tostring(cell.text) end
  return tostring(cell == nil and "" or cell)
end

-- A column of remarks in which nothing stands is left out.
local function without_empty(given)
  local columns, keep = {}, {}
  for j, column in ipairs(given.columns) do
    local filled = j == 1 or #given.rows == 0
    for _, row in ipairs(given.rows) do
      filled = filled or cell_text(row[j]) ~= ""
    end
    if filled then
      columns[#columns + 1], keep[#keep + 1] = column, j
    end
  end
  if #columns == #given.columns then return given end
  local rows = {}
  for i, row in ipairs(given.rows) do
    rows[i] = {}
    for k, j in ipairs(keep) do
      rows[i][k] = row[j]
    end
  end
  return {
    columns = columns,
    rows = rows,
    caption = given.caption,
    note = given.note,
    marks = given.marks,
  }
end

---A table. A column is{ label = , align = "left"|"right" }; a cell is a text or
---{ text = , sort = number }; `marks` maps a row number to "best" or "out".
---@param given { columns: table[], rows: table[], caption: string?, note: string?, marks: table? }
function M.table(given)
  local marks = {}
  given = without_empty(given)
  for row, mark in pairs(given.marks or {}) do
    marks[tostring(row)] = mark
  end
  return {
    kind = "table",
    columns = given.columns,
    rows = given.rows,
    caption = given.caption,
    note = given.note,
    marks = marks,
  }
end

---A figure. `alt` says what it shows to those who do not see it.
---@param given { svg: string, alt: string, caption: string?, file: string? }
function M.figure(given)
  return {
    kind = "figure",
    svg = given.svg,
    alt = given.alt,
    caption = given.caption,
    file = given.file,
    half = given.half,
  }
end

---A plot as a figure. Where gnuplot is not installed the report says so instead of failing.
---@param picture hana.Plot
---@param given { alt: string, caption: string?, half: boolean? }
function M.drawn(picture, given)
  local done, svg = pcall(picture.svg, picture)
  if done then
    return M.figure{ svg = svg, alt = given.alt, caption = given.caption, half = given.half }
  end
  if not tostring(svg):find("gnuplot is not installed", 1, true) then error(svg, 0) end
  return M.callout("warn", given.alt .. ": " .. svg)
end

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

---@param text any
function M.escape(text) return (tostring(text):gsub('[&<>"]', entities)) end

local function safe_address(address)
  local scheme = address:match("^%s*([%a][%w+.-]*):")
  if not scheme then return true end
  scheme = scheme:lower()
  return scheme == "http" or scheme == "https" or scheme == "mailto"
end

-- Code spans first, so that what is in them stays literal.
local function inline(text)
  local kept = {}
  local function keep(html)
    kept[#kept + 1] = html
    return "\1" .. #kept .. "\2"
  end
  text = tostring(text):gsub("[\1\2]", "")
  text = text:gsub(
    "`([^`]+)`",
    function(code) return keep("<code>" .. M.escape(code) .. "</code>") end
  )
  text = M.escape(text)
  text = text:gsub("%[([^%]\n]+)%]%(([^%)%s]+)%)", function(label, address)
    if not safe_address(address) then return label end
    return keep('<a href="' .. address .. '">') .. label .. keep("</a>")
  end)
  text = text:gsub("%*%*(.-)%*%*", "<strong>%1</strong>")
  return (text:gsub("\1(%d+)\2", function(k) return kept[tonumber(k)] end))
end
M.inline = inline

local function plain(text)
  text = tostring(text):gsub("`([^`]+)`", "%1"):gsub("%*%*(.-)%*%*", "%1")
  return (text:gsub("%[([^%]\n]+)%]%(([^%)%s]+)%)", "%1 (%2)"))
end

local function markdown_to_html(text)
  local found, convert = pcall(function() return require("hana.core").markdown end)
  if found and convert then
    local done, html = pcall(convert, text)
    if done then return html end
  end
  local parts = {}
  for paragraph in (text .. "\n\n"):gmatch("(.-)\n%s*\n") do
    if paragraph:find("%S") then
      parts[#parts + 1] = "<p>" .. inline(paragraph):gsub("\n", "<br>\n") .. "</p>"
    end
  end
  return table.concat(parts, "\n")
end

local html = {}

function html.heading(b) return ("<h%d>%s</h%d>"):format(b.level, inline(b.text), b.level) end

function html.prose(b) return "<p>" .. inline(b.text) .. "</p>" end

function html.markdown(b) return markdown_to_html(b.text) end

function html.list(b)
  local parts = {}
  for i, item in ipairs(b.items) do
    parts[i] = "<li>" .. inline(item) .. "</li>"
  end
  return "<ul>" .. table.concat(parts) .. "</ul>"
end

function html.callout(b)
  return ('<div class="callout %s"><p>%s</p></div>'):format(b.tone, inline(b.text))
end

function html.code(b) return "<pre><code>" .. M.escape(b.text) .. "</code></pre>" end

function html.facts(b)
  local parts = { '<dl class="facts">' }
  for _, row in ipairs(b.rows) do
    local aside = row[3] and ('<span class="aside">' .. inline(row[3]) .. "</span>") or ""
    parts[#parts + 1] = ("<dt>%s</dt><dd>%s%s</dd>"):format(inline(row[1]), inline(row[2]), aside)
  end
  parts[#parts + 1] = "</dl>"
  return table.concat(parts, "\n")
end

function html.table(b)
  local kind = #b.rows > 1 and ' class="sortable"' or ""
  local parts = { '<div class="scroll" tabindex="0"><table' .. kind .. ">" }
  if b.caption then parts[#parts + 1] = "<caption>" .. inline(b.caption) .. "</caption>" end
  local heads = {}
  for j, column in ipairs(b.columns) do
    heads[j] = ('<th scope="col"%s>%s</th>'):format(
      column.align == "right" and ' class="num"' or "",
      inline(column.label)
    )
  end
  parts[#parts + 1] = "<thead><tr>" .. table.concat(heads) .. "</tr></thead><tbody>"
  for i, row in ipairs(b.rows) do
    local cells = {}
    for j, column in ipairs(b.columns) do
      local cell = row[j]
      local text = cell_text(cell)
      local class = column.align == "right" and "num"
        or (phrase.width(text) > 36 and "text" or phrase.width(text) <= 24 and "short" or "some")
      local sort = type(cell) == "table" and cell.sort
      local tag = j == 1 and "th" or "td"
      cells[j] = ("<%s%s%s%s>%s</%s>"):format(
        tag,
        j == 1 and ' scope="row"' or "",
        class and (' class="' .. class .. '"') or "",
        sort and sort == sort and (' data-sort="%.17g"'):format(sort):gsub(",", ".") or "",
        inline(text),
        tag
      )
    end
    local mark = b.marks and b.marks[tostring(i)]
    parts[#parts + 1] = (mark and '<tr class="' .. mark .. '">' or "<tr>")
      .. table.concat(cells)
      .. "</tr>"
  end
  parts[#parts + 1] = "</tbody></table></div>"
  if b.note then parts[#parts + 1] = '<p class="note">' .. inline(b.note) .. "</p>" end
  return table.concat(parts, "\n")
end

-- A picture inside the page: ids made unique, drawing ink taken from the page's own colours.
local function embed(svg, id, alt)
  svg = svg:gsub("^.-(<svg)", "%1", 1)
  svg = svg:gsub("<!%-%-.-%-%->", "")
  svg = svg:gsub("<title>.-</title>", ""):gsub("<desc>.-</desc>", "")
  svg = svg:gsub("(%sid=)(['\"])(.-)%2", "%1%2" .. id .. "-%3%2")
  svg = svg:gsub("(href=)(['\"])#(.-)%2", "%1%2#" .. id .. "-%3%2")
  svg = svg:gsub("url%(#(.-)%)", "url(#" .. id .. "-%1)")
  svg = svg:gsub('%scolor="%a+"', "")
  svg = svg:gsub("rgb%(%s*68,%s*68,%s*68%)", "currentColor"):gsub("#444444", "currentColor")
  svg = svg:gsub("rgb%(221,%s*221,%s*221%)", "var(--grid)"):gsub("#dddddd", "var(--grid)")
  svg = svg
    :gsub("rgb%(%s*220,%s*221,%s*222%)", "var(--grid)")
    :gsub("#[dD][cC][dD][dD][dD][eE]", "var(--grid)")
  return (
    svg:gsub("<svg", '<svg role="img" aria-label="' .. M.escape(alt):gsub("%%", "%%%%") .. '"', 1)
  )
end

function html.figure(b, page)
  page.figures = page.figures + 1
  local picture = embed(b.svg, "f" .. page.figures, b.alt)
  return ([[<figure%s><div class="draw" tabindex="0">%s</div><figcaption>%s</figcaption></figure>]])
    :format(b.half and ' class="half"' or "", picture, inline(b.caption or b.alt))
end

---Blocks as HTML. `page` counts the figures of the whole file.
---@param blocks table[]
---@param page table
function M.blocks_to_html(blocks, page)
  page.figures = page.figures or 0
  local parts, i = {}, 1
  while i <= #blocks do
    local b = blocks[i]
    if b.kind == "figure" and b.half and blocks[i + 1] and blocks[i + 1].half then
      parts[#parts + 1] = '<div class="pair">'
      while blocks[i] and blocks[i].kind == "figure" and blocks[i].half do
        parts[#parts + 1] = html.figure(blocks[i], page)
        i = i + 1
      end
      parts[#parts + 1] = "</div>"
    else
      parts[#parts + 1] = html[b.kind](b, page)
      i = i + 1
    end
  end
  return table.concat(parts, "\n")
end

local md = {}

local function md_cell(text) return (text:gsub("|", "\\|"):gsub("\n", " ")) end

function md.heading(b) return ("#"):rep(b.level - 1) .. " " .. b.text end
function md.prose(b) return b.text end
function md.markdown(b) return b.text end
function md.callout(b) return "> " .. b.text:gsub("\n", "\n> ") end
function md.code(b)
  local fence = b.text:find("```", 1, true) and "````" or "```"
  return fence .. (b.lang or "") .. "\n" .. b.text .. "\n" .. fence
end

function md.list(b)
  local parts = {}
  for i, item in ipairs(b.items) do
    parts[i] = "- " .. item
  end
  return table.concat(parts, "\n")
end

function md.facts(b)
  local parts = {}
  for i, row in ipairs(b.rows) do
    parts[i] = ("- **%s**: %s%s"):format(row[1], row[2], row[3] and " (" .. row[3] .. ")" or "")
  end
  return table.concat(parts, "\n")
end

function md.table(b)
  local lines, heads, rules = {}, {}, {}
  if b.caption then lines[#lines + 1] = "**" .. b.caption .. "**\n" end
  for j, column in ipairs(b.columns) do
    heads[j] = md_cell(column.label)
    rules[j] = column.align == "right" and "---:" or "---"
  end
  lines[#lines + 1] = "| " .. table.concat(heads, " | ") .. " |"
  lines[#lines + 1] = "| " .. table.concat(rules, " | ") .. " |"
  for i, row in ipairs(b.rows) do
    local cells, mark = {}, b.marks and b.marks[tostring(i)]
    for j in ipairs(b.columns) do
      local text = md_cell(cell_text(row[j]))
      cells[j] = (j == 1 and mark == "best") and "**" .. text .. "**" or text
    end
    lines[#lines + 1] = "| " .. table.concat(cells, " | ") .. " |"
  end
  if b.note then lines[#lines + 1] = "\n" .. b.note end
  return table.concat(lines, "\n")
end

function md.figure(b)
  local image = b.file and ("![%s](%s)"):format(b.alt:gsub("[%[%]]", ""), b.file) or ""
  return image .. (b.caption and "\n\n" .. b.caption or "")
end

---@param blocks table[]
function M.blocks_to_markdown(blocks)
  local parts = {}
  for i, b in ipairs(blocks) do
    parts[i] = md[b.kind](b)
  end
  return table.concat(parts, "\n\n")
end

local console = {}

local function wrap(text, width, indent)
  local lines, line, cells = {}, "", 0
  for word in text:gmatch("%S+") do
    local w = phrase.width(word)
    if cells > 0 and cells + 1 + w > width then
      lines[#lines + 1] = line
      line, cells = word, w
    else
      line = cells > 0 and line .. " " .. word or word
      cells = cells > 0 and cells + 1 + w or w
    end
  end
  lines[#lines + 1] = line
  return indent .. table.concat(lines, "\n" .. indent)
end

local function pad(text, width, align)
  local gap = (" "):rep(math.max(0, width - phrase.width(text)))
  return align == "right" and gap .. text or text .. gap
end

function console.heading(b)
  return "  " .. plain(b.text) .. "\n  " .. ("-"):rep(phrase.width(plain(b.text)))
end
function console.prose(b) return wrap(plain(b.text), 94, "  ") end
function console.markdown(b) return "  " .. b.text:gsub("\n", "\n  ") end
function console.callout(b)
  local sign = { good = "+ ", warn = "! ", bad = "x ", info = "> " }
  return "  " .. sign[b.tone] .. wrap(plain(b.text), 92, "    "):sub(5)
end
function console.code(b) return "    " .. b.text:gsub("\n", "\n    ") end
function console.list(b)
  local parts = {}
  for i, item in ipairs(b.items) do
    parts[i] = "  - " .. wrap(plain(item), 92, "    "):sub(5)
  end
  return table.concat(parts, "\n")
end

function console.facts(b)
  local width, parts = 0, {}
  for _, row in ipairs(b.rows) do
    width = math.max(width, phrase.width(plain(row[1])))
  end
  for i, row in ipairs(b.rows) do
    local value = plain(row[2]) .. (row[3] and " (" .. plain(row[3]) .. ")" or "")
    local indent = (" "):rep(width + 4)
    parts[i] = "  "
      .. pad(plain(row[1]), width)
      .. "  "
      .. wrap(value, 94 - width, indent):sub(#indent + 1)
  end
  return table.concat(parts, "\n")
end

function console.table(b)
  local shown, widths, lines = math.min(#b.rows, 14), {}, {}
  local texts = {}
  for j, column in ipairs(b.columns) do
    widths[j] = phrase.width(plain(column.label))
  end
  for i = 1, shown do
    texts[i] = {}
    for j in ipairs(b.columns) do
      texts[i][j] = plain(cell_text(b.rows[i][j]))
      widths[j] = math.max(widths[j], phrase.width(texts[i][j]))
    end
  end
  -- A long last column of words is left unpadded and may run on.
  local function line(cells, mark)
    local parts = {}
    for j, column in ipairs(b.columns) do
      parts[j] = (j == #b.columns and column.align ~= "right") and cells[j]
        or pad(cells[j], widths[j], column.align)
    end
    return (mark == "best" and "* " or "  ") .. table.concat(parts, "  ")
  end
  if b.caption then lines[1] = "  " .. plain(b.caption) end
  local heads = {}
  for j, column in ipairs(b.columns) do
    heads[j] = plain(column.label)
  end
  lines[#lines + 1] = line(heads)
  for i = 1, shown do
    lines[#lines + 1] = line(texts[i], b.marks and b.marks[tostring(i)])
  end
  if #b.rows > shown then lines[#lines + 1] = ("  ... %d"):format(#b.rows - shown) end
  if b.note then lines[#lines + 1] = wrap(plain(b.note), 94, "  ") end
  return table.concat(lines, "\n")
end

function console.figure(b)
  local name = b.file or "figure"
  return "  [" .. name .. "] " .. plain(b.caption or b.alt)
end

---Blocks as text for a terminal.
---@param blocks table[]
function M.blocks_to_text(blocks)
  local parts = {}
  for i, b in ipairs(blocks) do
    parts[i] = console[b.kind](b)
  end
  return table.concat(parts, "\n\n")
end

---The first table among blocks as a frame of texts.
---@param blocks table[]
---@return hana.Frame?
function M.frame(blocks)
  for _, b in ipairs(blocks) do
    if b.kind == "table" then
      local columns = {}
      for j, column in ipairs(b.columns) do
        local values = {}
        for i, row in ipairs(b.rows) do
          values[i] = plain(cell_text(row[j]))
        end
        columns[j] = { plain(column.label), values }
      end
      return require("hana").frame(columns)
    end
  end
end

local function nav_links(book)
  local parts = {}
  for _, page in ipairs(book.pages) do
    parts[#parts + 1] = (
      '<li><a href="#%s"><span class="n">%s</span>%s<span class="dot %s" '
      .. 'title="%s"></span></a></li>'
    ):format(
      page.key,
      page.number or "",
      M.escape(page.title),
      page.status,
      M.escape(page.status_text)
    )
  end
  return "<ol>" .. table.concat(parts, "\n") .. "</ol>"
end

---The whole report as one HTML file. A book is{ title, lang, kicker, lead, footer, words =
---{ contents, top }, pages = { { key, number, title, status, status_text, intro, sentence, blocks }
---} }.
---@param book table
---@return string
function M.html(book)
  local counter, parts = {}, {}
  local function add(text) parts[#parts + 1] = text end
  add('<!doctype html>\n<html lang="' .. book.lang .. '">\n<head>\n<meta charset="utf-8">')
  add('<meta name="viewport" content="width=device-width, initial-scale=1">')
  add('<meta name="color-scheme" content="light dark">')
  add('<link rel="icon" href="data:,">')
  add(
    "<title>"
      .. M.escape(book.title)
      .. "</title>\n<style>"
      .. style.css
      .. "</style>\n</head>\n<body>"
  )
  add('<div class="page" id="top">\n<nav aria-label="' .. M.escape(book.words.contents) .. '">')
  local links = nav_links(book)
  add(
    '<div class="links"><a class="top" href="#top">'
      .. M.escape(book.title)
      .. "</a>"
      .. links
      .. "</div>"
  )
  add(
    '<details class="menu"><summary>'
      .. M.escape(book.words.contents)
      .. "</summary>"
      .. links
      .. "</details>"
  )
  add("</nav>\n<main>\n<header>")
  if book.kicker then add('<p class="kicker">' .. inline(book.kicker) .. "</p>") end
  add("<h1>" .. inline(book.title) .. "</h1>")
  if book.lead then add('<p class="lead">' .. inline(book.lead) .. "</p>") end
  add('<ol class="glance">')
  for _, page in ipairs(book.pages) do
    add(
      ('<li><a class="what" href="#%s">%s %s</a><span>%s</span></li>'):format(
        page.key,
        page.number or "",
        M.escape(page.title),
        inline(page.sentence or page.status_text)
      )
    )
  end
  add("</ol>")
  if book.decisions then add(M.blocks_to_html({ book.decisions }, counter)) end
  add("</header>")
  for _, page in ipairs(book.pages) do
    add(
      (
        '<section id="%s">\n<h2><span class="n">%s</span>%s<span class="badge '
        .. '%s">%s</span></h2>'
      ):format(
        page.key,
        page.number or "",
        inline(page.title),
        page.status,
        M.escape(page.status_text)
      )
    )
    add(M.blocks_to_html(page.blocks, counter))
    add("</section>")
  end
  add("<footer>" .. inline(book.footer) .. "</footer>\n</main>\n</div>")
  add("<script>" .. style.script .. "</script>\n</body>\n</html>")
  return table.concat(parts, "\n") .. "\n"
end

---One page as Markdown, with links to its neighbours.
---@param book table
---@param index integer
---@return string
function M.page_markdown(book, index)
  local page = book.pages[index]
  local parts = {
    ("# %s %s"):format(page.number, page.title),
    "*" .. book.title .. " · " .. page.status_text .. "*",
  }
  if #page.blocks > 0 then parts[#parts + 1] = M.blocks_to_markdown(page.blocks) end
  local links = {}
  local before, after = book.pages[index - 1], book.pages[index + 1]
  if before then links[#links + 1] = ("[← %s](%s)"):format(before.title, before.file) end
  links[#links + 1] = "[" .. book.words.contents .. "](index.html)"
  if after then links[#links + 1] = ("[%s →](%s)"):format(after.title, after.file) end
  parts[#parts + 1] = "---\n\n" .. table.concat(links, " · ")
  return table.concat(parts, "\n\n") .. "\n"
end

return M
