-- Stage 7: quality, and what it costs in time and people. Then the sealed rows, once.
local p = hana.project{ out = "report" }

local best = p:select{
  by = "mae", limits = { predict_us = 1000 },
  hours = { line = 4, tree = 4, table = 1 }, prices = { hour = 60, compute_hour = 0.4 },
}
local _, sealed = p:get("split")
p:validate{ model = best, test = sealed }
