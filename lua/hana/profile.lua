--- What a careful look at a frame finds before anyone trusts it: `df:profile()`.
local core = require "hana.core"
local result = require "hana.result"

local M = {}

local function quoted(name) return "`" .. name:gsub("`", "``") .. "`" end

local function percent(share)
  if share > 0 and share < 0.001 then return "under 0.1%" end
  if share < 1 and share > 0.999 then return "over 99.9%" end
  return ("%.3g%%"):format(share * 100)
end

local function plural(n, word) return n == 1 and "1 " .. word or ("%d %ss"):format(n, word) end

-- Aggregates of one column: a table by name.
local function measure(df, name, wanted)
  local column = quoted(name)
  local list = {}
  for i, pair in ipairs(wanted) do list[i] = { pair[1], (pair[2]:gsub("%.x%f[^%w_]", function()
    return column
  end)) } end
  return df:select{ name }:summarize(list):row(1)
end

local patterns = {
  number = "[=[^\\s*[-+]?[0-9][0-9 .,]*([eE][-+]?[0-9]+)?\\s*%?\\s*$]=]",
  date = "[=[^\\s*[0-9]{4}\\s*[-./년]\\s*[0-9]{1,2}\\s*[-./월]\\s*[0-9]{1,2}]=]",
}

-- Each check sees a column's row of df:describe() and says what it finds through add(finding,
-- sentence, rows).
local checks = {}

function checks.any(_, d, rows, add)
  if rows == 0 then return end
  if d.n == 0 then
    add("empty", "has no values", rows)
  elseif d.nulls > rows / 2 then
    add("mostly_null", ("is null in %s of the rows"):format(percent(d.nulls / rows)), d.nulls)
  end
  if d.distinct == 1 and d.n > 1 then
    add("constant", d.nulls == 0 and "has one value everywhere" or "has one value, or none", d.n)
  end
end

function checks.text(df, d, _, add)
  if d.n == 0 then return end
  if d.n >= 20 and d.distinct == d.n then
    add("identifier", "is different in every row: an identifier?", d.n)
  end
  local m = measure(df, d.name, {
    { "padded", "sum(trim(.x) ~= .x)" },
    { "folded", "n_unique(lower(trim(.x)))" },
    { "unusual", "sum(normalize(.x) ~= .x)" },
    { "empty", "sum(.x == '')" },
    { "numbers", "sum(matches(.x, " .. patterns.number .. "))" },
    { "dates", "sum(matches(.x, " .. patterns.date .. "))" },
  })
  if m.padded > 0 then
    add("padded", ("has blanks before or after the text in %s"):format(plural(m.padded, "row")),
      m.padded)
  end
  if m.folded < d.distinct then
    add("variants", ("has %s that differ only in case or blanks from others")
      :format(plural(d.distinct - m.folded, "value")), d.distinct - m.folded)
  end
  if m.unusual > 0 then
    add("not_normal", ("is not in normal form (NFC, half-width) in %s: normalize(x)"):format(
      plural(m.unusual, "row")), m.unusual)
  end
  if m.empty > 0 and d.nulls > 0 then
    add("empty_text", ("holds empty texts (%s) beside nulls (%d)"):format(
      plural(m.empty, "row"), d.nulls), m.empty)
  end
  if m.dates > 0.9 * d.n then
    add("dates_as_text", ("looks like dates in %s of its values, but is text"):format(
      percent(m.dates / d.n)), m.dates)
  elseif m.numbers > 0.9 * d.n then
    add("numbers_as_text", ("looks like numbers in %s of its values, but is text"):format(
      percent(m.numbers / d.n)), m.numbers)
  end
end

local sentinels = { -1, -9, -99, -999, -9999, 99, 999, 9999, 99999 }

-- A value at the end of the range, far from the rest and there more than once, means "unknown".
local function sentinel(df, d)
  local spread = d.q75 - d.q25
  for _, code in ipairs(sentinels) do
    if code == d.min or code == d.max then
      local m = measure(df, d.name, {
        { "times", ("sum(.x == %d)"):format(code) },
        { "low", ("min(if_else(.x == %d, nil, .x))"):format(code) },
        { "high", ("max(if_else(.x == %d, nil, .x))"):format(code) },
      })
      local gap = m.low and (code == d.min and m.low - code or code - m.high)
      if m.times > 1 and gap and gap > 0 and gap > 3 * spread then return code, m.times end
    end
  end
end

function checks.number(df, d, _, add)
  if d.n == 0 then return end
  if d.type == "float" then
    local m = measure(df, d.name, {
      { "nan", "sum(is_nan(.x))" }, { "infinite", "sum(.x == 1/0 or .x == -1/0)" },
    })
    if m.nan > 0 then add("nan", ("is NaN in %s"):format(plural(m.nan, "row")), m.nan) end
    if m.infinite > 0 then
      add("infinite", ("is infinite in %s"):format(plural(m.infinite, "row")), m.infinite)
    end
    if m.nan > 0 or m.infinite > 0 then return end
  elseif d.n >= 20 and d.distinct == d.n and d.max - d.min == d.n - 1 then
    add("identifier", "counts the rows: an identifier?", d.n)
    return
  end
  local code, times = sentinel(df, d)
  if code then
    add("sentinel", ("is %d in %s, far from the rest: a code for a missing value?")
      :format(code, plural(times, "row")), times)
    return
  end
  local reach = 3 * (d.q75 - d.q25)
  if reach > 0 then
    local far = measure(df, d.name, {
      { "far", ("sum(.x < %.17g or .x > %.17g)"):format(d.q25 - reach, d.q75 + reach) },
    }).far
    if far > 0 then
      add("far_out", ("has %s more than three quartile ranges outside the quartiles")
        :format(plural(far, "value")), far)
    end
  end
end

local kinds = { float = "number", int = "number", string = "text", category = "text" }

-- Pairs of columns that say the same.
local function repeated(df, described, add)
  local numbers, seen = {}, {}
  for _, d in ipairs(described) do
    local column, twin = df:col(d.name), nil
    for _, other in ipairs(seen) do
      if other.d.type == d.type and other.d.nulls == d.nulls and other.d.distinct == d.distinct
        and other.column:equal(column) then
        twin = other.d.name
        break
      end
    end
    if twin and d.n > 0 and (d.distinct or 2) > 1 then
      add(d.name, "duplicate", ("equals column '%s'"):format(twin), d.n)
    else
      seen[#seen + 1] = { d = d, column = column }
      if kinds[d.type] == "number" and d.sd and d.sd > 0 then numbers[#numbers + 1] = d.name end
    end
  end
  -- 60 columns are 1,770 pairs.
  if #numbers > 60 then return end
  for j = 2, #numbers do
    for i = 1, j - 1 do
      local r = df:select{ numbers[i], numbers[j] }:summarize{
        { "r", ("corr(%s, %s)"):format(quoted(numbers[i]), quoted(numbers[j])) },
      }.r[1]
      if r and math.abs(r) > 0.995 then
        add(numbers[j], "follows", ("follows column '%s' (correlation %.4f)"):format(numbers[i], r),
          #df)
        break
      end
    end
  end
end

local function duplicate_rows(df)
  local names = {}
  for _, name in ipairs(df:names()) do
    if df:types()[name] ~= "block" then names[#names + 1] = name end
  end
  if #names == 0 then return 0 end
  return #df - #df:distinct(names)
end

--- Looks at every column for what goes wrong in real data: no or few values, one value,
--- identifiers, text that is numbers or dates, blanks and spellings that differ in nothing else,
--- codes for missing values, NaN, values far out, columns and rows that repeat others.
---@param df hana.Frame
---@return hana.Result findings (a list of column, finding, rows, sentence), duplicates; `:table()`
--- is df:describe() with a column of findings
function M.profile(df)
  local rows, described, findings = #df, {}, {}
  local table_of = df:describe()
  for i, d in table_of:rows() do described[i] = d end
  local function add(name, finding, sentence, n)
    findings[#findings + 1] = { column = name, finding = finding, rows = n, sentence = sentence }
  end
  for _, d in ipairs(described) do
    local function found(finding, sentence, n) add(d.name, finding, sentence, n) end
    checks.any(df, d, rows, found)
    local kind = kinds[d.type]
    if kind then checks[kind](df, d, rows, found) end
  end
  if rows > 1 then repeated(df, described, add) end
  local duplicates = duplicate_rows(df)
  local by_column, n_columns = {}, 0
  for _, f in ipairs(findings) do
    if not by_column[f.column] then n_columns = n_columns + 1 end
    by_column[f.column] = (by_column[f.column] and by_column[f.column] .. "; " or "") .. f.sentence
  end
  local sentence = ("%s, %s; %s"):format(plural(rows, "row"), plural(df:ncol(), "column"),
    #findings == 0 and "nothing to look at" or
    ("%s in %s"):format(plural(#findings, "finding"), plural(n_columns, "column")))
  if duplicates > 0 then
    sentence = sentence .. ("; %s others"):format(
      duplicates == 1 and "1 row repeats" or duplicates .. " rows repeat")
  end
  return result.new("profile", {
    verdict = #findings + duplicates == 0 and "clean" or "look", sentence = sentence,
    findings = findings, duplicates = duplicates, rows = rows, columns = df:ncol(),
  }, {
    plot = result.bars("name", "nulls"),
    table = function()
      local words = {}
      for i, d in ipairs(described) do words[i] = by_column[d.name] or core.null end
      if #words == 0 then return table_of end
      return table_of:mutate{ { "findings", core.column(words, "findings"):cast "string" } }
    end,
    text = function(self)
      local lines = { self.sentence, table_of:format(100) }
      for _, f in ipairs(findings) do lines[#lines + 1] = ("%s %s"):format(f.column, f.sentence) end
      return table.concat(lines, "\n")
    end,
  })
end

return M
