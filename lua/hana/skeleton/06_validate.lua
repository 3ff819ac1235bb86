-- Stage 6: all candidates on the same folds, against the baseline.
local p = hana.project{ out = "report" }

p:validate{ folds = 5, repeats = 3 }
