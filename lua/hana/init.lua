local core = require "hana.core"

local M = {}

M.version = core.version

return M
