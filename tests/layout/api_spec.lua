local hana = require "hana"
local core = require "hana.core"

-- The surface that users see: every name here is reachable and has help, and nothing is public that
-- does not stand here. Estimators and steps are not listed: the registry is their list.

local function words(text)
  local list = {}
  for word in text:gmatch "%S+" do list[#list + 1] = word end
  return list
end

local surface = {
  hana = words [[
    read_csv read_json read_text read_sql glob load frame column cols concat bind_columns null
    json version threads seed cache register help show
    estimators steps cross_validate learning_curve metrics
    decide dist measured value_of_data plot project
  ]],
  json = words "encode decode array",
  dist = words "constant uniform log_uniform normal log_normal triangular pert beta gamma",
  metrics = words [[
    accuracy balanced_accuracy precision recall f1 matthews cohen_kappa roc_auc pr_auc log_loss
    brier ece confusion classification_report rmse mae mape r2 median_ae pinball poisson_deviance
    adjusted_rand silhouette cost
  ]],
  frame = words [[
    nrow ncol names types row rows col has read_report format equal hash bytes
    select drop rename clean_names head tail slice take without filter mutate mutate_each sort
    distinct count sample group_by summarize summarise join pivot_longer pivot_wider drop_null
    fill_null cast split describe profile compare plot write_csv write_json write_sql save
  ]],
  column = words [[
    type name values totable unique describe cast levels ordered nulls equal bytes
    count sum mean median sd var min max quantile first last n_unique mode corr any all
  ]],
  model = words [[
    fit predict predict_proba transform score summary params parts with clone size warnings rules
    save info describe with_threshold student plot export_c
  ]],
  groups = words "summarize summarise count mutate fill_null filter apply",
  result = words "table plot json",
  project = words [[
    define alternatives collect split prepare explore features train validate select deploy monitor
    note table plot check skip stop get
  ]],
  expression = words [[
    abs sqrt exp log log10 log1p floor ceil round least greatest pow sign
    is_null is_nan coalesce if_else case_when between is_in clip cut
    int float string category bool
    lower upper trim normalize len sub replace contains starts_with ends_with matches extract
    split_part
    date datetime format year month day hour minute weekday date_trunc days_between
    lag lead fill_forward fill_backward diff cumsum cummax rank row_number rolling_mean
    count sum mean median sd var min max quantile first last n_unique mode corr any all
  ]],
}

-- Names that the surface reserves: they mean this and nothing else once they are there.
local reserved = words [[
  read_xlsx sheets scan_csv sql_frame from_arrow tune threshold compare_models choose
  validation_curve permutation_importance partial_dependence shap calibration intervals
  decision_curve leakage_check fairness stats hide_labels remedy_report active label_rule auto_label
  label_errors value_of_columns drift estimate_performance monitor expect store
]]
local reserved_methods = {
  frame = words "write_xlsx to_arrow collect", model = words "export_sql report", column = {},
}

local function set(list)
  local out = {}
  for _, name in ipairs(list) do out[name] = true end
  return out
end

local function part_names()
  local names = {}
  for _, part in ipairs(core.parts()) do names[#names + 1] = part.name end
  return names
end

describe("the surface", function()
  it("has each name", function()
    for _, name in ipairs(surface.hana) do assert.is_not_nil(hana[name], name) end
    for _, of in ipairs{ "json", "dist" } do
      for _, name in ipairs(surface[of]) do assert.is_function(hana[of][name], name) end
    end
    for _, name in ipairs(surface.metrics) do assert.is_function(hana.metrics[name], name) end
    for _, kind in ipairs{ "frame", "column", "model" } do
      for _, name in ipairs(surface[kind]) do
        assert.is_function(core[kind .. "_methods"][name], kind .. ":" .. name)
      end
    end
    local groups = hana.frame{ { "a", { 1 } } }:group_by "a"
    for _, name in ipairs(surface.groups) do assert.is_function(groups[name], name) end
    local comparison = hana.frame{}:compare(hana.frame{})
    for _, name in ipairs(surface.result) do assert.is_function(comparison[name], name) end
  end)

  it("has no other name", function()
    local known = set(surface.hana)
    for _, list in ipairs{ reserved, part_names() } do
      for _, name in ipairs(list) do known[name] = true end
    end
    for _, name in ipairs(getmetatable(hana).names()) do assert.is_true(known[name], name) end
    for kind, more in pairs(reserved_methods) do
      local methods = set(surface[kind])
      for _, name in ipairs(more) do methods[name] = true end
      for name in pairs(core[kind .. "_methods"]) do
        assert.is_true(methods[name], kind .. ":" .. name)
      end
    end
  end)

  it("means one thing by each name", function()
    local functions = set(surface.hana)
    for _, name in ipairs(reserved) do
      assert.is_nil(functions[name], name)
      functions[name] = true
    end
    for _, name in ipairs(part_names()) do assert.is_nil(functions[name], name) end
  end)

  it("has exactly the functions of expressions that stand here", function()
    local known = set(surface.expression)
    for _, f in ipairs(core.expression_functions()) do
      assert.is_true(known[f.name], f.name)
      known[f.name] = nil
    end
    assert.is_nil((next(known)))
  end)

  it("raises with the nearest name for what is not there", function()
    local df = hana.frame{ { "나이", { 1 } } }
    local function fails(f, message)
      local ok, got = pcall(f)
      assert.is_false(ok)
      assert.matches(message, got, 1, true)
      assert.matches("api_spec.lua:", got, 1, true)
    end
    fails(function() return hana.raed_csv end,
      "unknown name 'raed_csv' in hana; did you mean 'read_csv'?")
    fails(function() return hana.ridg end, "did you mean 'ridge'?")
    fails(function() return hana.cros_validate end, "did you mean 'cross_validate'?")
    fails(function() return hana.metrics.acuracy end, "did you mean 'accuracy'?")
    local p = hana.project{ title = "t", out = os.tmpname() .. ".d" }
    fails(function() p:defin{} end, "unknown name 'defin' of a project; did you mean 'define'?")
    os.execute("rm -rf " .. p.out)
    fails(function() return hana.dist.nrmal end, "did you mean 'normal'?")
    fails(function() return df:profil() end, "did you mean 'profile'?")
    fails(function() return df["나이이"] end, "did you mean '나이'?")
    fails(function() return df:group_by("나이"):sumarize{} end, "did you mean 'summarize'?")
    fails(function() return hana.ridge{}:plto() end, "did you mean 'plot'?")
    fails(function() return df:compare(df).verdit end, "did you mean 'verdict'?")
    fails(function() return df["나이"]:maen() end, "did you mean 'mean'?")
  end)

  it("raises for unknown options wherever there are options", function()
    local df = hana.frame{ { "g", { "a", "b" } }, { "x", { 1, 2 } } }
    local calls = {
      read_csv = function(o) return hana.read_csv("none.csv", o) end,
      cols = function(o) return hana.cols(o) end,
      concat = function(o) return hana.concat({ df }, o) end,
      sample = function(o) return df:sample(o) end,
      split = function(o) return df:split(o) end,
      join = function(o) return df:join(df, o) end,
      pivot_longer = function(o) return df:pivot_longer(o) end,
      pivot_wider = function(o) return df:pivot_wider(o) end,
      mutate_each = function(o) return df:mutate_each("x", ".x", o) end,
      write_csv = function(o) return df:write_csv("none.csv", o) end,
      ridge = function(o) return hana.ridge(o) end,
      impute = function(o) return hana.impute(o) end,
      score = function(o) return hana.ridge{}:fit(df, "x"):score(df:head(0), o) end,
      cross_validate = function(o) return hana.cross_validate(hana.ridge{}, df, o) end,
      f1 = function(o) return hana.metrics.f1(df.g, df.g, o) end,
      show = function(o) return hana.show(1, o) end,
    }
    for name, call in pairs(calls) do
      local ok, message = pcall(call, { zzz = 1 })
      assert.is_false(ok, name)
      assert.matches("zzz", message, 1, true)
    end
  end)
end)

describe("the help", function()
  it("knows each name of the surface, and says how it is called", function()
    local function has(name, called)
      assert.matches(called, hana.help(name), 1, true)
    end
    for _, name in ipairs(surface.hana) do has(name, "hana." .. name) end
    for _, name in ipairs(reserved) do
      if set(getmetatable(hana).names())[name] then has(name, "hana." .. name) end
    end
    for _, kind in ipairs{ "frame", "column", "model" } do
      for _, name in ipairs(surface[kind]) do
        if name ~= "summarise" then has(name, kind .. ":" .. name .. "(") end
      end
    end
    for _, name in ipairs(surface.groups) do
      if name ~= "summarise" then has(name, "groups:" .. name .. "(") end
    end
    for _, name in ipairs(surface.result) do has(name, "result:" .. name .. "(") end
    for _, name in ipairs(surface.dist) do has(name, "dist." .. name .. "(") end
    for _, name in ipairs(surface.json) do has(name, "hana.json." .. name .. "(") end
    for _, name in ipairs(surface.metrics) do has(name, "metrics." .. name .. "(") end
    for _, name in ipairs(surface.project) do has(name, "project:" .. name .. "(") end
  end)

  it("says what each argument of a public function is", function()
    local kinds = set(words "hana. dist. metrics. frame: column: model: groups: result:")
    local seen = 0
    for _, entries in pairs(require("hana.help").documented()) do
      for _, entry in ipairs(entries) do
        local owner, arguments = entry.called:match "^(%w+[.:])[%w_.]+%((.*)%)$"
        if kinds[owner] then
          for argument in arguments:gmatch "[%w_.]+" do
            seen = seen + 1
            local line = "\n  " .. argument
            local described = entry.text:find(line .. ": ", 1, true)
              or entry.text:find(line .. "?: ", 1, true)
            assert.is_truthy(described, entry.called .. ": " .. argument)
          end
        end
      end
    end
    assert.is_true(seen > 80)
  end)
end)
