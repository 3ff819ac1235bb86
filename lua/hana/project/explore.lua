-- Stage 4: what the training rows show, and features derived from them.

local audit = require "hana.project.audit"
local collect = require "hana.project.collect"
local core = require "hana.core"
local phrase = require "hana.phrase"
local plot = require "hana.plot"
local relation = require "hana.project.relation"
local report = require "hana.report"
local scales = require "hana.plot.scales"

local M = {}

-- A seeded sample of row numbers, so that a picture of many points stays small.
local function sample(n, limit)
  local rows = {}
  if n <= limit then
    for i = 1, n do
      rows[i] = i
    end
    return rows
  end
  local step = n / limit
  for k = 0, limit - 1 do
    rows[#rows + 1] = math.floor(k * step) + 1
  end
  return rows
end

local function thinned(columns, n, limit)
  local out, rows = {}, sample(n, limit)
  for name, values in pairs(columns) do
    out[name] = {}
    for k, i in ipairs(rows) do
      out[name][k] = values[i]
    end
  end
  return out
end

-- Medians of y in bins of x, as a line through a cloud.
local function trend(x, y)
  local pairs_of = {}
  for i = 1, #x do
    if type(x[i]) == "number" and type(y[i]) == "number" then
      pairs_of[#pairs_of + 1] = { x[i], y[i] }
    end
  end
  table.sort(pairs_of, function(a, b) return a[1] < b[1] end)
  local n, out = #pairs_of, { x = {}, y = {} }
  local bins = math.max(1, math.min(20, n // 15))
  for k = 1, bins do
    local xs, ys = {}, {}
    for i = math.floor((k - 1) * n / bins) + 1, math.floor(k * n / bins) do
      xs[#xs + 1], ys[#ys + 1] = pairs_of[i][1], pairs_of[i][2]
    end
    table.sort(ys)
    if #xs > 0 then
      out.x[#out.x + 1] = scales.quantile(xs, 0.5)
      out.y[#out.y + 1] = scales.quantile(ys, 0.5)
    end
  end
  return out
end

-- The same within each level.
local function trends(x, y, levels)
  local order = scales.levels(levels)
  local out = { x = {}, y = {}, level = {} }
  for _, level in ipairs(order) do
    if level ~= core.null then
      local xs, ys = {}, {}
      for i = 1, #x do
        if levels[i] == level then
          xs[#xs + 1], ys[#ys + 1] = x[i], y[i]
        end
      end
      local line = trend(xs, ys)
      for k = 1, #line.x do
        table.insert(out.x, line.x[k])
        table.insert(out.y, line.y[k])
        table.insert(out.level, tostring(level))
      end
    end
  end
  return out
end

local function figure(p, spec, alt, half)
  spec.lang = p.lang
  if half then
    spec.width, spec.height = 480, 330
  end
  return report.drawn(plot(spec), { alt = alt, half = half })
end

local function target_blocks(p, t, values, a, unit)
  local out = {}
  local name = a.name
  if a.numeric then
    out[#out + 1] = report.facts{
      { t("explore.target"), "`" .. name .. "`", a.type },
      {
        t("explore.median"),
        phrase.number(a.median) .. unit,
        t("explore.half", { low = phrase.number(a.q1), high = phrase.number(a.q3) }),
      },
      {
        t("explore.mean"),
        phrase.number(a.mean) .. unit,
        t("explore.sd", { sd = phrase.number(a.sd) }),
      },
      { t("explore.missing"), phrase.number(a.nulls) },
    }
    out[#out + 1] = figure(
      p,
      { data = { [name] = values }, geom = "histogram", x = name, x_label = name },
      t("explore.histogram", { column = name })
    )
  else
    local rows = {}
    for i, item in ipairs(a.top) do
      rows[i] = {
        tostring(item.level),
        { text = phrase.number(item.count), sort = item.count },
        { text = phrase.percent(item.count / (a.n - a.nulls)), sort = item.count },
      }
    end
    out[#out + 1] = report.table{
      caption = t("explore.classes", { column = name }),
      rows = rows,
      columns = {
        { label = t("explore.class") },
        { label = t("explore.rows"), align = "right" },
        { label = t("explore.share"), align = "right" },
      },
    }
    local least = a.top[#a.top]
    if least and #a.top > 1 and least.count / (a.n - a.nulls) < 0.1 then
      out[#out + 1] = report.callout(
        "info",
        t(
          "explore.rare",
          { class = tostring(least.level), share = phrase.percent(least.count / (a.n - a.nulls)) }
        )
      )
    end
  end
  return out
end

-- Shares of the classes within each level of a column.
local function shares(one, target, label)
  local n, counts, levels, classes = {}, {}, {}, {}
  local known = {}
  for i = 1, #target do
    local level, class = one.values[i], target[i]
    if level ~= core.null and class ~= core.null then
      level, class = tostring(level), tostring(class)
      if not n[level] then
        n[level], counts[level] = 0, {}
        levels[#levels + 1] = level
      end
      if not known[class] then
        known[class] = true
        classes[#classes + 1] = class
      end
      n[level] = n[level] + 1
      counts[level][class] = (counts[level][class] or 0) + 1
    end
  end
  table.sort(levels)
  table.sort(classes)
  local out = { level = {}, class = {}, [label] = {} }
  for _, level in ipairs(levels) do
    for _, class in ipairs(classes) do
      table.insert(out.level, level)
      table.insert(out.class, class)
      table.insert(out[label], (counts[level][class] or 0) / n[level])
    end
  end
  return out
end

local function feature_figure(p, t, one, target, target_audit, by)
  local name, y = one.audit.name, target_audit.name
  local alt = t("explore.against", { x = name, y = y })
  if one.audit.numeric and target_audit.numeric then
    if by then
      -- One cloud and one trend a level of the column that parts the rows best.
      local cloud =
        thinned({ [name] = one.values, [y] = target, [by.audit.name] = by.values }, #target, 600)
      local lines = trends(one.values, target, by.values)
      return figure(p, {
        data = cloud,
        x = name,
        y = y,
        color = by.audit.name,
        x_label = name,
        y_label = y,
        layers = {
          { geom = "point", size = 0.35 },
          { geom = "line", data = lines, x = "x", y = "y", color = "level" },
        },
      }, t("explore.against_by", { x = name, y = y, by = by.audit.name }), true)
    end
    local cloud = thinned({ [name] = one.values, [y] = target }, #target, 600)
    local line = trend(one.values, target)
    return figure(p, {
      data = cloud,
      x = name,
      y = y,
      x_label = name,
      y_label = y,
      layers = {
        { geom = "point", size = 0.35 },
        { geom = "line", data = line, x = "x", y = "y", ink = "#d9822b" },
      },
    }, alt, true)
  elseif target_audit.numeric then
    return figure(
      p,
      { data = { [name] = one.values, [y] = target }, geom = "box", x = name, y = y },
      alt,
      true
    )
  elseif not one.audit.numeric or one.audit.distinct <= 8 then
    if target_audit.distinct > 8 then return nil end
    return figure(p, {
      data = shares(one, target, t("explore.share")),
      geom = "bar",
      x = "level",
      y = t("explore.share"),
      color = "class",
      x_label = name,
    }, t("explore.shares", { x = name, y = y }), true)
  else
    return figure(
      p,
      { data = { [name] = one.values, [y] = target }, geom = "box", x = y, y = name },
      alt,
      true
    )
  end
end

local function relations(features, target, target_audit)
  for _, one in ipairs(features) do
    one.strength = relation.strength(one.values, one.audit.numeric, target, target_audit.numeric)
    if one.audit.nulls > 0 and one.audit.nulls < one.audit.n then
      -- That a cell is empty may say more than what stands in it.
      local empty = {}
      for i = 1, #one.values do
        empty[i] = tostring(one.values[i] == core.null)
      end
      one.gap = relation.strength(empty, false, target, target_audit.numeric)
    end
    if one.audit.numeric and target_audit.numeric then
      one.r = relation.correlation(one.values, target)
    end
  end
  table.sort(features, function(a, b)
    if a.strength ~= b.strength then return a.strength > b.strength end
    return a.audit.name < b.audit.name
  end)
end

local function correlated(features)
  local numeric, found = {}, {}
  for _, one in ipairs(features) do
    if one.audit.numeric and #numeric < 40 then numeric[#numeric + 1] = one end
  end
  for i = 1, #numeric do
    for j = i + 1, #numeric do
      local r = relation.correlation(numeric[i].values, numeric[j].values)
      if r and math.abs(r) > 0.95 then
        found[#found + 1] = { a = numeric[i].audit.name, b = numeric[j].audit.name, r = r }
      end
    end
  end
  return found
end

---p:explore(clean, { target = , ignore = , features = })
function M.explore(p, df, given)
  p:frame(df, "explore")
  given = given or {}
  p:check_keys(given, {
    "target",
    "positive",
    "ignore",
    "features",
    "figures",
    "task",
    "weights",
    "group",
    "by_time",
  }, "explore")
  local t = p.t
  local ignore = {}
  local ignored = given.ignore or {}
  if type(ignored) == "string" then ignored = { ignored } end
  for _, name in ipairs(ignored) do
    ignore[name] = true
  end
  for _, key in ipairs{ "weights", "group", "by_time" } do
    if given[key] then ignore[given[key]] = true end
  end
  local only
  if given.features then
    only = {}
    for _, name in ipairs(given.features) do
      only[name] = true
    end
  end
  local audits, by = audit.frame(df), {}
  for _, a in ipairs(audits) do
    by[a.name] = a
  end
  if given.target and not by[given.target] then
    core.unknown("explore: no column", given.target, "", df:names())
  end
  local blocks = {}
  local function add(block) blocks[#blocks + 1] = block end
  if not p.sealed then add(report.callout("warn", t("explore.unsplit"))) end
  add(
    report.prose(
      t("explore.intro", { rows = phrase.number(#df), columns = phrase.number(#audits) })
    )
  )
  local sentence = t("explore.sentence_plain", { rows = phrase.number(#df) })
  local features = {}
  for _, a in ipairs(audits) do
    if
      a.name ~= given.target
      and not ignore[a.name]
      and (not only or only[a.name])
      and a.type ~= "block"
    then
      features[#features + 1] = { audit = a, values = df:col(a.name):totable() }
    end
  end
  if given.target then
    local target_audit = by[given.target]
    local numeric_target = target_audit.numeric and given.task ~= "classification"
    local target = df:col(given.target):totable()
    local unit = p.state.unit and " " .. p.state.unit or ""
    add(report.heading(3, t("explore.target_heading", { column = given.target })))
    for _, block in ipairs(target_blocks(p, t, target, target_audit, unit)) do
      add(block)
    end
    relations(
      features,
      target,
      { name = given.target, numeric = numeric_target, distinct = target_audit.distinct }
    )
    add(report.heading(3, t("explore.relations")))
    local rows, leaks, gaps = {}, {}, {}
    for i, one in ipairs(features) do
      rows[i] = {
        "`" .. one.audit.name .. "`",
        one.audit.type,
        { text = phrase.percent(one.strength), sort = one.strength },
        {
          text = one.r and phrase.number(one.r, 2) or numeric_target and "–" or "",
          sort = one.r,
        },
        {
          text = phrase.percent(one.audit.nulls / math.max(1, one.audit.n)),
          sort = one.audit.nulls,
        },
      }
      -- The text stays out of the table where nothing is missing.
      rows[i][6] = one.gap and { text = phrase.percent(one.gap), sort = one.gap } or ""
      if one.strength > 0.985 then leaks[#leaks + 1] = "`" .. one.audit.name .. "`" end
      if one.gap and one.gap > 0.3 then
        gaps[#gaps + 1] = t("explore.gap", {
          column = "`" .. one.audit.name .. "`",
          share = phrase.percent(one.gap),
          target = "`" .. given.target .. "`",
        })
      end
    end
    add(report.table{
      caption = t("explore.relations_caption", { column = given.target }),
      rows = rows,
      note = t("explore.relations_note"),
      columns = {
        { label = t("column") },
        { label = t("type") },
        { label = t("explore.explained"), align = "right" },
        { label = t("explore.correlation"), align = "right" },
        { label = t("missing"), align = "right" },
        { label = t("explore.gap_label"), align = "right" },
      },
    })
    for _, text in ipairs(gaps) do
      add(report.callout("bad", text))
    end
    if #leaks > 0 then
      add(report.callout("bad", t("explore.leak", { columns = table.concat(leaks, ", ") })))
    end
    local shown, by_level = 0, nil
    for _, one in ipairs(features) do
      if
        not by_level
        and not one.audit.numeric
        and one.audit.distinct >= 2
        and one.audit.distinct <= 3
        and one.audit.nulls == 0
      then
        by_level = one
      end
    end
    for _, one in ipairs(features) do
      if
        shown < (given.figures or 6)
        and one.strength > 0.005
        and (one.audit.numeric or one.audit.distinct <= 20)
      then
        local block = feature_figure(
          p,
          t,
          one,
          target,
          { name = given.target, numeric = numeric_target, distinct = target_audit.distinct },
          by_level
        )
        if block then
          add(block)
          shown = shown + 1
        end
      end
    end
    if features[1] then
      sentence = t("explore.sentence", {
        feature = features[1].audit.name,
        target = given.target,
        share = phrase.percent(features[1].strength),
      })
    end
  end
  local pairs_found = correlated(features)
  if #pairs_found > 0 then
    local items = {}
    for i = 1, math.min(8, #pairs_found) do
      items[i] = t(
        "explore.pair",
        { a = pairs_found[i].a, b = pairs_found[i].b, r = phrase.number(pairs_found[i].r, 3) }
      )
    end
    add(report.heading(3, t("explore.pairs")))
    add(report.list(items))
  end
  add(report.heading(3, t("explore.columns")))
  add(collect.audit_table(t, audits, t("explore.audit")))
  p:keep("explore", { target = given.target, rows = #df })
  p:record("explore", "explore", blocks, { sentence = sentence })
  return p.results.explore[1]
end

---p:features{ {"bmi", "weight / (height / 100)^2"} }: a derive step that is put before every model
---given to p:train.
function M.features(p, definitions)
  if type(definitions) ~= "table" or next(definitions) == nil then
    core.raise('features: expected a list{ { "name", "expression" }, ... }')
  end
  local list = {}
  if #definitions > 0 then
    for i, pair in ipairs(definitions) do
      if type(pair) ~= "table" or type(pair[1]) ~= "string" or type(pair[2]) ~= "string" then
        core.raise(('features: entry %d must be{ "name", "expression" }'):format(i))
      end
      list[i] = { pair[1], pair[2], pair[3] }
    end
  else
    local keys = {}
    for key in pairs(definitions) do
      keys[#keys + 1] = key
    end
    table.sort(keys)
    for i, key in ipairs(keys) do
      list[i] = { key, definitions[key] }
    end
  end
  local t, rows, plain = p.t, {}, {}
  local hana = require "hana"
  local explored = p.results.prepare and p.results.prepare[1]
  for i, pair in ipairs(list) do
    plain[i] = { pair[1], pair[2] }
    rows[i] = { "`" .. pair[1] .. "`", "`" .. pair[2] .. "`", pair[3] or "" }
  end
  -- An expression that cannot be evaluated on the rows at hand is said now, not in training.
  if explored then
    local made = explored:mutate(plain)
    for i, pair in ipairs(plain) do
      local a = audit.column(pair[1], made:col(pair[1]):totable(), made:types()[pair[1]])
      rows[i][4] = a.numeric
          and a.min
          and ("%s … %s … %s"):format(
            phrase.number(a.min),
            phrase.number(a.median),
            phrase.number(a.max)
          )
        or phrase.number(a.distinct)
      rows[i][5] = { text = phrase.number(a.nulls), sort = a.nulls }
    end
  end
  local columns = {
    { label = t("features.name") },
    { label = t("features.expression") },
    { label = t("features.why") },
  }
  if explored then
    columns[4], columns[5] = { label = t("range") }, { label = t("missing"), align = "right" }
  end
  p.state.features = plain
  p:keep("features", plain)
  p:record("explore", "features", {
    report.heading(3, t("features.heading")),
    report.prose(t("features.text")),
    report.table{ rows = rows, columns = columns },
  })
  return hana.derive(plain)
end

return M
