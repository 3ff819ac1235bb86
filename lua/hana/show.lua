-- hana.show: what a script shows, with a caption.

local core = require "hana.core"

local M = {}

---Prints a value (a frame, a model, a result, a plot) with a caption.
---@param value any
---@param options { caption: string? }?
function M.show(value, options)
  for key in pairs(options or {}) do
    if key ~= "caption" then
      core.unknown("unknown option", tostring(key), " for show", { "caption" })
    end
  end
  if options and options.caption then io.write(options.caption, "\n") end
  io.write(tostring(value), "\n")
end

return M
