local hana = require "hana"
local debug = require "hana.core".debug
local temporary = require "tests.io.temporary"

-- Frames are printed in blocks of rows by several threads: what is written depends on neither.

local null = hana.null

local function pick(list) return list[math.random(#list)] end

local pieces = {
  "a", "Z", "~", " ", "/", '"', "\\", "\0", "\1", "\b", "\t", "\n", "\v", "\f", "\r", "\x1f",
  "\x7f", "é", "한", "글", "가나다라마바사", "\u{FFFF}", "😀", "plain text of some length, a comma",
}

-- Texts of every length around a step of eight bytes, plain and not.
local function text()
  local out = {}
  local plain = math.random() < 0.5
  for i = 1, math.random(0, 20) do out[i] = plain and pick{ "a", "Q", " ", "!" } or pick(pieces) end
  return table.concat(out)
end

local makers = {
  int = function()
    return pick{ 0, -1, 9, 10, 99, 100, math.maxinteger, math.mininteger, math.random(-10^6, 10^6),
      10 ^ math.random(0, 18) // 1 | 0, (10 ^ math.random(0, 18) // 1 | 0) - 1 }
  end,
  float = function()
    return pick{ 0.0, -0.0, 1.0, 0.1, -2.5, 5e-324, 1.7976931348623157e308, 1e16, 123456789.123456,
      0.001, 999999999.999999, 1e-4, math.random(), math.random(-1000, 1000) / 100 }
  end,
  bool = function() return math.random() < 0.5 end,
  string = text,
  category = function() return pick{ "", "S", "가", 'a "b"', "\n", "long enough for two steps" } end,
  date = function()
    return ("%04d-%02d-%02d"):format(pick{ 1, 99, 999, 1969, 2024, 9999 }, math.random(12),
      math.random(28))
  end,
  datetime = function()
    return ("%04d-%02d-%02dT%02d:%02d:%02d%s+00:00"):format(pick{ 1900, 1969, 2024, 2105 },
      math.random(12), math.random(28), math.random(0, 23), math.random(0, 59), math.random(0, 59),
      pick{ "", ".000001", ".5", ".999999" })
  end,
}
local types = { "bool", "category", "date", "datetime", "float", "int", "string" }

local names = { "a", "한글", 'a "b"', "back\\slash", "tab\t", ("long "):rep(20), "x", ("y"):rep(28),
  ("y"):rep(29), ("y"):rep(33) }

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n",
  ["\r"] = "\\r", ["\t"] = "\\t" }

local function quoted(s)
  return '"' .. s:gsub('[%c"\\]', function(c)
    if c == "\x7f" then return c end
    return escapes[c] or ("\\u%04x"):format(c:byte())
  end) .. '"'
end

local function cell(value)
  if value == null then return "null" end
  if type(value) == "string" then return quoted(value) end
  if math.type(value) == "float" then return hana.json.encode(value) end
  return tostring(value)
end

-- A column in a time zone of its own, whose offsets have seconds in old times.
local function zoned(values)
  local lines = { "t" }
  for i, value in ipairs(values) do lines[i + 1] = value == null and '""' or value end
  return hana.read_csv({ text = table.concat(lines, "\n") .. "\n" }, {
    types = { t = "datetime" }, null_add = { "" }, timezone = "America/St_Johns", quiet = true,
  }):col("t")
end

-- A frame, and the lines that it is as JSON.
local function random_frame(rows)
  local columns, kinds = {}, {}
  for j = 1, math.random(1, #names) do
    local kind, share, values = pick(types), pick{ 0, 0.1, 1 }, {}
    for i = 1, rows do
      values[i] = math.random() < share and null or makers[kind]()
    end
    columns[j], kinds[names[j]] = { names[j], values }, kind
    if kind == "datetime" and math.random() < 0.5 then columns[j][2] = zoned(values) end
  end
  local df = hana.frame(columns):cast(kinds)
  local cells, lines = {}, {}
  for j, column in ipairs(columns) do cells[j] = df:col(column[1]):totable() end
  for i = 1, rows do
    local members = {}
    for j, column in ipairs(columns) do
      members[j] = quoted(column[1]) .. ":" .. cell(cells[j][i])
    end
    lines[i] = "{" .. table.concat(members, ",") .. "}"
  end
  return df, lines
end

-- Calls f for 1 and more threads, with blocks of one row, some rows and the usual.
local function settings(f)
  for _, threads in ipairs{ 1, 2, 5 } do
    for _, bytes in ipairs{ 1, 3000, 0 } do
      hana.threads(threads)
      debug.print_rows_bytes(bytes)
      f(("%d threads, blocks of %d bytes"):format(threads, bytes))
    end
  end
end

-- What `write` writes, which is always the same.
local function written(write, suffix)
  local first
  settings(function(how)
    local path = temporary.file(nil, suffix)
    write(path)
    local got = temporary.bytes(path)
    first = first or got
    assert.is_true(first == got, how)
  end)
  return first
end

local function settle()
  hana.threads(0)
  debug.print_rows_bytes(0)
  temporary.clear()
end

describe("write_json", function()
  after_each(settle)

  it("writes the same for any number of threads and rows a block", function()
    for seed = 1, 60 do
      math.randomseed(seed)
      local rows = pick{ 0, 1, 2, 7, 50 }
      local df, lines = random_frame(rows)
      local got = written(function(path) df:write_json(path) end, ".jsonl")
      assert.equal(table.concat(lines, "\n") .. (rows > 0 and "\n" or ""), got)
      got = written(function(path) df:write_json(path) end, ".json")
      assert.equal("[\n" .. table.concat(lines, ",\n") .. (rows > 0 and "\n]\n" or "]\n"), got)
    end
  end)

  it("writes texts that are longer than a block", function()
    local long = ("한글 \"text\"\n\0"):rep(60000)
    local df = hana.frame{ { "i", { 1, 2, 3, 4 } }, { "s", { long, "", long, "b" } } }
    local printed = '"' .. ("한글 \\\"text\\\"\\n\\u0000"):rep(60000) .. '"'
    assert.is_true(written(function(path) df:write_json(path) end) ==
      ('{"i":1,"s":%s}\n{"i":2,"s":""}\n{"i":3,"s":%s}\n{"i":4,"s":"b"}\n'):format(printed,
        printed))
  end)

  it("writes the features of a dense block", function()
    local lines, expected = { 'id,p1,"p""2",p한,y' }, {}
    for i = 1, 3000 do
      local a, b = i % 7 / 4, i % 3 == 0 and "" or tostring(-i)
      lines[#lines + 1] = ("%d,%s,%s,0,x"):format(i, a, b)
      expected[i] = ('{"id":%d,"p1":%s,"p\\"2":%s,"p한":0,"y":"x"}\n'):format(i,
        a % 1 == 0 and ("%d"):format(a) or tostring(a), b == "" and "null" or b)
    end
    local df = hana.read_csv({ text = table.concat(lines, "\n") .. "\n" },
      { blocks = { block = "p*" }, quiet = true })
    assert.equal("block", df:types().block)
    assert.equal(table.concat(expected), written(function(path) df:write_json(path) end))
  end)

  it("writes the features of a sparse block, zeros too", function()
    local words, texts, expected = { "free", "lunch", "q", "win", "가" }, {}, {}
    for i = 1, 500 do
      local line, counts = {}, { 0, 0, 0, 0, 0 }
      for k = 1, i % 5 do
        local word = (i * k + k) % 5 + 1
        line[k] = words[word]
        counts[word] = counts[word] + 1
      end
      texts[i] = table.concat(line, " ")
      expected[i] = ('{"free":%d,"lunch":%d,"q":%d,"win":%d,"가":%d,"y":%d}\n'):format(counts[1],
        counts[2], counts[3], counts[4], counts[5], i % 9)
    end
    local y = {}
    for i = 1, #texts do y[i] = i % 9 end
    local df = hana.frame{ { "t", texts }, { "y", y } }
    df = hana.pipeline{ hana.text_tokens{ columns = { "t" }, weighting = "counts" } }
      :fit(df):transform(df)
    assert.equal("block", df:types().t)
    assert.equal(table.concat(expected), written(function(path) df:write_json(path) end))
  end)

  it("names the first row and column that have no JSON form", function()
    local rows, nan, infinite = 2000, {}, {}
    for i = 1, rows do
      nan[i], infinite[i] = i >= 700 and 0 / 0 or 1.5, i >= 699 and -1 / 0 or i / 2
    end
    local df = hana.frame{ { "a", nan }, { "한", infinite } }
    local swapped = df:select{ "한", "a" }
    local path = temporary.file("old", ".jsonl")
    settings(function()
      assert.error_matches(function() df:write_json(path) end,
        "column '한', row 699: an infinite number has no JSON form", 1, true)
      assert.error_matches(function() df:slice(700):write_json(path) end,
        "column 'a', row 1: NaN has no JSON form", 1, true)
      assert.error_matches(function() swapped:slice(700):write_json(path) end,
        "column '한', row 1: an infinite number has no JSON form", 1, true)
      assert.equal("old", temporary.bytes(path))
    end)
  end)

  it("names the feature of a block that has no JSON form", function()
    local df = hana.read_csv({ text = "p1,p2\n1,2\n3,inf\n" },
      { blocks = { block = "p*" }, quiet = true })
    assert.error_matches(function() df:write_json(temporary.file(nil, ".jsonl")) end,
      "column 'p2', row 2: an infinite number has no JSON form", 1, true)
  end)
end)

describe("write_csv", function()
  after_each(settle)

  it("writes the same for any number of threads and rows a block", function()
    for seed = 1, 20 do
      math.randomseed(seed)
      local df = random_frame(pick{ 0, 1, 7, 50 })
      written(function(path) df:write_csv(path) end, ".csv")
      written(function(path) df:write_csv(path, { encoding = "utf-16" }) end, ".csv")
    end
  end)

  it("names the first character that the encoding lacks", function()
    local texts = {}
    for i = 1, 900 do texts[i] = i > 600 and utf8.char(0x1F600 + i - 601) or "가" end
    local df = hana.frame{ { "s", texts } }
    local path = temporary.file("old", ".csv")
    settings(function()
      assert.error_matches(function() df:write_csv(path, { encoding = "cp949" }) end,
        "'😀' (U+1F600) is not in cp949", 1, true)
      assert.equal("old", temporary.bytes(path))
    end)
  end)
end)
