--- Delimited files that are larger than memory: verbs over parts of the file.
local core = require "hana.core"
local needs = require "hana.needs"
local pairs_in_order = require "hana.pairs"
local partial = require "hana.partial"

local M = {}

---@class hana.Scan
local Scan = {}
Scan.__name = "hana.scan"

local scans = setmetatable({}, { __mode = "k" }) -- scan = { path, options, steps }

-- Verbs that need all rows at once.
local whole = {}
for _, name in ipairs{ "sort", "tail", "slice", "take", "without", "sample", "pivot_longer",
  "pivot_wider", "split", "describe", "profile", "compare", "row", "rows", "col", "plot", "save",
  "write_csv", "write_json", "write_sql", "write_xlsx", "to_arrow", "types" } do
  whole[name] = true
end

local function refuse(verb, why)
  core.raise(("scan_csv: %s %s; select, filter or summarize to less, then collect()"):format(verb,
    why or "needs all rows at once"))
end

local function unknown(name)
  local known = {}
  for key in pairs(Scan) do
    if key:sub(1, 2) ~= "__" then known[#known + 1] = key end
  end
  core.unknown("unknown verb", tostring(name), " of a scan", known)
end

function Scan.__index(_, name)
  local verb = Scan[name]
  if verb ~= nil then return verb end
  if whole[name] then
    return function() refuse("'" .. name .. "'") end
  end
  unknown(name)
end

function Scan.__len() core.raise("a scan has no length before it is read; scan:nrow() reads it") end

function Scan.__newindex() core.raise("a scan does not change: a verb gives a new one") end

function Scan:__tostring()
  local s = scans[self]
  local words = { "scan of " .. s.path }
  for _, step in ipairs(s.steps) do words[#words + 1] = step.word end
  return table.concat(words, ", ")
end

local function new(path, options, steps)
  local scan = setmetatable({}, Scan)
  scans[scan] = { path = path, options = options, steps = steps }
  return scan
end

-- A frame's verb that sees a row at a time.
local function rowwise(word, check)
  Scan[word] = function(self, ...)
    if check then check(...) end
    local s = scans[self]
    local steps = table.move(s.steps, 1, #s.steps, 1, {})
    steps[#steps + 1] = { word = word, arguments = table.pack(...) }
    return new(s.path, s.options, steps)
  end
end

-- A category made of values has its levels in byte order, which the parts know none of.
local function refuse_levels(what)
  core.raise(("scan_csv: %s needs all values to know the levels; say types = "
    .. "{ name = \"category\" } to scan_csv, give the levels, or collect() first"):format(what))
end

local function check_expression(verb, text, params)
  if type(text) ~= "string" then return end
  for _, call in ipairs(verb ~= "filter" and core.expression_calls(text, params) or {}) do
    if call.name == "category" then refuse_levels "category(x)" end
  end
  if not core.expression_info(text, params).rowwise then
    refuse(("%s \"%s\""):format(verb, text), "looks beyond its own row")
  end
end

for _, word in ipairs{ "select", "drop", "rename", "clean_names", "drop_null" } do
  rowwise(word)
end

rowwise("cast", function(what, options)
  local _, types = pairs_in_order(what, "cast", function() return { "" } end)
  for _, kind in ipairs(types) do
    if type(kind) == "table" and kind[2] == nil then kind = kind[1] end
    if kind == "category" then refuse_levels "cast to category" end
  end
  if type(options) == "table" and options.on_error == "null" then
    core.raise("scan_csv: cast with on_error = \"null\" numbers rows of the whole file; say types "
      .. "and on_error to scan_csv, or collect() first")
  end
end)

rowwise("filter", function(where, params) check_expression("filter", where, params) end)

rowwise("mutate", function(what, params)
  for key, value in pairs(type(what) == "table" and what or {}) do
    if type(key) == "number" and type(value) == "table" then value = value[2] end
    if type(value) == "userdata" or type(value) == "table" then
      refuse("mutate with a column or a list", "has no rows to stand beside")
    end
    check_expression("mutate", value, params)
  end
end)

rowwise("mutate_each", function(_, expression) check_expression("mutate_each", expression) end)

rowwise("fill_null", function(what)
  local _, values = pairs_in_order(what, "fill_null", function() return { "" } end)
  for _, value in ipairs(values) do
    if type(value) == "table" then refuse("fill_null with a statistic") end
  end
end)

-- What is to be seen in a part before a verb takes it.
local guards = {}

function guards.fill_null(part, what)
  local names, values = pairs_in_order(what, "fill_null", function(selection)
    return core.column_names(part, selection)
  end)
  for i, name in ipairs(names) do
    local column = part:has(name) and part:col(name)
    if column and column:type() == "category" and type(values[i]) == "string" then
      refuse(("fill_null of the category '%s'"):format(name),
        "may add a level, whose place all rows decide")
    end
  end
end

rowwise("join", function(_, options)
  local how = type(options) == "table" and options.how or "inner"
  if how == "right" or how == "full" then refuse(("join with how = %q"):format(how)) end
end)

local most_lines = 10

local function new_lost() return { skipped = 0, changed = 0, failed = 0, lines = {} } end

local function count_lost(lost, report)
  lost.skipped = lost.skipped + (report.skipped or 0)
  lost.changed = lost.changed + (report.changed or 0)
  for _, column in ipairs(report.columns or {}) do
    lost.failed = lost.failed + (column.failed or 0)
  end
  for _, line in ipairs(report.skipped_lines or report.changed_lines or {}) do
    if #lost.lines > most_lines then break end
    lost.lines[#lost.lines + 1] = line + report.line_base
  end
end

local function tell_lost(path, lost)
  local parts = {}
  if lost.skipped > 0 then parts[1] = ("%d rows skipped"):format(lost.skipped) end
  if lost.changed > 0 then
    parts[#parts + 1] = ("%d rows or cells changed"):format(lost.changed)
  end
  if lost.failed > 0 then
    parts[#parts + 1] = ("%d cells that could not be read became null"):format(lost.failed)
  end
  if #lost.lines > 0 then
    local rest = #lost.lines > most_lines and ", ..." or ""
    parts[#parts + 1] = (lost.skipped > 0 and "skipped" or "changed") .. " lines: "
      .. table.concat(lost.lines, ", ", 1, math.min(#lost.lines, most_lines)) .. rest
  end
  if #parts > 0 then warn(("%s: %s"):format(path, table.concat(parts, ", "))) end
end

-- The options of the reader, with the columns that the steps and `wanted` look at. Where cells are
-- counted that cannot be read, all are.
local function read_options(s, reader, wanted)
  local options = {}
  for key, value in pairs(s.options) do options[key] = value end
  if (options.on_error or "raise") ~= "raise" then return options end
  options.columns = needs.columns(core.csv_scan_names(reader, options), s.steps, wanted)
    or options.columns
  return options
end

-- Verbs behind which a row of a part is not the row of the file that it was.
local moves_rows = { filter = true, drop_null = true, join = true }

-- `before` rows of the file came in earlier parts: a message that names a row of the part names
-- that of the file, or the part where rows have moved.
local function apply(steps, part, before)
  local moved = false
  for _, step in ipairs(steps) do
    local guard = guards[step.word]
    if guard then guard(part, table.unpack(step.arguments, 1, step.arguments.n)) end
    local good, out = pcall(part[step.word], part,
      table.unpack(step.arguments, 1, step.arguments.n))
    if not good then
      if type(out) == "string" and before > 0 then
        out = out:gsub("%f[%w]row (%d+)%f[^%w]", function(row)
          return moved and ("row %s of the part from row %d on"):format(row, before + 1)
            or ("row %d"):format(row + before)
        end)
      end
      error(out, 0)
    end
    part, moved = out, moved or moves_rows[step.word]
  end
  return part
end

-- Runs the steps over the parts. `start()` makes what `take(state, part)` fills, once more where
-- the file has to be read again because a type turned out to be wider; take gives true to stop.
-- `wanted` names the columns that take looks at; nil: all.
local function run(scan, start, take, wanted)
  local s = scans[scan]
  local reader <close> = core.csv_scan(s.path, s.options.part_bytes)
  local options = read_options(s, reader, wanted)
  local state, lost, before = start(), new_lost(), 0
  local loop <close> = core.loop "scan_csv"
  while true do
    local part, report = core.csv_scan_next(reader, options)
    if part then
      count_lost(lost, report)
      local rows = #part
      if take(state, apply(s.steps, part, before)) then break end
      before = before + rows
      part = nil -- luacheck: ignore 311
      collectgarbage()
      core.loop_share(loop, core.csv_scan_share(reader))
    elseif report then
      state, lost, before = start(), new_lost(), 0
    else
      break
    end
  end
  if not s.options.quiet then tell_lost(s.path, lost) end
  return state
end

local function joined(frames)
  if #frames == 1 then return frames[1] end
  return core.concat(frames)
end

--- All rows as a frame.
---@return hana.Frame
function Scan:collect()
  local parts = run(self, function() return {} end, function(parts, part)
    if #part > 0 or #parts == 0 then parts[#parts + 1] = part end
  end)
  return joined(parts)
end

--- The first rows as a frame; no more of the file is read than they need. Types are what those
--- parts show.
---@param n integer?
---@return hana.Frame
function Scan:head(n)
  n = n or 5
  local state = run(self, function() return { rows = 0 } end, function(state, part)
    part = part:head(n - state.rows)
    if #part > 0 or #state == 0 then state[#state + 1] = part end
    state.rows = state.rows + #part
    return state.rows >= n
  end)
  return joined(state)
end

--- The names of the columns.
---@return string[]
function Scan:names() return self:head(0):names() end

--- The first row of each combination of values, as a frame.
---@param columns string[]?
---@return hana.Frame
function Scan:distinct(columns)
  return run(self, function() return {} end, function(state, part)
    part = part:distinct(columns)
    state[1] = state[1] and core.concat{ state[1], part }:distinct(columns) or part
  end)[1]
end

--- Aggregates over all rows, as a frame of one row.
---@param what table { {"n", "count()"}, ... }
---@param params table?
---@return hana.Frame
function Scan:summarize(what, params) return partial.summarize(self, run, {}, what, params) end
Scan.summarise = Scan.summarize

--- How many rows each combination of values has; without columns how many there are.
---@param columns string|string[]|nil
---@return hana.Frame
function Scan:count(columns)
  if columns == nil then return self:summarize{ { "n", "count()" } } end
  return self:group_by(columns):count()
end

--- The number of rows; the file is read for it.
---@return integer
function Scan:nrow() return self:count().n[1] end

---@class hana.ScanGroups
local Groups = {}
Groups.__name = "hana.scan_groups"
local grouped = setmetatable({}, { __mode = "k" })

function Groups.__index(_, name)
  local verb = Groups[name]
  if verb ~= nil then return verb end
  if name == "mutate" or name == "filter" or name == "apply" then
    return function() refuse(("'%s' by groups"):format(name)) end
  end
  core.unknown("unknown verb", tostring(name), " of a grouped scan", { "summarize", "count" })
end

--- Groups for `summarize` and `count`.
---@param columns string|string[]
---@return hana.ScanGroups
function Scan:group_by(columns)
  local keys = type(columns) == "string" and { columns } or columns
  if core.is_selection(keys) then keys = core.column_names(self:head(0), keys) end
  if type(keys) ~= "table" or #keys == 0 then
    core.raise("group_by: names of columns expected, got a " .. type(columns))
  end
  local groups = setmetatable({}, Groups)
  grouped[groups] = { scan = self, keys = keys }
  return groups
end

function Groups:__tostring()
  local g = grouped[self]
  return ("%s, grouped by %s"):format(tostring(g.scan), table.concat(g.keys, ", "))
end

--- One row a group, in key order, as a frame. Memory grows with the groups, not with the rows.
---@param what table { {"n", "count()"}, ... }
---@param params table?
---@return hana.Frame
function Groups:summarize(what, params)
  local g = grouped[self]
  return partial.summarize(g.scan, run, g.keys, what, params)
end
Groups.summarise = Groups.summarize

--- How many rows each group has.
---@return hana.Frame
function Groups:count()
  local name = "n"
  for _, key in ipairs(grouped[self].keys) do
    if key == "n" then name = "n_rows" end
  end
  return self:summarize{ { name, "count()" } }
end

--- A delimited file to be computed over part by part, whatever its length:
--- `hana.scan_csv("big.csv"):filter("x > 0"):group_by{ "city" }:summarize{ {"n", "count()"} }`.
--- `filter`, `select`, `drop`, `rename`, `mutate`, `cast`, `fill_null`, `drop_null`, `join` wait;
--- `collect`, `head`, `distinct`, `count`, `nrow` and `summarize` read the file. What needs all
--- rows at once is refused. Columns that no verb looks at are not read, as if columns =
--- left them out. Where a type turns out to be wider late in the file, reading begins anew, so that
--- the result is that of read_csv.
---@param path string may be gzip or zstd
---@param options table? as read_csv, but for blocks and source; part_bytes
---@return hana.Scan
function M.scan_csv(path, options)
  if type(path) ~= "string" then
    core.raise("scan_csv: a path expected, got a " .. type(path))
  end
  if options ~= nil and type(options) ~= "table" then
    core.raise("scan_csv: a table of options expected, got a " .. type(options))
  end
  local kept = {}
  for key, value in pairs(options or {}) do kept[key] = value end
  do -- a file that is not there is said at once
    local reader <close> = core.csv_scan(path, kept.part_bytes) -- luacheck: ignore 211
  end
  local columns = kept.columns
  if columns == nil or not core.is_selection(columns) then return new(path, kept, {}) end
  kept.columns = nil
  return new(path, kept, {}):select(columns)
end

return M
