-- The nine stages: their order, files, and what each needs before it.

local M = {}

---@class hana.Stage
---@field key string
---@field number integer
---@field file string name of its page
---@field calls string[] verbs of the project that belong to it
M.list = {
  { key = "define", file = "01-problem.md", calls = { "define", "alternatives" } },
  { key = "collect", file = "02-collection.md", calls = { "collect" } },
  { key = "prepare", file = "03-preprocessing.md", calls = { "split", "prepare" } },
  { key = "explore", file = "04-exploration.md", calls = { "explore", "features" } },
  { key = "train", file = "05-training.md", calls = { "train" } },
  { key = "validate", file = "06-validation.md", calls = { "validate" } },
  { key = "select", file = "07-selection.md", calls = { "select" } },
  { key = "deploy", file = "08-deployment.md", calls = { "deploy" } },
  { key = "monitor", file = "09-monitoring.md", calls = { "monitor" } },
}

---What must be done (or skipped) before a verb may run.
M.needs = {
  split = {},
  prepare = {},
  explore = {},
  features = {},
  train = { "define", "explore" },
  validate = { "train" },
  select = { "validate" },
  deploy = { "validate" },
  monitor = { "deploy" },
}

---How a missing stage is made up for, in one line of script.
M.remedy = {
  define = "p:define{ problem = ..., decision = ..., metric = ... }",
  collect = "p:collect{ why = ..., what = ... }",
  prepare = "p:prepare(train, function(d) return d end)",
  explore = "p:explore(clean, { target = ... })",
  train = "p:train(clean, { target = ..., models = { ... } })",
  validate = "p:validate{ folds = 5 }",
  select = "p:select{ by = ... }",
  deploy = "p:deploy{ model = ..., to = ... }",
  monitor = "p:monitor{ ... }",
}

M.by_key, M.by_call = {}, {}
for number, stage in ipairs(M.list) do
  stage.number = number
  M.by_key[stage.key] = stage
  for _, call in ipairs(stage.calls) do
    M.by_call[call] = stage
  end
end

---The stage of a key, a verb or a number; nil when there is none.
---@param name string|integer
---@return hana.Stage?
function M.find(name)
  if math.type(name) == "integer" then return M.list[name] end
  return M.by_key[name] or M.by_call[name]
end

function M.keys()
  local keys = {}
  for i, stage in ipairs(M.list) do
    keys[i] = stage.key
  end
  return keys
end

return M
