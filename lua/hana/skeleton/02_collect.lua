-- Stage 2: why data, which, how; then what came. The plan and an Excel form are in report/.
local p = hana.project{ out = "report" }

p:collect{
  why = "To learn how mass goes with what a photograph shows.",
  what = {
    species = { type = "category", choices = { "Adelie", "Chinstrap", "Gentoo" } },
    flipper_length_mm = { type = "int", unit = "mm", min = 150, max = 250 },
    bill_length_mm = { type = "float", unit = "mm", min = 25, max = 70 },
    bill_depth_mm = { type = "float", unit = "mm", min = 10, max = 30 },
    body_mass_g = { type = "int", unit = "g", min = 2000, max = 8000, why = "what is estimated" },
    sex = "nice",
    island = "nice",
  },
  how = "Three field seasons, each bird measured once.",
  expected = 300,
  template = "birds.xlsx",
}
p:collect(hana.read_csv("data/penguins.csv", { quiet = true }),
  { source = "palmerpenguins 0.1.1", licence = "CC0", collected_on = "2009-12-31" })
