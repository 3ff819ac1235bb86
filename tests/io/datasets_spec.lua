-- Whole files that people work with, cell by cell as pandas reads them.
local hana = require "hana"
local expected = require "tests.io.reference.datasets"
local temporary = require "tests.io.temporary"

local null = hana.null
local edge = "../shared/data/csv_edge_cases/data.table/"

local function bytes_of(value)
  local kind = math.type(value) or type(value)
  if value == null or value == "" then return "0" end
  if kind == "string" then return "s" .. value .. "\0" end
  if kind == "boolean" then return value and "b1" or "b0" end
  return "n" .. string.pack("<d", value)
end

-- FNV-1a of 64 bits over the cells, as the reference has it.
local function hash_of(column, kind)
  local h = 0xCBF29CE484222325
  for _, value in ipairs(column:totable()) do
    -- ISO 8601 is read as what it is; pandas leaves it as text, as the files write it.
    if kind == "datetime" and value ~= null then
      value = value:gsub("T", " "):gsub("Z$", "")
    end
    for _, byte in ipairs{ bytes_of(value):byte(1, -1) } do h = (h ~ byte) * 0x100000001B3 end
  end
  return ("%016x"):format(h)
end

local function check(path, reference)
  local options = reference.options
  options.quiet = true
  local df = hana.read_csv(path, options)
  assert.equal(reference.rows, #df)
  assert.equal(#reference, df:ncol())
  local types, nulls = df:types(), {}
  for _, column in ipairs(df:read_report().columns) do
    nulls[column.name] = 0
    for _, n in pairs(column.nulls) do nulls[column.name] = nulls[column.name] + n end
  end
  for j, column in ipairs(reference) do
    local name, kind, n, hash = table.unpack(column)
    local found = types[name]
    local read_as = (found == "date" or found == "datetime") and "string" or found
    assert.same({ name, kind, n }, { df:names()[j], read_as, nulls[name] })
    assert.equal(hash, hash_of(df:col(name), found), name)
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
