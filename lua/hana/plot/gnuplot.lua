-- Runs gnuplot: the script goes to its standard input, the picture comes back on its standard
-- output. Nothing of the user's data reaches a shell or a command line.

local core = require "hana.core"

local M = {}

local seconds_allowed = 60

---A text as a gnuplot string. Single quotes: no escapes, no command substitution.
---@param text any
function M.quote(text) return "'" .. tostring(text):gsub("[%c]", " "):gsub("'", "''") .. "'" end

---A number as gnuplot reads it, whatever the locale.
---@param x number?
function M.number(x)
  if type(x) ~= "number" or x ~= x or x == math.huge or x == -math.huge then return "NaN" end
  return (string.format("%.10g", x):gsub(",", "."))
end

---What gnuplot prints for a script. Raises a sentence when it is missing, fails or takes too long.
---@param script string
---@return string
function M.run(script)
  local code, out, complaint = core.process({ "gnuplot", "-" }, {
    input = script,
    seconds = seconds_allowed,
    missing = "gnuplot is not installed (Debian: apt install gnuplot-nox); plots need it",
  })
  if code ~= 0 or #out == 0 then
    local line = complaint:match("line %d+: ([^\n]+)") or complaint:match("[^\n]+") or "no output"
    error("gnuplot failed: " .. line, 0)
  end
  return out
end

return M
