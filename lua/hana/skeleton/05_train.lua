-- Stage 5: candidates. What learns from rows (medians, levels) belongs in the pipeline.
local p = hana.project{ out = "report" }

local line = hana.pipeline{
  hana.impute{ strategy = "median" }, hana.impute{ columns = { "sex" }, strategy = "mode" },
  hana.one_hot{}, hana.standardize{}, hana.ridge{ lambda = 1 },
}
p:train(p:get("prepare"), {
  target = "body_mass_g", task = "regression", ignore = { "year" },
  models = {
    { "line", line },
    { "tree", hana.decision_tree{ max_leaves = 12, min_leaf = 5 } },
    { "table", hana.lookup{ keys = { "species", "sex" } } },
  },
})
