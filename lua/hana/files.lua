--- Frames and models in files.
local core = require "hana.core"
local result = require "hana.result"

local M = {}

local stderr_is_terminal = core.is_terminal

local function nulls_of(column)
  local n, texts = 0, {}
  for text, count in pairs(column.nulls or {}) do
    n = n + count
    texts[#texts + 1] = text == "" and "empty" or text
  end
  table.sort(texts)
  return n, table.concat(texts, ", ")
end

local function columns_table(report)
  local names, kinds, whys, nulls, texts, failed, hints = {}, {}, {}, {}, {}, {}, {}
  for i, column in ipairs(report.columns) do
    names[i], kinds[i], whys[i] = column.name, column.type, column.why or core.null
    nulls[i], texts[i] = nulls_of(column)
    failed[i], hints[i] = column.failed or 0, column.hint or core.null
  end
  return core.frame{
    { "column", names }, { "type", kinds, "string" }, { "why", whys, "string" }, { "nulls", nulls },
    { "null_texts", texts }, { "failed", failed }, { "hint", hints, "string" },
  }
end

local function report_text(report)
  local lines = { report.sentence }
  for _, note in ipairs(report.notes) do lines[#lines + 1] = "  " .. note end
  for _, column in ipairs(report.columns) do
    local n, texts = nulls_of(column)
    local parts = {}
    if n > 0 then parts[1] = ("%d null (%s)"):format(n, texts) end
    if (column.failed or 0) > 0 then
      parts[#parts + 1] = ("%d could not be read and became null"):format(column.failed)
    end
    if column.type == "string" and (column.why or ""):find(": '", 1, true)
      and not column.why:find "^text: " then
      parts[#parts + 1] = column.why
    end
    if column.hint then parts[#parts + 1] = column.hint end
    local detail = #parts > 0 and ", " .. table.concat(parts, ", ") or ""
    if column.members then detail = (" of %d columns%s"):format(column.members, detail) end
    lines[#lines + 1] = ("  %s: %s%s"):format(column.name, column.type, detail)
  end
  return table.concat(lines, "\n")
end

-- The report of a read as a result; `lost` says whether anything was changed or left out.
local function make_report(raw, df)
  raw.columns = raw.columns or {}
  raw.notes = core.json_array(raw.notes or {})
  raw.skipped = raw.skipped or 0
  local failed = 0
  for _, column in ipairs(raw.columns) do
    failed = failed + (column.failed or 0)
    if rawget(core.frame_methods, column.name) then
      raw.notes[#raw.notes + 1] = ("df.%s is a method: the column is df:col(\"%s\")"):format(
        column.name, column.name)
    end
  end
  raw.failed = failed
  raw.lost = failed > 0 or raw.skipped > 0 or (raw.broken or 0) > 0 or (raw.changed or 0) > 0
  raw.verdict = raw.lost and "changed" or "clean"
  raw.sentence = ("%s: %d rows, %d columns"):format(raw.path or "text", #df, df:ncol())
  if raw.format or raw.encoding then
    raw.sentence = raw.sentence .. ", " .. (raw.format or raw.encoding)
  end
  if raw.delimiter then
    raw.sentence = ("%s, delimiter %q"):format(raw.sentence, raw.delimiter)
  end
  if raw.skipped > 0 then
    raw.sentence = raw.sentence .. (", %d rows skipped"):format(raw.skipped)
  end
  return result.new("read report", raw, {
    table = columns_table, text = report_text, plot = result.bars("column", "nulls"),
    optional = {
      "path", "rows", "encoding", "delimiter", "format", "changed", "skipped_lines",
      "changed_lines",
    },
  })
end

local function tell(report, quiet)
  if quiet then return end
  if report.lost or stderr_is_terminal() then io.stderr:write(tostring(report), "\n") end
end

--- Gives a frame the report of the reader that made it, and tells it where that is wanted.
---@param df hana.Frame
---@param raw table
---@param quiet boolean?
---@return hana.Frame
function M.reported(df, raw, quiet)
  local report = make_report(raw, df)
  core.set_report(df, report)
  tell(report, quiet)
  return df
end

--- What `read(options)` gives, where `columns` may select by what they are: the columns are then
--- found in a reading of all of them, or of their names alone where `cheap` says how.
---@param name string the reader, for messages
---@param options table?
---@param read function
---@param cheap table? options with which only names are read
---@return hana.Frame, table
function M.chosen(name, options, read, cheap)
  local columns = type(options) == "table" and options.columns or nil
  if columns == nil or not core.is_selection(columns) then return read(options) end
  local by_type = false
  for _, part in ipairs(#columns > 0 and columns or { columns }) do
    by_type = by_type or type(part) == "table" and part.type ~= nil and part.type ~= "any"
  end
  local first, second = {}, {}
  for key, value in pairs(options) do first[key], second[key] = value, value end
  first.columns, first.blocks, first.source, first.quiet = nil, nil, nil, true
  if not by_type then
    for key, value in pairs(cheap or {}) do first[key] = value end
  end
  second.columns = core.column_names(read(first), columns)
  if #second.columns == 0 then
    core.raise(name .. ": option 'columns' selects none of the columns")
  end
  return read(second)
end

local function read_one(path, text, options)
  local df, raw = M.chosen("read_csv", options, function(o)
    return core.read_csv(path, text, o)
  end, { limit = 0 })
  local report = make_report(raw, df)
  core.set_report(df, report)
  tell(report, options and options.quiet)
  return df
end

local stacks_as = {
  int = "number", float = "number", string = "text", category = "text",
}

-- Columns that are of one type here and of another there cannot be stacked; the files are named.
local function check_types(frames, paths)
  local at = {}
  for i, df in ipairs(frames) do
    for _, name in ipairs(df:names()) do
      local column = df:col(name)
      local kind = column:type()
      if kind ~= "float" or column:count() > 0 then
        local seen = at[name]
        if not seen then
          at[name] = { kind = kind, path = paths[i] }
        elseif (stacks_as[seen.kind] or seen.kind) ~= (stacks_as[kind] or kind) then
          core.raise(("read_csv: column '%s' is %s in %s and %s in %s: say types = { [%q] = "
            .. "\"string\" }, or what it is"):format(name, seen.kind, seen.path, kind, paths[i],
            name))
        end
      end
    end
  end
end

-- Which files lack a column that others have.
local function lacking(paths, frames, names)
  local notes = {}
  for _, name in ipairs(names) do
    local without = {}
    for i, df in ipairs(frames) do
      if not df:has(name) then without[#without + 1] = paths[i] end
    end
    if #without > 0 then
      local more = #without == 2 and " and 1 more file"
        or #without > 2 and (" and %d more files"):format(#without - 1)
      notes[#notes + 1] = ("column '%s' is null in %s%s, which %s no such column"):format(name,
        without[1], more or "", more and "have" or "has")
    end
  end
  return notes
end

local function read_many(paths, options)
  if #paths == 0 then core.raise("read_csv: the list of paths is empty") end
  local frames, reports = {}, {}
  local limit = type(options) == "table" and math.type(options.limit) == "integer"
    and options.limit >= 0 and options.limit
  if limit then
    local own = {}
    for key, value in pairs(options) do own[key] = value end
    options = own
  end
  local loop <close> = core.loop "read_csv"
  for i, path in ipairs(paths) do
    if type(path) ~= "string" then
      core.raise(("read_csv: path %d is a %s"):format(i, type(path)))
    end
    frames[i] = read_one(path, nil, options)
    reports[i] = frames[i]:read_report()
    if limit then options.limit = options.limit - #frames[i] end
    core.loop_share(loop, i / #paths)
  end
  if #frames == 1 then return frames[1] end
  check_types(frames, paths)
  local df = core.concat(frames, { fill = true })
  local notes, skipped, changed = lacking(paths, frames, df:names()), 0, 0
  for i, report in ipairs(reports) do
    notes[#notes + 1] = report.sentence
    for _, note in ipairs(report.notes) do
      if not note:find "^df%." then notes[#notes + 1] = paths[i] .. ": " .. note end
    end
    skipped, changed = skipped + report.skipped, changed + (report.changed or 0)
  end
  local columns, at = {}, {}
  for _, report in ipairs(reports) do
    for _, column in ipairs(report.columns) do
      local seen = at[column.name]
      if not seen then
        seen = {
          name = column.name, type = df:col(column.name):type(), why = column.why, nulls = {},
          failed = 0, hint = column.hint, members = column.members,
        }
        at[column.name] = seen
        columns[#columns + 1] = seen
      end
      seen.failed = seen.failed + (column.failed or 0)
      for text, n in pairs(column.nulls or {}) do seen.nulls[text] = (seen.nulls[text] or 0) + n end
    end
  end
  core.set_report(df, make_report({
    path = ("%d files"):format(#paths), rows = #df, encoding = reports[1].encoding,
    delimiter = reports[1].delimiter, columns = columns, notes = notes, skipped = skipped,
    changed = changed,
  }, df))
  return df
end

--- Reads delimited text: a path, a list of paths (one after the other), or `{ text = "..." }`.
--- Files may be packed by gzip or zstd, as for every reader.
--- `df:read_report()` says what was guessed, and what became null.
---@param source string|string[]|{ text: string }
---@param options table? delimiter decimal thousands quote comment header skip limit encoding null
---  null_add types columns timezone blocks on_error source quiet
---@return hana.Frame
function M.read_csv(source, options)
  if type(source) == "string" then return read_one(source, nil, options) end
  if type(source) ~= "table" then
    core.raise("read_csv: a path, a list of paths or { text = } expected, got a " .. type(source))
  end
  if source.text == nil then
    if next(source) ~= nil and #source == 0 then
      core.raise("read_csv: a path, a list of paths or { text = } expected")
    end
    return read_many(source, options)
  end
  if type(source.text) ~= "string" then
    core.raise("read_csv: text must be a string, got a " .. type(source.text))
  end
  local merged = {}
  for key, value in pairs(options or {}) do merged[key] = value end
  for key, value in pairs(source) do
    if key ~= "text" then merged[key] = value end
  end
  return read_one(nil, source.text, merged)
end

-- A frame and its report by one of the core's readers; options also beside the text of
-- `{ text = ... }`.
local function read_by(reader, source, options)
  if options ~= nil and type(options) ~= "table" then
    core.raise(reader .. ": a table of options expected, got a " .. type(options))
  end
  local path, text, merged = source, nil, {}
  for key, value in pairs(options or {}) do merged[key] = value end
  if type(source) == "table" then
    path, text = nil, source.text
    for key, value in pairs(source) do
      if key ~= "text" then merged[key] = value end
    end
  end
  if type(path or text) ~= "string" then
    core.raise(reader .. ": a path or { text = } expected, got a " .. type(source))
  end
  local df, raw = M.chosen(reader, merged, function(o) return core[reader](path, text, o) end)
  local report = make_report(raw, df)
  core.set_report(df, report)
  tell(report, merged.quiet)
  return df
end

--- Reads JSON Lines (an object a line) or one array of objects: a path or `{ text = "..." }`. Each
--- key that occurs is a column; where an object lacks it, the cell is null. Lists and objects
--- inside become JSON text.
---@param source string|{ text: string }
---@param options table? limit encoding null null_add types columns timezone on_error quiet
---@return hana.Frame
function M.read_json(source, options) return read_by("read_json", source, options) end

--- Reads the lines of a text file: a path or `{ text = "..." }`. With a `pattern` (PCRE2) each line
--- that matches is a row and each group a column, called by `names` or the group's own name.
---@param source string|{ text: string }
---@param options table? pattern names encoding skip limit decimal thousands null null_add types
---  columns timezone on_error quiet
---@return hana.Frame
function M.read_text(source, options) return read_by("read_text", source, options) end

--- Reads a sheet of an Excel workbook, .xlsx or .xls: a path, or its bytes as `{ text = }`. The
--- table begins in the first row that is not empty, unless `range` ("A3:F200") or `skip` say
--- otherwise.
---@param source string|{ text: string }
---@param options table? sheet (number or name) range skip header header_rows limit null null_add
---  types columns timezone on_error quiet
---@return hana.Frame
function M.read_xlsx(source, options) return read_by("read_xlsx", source, options) end

--- The names of the sheets of an Excel workbook.
---@param path string
---@return string[]
function M.sheets(path)
  if type(path) ~= "string" then core.raise("sheets: a path expected, got a " .. type(path)) end
  return core.sheets(path)
end

--- What `df:save` or `model:save` wrote.
---@param path string
---@return hana.Frame|hana.Model
function M.load(path)
  if type(path) ~= "string" then core.raise("load: a path expected, got a " .. type(path)) end
  local kind = core.file_kind(path)
  if kind == "frame" then return core.load_frame(path) end
  if kind == "model" then return core.load_model(path) end
  core.raise(("%s: holds a %s, neither a frame nor a model"):format(path, kind))
end

return M
