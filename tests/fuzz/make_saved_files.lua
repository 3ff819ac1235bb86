-- hana tests/fuzz/make_saved_files.lua writes the corpus of saved_file.c anew.
local hana = require "hana"

local folder = "tests/fuzz/saved_file/"
local df = hana.read_csv{ text = [[
x,n,flag,city,day,at,y,label
1.5,1,true,Seoul,2024-01-31,2024-01-31T12:00:00Z,2.5,a
2.5,2,false,,2023-02-28,2023-02-28T00:00:00Z,3.5,b
,3,true,Busan,,,1.0,a
4.0,,false,Seoul,1969-12-31,1969-12-31T23:59:59Z,0.5,b
3.0,5,true,Busan,2024-02-29,2024-02-29T01:02:03Z,1.5,b
0.5,6,false,Seoul,2024-03-01,2024-03-01T00:00:00Z,4.5,a
]] }
df:cast{ city = "category" }:save(folder .. "frame")

local rows = df:drop{ "day", "at" }:cast{ city = "category" }
local prepared = { hana.impute{}, hana.impute{ columns = { "city" }, strategy = "mode" } }
local function fit(name, model, target)
  local steps = { prepared[1], prepared[2], hana.one_hot{}, hana.standardize{}, model }
  local other = target == "y" and "label" or "y"
  hana.pipeline(steps):fit(rows:drop{ other }, target):save(folder .. name)
end
fit("ridge", hana.ridge{}, "y")
fit("logistic", hana.logistic_regression{}, "label")
fit("bayes", hana.naive_bayes{}, "label")
fit("knn", hana.knn{ neighbors = 2 }, "label")
fit("bagging", hana.bagging{ base = hana.decision_tree{ max_depth = 2 }, bags = 2 }, "label")
hana.decision_tree{ max_leaves = 3 }:fit(rows:drop{ "y" }, "label"):save(folder .. "tree")
