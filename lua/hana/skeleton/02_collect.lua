-- Stage 2: why data, which, how; then what came.
local p = hana.project{ out = "report" }

p:collect{
  why = "To learn how mass goes with what a photograph shows.",
  what = { species = "required", flipper_length_mm = "required", bill_length_mm = "required",
    bill_depth_mm = "required", body_mass_g = "required", sex = "nice", island = "nice" },
  how = "Three field seasons, each bird measured once.",
  expected = 300,
}
p:collect(hana.read_csv("data/penguins.csv", { quiet = true }),
  { source = "palmerpenguins 0.1.1 (CC0)", collected_on = "2009-12-31" })
