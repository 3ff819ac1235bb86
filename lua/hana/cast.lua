--- Columns as other types: `df:cast{ age = "int" }`.
local core = require "hana.core"
local pairs_in_order = require "hana.pairs"
local result = require "hana.result"

local M = {}

local function plural(n, word) return n == 1 and "1 " .. word or ("%d %ss"):format(n, word) end

-- The cells that a cast made null: column, row, value (as text).
local function failed_cells(name, before, after)
  local both = core.frame{ { "before", before }, { "after", after } }
  both = both:mutate{ row = "row_number()", value = "string(before)" }
    :filter("is_null(after) and not is_null(before)")
  return both:mutate{ column = core.constant(name, #both) }
    :select{ "column", "row", "value" }
end

local function examples(cells)
  local shown = {}
  for _, row in cells:head(3):rows() do
    shown[#shown + 1] = ("row %d: '%s'"):format(row.row, row.value)
  end
  if #cells > 3 then shown[#shown + 1] = "..." end
  return table.concat(shown, ", ")
end

local function columns_table(report)
  local names, types, failed = {}, {}, {}
  for i, column in ipairs(report.columns) do
    names[i], types[i], failed[i] = column.name, column.type, column.failed
  end
  return core.frame{
    { "column", names, "string" }, { "type", types, "string" }, { "failed", failed, "int" },
  }
end

local function report_text(report)
  return table.concat({ report.sentence, table.unpack(report.notes) }, "\n  ")
end

-- What the safe cast did, as what a reader did is told: in `df:read_report()` and a warning.
local function reported(df, columns, lost)
  local notes, failed = core.json_array{}, 0
  for _, column in ipairs(columns) do failed = failed + column.failed end
  for i, part in ipairs(lost) do
    notes[i] = ("column '%s': %s cannot become %s and %s null: %s"):format(part.name,
      plural(part.failed, "cell"), part.type, part.failed == 1 and "is" or "are",
      examples(part.cells))
    warn("cast: " .. notes[i])
  end
  local cells
  if #lost > 0 then
    local parts = {}
    for i, part in ipairs(lost) do parts[i] = part.cells end
    cells = core.concat(parts)
  else
    cells = core.frame{
      { "column", {}, "string" }, { "row", {}, "int" }, { "value", {}, "string" },
    }
  end
  core.set_report(df, result.new("cast report", {
    verdict = failed > 0 and "changed" or "clean", columns = columns, failed = failed,
    cells = cells, notes = notes,
    sentence = failed == 0 and "cast: no cell was lost"
      or ("cast: %s became null"):format(plural(failed, "cell")),
  }, { table = columns_table, text = report_text, plot = result.bars("column", "failed") }))
  return df
end

local function lenient(options)
  if options == nil then return false end
  if type(options) ~= "table" then
    core.raise("cast: a table of options expected, got a " .. type(options))
  end
  for key in pairs(options) do
    if key ~= "on_error" then
      core.unknown("unknown option", tostring(key), " for cast", { "on_error" })
    end
  end
  local how = options.on_error
  if how ~= nil and how ~= "raise" and how ~= "null" then
    core.unknown("cast: option 'on_error' must be raise or null, got", tostring(how), "",
      { "raise", "null" })
  end
  return how == "null"
end

--- The same values as other types: `{ age = "int", joined = { "date", "%Y-%m-%d" } }`;
--- `{ size = { "category", { "S", "M", "L" } } }` is a category in that order. A cell that cannot
--- become the type is an error that counts and shows them; with `on_error = "null"` such cells are
--- null, a warning says how many, and the result's `read_report().cells` is a frame of all of them
--- (column, row, value).
---@param df hana.Frame
---@param what table
---@param options { on_error: string? }? "raise" (the default) or "null"
---@return hana.Frame
function M.cast(df, what, options)
  local names, types = pairs_in_order(what, "cast", function(selection)
    return core.column_names(df, selection)
  end)
  local safe = lenient(options)
  local columns, lost, new, place, order = {}, {}, {}, {}, {}
  for i, name in ipairs(names) do
    local kind, more = types[i], nil
    if type(kind) == "table" then kind, more = kind[1], kind[2] end
    if type(kind) ~= "string" then
      core.raise(("cast: column '%s': a type expected, got a %s"):format(name, type(kind)))
    end
    local before = place[name] and new[place[name]] or df:col(name)
    local after, failed = core.cast_column(before, kind, more, name, safe)
    if failed > 0 then
      lost[#lost + 1] = {
        name = name, type = kind, failed = failed, cells = failed_cells(name, before, after),
      }
    end
    columns[i] = { name = name, type = after:type(), failed = failed }
    if not place[name] then order[#order + 1], place[name] = name, #order + 1 end
    new[place[name]] = after
  end
  local out = core.set_all(df, order, new)
  return safe and reported(out, columns, lost) or out
end

return M
