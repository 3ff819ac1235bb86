-- Stage 4: look before you model; features that follow from the look.
local p = hana.project{ out = "report" }

p:explore(p:get("prepare"), { target = "body_mass_g" })
p:features{ { "bill_area", "bill_length_mm * bill_depth_mm" } }
