-- Whole files that people work with, cell by cell as pandas reads them.
local hana = require "hana"
local expected = require "tests.io.reference.datasets"
local temporary = require "tests.io.temporary"

local null = hana.null
local edge = "../shared/data/csv_edge_cases/data.table/"

local null_word, false_word, true_word, number_word = 1 << 40, 2 << 40, 3 << 40, 4 << 40
local prime = 0x100000001B3

local function add_text(h, text)
  h = (h ~ #text) * prime
  text = text .. ("\0"):rep(-#text % 8)
  for at = 1, #text, 8 do h = (h ~ string.unpack("<i8", text, at)) * prime end
  return h
end

-- FNV-1a of 64 bits, a word at a time, over the cells, as the reference has it.
local function hash_of(column, kind)
  local h = 0xCBF29CE484222325
  local pack, unpack = string.pack, string.unpack
  for _, value in ipairs(column:totable()) do
    local sort = type(value)
    if sort == "number" then
      h = ((h ~ number_word) * prime ~ unpack("<i8", pack("<d", value))) * prime
    elseif value == null or value == "" then
      h = (h ~ null_word) * prime
    elseif sort == "boolean" then
      h = (h ~ (value and true_word or false_word)) * prime
    else
      -- ISO 8601 is read as what it is; pandas leaves it as text, as the files write it.
      if kind == "datetime" then value = value:gsub("T", " "):gsub("Z$", "") end
      h = add_text(h, value)
    end
  end
  return ("%016x"):format(h)
end

-- The columns as the reference lists them.
local function columns_of(df, nulls)
  local types, out = df:types(), {}
  for j, name in ipairs(df:names()) do
    local found = types[name]
    local read_as = (found == "date" or found == "datetime") and "string" or found
    out[j] = { name, read_as, nulls[name], hash_of(df:col(name), found) }
  end
  return out
end

local function check(path, reference)
  local options = reference.options
  options.quiet = true
  local df = hana.read_csv(path, options)
  assert.equal(reference.rows, #df)
  assert.equal(reference.columns or #reference, df:ncol())
  local nulls = {}
  for _, column in ipairs(df:read_report().columns) do
    nulls[column.name] = 0
    for _, n in pairs(column.nulls) do nulls[column.name] = nulls[column.name] + n end
  end
  local columns = columns_of(df, nulls)
  if reference.all then
    for j, column in ipairs(columns) do columns[j] = table.concat(column, " ") .. "\n" end
    local h = add_text(0xCBF29CE484222325, table.concat(columns))
    assert.equal(reference.all, ("%016x"):format(h))
  else
    for j, column in ipairs(columns) do assert.same(reference[j], column) end
  end
end

describe("a file is read as pandas reads it, cell by cell:", function()
  local paths = {}
  for path in pairs(expected) do paths[#paths + 1] = path end
  table.sort(paths)
  for _, path in ipairs(paths) do
    it(path, function()
      if not temporary.exists(path) then return pending(path .. " is not here") end
      check(path, expected[path])
    end)
  end
end)

describe("the files that are there", function()
  it("are all looked at", function()
    local known = { ["unescaped.csv"] = true }
    for path in pairs(expected) do known[path:match("[^/]*$")] = true end
    for _, pattern in ipairs{ "*/*.csv*", "*/*/*.csv*", "*/*/*.data.gz", "*/*/*.test.gz",
      "*/*/*.tsv", "csv_edge_cases/*/*.txt" } do
      for _, path in ipairs(hana.glob("../shared/data/" .. pattern)) do
        assert.is_true(known[path:match("[^/]*$")], path)
      end
    end
  end)
end)

describe("a file that pandas mends in silence", function()
  it("is refused with its line where quotes are not doubled", function()
    local path = edge .. "unescaped.csv"
    if not temporary.exists(path) then return pending(path .. " is not here") end
    assert.error_matches(function() hana.read_csv(path, { quiet = true }) end,
      "unescaped.csv: line 2: text behind the closing quote of field 2", 1, true)
  end)

  it("is refused with its line where titles stand above the table", function()
    local path = edge .. "SA2-by-DJZ.csv"
    if not temporary.exists(path) then return pending(path .. " is not here") end
    assert.error_matches(function() hana.read_csv(path, { quiet = true }) end,
      "SA2-by-DJZ.csv: line 8: 2 fields, expected 1; option 'skip'", 1, true)
  end)
end)
