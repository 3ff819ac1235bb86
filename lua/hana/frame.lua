--- Frames: the verbs that need no speed of their own, on top of hana.core's.
local core = require "hana.core"
local group = require "hana.group"
local join_keys = require "hana.join_keys"
local pairs_in_order = require "hana.pairs"
local result = require "hana.result"

local M = {}

---@class hana.Frame

local methods = core.frame_methods

-- Methods that other modules bring: loaded on first use. One line a name; the module has a function
-- of that name that takes the frame first.
local modules = {
  cast = "hana.cast",
  pivot_wider = "hana.pivot",
  profile = "hana.profile",
}

for name, module in pairs(modules) do
  methods[name] = function(...)
    methods[name] = require(module)[name]
    return methods[name](...)
  end
end

--- Whether a value is a frame.
---@param value any
---@return boolean
function M.is(value)
  return type(value) == "userdata" and (getmetatable(value) or {}).__name == "hana.frame"
end

local function is_column(value)
  return type(value) == "userdata" and (getmetatable(value) or {}).__name == "hana.column"
end

--- A frame from columns, `{ {name, values}, ... }` or `{ name = values }` (sorted by name), or from
--- rows, `{ { name = value }, ... }`.
---@param columns table
---@return hana.Frame
function M.new(columns)
  if type(columns) ~= "table" then
    core.raise("frame: columns { {name, values}, ... } or { name = values } expected, got a "
      .. type(columns))
  end
  if type(columns[1]) == "table" and columns[1][1] == nil and next(columns[1]) ~= nil then
    return M.from_rows(columns)
  end
  return core.frame(columns)
end

--- A frame from a list of rows; names in sorted order unless given.
---@param rows table[]
---@param names string[]?
---@return hana.Frame
function M.from_rows(rows, names)
  if not names then
    local seen = {}
    names = {}
    for i, row in ipairs(rows) do
      if type(row) ~= "table" then core.raise(("frame: row %d is a %s"):format(i, type(row))) end
      for name in pairs(row) do
        if type(name) ~= "string" then
          core.raise(("frame: row %d has the key %s: names expected"):format(i, tostring(name)))
        end
        if not seen[name] then
          seen[name] = true
          names[#names + 1] = name
        end
      end
    end
    table.sort(names)
  end
  local columns = {}
  for j, name in ipairs(names) do
    local values = {}
    for i, row in ipairs(rows) do
      local value = row[name]
      if value == nil then value = core.null end
      values[i] = value
    end
    columns[j] = { name, values }
  end
  return core.frame(columns)
end

local Selector = { __name = "hana.cols" }
function Selector:__tostring()
  local parts = {}
  for _, key in ipairs{ "type", "matches" } do
    if self[key] then parts[#parts + 1] = ("%s = %q"):format(key, self[key]) end
  end
  if self.except then
    local except = type(self.except) == "table" and table.concat(self.except, ", ") or self.except
    parts[#parts + 1] = "except = " .. except
  end
  return "cols{ " .. table.concat(parts, ", ") .. " }"
end

--- Columns by what they are; stands wherever columns do.
---@param what { type: string?, matches: string?, except: string[]? }
function M.cols(what)
  if type(what) ~= "table" then
    core.raise("cols: a table { type =, matches =, except = } expected, got a " .. type(what))
  end
  local selector = {}
  for key, value in pairs(what) do
    if key ~= "type" and key ~= "matches" and key ~= "except" then
      core.unknown("unknown option", tostring(key), " for cols", { "type", "matches", "except" })
    end
    selector[key] = value
  end
  if not selector.type and not selector.matches then selector.type = "any" end
  if type(selector.except) == "string" then selector.except = { selector.except } end
  return setmetatable(selector, Selector)
end

--- The rows of several frames, one after the other; columns are matched by name.
---@param frames hana.Frame[]
---@param options { fill: boolean? }? fill: columns that a frame lacks become null
---@return hana.Frame
function M.concat(frames, options) return core.concat(frames, options) end

--- The columns of several frames with as many rows, side by side.
---@param frames hana.Frame[]
---@return hana.Frame
function M.bind_columns(frames) return core.bind_columns(frames) end

--- The same columns under new names: `{ new = "old" }` or `{ {"new", "old"}, ... }`.
---@param names table
---@return hana.Frame
function methods:rename(names)
  local to, from = pairs_in_order(names, "rename")
  return core.rename(self, from, to)
end

local function by_rows(df, name, f)
  local values = {}
  for i, row in df:rows() do
    local value = f(row)
    if value == nil then value = core.null end
    values[i] = value
  end
  return core.column(values, name)
end

-- The column that a value of mutate means on a frame.
local function to_column(df, name, value, params)
  local kind = type(value)
  if kind == "string" then return core.eval(df, value, params) end
  if is_column(value) then return value end
  if kind == "table" then return core.column(value, name) end
  if kind == "function" then return by_rows(df, name, value) end
  if kind == "number" or kind == "boolean" or value == core.null then
    return core.constant(value, #df)
  end
  core.raise(("mutate: '%s' must be an expression, a column, a list or a function(row), got a %s")
    :format(name, kind))
end

--- Adds or replaces columns: `{ {"bmi", "weight / (height / 100)^2"}, ... }`. A value is an
--- expression, a column, a list or a function(row). The list form sees earlier new columns, a keyed
--- table evaluates all on the original frame.
---@param what table
---@param params table? values of $names in the expressions
---@return hana.Frame
function methods:mutate(what, params)
  local names, values, in_order = pairs_in_order(what, "mutate")
  core.check_params("mutate", values, params)
  local plain = true
  for _, value in ipairs(values) do plain = plain and type(value) == "string" end
  if plain then return core.mutate(self, names, values, params, in_order) end
  local out = self
  for i, name in ipairs(names) do
    out = core.set(out, name, to_column(in_order and out or self, name, values[i], params))
  end
  return out
end

-- A column's name as expressions read it.
local function quoted(name) return "`" .. name:gsub("`", "``") .. "`" end

-- Replaces `.x` outside of texts by a column.
local function substitute(text, name)
  local column = quoted(name)
  local out, i = {}, 1
  while i <= #text do
    local c = text:sub(i, i)
    if c == "'" or c == '"' or c == "`" then
      local j = i + 1
      while j <= #text and text:sub(j, j) ~= c do
        if text:sub(j, j) == "\\" then j = j + 1 end
        j = j + 1
      end
      out[#out + 1] = text:sub(i, j)
      i = j + 1
    elseif text:find("^%.x%f[^%w_\128-\255]", i) and not text:sub(i - 1, i - 1):find("[%w_%.]") then
      out[#out + 1] = column
      i = i + 2
    else
      out[#out + 1] = c
      i = i + 1
    end
  end
  return table.concat(out)
end

--- What mutate_each means: the names and an expression for each, `.x` replaced by the column.
---@param df hana.Frame
---@param columns string|string[]|table
---@param expression string
---@param options { suffix: string?, params: table? }?
---@return string[] names, string[] expressions
function M.each(df, columns, expression, options)
  options = options or {}
  for key in pairs(options) do
    if key ~= "suffix" and key ~= "params" then
      core.unknown("unknown option", tostring(key), " for mutate_each", { "suffix", "params" })
    end
  end
  core.check_params("mutate_each", expression, options.params)
  local names, expressions = {}, {}
  for i, name in ipairs(core.column_names(df, columns)) do
    names[i] = name .. (options.suffix or "")
    expressions[i] = substitute(expression, name)
  end
  return names, expressions
end

--- One expression for several columns, which it calls `.x`.
---@param columns string|string[]|table names or a selector
---@param expression string "log1p(.x)"
---@param options { suffix: string?, params: table? }? without a suffix the columns are replaced
---@return hana.Frame
function methods:mutate_each(columns, expression, options)
  local names, expressions = M.each(self, columns, expression, options)
  return core.mutate(self, names, expressions, options and options.params, false)
end

-- Columns come as one name, one list or one selector; more arguments would be lost.
local function one_list(verb, ...)
  if select("#", ...) > 0 then
    core.raise(("%s: several columns go into one table: %s{ \"a\", \"b\" }"):format(verb, verb))
  end
end

--- Groups by the values of columns; verbs on it work group by group, in key order.
---@param columns string|string[]|table
---@param ... nil several columns go into one table
---@return hana.Groups
function methods:group_by(columns, ...)
  one_list("group_by", ...)
  return group.new(self, core.column_names(self, columns))
end

--- One row of aggregates: `{ {"n", "count()"}, ... }`.
---@param what table
---@param params table?
---@return hana.Frame
function methods:summarize(what, params)
  local names, values = pairs_in_order(what, "summarize")
  core.check_params("summarize", values, params)
  return core.summarize(self, {}, names, values, params)
end
methods.summarise = methods.summarize

--- The frame itself, so that what was computed from a scan and what was not end alike.
---@return hana.Frame
function methods:collect() return self end

--- How many rows there are of each combination of values: a column `n`.
---@param columns string|string[]|table
---@param ... nil several columns go into one table
---@return hana.Frame
function methods:count(columns, ...)
  one_list("count", ...)
  local keys = columns and core.column_names(self, columns) or {}
  local name = "n"
  for _, key in ipairs(keys) do
    if key == "n" then name = "n_rows" end
  end
  return core.summarize(self, keys, { name }, { "count()" })
end

-- Both frames with the columns that stand in both, keys aside, under new names.
local function told_apart(df, other, left, right, suffixes)
  local is_key, goes = {}, {}
  for _, name in ipairs(left) do is_key[name] = true end
  for _, name in ipairs(right) do goes[name] = true end
  local from, to, other_from, other_to = {}, {}, {}, {}
  for _, name in ipairs(other:names()) do
    if not goes[name] and df:has(name) then
      other_from[#other_from + 1], other_to[#other_to + 1] = name, name .. suffixes[2]
      if not is_key[name] then from[#from + 1], to[#to + 1] = name, name .. suffixes[1] end
    end
  end
  return core.rename(df, from, to), core.rename(other, other_from, other_to)
end

-- The suffix of the right frame, or a pair of both.
local function read_suffix(suffix)
  if suffix == nil then return "_right" end
  if type(suffix) == "string" then return suffix end
  if type(suffix) == "table" and #suffix == 2 and type(suffix[1]) == "string"
    and type(suffix[2]) == "string" then
    if suffix[1] == suffix[2] then
      core.raise(("join: option 'suffix' gives both frames %q: they must differ"):format(suffix[1]))
    end
    return suffix[2], suffix
  end
  core.raise("join: option 'suffix' must be a string (for the right frame) or two, for the left "
    .. "and the right, got " .. (type(suffix) == "table" and "another table"
      or "a " .. type(suffix)))
end

local joins = { "inner", "left", "right", "full", "semi", "anti" }
local is_join = {}
for _, name in ipairs(joins) do is_join[name] = true end

--- Joins by equal keys. `by`: names, or { left = "right" }, or both in one table; default: the
--- names both have. A null key meets nothing, not even null. Keys that stand more than once
--- multiply rows: a warning says so where both sides repeat one, or a left or right join gives more
--- rows than it is to keep. Other columns that both have get `suffix`: a string for those of the
--- right frame ("_right"), or `{ "_left", "_right" }` for those of each.
---@param other hana.Frame
---@param options { by: table?, how: string?, suffix: string|string[]? }? how: inner left right
---  full semi anti
---@return hana.Frame
function methods:join(other, options)
  options = options or {}
  if not M.is(other) then
    core.raise("join: a frame expected, got a " .. type(other))
  end
  for key in pairs(options) do
    if key ~= "by" and key ~= "how" and key ~= "suffix" then
      core.unknown("unknown option", tostring(key), " for join", { "by", "how", "suffix" })
    end
  end
  local left, right = join_keys(self, other, options.by)
  for _, name in ipairs(left) do self:col(name) end
  for _, name in ipairs(right) do
    if not other:has(name) then
      core.unknown("join: no column", tostring(name), " in the right frame", other:names())
    end
  end
  local how = options.how or "inner"
  if not is_join[how] then
    core.unknown("join: option 'how' must be inner, left, right, full, semi or anti, got",
      tostring(how), "", joins)
  end
  local suffix, both = read_suffix(options.suffix)
  local df = self
  if both and how ~= "semi" and how ~= "anti" then
    df, other = told_apart(self, other, left, right, both)
  end
  return core.join(df, other, left, right, how, suffix)
end

local statistics = { "mean", "median", "mode", "min", "max", "forward", "backward" }
local is_statistic = {}
for _, name in ipairs(statistics) do is_statistic[name] = true end

-- The expression that { stat = "mode" } or { stat = "forward", limit = 3 } means.
local function stat_expression(name, value)
  for key in pairs(value) do
    if key ~= "stat" and key ~= "limit" then
      core.unknown(("fill_null: column '%s': unknown option"):format(name), tostring(key), "",
        { "stat", "limit" })
    end
  end
  local stat, limit, column = value.stat, value.limit, quoted(name)
  if not is_statistic[stat] then
    core.unknown(("fill_null: column '%s': stat must be mean, median, mode, min, max, forward or "
      .. "backward, got"):format(name), tostring(stat), "", statistics)
  end
  local along = stat == "forward" or stat == "backward"
  if limit ~= nil then
    local whole = math.type(limit) and math.tointeger(limit)
    if not along then
      core.raise(("fill_null: column '%s': limit goes with forward and backward"):format(name))
    elseif not whole or whole < 1 then
      core.raise(("fill_null: column '%s': limit must be a whole number >= 1, got %s"):format(name,
        tostring(limit)))
    end
    return ("fill_%s(%s, %d)"):format(stat, column, whole)
  end
  return along and ("fill_%s(%s)"):format(stat, column)
    or ("coalesce(%s, %s(%s))"):format(column, stat, column)
end

local takes_no_text = { int = true, float = true, bool = true }

--- A plot of the frame: `hana.plot` with the frame as its data.
---@param options table
---@return hana.Plot
function methods:plot(options)
  local spec = { data = self }
  for key, value in pairs(options or {}) do spec[key] = value end
  return require("hana.plot")(spec)
end

-- Texts as a category that keeps the levels of `column`; a filler that is none of them becomes
-- the last.
local function with_levels(column, texts, name, filler)
  local levels = column:levels():totable()
  if column:ordered() then
    for _, level in ipairs(levels) do
      if level == filler then return texts:cast("category", levels) end
    end
    core.raise(("fill_null: column '%s': '%s' is no level of the ordered category"):format(name,
      filler))
  end
  -- Rows below one another unite their levels, those of the first first.
  local known = M.new{ { name, column } }:head(0)
  return core.concat{ known, M.new{ { name, texts:cast "category" } } }:col(name)
end

--- What fill_null gives; `run` evaluates: (names, expressions, params) -> frame.
---@param df hana.Frame
---@param what table
---@param run function
---@return hana.Frame
function M.filled(df, what, run)
  local names, values = pairs_in_order(what, "fill_null", function(columns)
    return core.column_names(df, columns)
  end)
  local expressions, params = {}, {}
  for i, name in ipairs(names) do
    local value, kind = values[i], df:col(name):type()
    if type(value) == "table" then
      expressions[i] = stat_expression(name, value)
    elseif type(value) == "string" and takes_no_text[kind] then
      core.raise(("fill_null: column '%s' is %s, got the text '%s'; an expression fills by "
        .. "df:mutate{ [%q] = \"coalesce(%s, ...)\" }"):format(name, kind, value, name,
        quoted(name)))
    else
      params["v" .. i] = value
      expressions[i] = ("coalesce(%s, $v%d)"):format(quoted(name), i)
    end
  end
  local out = run(names, expressions, params)
  for i, name in ipairs(names) do
    local column = df:col(name)
    if column:type() == "category" and type(values[i]) == "string" then
      out = core.set(out, name, with_levels(column, out:col(name), name, values[i]))
    end
  end
  return out
end

--- Replaces nulls: `{ age = 0, city = { stat = "mode" }, price = { stat = "forward" } }`; stat:
--- mean median mode min max, or forward and backward: the last value before, the next after, for
--- `limit` nulls in a row at most. An expression fills by `mutate` with `coalesce`.
---@param what table
---@return hana.Frame
function methods:fill_null(what)
  return M.filled(self, what, function(names, expressions, params)
    return core.mutate(self, names, expressions, params, false)
  end)
end

local function clean(name)
  name = name:gsub("(%l)(%u)", "%1_%2"):lower()
  name = name:gsub("%%", " percent "):gsub("[^%w_\128-\255]+", "_"):gsub("__+", "_")
  name = name:gsub("^_+", ""):gsub("_+$", "")
  if name == "" then name = "column" end
  if name:find("^%d") then name = "x" .. name end
  return name
end

--- Names in snake_case, without blanks and signs, each once.
---@return hana.Frame
function methods:clean_names()
  local names, seen, from = {}, {}, self:names()
  for i, name in ipairs(from) do
    local base = clean(name)
    local new, n = base, 1
    while seen[new] do
      n = n + 1
      new = base .. "_" .. n
    end
    seen[new] = true
    names[i] = new
  end
  return core.rename(self, from, names)
end

local function compare_columns(a, b)
  if a:type() ~= b:type() then return "retyped" end
  if #a == #b and a:equal(b) then return "equal", 0 end
  local differing, first = 0, nil
  for i = 1, math.min(#a, #b) do
    local x, y = a[i], b[i]
    if x ~= y and not (x ~= x and y ~= y) then
      differing = differing + 1
      first = first or i
    end
  end
  return differing > 0 and "changed" or "equal", differing, first
end

--- What another frame has that this one has not: columns added, removed, retyped, cells changed
--- (by position, in the rows that both have).
---@param other hana.Frame
---@return hana.Result
function methods:compare(other)
  if not M.is(other) then core.raise("compare: a frame expected, got a " .. type(other)) end
  local rows, different = {}, 0
  local null = core.null
  local function add(name, status, a, b, cells, first)
    if status ~= "equal" then different = different + 1 end
    rows[#rows + 1] = {
      column = name, status = status, type = a and a:type() or null,
      other_type = b and b:type() or null, cells = cells or null, first_row = first or null,
    }
  end
  for _, name in ipairs(self:names()) do
    local a = self:col(name)
    if not other:has(name) then
      add(name, "removed", a)
    else
      local b = other:col(name)
      local status, cells, first = compare_columns(a, b)
      add(name, status, a, b, cells, first)
    end
  end
  for _, name in ipairs(other:names()) do
    if not self:has(name) then add(name, "added", nil, other:col(name)) end
  end
  local same = different == 0 and #self == #other
  local sentence = same and ("the frames are equal: %d rows, %d columns"):format(#self, self:ncol())
    or ("%d against %d rows; %d of %d columns differ%s"):format(#self, #other, different, #rows,
      #self == #other and "" or (" in the rows that both have"))
  return result.new("comparison", {
    verdict = same and "equal" or "different", sentence = sentence, rows = { #self, #other },
    different = different,
  }, {
    plot = result.bars("column", "cells"),
    table = function()
      return M.from_rows(rows, { "column", "status", "type", "other_type", "cells", "first_row" })
        :cast{ type = "string", other_type = "string", cells = "int", first_row = "int" }
    end,
  })
end

return M
