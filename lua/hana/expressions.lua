--- The help on expressions: their grammar and rules in a page, and their functions from the table
--- of the core.
local core = require "hana.core"

local M = {}

local page = [==[
Expressions: what df:filter, df:mutate and summarize take

  df:filter("age >= 30 and city ~= 'Seoul' and not is_null(size)")
  df:filter("age > $min", { min = 30 })
  df:mutate{ { "bmi", "weight / (height / 100) ^ 2" }, { "tall", "height > mean(height)" } }

Grammar: Lua's own. From the loosest to the tightest:
  or | and | < <= > >= == ~= | .. | + - | * / // % | not # - | ^
  .. and ^ bind to the right; -x ^ 2 is -(x ^ 2).
Names are letters of any script, digits and _; others go into backticks: `unit price`.
Values: 12  0xFF  1.5e3  'text'  "text"  [[text]]  true  false  nil, and $name for a parameter.
{ 'a', 'b' } is a list; it stands only where a function takes one.

Missing values (null): arithmetic and comparison with null give null. false and null is false,
true or null is true. A filter keeps the rows that are true. x == nil is an error: is_null(x) asks.
NaN is a number that is none, not null: is_nan(x) asks.

Numbers: int with int stays int in + - * // %; what does not fit 64 bits, and // and % by the int 0,
are errors. / and ^ are float: 1 / 0 is inf. // and % round towards minus infinity.
Texts count in characters, compare by bytes; categories compare with texts, ordered ones by level.
Dates and datetimes compare with each other and with ISO texts: joined > '2024-01-31'. date - date
is days, datetime - datetime seconds; date + 1 is the next day.
if_else, case_when, coalesce, `and`, `or`: a part that is not needed in a row cannot fail there.

Aggregates leave nulls out and stand beside rows: x - mean(x). Over groups, aggregates, lag, rank
and the like see the rows of their own group.
]==]

--- The page, then a line for each function.
---@return string
function M.help()
  local lines = { page .. "\nFunctions" }
  for _, f in ipairs(core.expression_functions()) do
    lines[#lines + 1] = ("  %s(%s)\n      %s"):format(f.name, f.arguments, f.help)
  end
  return table.concat(lines, "\n")
end

return M
