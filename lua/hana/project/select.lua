-- Stage 7: which model, by quality and by what it takes: time, memory, hours and money.

local core = require "hana.core"
local judge = require "hana.project.judge"
local phrase = require "hana.phrase"
local plot = require "hana.plot"
local report = require "hana.report"
local train = require "hana.project.train"

local M = {}

-- Seconds that predicting one row takes, the best of three passes over a thousand rows or so.
local function predict_seconds(model, df)
  local part = #df > 1000 and df:head(1000) or df
  local best = math.huge
  for _ = 1, 3 do
    local start = core.clock()
    model:predict(part)
    best = math.min(best, core.clock() - start)
  end
  return best / math.max(1, #part)
end

local function over(t, one, limits)
  if limits.predict_us and one.predict * 1e6 > limits.predict_us then
    return t("select.over_time", { limit = phrase.number(limits.predict_us) })
  end
  if limits.bytes and one.bytes > limits.bytes then
    return t("select.over_bytes", { limit = phrase.bytes(limits.bytes) })
  end
  if limits.fit_seconds and one.seconds > limits.fit_seconds then
    return t("select.over_fit", { limit = phrase.seconds(limits.fit_seconds) })
  end
end

local function gather(p, trained, given, by)
  local validated = p.validated
  if not validated then
    local _, kept = p:get("validate")
    validated = { folds = kept.folds, metrics = kept.metrics, results = {} }
    for name, one in pairs(kept.scores or {}) do
      table.insert(validated.results, { name = name, scores = one.scores, summary = one.summary })
    end
  end
  local scores = {}
  for _, one in ipairs(validated.results) do
    scores[one.name] = one
  end
  local list, prices, hours = {}, given.prices or {}, given.hours or {}
  for _, one in ipairs(trained.models) do
    local judged = scores[one.name]
    if judged then
      if not judged.summary[by] then
        core.raise(
          ("select: '%s' was not measured in p:validate (there are: %s)"):format(
            by,
            table.concat(validated.metrics, ", ")
          )
        )
      end
      local entry = {
        name = one.name,
        fitted = one.fitted,
        seconds = one.seconds,
        bytes = one.bytes,
        predict = predict_seconds(one.fitted, trained.data),
        hours = hours[one.name] or 0,
        score = judged.summary[by],
        scores = judged.scores[by],
      }
      entry.price = entry.hours * (prices.hour or 0)
        + entry.seconds / 3600 * (prices.compute_hour or 0)
      list[#list + 1] = entry
    end
  end
  if #list == 0 then core.raise("select: no model was validated") end
  return list, validated
end

-- Less money, or for much the same money half the size. Times are measured and differ from run to
-- run; they are shown and limited, but the choice does not hang on them.
local function takes_less(one, other)
  local slack = math.max(1, 0.01 * math.max(one.price, other.price))
  if math.abs(one.price - other.price) > slack then return one.price < other.price end
  return one.bytes < 0.5 * other.bytes
end

---local best = p:select{ by = "mae", limits = { predict_us = 200 }, hours = { forest = 16 }, prices
---= { hour = 60 } }
function M.select(p, given)
  given = given or {}
  p:check_keys(given, { "by", "limits", "hours", "prices" }, "select")
  local t = p.t
  local trained = train.recall(p, "select")
  local by = given.by or p.state.metric or (p.validated and p.validated.metrics[1])
  if not by then core.raise("select: 'by' is missing: the metric to choose by") end
  judge.metric(by)
  local limits = given.limits or {}
  p:check_keys(limits, { "predict_us", "bytes", "fit_seconds" }, "select's limits")
  local list, validated = gather(p, trained, given, by)
  local best
  for _, one in ipairs(list) do
    one.out = over(t, one, limits)
    if not one.out and (not best or judge.better(by, one.score.mean, best.score.mean)) then
      best = one
    end
  end
  if not best then core.raise("select: every model is beyond the limits") end
  -- What cannot be told from the best by its folds but takes less wins.
  local chosen = best
  for _, one in ipairs(list) do
    if not one.out and one ~= best then
      one.behind = judge.paired(best.scores, one.scores, by, validated.folds)
      if one.behind.low <= 0 and takes_less(one, chosen) then chosen = one end
    end
  end
  local rows, marks = {}, {}
  table.sort(list, function(a, b)
    if a.score.mean ~= b.score.mean then return judge.better(by, a.score.mean, b.score.mean) end
    return a.name < b.name
  end)
  for i, one in ipairs(list) do
    local why = one == chosen and t("select.chosen")
      or one.out
      or one == best and t("select.best_score")
      or (one.behind and one.behind.low <= 0) and t("select.equal")
      or t("select.behind")
    rows[i] = {
      one.name,
      { text = phrase.number(one.score.mean), sort = one.score.mean },
      t("to", { low = phrase.number(one.score.low), high = phrase.number(one.score.high) }),
      { text = phrase.seconds(one.seconds), sort = one.seconds },
      { text = phrase.seconds(one.predict), sort = one.predict },
      { text = phrase.bytes(one.bytes), sort = one.bytes },
      { text = phrase.given(one.hours), sort = one.hours },
      { text = phrase.money(one.price, p.state.currency), sort = one.price },
      why,
    }
    if one == chosen then
      marks[i] = "best"
    elseif one.out then
      marks[i] = "out"
    end
  end
  local key = chosen == best and "select.text_best" or "select.text_cheaper"
  local text = t(key, {
    model = chosen.name,
    metric = by,
    score = phrase.number(chosen.score.mean),
    best = best.name,
    best_score = phrase.number(best.score.mean),
    unit = p.state.unit and " " .. p.state.unit or "",
  })
  local blocks = {
    report.callout("good", text),
    report.table{
      caption = t("select.table"),
      rows = rows,
      marks = marks,
      note = t("select.note"),
      columns = {
        { label = t("model") },
        { label = by, align = "right" },
        { label = t("interval95"), align = "right" },
        { label = t("train.time"), align = "right" },
        { label = t("select.predict"), align = "right" },
        { label = t("train.bytes"), align = "right" },
        { label = t("select.hours"), align = "right" },
        { label = t("select.price"), align = "right" },
        { label = t("select.why") },
      },
    },
  }
  local data = { model = {}, score = {}, price = {} }
  for i, one in ipairs(list) do
    data.model[i], data.score[i] = one.name, one.score.mean
    data.price[i] = one.price > 0 and one.price or one.predict * 1e6
  end
  local by_price = false
  for _, one in ipairs(list) do
    by_price = by_price or one.price > 0
  end
  if by_price then
    for i, one in ipairs(list) do
      data.price[i] = one.price
    end
  end
  if #list > 1 then
    local picture = plot{
      data = data,
      geom = "text",
      x = "price",
      y = "score",
      text = "model",
      lang = p.lang,
      height = 320,
      layers = { { geom = "point", size = 1 }, { geom = "text" } },
      y_label = by,
      x_label = by_price and t("select.price") or t("select.predict_us"),
    }
    blocks[#blocks + 1] = report.drawn(picture, { alt = t("select.figure", { metric = by }) })
  end
  p.state.selected = chosen.name
  p:keep("select", chosen.fitted)
  p.results.select = table.pack(chosen.fitted)
  p:record("select", "select", blocks, { sentence = text, decision = text })
  return chosen.fitted
end

return M
