-- Stage 1: what is the problem, and would a form field, a look-up or a rule do?
local p = hana.project{ title = "Body mass of penguins", out = "report", seed = 1 }

p:define{
  problem = "Weighing a penguin stresses it. Its bill and flippers can be measured from a " ..
    "photograph.",
  decision = "Whether a penguin is caught and weighed, or its mass is estimated.",
  metric = "mae",
  unit = "g",
  goal = 350,
  cost_of_error = 2,
}

-- Guesses at first; stage 6 measures.
p:alternatives{
  question = "How do we know a penguin's mass?",
  cases_per_year = 2000, years = 2, hourly = 60, cost_of_error = 2,
  alternatives = {
    { kind = "ask", name = "catch and weigh", setup = 500, per_case = 6, error = 0.01 },
    { kind = "model", name = "estimate from a photograph", setup = 2000, hours = 40, per_case = 0.2,
      error = hana.dist.beta(3, 7) },
  },
}
