-- Stage 9: the next season against the ones that were learned from.
local p = hana.project{ out = "report" }

local season = hana.read_csv("data/penguins.csv", { quiet = true })
  :filter("year == 2009 and not is_null(body_mass_g)")
p:monitor{ model = p:get("select"), reference = p:get("prepare"), current = season,
  retrain_when = { psi = 0.2, loss_over = 500 } }
