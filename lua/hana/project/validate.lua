-- Stage 6: cross-validation against the baseline on the training rows; then, once, the sealed rows.

local core = require "hana.core"
local judge = require "hana.project.judge"
local phrase = require "hana.phrase"
local plot = require "hana.plot"
local report = require "hana.report"
local seal = require "hana.project.seal"
local train = require "hana.project.train"

local M = {}

local null = core.null

local function figure(p, spec, alt, half)
  spec.lang = p.lang
  if half then
    spec.width, spec.height = 480, 340
  end
  return report.drawn(plot(spec), { alt = alt, half = half })
end

local function scores_table(t, results, metrics, folds)
  local rows, marks = {}, {}
  local columns = { { label = t("model") } }
  for _, name in ipairs(metrics) do
    columns[#columns + 1] = { label = name, align = "right" }
  end
  columns[#columns + 1] = { label = t("validate.gain", { metric = metrics[1] }), align = "right" }
  columns[#columns + 1] = { label = t("validate.verdict") }
  local base
  for _, one in ipairs(results) do
    if one.name == "baseline" then base = one end
  end
  local best
  for _, one in ipairs(results) do
    if
      not best
      or judge.better(metrics[1], one.summary[metrics[1]].mean, best.summary[metrics[1]].mean)
    then
      best = one
    end
  end
  for i, one in ipairs(results) do
    local cells = { one.name }
    for _, name in ipairs(metrics) do
      local s = one.summary[name]
      cells[#cells + 1] = {
        text = t(
          "validate.cv_value",
          { mean = phrase.number(s.mean), low = phrase.number(s.low), high = phrase.number(s.high) }
        ),
        sort = s.mean,
      }
    end
    if base and one ~= base then
      local d = judge.paired(one.scores[metrics[1]], base.scores[metrics[1]], metrics[1], folds)
      one.gain = d
      one.verdict = d.low > 0 and "better" or d.high < 0 and "worse" or "cannot_tell"
      cells[#cells + 1] = {
        text = t(
          "validate.gain_value",
          { mean = phrase.number(d.mean), low = phrase.number(d.low), high = phrase.number(d.high) }
        ),
        sort = d.mean,
      }
      cells[#cells + 1] = t("validate." .. one.verdict)
    else
      cells[#cells + 1], cells[#cells + 2] = "–", ""
    end
    rows[i] = cells
    if one == best then marks[i] = "best" end
  end
  return report.table{
    caption = t("validate.table"),
    columns = columns,
    rows = rows,
    marks = marks,
    note = t("validate.note"),
  },
    best,
    base
end

local function errors_of(cv)
  local all = cv:predictions()
  return all:col("truth"):totable(), all:col("prediction"):totable(), all
end

local function regression_figures(p, t, one, unit)
  local truth, predicted = errors_of(one.cv)
  local cloud, off = { truth = {}, prediction = {} }, { miss = {} }
  local step = math.max(1, #truth / 700)
  local k = 1.0
  for i = 1, #truth do
    if type(predicted[i]) == "number" and type(truth[i]) == "number" then
      off.miss[#off.miss + 1] = predicted[i] - truth[i]
      if i >= k then
        cloud.truth[#cloud.truth + 1], cloud.prediction[#cloud.prediction + 1] =
          truth[i], predicted[i]
        k = k + step
      end
    end
  end
  local label = unit ~= "" and " (" .. unit .. ")" or ""
  return {
    figure(p, {
      data = cloud,
      x = "truth",
      y = "prediction",
      x_label = t("validate.truth") .. label,
      y_label = t("validate.prediction") .. label,
      layers = { { geom = "point", size = 0.35 }, { geom = "abline" } },
    }, t("validate.scatter", { model = one.name }), true),
    figure(
      p,
      { data = off, geom = "histogram", x = "miss", x_label = t("validate.miss") .. label },
      t("validate.misses", { model = one.name }),
      true
    ),
  }
end

local function classification_figures(p, t, one, positive)
  local all = one.cv:predictions():filter "`repeat` == 1"
  local out = {
    figure(
      p,
      { data = all, geom = "confusion", x = "truth", y = "prediction" },
      t("validate.confusion", { model = one.name }),
      true
    ),
  }
  local column = "p_" .. tostring(positive)
  if positive ~= nil and all:has(column) then
    out[2] = figure(
      p,
      { data = all, geom = "calibration", x = column, y = "truth", positive = positive },
      t("validate.calibration", { model = one.name }),
      true
    )
  end
  return out
end

-- Precision, recall and F1 of each class, out of fold.
local function class_table(t, one)
  local all = one.cv:predictions():filter "`repeat` == 1"
  local rows = {}
  for i, row in require("hana").metrics.classification_report(all.truth, all.prediction):rows() do
    rows[i] = { tostring(row.class) }
    for _, key in ipairs{ "precision", "recall", "f1" } do
      table.insert(rows[i], { text = phrase.number(row[key]), sort = row[key] })
    end
    table.insert(rows[i], { text = phrase.number(row.support), sort = row.support })
  end
  return report.table{
    caption = t("validate.classes", { model = one.name }),
    rows = rows,
    columns = {
      { label = t("explore.class") },
      { label = "precision", align = "right" },
      { label = "recall", align = "right" },
      { label = "F1", align = "right" },
      { label = t("explore.rows"), align = "right" },
    },
  }
end

local function cross(p, given)
  local t = p.t
  local names = { "folds", "repeats", "stratify", "group", "by_time", "metrics", "seed" }
  p:check_keys(given, names, "validate")
  local trained = train.recall(p, "validate")
  local hana = require "hana"
  local task = core.task(trained.models[1].fitted)
  local metrics = given.metrics or judge.defaults(task, p.state.metric)
  local folds, repeats = given.folds or 5, given.repeats or 1
  local options =
    { folds = folds, repeats = repeats, stratify = given.stratify, seed = given.seed or p.seed }
  for key, value in pairs(trained.roles) do
    options[key] = value
  end
  if given.group then options.group = given.group end
  if given.by_time then options.by_time = given.by_time end
  local results = {}
  for i, one in ipairs(trained.models) do
    local start = core.clock()
    local cv = hana.cross_validate(one.spec, trained.data, options)
    local result = { name = one.name, cv = cv, seconds = core.clock() - start, summary = {} }
    result.scores = judge.by_fold(cv, metrics, trained.roles.positive)
    for _, name in ipairs(metrics) do
      result.summary[name] = judge.interval(result.scores[name], folds)
    end
    results[i] = result
  end
  local unit = p.state.unit or ""
  local scores, best, base = scores_table(t, results, metrics, folds)
  local blocks = {
    report.heading(3, t("validate.heading")),
    report.prose(t("validate.how", {
      folds = phrase.number(folds),
      repeats = phrase.number(repeats),
      rows = phrase.number(#trained.data),
      seed = tostring(options.seed),
    })),
    scores,
  }
  local data = { model = {}, score = {}, low = {}, high = {} }
  for i, one in ipairs(results) do
    local s = one.summary[metrics[1]]
    data.model[i], data.score[i], data.low[i], data.high[i] = one.name, s.mean, s.low, s.high
  end
  blocks[#blocks + 1] = figure(p, {
    data = data,
    geom = "errorbar",
    x = "model",
    y = "score",
    low = "low",
    high = "high",
    horizontal = true,
    x_label = metrics[1] .. (unit ~= "" and " (" .. unit .. ")" or ""),
    height = 120 + 45 * #results,
  }, t("validate.figure", { metric = metrics[1] }))
  local pictures = task == "regression" and regression_figures(p, t, best, unit)
    or classification_figures(p, t, best, trained.roles.positive)
  for _, block in ipairs(pictures) do
    blocks[#blocks + 1] = block
  end
  if task == "classification" then blocks[#blocks + 1] = class_table(t, best) end
  local s = best.summary[metrics[1]]
  local values = {
    model = best.name,
    metric = metrics[1],
    score = phrase.number(s.mean),
    unit = unit ~= "" and " " .. unit or "",
    baseline = base and phrase.number(base.summary[metrics[1]].mean) or "–",
  }
  local tone, key = "good", "validate.beats"
  if best == base then
    tone, key = "bad", "validate.no_better"
  elseif best.verdict == "cannot_tell" then
    tone, key = "warn", "validate.unclear"
  end
  blocks[#blocks + 1] = report.callout(tone, t(key, values))
  if p.state.goal and type(p.state.goal) == "number" and p.state.metric == metrics[1] then
    local met = judge.better(metrics[1], s.mean, p.state.goal) or s.mean == p.state.goal
    blocks[#blocks + 1] = report.callout(
      met and "good" or "warn",
      t(
        met and "validate.goal_met" or "validate.goal_missed",
        { goal = phrase.given(p.state.goal), unit = values.unit, score = values.score }
      )
    )
  end
  p.validated =
    { results = results, metrics = metrics, folds = folds, repeats = repeats, task = task }
  local kept = {}
  for _, one in ipairs(results) do
    kept[one.name] = { seconds = one.seconds, scores = one.scores, summary = one.summary }
  end
  local out = {}
  for _, one in ipairs(results) do
    out[one.name] = one.cv
  end
  p:keep(
    "validate",
    out,
    { scores = kept, metrics = metrics, folds = folds, repeats = repeats, task = task }
  )
  p.results.validate = table.pack(out)
  p:record("validate", "validate.cv", blocks, { sentence = t("validate.sentence", values) })
  return out
end

-- 95% of a level's mean: Wilson's for shares, normal for misses; nothing from fewer than five rows.
local function interval(t, n, mean, squares, share)
  if n < 5 then return t("validate.too_few") end
  local z = 1.959964
  local low, high
  if share then
    local middle = mean + z * z / (2 * n)
    local room = z * math.sqrt(mean * (1 - mean) / n + z * z / (4 * n * n))
    low, high = (middle - room) / (1 + z * z / n), (middle + room) / (1 + z * z / n)
  else
    local room = z * math.sqrt(math.max(0, squares / n - mean * mean) / (n - 1))
    low, high = math.max(0, mean - room), mean + room
  end
  return t("to", { low = phrase.number(low), high = phrase.number(high) })
end

local function by_group_table(t, df, predicted, target, metric, task)
  -- Scores by each category column with few levels: where the model is worse than its average.
  local rows = {}
  local truth = df:col(target):totable()
  for _, name in ipairs(df:names()) do
    local kind = df:types()[name]
    if name ~= target and (kind == "string" or kind == "category" or kind == "bool") then
      local cells, by, order = df:col(name):totable(), {}, {}
      for i, v in ipairs(cells) do
        local level = v == null and "null" or tostring(v)
        if not by[level] then
          by[level], order[#order + 1] = {}, level
        end
        table.insert(by[level], i)
      end
      if #order >= 2 and #order <= 12 then
        table.sort(order)
        for _, level in ipairs(order) do
          local n, sum, squares = 0, 0, 0
          for _, i in ipairs(by[level]) do
            local y, f = truth[i], predicted[i]
            if y ~= null and f ~= null and f ~= nil then
              local v = task == "regression" and math.abs(y - f) or (y == f and 1 or 0)
              n, sum, squares = n + 1, sum + v, squares + v * v
            end
          end
          if n > 0 then
            rows[#rows + 1] = {
              "`" .. name .. "`",
              level,
              { text = phrase.number(n), sort = n },
              { text = phrase.number(sum / n), sort = sum / n },
              interval(t, n, sum / n, squares, task == "classification"),
            }
          end
        end
      end
    end
  end
  if #rows == 0 then return nil end
  return report.table{
    caption = t("validate.groups"),
    rows = rows,
    columns = {
      { label = t("column") },
      { label = t("validate.level") },
      { label = t("explore.rows"), align = "right" },
      { label = metric, align = "right" },
      { label = t("interval95"), align = "right" },
    },
  }
end

-- Running the same script again shows the same figures: that is no further look.
local function count_look(p, metrics, values)
  local parts = {}
  for i, name in ipairs(metrics) do
    parts[i] = ("%s=%.17g"):format(name, values[name])
  end
  local look = table.concat(parts, " ")
  p.state.seen = p.state.seen or {}
  if not p.state.seen[look] then
    p.state.looks = (p.state.looks or 0) + 1
    p.state.seen[look] = p.state.looks
  end
  return p.state.seen[look]
end

-- What cross-validation promised, by model, in this process or an earlier one.
local function expectations(p)
  local out = {}
  if p.validated then
    for _, one in ipairs(p.validated.results) do
      out[one.name] = one
    end
  elseif p.state.results and p.state.results.validate then
    local _, kept = p:get "validate"
    out = kept and kept.scores or {}
  end
  return out
end

local function final(p, given)
  local t = p.t
  p:check_keys(given, { "model", "test", "metrics" }, "validate")
  if not require("hana.model").is(given.model) then
    core.raise("validate: 'model' must be a fitted model")
  end
  if not seal.is(given.test) then
    core.raise("validate: 'test' must be the sealed handle that p:split gave")
  end
  local df = seal.frame(given.test)
  local target = p.state.roles.target
  local task = core.task(given.model)
  local metrics = given.metrics or judge.defaults(task, p.state.metric)
  local known = df:filter("not is_null(`" .. target .. "`)")
  local seen = core.seen_rows(given.model, known)
  if seen > 0 then
    core.raise(
      ("validate: %d of the %d sealed rows were used to fit this model"):format(seen, #known)
    )
  end
  local truth, predicted, proba = known:col(target), given.model:predict(known), nil
  local rows, values = {}, {}
  local expected, name_of = expectations(p), nil
  for _, one in ipairs(p.trained and p.trained.models or {}) do
    if one.fitted == given.model then name_of = one.name end
  end
  name_of = name_of or p.state.selected
  for i, name in ipairs(metrics) do
    local guess = predicted
    if judge.metric(name).takes == "proba" then
      proba = proba or given.model:predict_proba(known)
      guess = proba
    end
    local positive = p.state.roles.positive
    values[name] =
      core.metric(name, truth, guess, positive ~= nil and { positive = positive } or nil)
    local before
    if name_of and expected[name_of] then before = expected[name_of].summary[name] end
    rows[i] = {
      "`" .. name .. "`",
      { text = phrase.number(values[name]), sort = values[name] },
      before and t("validate.cv_value", {
        mean = phrase.number(before.mean),
        low = phrase.number(before.low),
        high = phrase.number(before.high),
      }) or "–",
    }
  end
  local looks = count_look(p, metrics, values)
  local blocks = {
    report.heading(3, t("validate.sealed_heading")),
    report.callout(
      looks == 1 and "good" or "warn",
      t(looks == 1 and "validate.first_look" or "validate.look", { n = phrase.number(looks) })
    ),
    report.table{
      caption = t(
        "validate.sealed_table",
        { rows = phrase.number(#known), model = name_of or "model" }
      ),
      rows = rows,
      columns = {
        { label = t("metric") },
        { label = t("validate.sealed"), align = "right" },
        { label = t("validate.expected") },
      },
    },
  }
  local groups = by_group_table(
    t,
    known,
    predicted:totable(),
    target,
    task == "regression" and "mae" or "accuracy",
    task
  )
  if groups then blocks[#blocks + 1] = groups end
  p.state.final =
    { metrics = values, rows = #known, looks = looks, model = name_of, groups = groups }
  p:record("validate", "validate.sealed", blocks, {
    figures = values,
    sentence = t("validate.sealed_sentence", {
      metric = metrics[1],
      score = phrase.number(values[metrics[1]]),
      unit = p.state.unit and " " .. p.state.unit or "",
      rows = phrase.number(#known),
    }),
  })
  return values
end

---p:validate{ folds = 5, repeats = 4 } cross-validates all trained models; p:validate{ model =
---best,
---test = sealed } opens the sealed rows, and the look is counted.
function M.validate(p, given)
  given = given or {}
  if type(given) ~= "table" then
    core.raise("validate: expected{ folds = , repeats = } or { model = , test = }")
  end
  if given.model ~= nil or given.test ~= nil then return final(p, given) end
  return cross(p, given)
end

return M
