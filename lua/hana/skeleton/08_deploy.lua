-- Stage 8: the model as a file with its card.
local p = hana.project{ out = "report" }

p:deploy{ model = p:get("select"), to = "mass.hana", card = true }
