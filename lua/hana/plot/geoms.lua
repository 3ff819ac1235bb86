-- One function a geom. Each is given a layer and the panel that it is drawn in, and adds data
-- blocks and plot clauses to the panel.

local gnuplot = require "hana.plot.gnuplot"
local scales = require "hana.plot.scales"

local M = {}

local quote, number = gnuplot.quote, gnuplot.number
local nan = 0 / 0

---Distinguishable with red-green blindness, readable on white and on dark grey.
M.palette =
  { "#3b78c2", "#d9822b", "#3f9d6b", "#c9504b", "#8b6bb8", "#1f9aa8", "#b5892f", "#7d8695" }
M.ink, M.rule = "#444444", "#dcddde"

local function color_of(k) return M.palette[(k - 1) % #M.palette + 1] end
M.color_of = color_of

-- Positions of a column on an axis: levels become 1, 2, ... and the axis gets their names.
local function positions(panel, axis, values, kind)
  if kind == "time" then panel.time[axis] = true end
  if kind ~= "level" then
    local numbers = {}
    for i, v in ipairs(values) do
      numbers[i] = type(v) == "number" and v or nan
    end
    return numbers
  end
  local levels = panel.levels[axis]
  if not levels then
    levels = { order = {}, index = {} }
    panel.levels[axis] = levels
  end
  local at = {}
  for i, v in ipairs(values) do
    if v ~= v then
      at[i] = nan
    else
      if not levels.index[v] then
        levels.order[#levels.order + 1] = v
        levels.index[v] = #levels.order
      end
      at[i] = levels.index[v]
    end
  end
  return at
end

-- The rows of a layer by colour level: { { name, color, rows }, ... }; one nameless group without.
local function groups(layer, panel, n)
  if not layer.color_values then
    local rows = {}
    for i = 1, n do
      rows[i] = i
    end
    return { { color = layer.ink or color_of(panel.series + 1), rows = rows } }
  end
  local order = panel.color_order
  local by, list = {}, {}
  for i = 1, n do
    local v = layer.color_values[i]
    if v == v then
      local level = tostring(v)
      if not by[level] then by[level] = {} end
      by[level][#by[level] + 1] = i
    end
  end
  for k, level in ipairs(order) do
    list[#list + 1] =
      { name = level, color = color_of(k), rows = by[level] or {}, number = k, of = #order }
  end
  return list
end

local function block(panel, rows)
  panel.blocks = panel.blocks + 1
  for _, row in ipairs(rows) do
    if not row:find("NaN", 1, true) then
      panel.valid = true
      break
    end
  end
  local name = ("$d%d_%d"):format(panel.number, panel.blocks)
  panel.data[#panel.data + 1] = name
    .. " << EOD\n"
    .. (#rows > 0 and table.concat(rows, "\n") or "NaN NaN NaN NaN NaN NaN")
    .. "\nEOD\n"
  return name
end

local function title_of(panel, name)
  if not name or panel.titled[name] then return "notitle" end
  panel.titled[name] = true
  panel.keyed = true
  return "title " .. quote(name)
end

local function clause(panel, text) panel.clauses[#panel.clauses + 1] = text end

local function xy(layer, panel)
  local xs, xkind = scales.column(layer.data, layer.x)
  local ys, ykind = scales.column(layer.data, layer.y)
  return positions(panel, "x", xs, xkind), positions(panel, "y", ys, ykind), xkind, ykind
end

local function rows_of(group, ...)
  local columns, lines = { ... }, {}
  for _, i in ipairs(group.rows) do
    local cells = {}
    for j, column in ipairs(columns) do
      cells[j] = number(column[i])
    end
    lines[#lines + 1] = table.concat(cells, " ")
  end
  return lines
end

local function by_x(group, xs)
  table.sort(group.rows, function(a, b)
    local u, v = xs[a], xs[b]
    if u ~= u or v ~= v then return (u == u and v ~= v) or (u ~= u and v ~= v and a < b) end
    return u < v or (u == v and a < b)
  end)
end

function M.point(layer, panel)
  local xs, ys = xy(layer, panel)
  local n = #xs
  local size = layer.size or (n > 2000 and 0.25 or n > 300 and 0.4 or 0.7)
  local veil = n > 2000 and "#a0" or n > 300 and "#70" or "#20"
  for _, g in ipairs(groups(layer, panel, n)) do
    clause(
      panel,
      ("%s using 1:2 with points pt 7 ps %s lc rgb '%s' %s"):format(
        block(panel, rows_of(g, xs, ys)),
        number(size),
        veil .. g.color:sub(2),
        title_of(panel, layer.label or g.name)
      )
    )
  end
end

local function lines_with(how)
  return function(layer, panel)
    local xs, ys = xy(layer, panel)
    for _, g in ipairs(groups(layer, panel, #xs)) do
      by_x(g, xs)
      clause(
        panel,
        ("%s using 1:2 with %s lc rgb '%s' %s"):format(
          block(panel, rows_of(g, xs, ys)),
          how,
          g.color,
          title_of(panel, layer.label or g.name)
        )
      )
    end
  end
end

M.line = lines_with("lines lw 2")
M.step = lines_with("steps lw 2")

function M.area(layer, panel)
  local xs, ys = xy(layer, panel)
  for _, g in ipairs(groups(layer, panel, #xs)) do
    by_x(g, xs)
    clause(
      panel,
      (
        "%s using 1:2 with filledcurves y1=0 fs transparent solid 0.35 noborder lc rgb '%s' "
        .. "%s"
      ):format(
        block(panel, rows_of(g, xs, ys)),
        g.color,
        title_of(panel, layer.label or g.name)
      )
    )
  end
end

local function ends(layer)
  return scales.column(layer.data, layer.low), scales.column(layer.data, layer.high)
end

function M.ribbon(layer, panel)
  local xs, xkind = scales.column(layer.data, layer.x)
  xs = positions(panel, "x", xs, xkind)
  local low, high = ends(layer)
  for _, g in ipairs(groups(layer, panel, #xs)) do
    by_x(g, xs)
    clause(
      panel,
      ("%s using 1:2:3 with filledcurves fs transparent solid 0.25 noborder lc rgb '%s' %s"):format(
        block(panel, rows_of(g, xs, low, high)),
        g.color,
        title_of(panel, layer.label or g.name)
      )
    )
  end
end

-- Bars: upright by default, lying with `horizontal`; from 0, or from `low` to `high`.
function M.bar(layer, panel)
  local axis, value_axis = "x", "y"
  if layer.horizontal then
    axis, value_axis = "y", "x"
  end
  local names, kind = scales.column(layer.data, layer.x)
  local at = positions(panel, axis, names, kind == "number" and kind or "level")
  local high = layer.high and scales.column(layer.data, layer.high)
    or scales.column(layer.data, layer.y)
  local low = layer.low and scales.column(layer.data, layer.low) or nil
  panel.zero[value_axis] = panel.zero[value_axis] or not layer.low
  if layer.horizontal then panel.reversed = true end
  for _, g in ipairs(groups(layer, panel, #at)) do
    local width = 0.72 / (g.of or 1)
    local shift = g.of and (g.number - (g.of + 1) / 2) * width or 0
    local lines = {}
    for _, i in ipairs(g.rows) do
      local a, b, base = at[i] + shift - width / 2, at[i] + shift + width / 2, low and low[i] or 0
      lines[#lines + 1] = layer.horizontal
          and table.concat(
            { number(base), number(at[i]), number(base), number(high[i]), number(a), number(b) },
            " "
          )
        or table.concat(
          { number(at[i]), number(base), number(a), number(b), number(base), number(high[i]) },
          " "
        )
    end
    clause(
      panel,
      ("%s using 1:2:3:4:5:6 with boxxyerror fs solid 0.85 noborder lc rgb '%s' %s"):format(
        block(panel, lines),
        g.color,
        title_of(panel, layer.label or g.name)
      )
    )
  end
end

function M.histogram(layer, panel)
  local values = scales.column(layer.data, layer.x)
  local all = scales.sorted(values)
  panel.zero.y = true
  panel.y_label = panel.y_label or panel.words.count
  for _, g in ipairs(groups(layer, panel, #values)) do
    local mine, lines = {}, {}
    for _, i in ipairs(g.rows) do
      mine[#mine + 1] = values[i]
    end
    local _, _, width = scales.bins(all, layer.bins)
    local count = all[1] and math.max(1, math.floor((all[#all] - all[1]) / width + 0.5)) or 1
    local centres, counts = scales.bins(mine, count, all[1], all[#all])
    for k, x in ipairs(centres) do
      lines[k] = table.concat(
        { number(x), "0", number(x - width / 2), number(x + width / 2), "0", number(counts[k]) },
        " "
      )
    end
    clause(
      panel,
      (
        "%s using 1:2:3:4:5:6 with boxxyerror lc rgb '%s' fs transparent solid %s border rgb '%s' "
        .. "%s"
      ):format(
        block(panel, lines),
        g.color,
        g.of and "0.4" or "0.75",
        g.color,
        title_of(panel, layer.label or g.name)
      )
    )
  end
end

function M.density(layer, panel)
  local values = scales.column(layer.data, layer.x)
  panel.zero.y = true
  panel.y_label = panel.y_label or panel.words.density
  for _, g in ipairs(groups(layer, panel, #values)) do
    local mine, lines = {}, {}
    for _, i in ipairs(g.rows) do
      mine[#mine + 1] = values[i]
    end
    local xs, ys = scales.density(mine, 160)
    for k, x in ipairs(xs) do
      lines[k] = number(x) .. " " .. number(ys[k])
    end
    local data = block(panel, lines)
    clause(
      panel,
      (
        "%s using 1:2 with filledcurves y1=0 fs transparent solid 0.2 noborder lc rgb '%s' "
        .. "notitle"
      ):format(data, g.color)
    )
    clause(
      panel,
      ("%s using 1:2 with lines lw 2 lc rgb '%s' %s"):format(
        data,
        g.color,
        title_of(panel, layer.label or g.name)
      )
    )
  end
end

-- Values of y by level of x (and colour).
local function split_by(layer, panel)
  local xs, xkind = scales.column(layer.data, layer.x)
  local at = positions(panel, "x", xs, xkind == "number" and "level" or xkind)
  local ys = scales.column(layer.data, layer.y)
  return at, ys
end

function M.box(layer, panel)
  local at, ys = split_by(layer, panel)
  for _, g in ipairs(groups(layer, panel, #at)) do
    local by, order = {}, {}
    for _, i in ipairs(g.rows) do
      local x = at[i]
      if x == x then
        if not by[x] then
          by[x], order[#order + 1] = {}, x
        end
        by[x][#by[x] + 1] = ys[i]
      end
    end
    table.sort(order)
    local width = 0.6 / (g.of or 1)
    local shift = g.of and (g.number - (g.of + 1) / 2) * width or 0
    local boxes, middles, outside = {}, {}, {}
    for _, x in ipairs(order) do
      local b = scales.box(by[x])
      if b then
        local place = x + shift
        boxes[#boxes + 1] = table.concat({
          number(place),
          number(b.q1),
          number(b.low),
          number(b.high),
          number(b.q3),
          number(width * 0.86),
        }, " ")
        middles[#middles + 1] = table.concat({
          number(place),
          number(b.median),
          number(place - width * 0.43),
          number(place + width * 0.43),
        }, " ")
        local kept = 0
        for _, v in ipairs(by[x]) do
          if (v < b.low or v > b.high) and kept < 200 then
            kept = kept + 1
            outside[#outside + 1] = number(place) .. " " .. number(v)
          end
        end
      end
    end
    clause(
      panel,
      (
        "%s using 1:2:3:4:5:6 with candlesticks whiskerbars 0.4 lc rgb '%s' lw 1.3 fs transparent "
        .. "solid 0.3 border rgb '%s' %s"
      ):format(block(panel, boxes), g.color, g.color, title_of(panel, layer.label or g.name))
    )
    clause(
      panel,
      ("%s using 1:2:3:4 with xerrorbars pt -1 lw 2.5 lc rgb '%s' notitle"):format(
        block(panel, middles),
        g.color
      )
    )
    if #outside > 0 then
      clause(
        panel,
        ("%s using 1:2 with points pt 6 ps 0.35 lc rgb '%s' notitle"):format(
          block(panel, outside),
          g.color
        )
      )
    end
  end
  panel.bars = true
end

function M.violin(layer, panel)
  local at, ys = split_by(layer, panel)
  local by, order = {}, {}
  for i, x in ipairs(at) do
    if x == x then
      if not by[x] then
        by[x], order[#order + 1] = {}, x
      end
      by[x][#by[x] + 1] = ys[i]
    end
  end
  table.sort(order)
  for k, x in ipairs(order) do
    local grid, density = scales.density(by[x], 80)
    local most, lines = 0, {}
    for _, d in ipairs(density) do
      most = math.max(most, d)
    end
    for j = 1, #grid do
      lines[#lines + 1] = number(x + 0.4 * density[j] / most) .. " " .. number(grid[j])
    end
    for j = #grid, 1, -1 do
      lines[#lines + 1] = number(x - 0.4 * density[j] / most) .. " " .. number(grid[j])
    end
    clause(
      panel,
      (
        "%s using 1:2 with filledcurves closed lc rgb '%s' fs transparent solid 0.4 border rgb "
        .. "'%s' notitle"
      ):format(block(panel, lines), color_of(k), color_of(k))
    )
  end
end

function M.errorbar(layer, panel)
  local values_axis_x = layer.horizontal
  local names, kind = scales.column(layer.data, layer.x)
  local at = positions(panel, values_axis_x and "y" or "x", names, kind)
  local ys = scales.column(layer.data, layer.y)
  local low, high = ends(layer)
  if values_axis_x then panel.reversed = true end
  for _, g in ipairs(groups(layer, panel, #at)) do
    local how = values_axis_x and "using 2:1:3:4 with xerrorbars" or "using 1:2:3:4 with yerrorbars"
    clause(
      panel,
      ("%s %s pt 7 ps 0.8 lw 2 lc rgb '%s' %s"):format(
        block(panel, rows_of(g, at, ys, low, high)),
        how,
        g.color,
        title_of(panel, layer.label or g.name)
      )
    )
  end
end

function M.hline(layer, panel)
  local at = layer.at or layer.y
  panel.rules[#panel.rules + 1] = (
    "set arrow from graph 0, first %s to graph 1, first %s nohead "
    .. "dt 2 lw 1.4 lc rgb '%s' front"
  ):format(number(at), number(at), layer.ink or M.ink)
  panel.reach.y[#panel.reach.y + 1] = at
end

function M.vline(layer, panel)
  local at = layer.at or layer.x
  panel.rules[#panel.rules + 1] = (
    "set arrow from first %s, graph 0 to first %s, graph 1 nohead "
    .. "dt 2 lw 1.4 lc rgb '%s' front"
  ):format(number(at), number(at), layer.ink or M.ink)
  panel.reach.x[#panel.reach.x + 1] = at
end

function M.abline(layer, panel)
  clause(
    panel,
    ("%s + %s * x with lines dt 2 lw 1.4 lc rgb '%s' %s"):format(
      number(layer.intercept or 0),
      number(layer.slope or 1),
      layer.ink or M.ink,
      title_of(panel, layer.label)
    )
  )
end

function M.text(layer, panel)
  local xs, ys = xy(layer, panel)
  local labels = scales.column(layer.data, layer.text)
  for i = 1, #xs do
    panel.rules[#panel.rules + 1] = (
      "set label %s at %s,%s center offset 0,0.7 textcolor rgb " .. "'%s' front"
    ):format(quote(labels[i]), number(xs[i]), number(ys[i]), layer.ink or M.ink)
  end
  clause(
    panel,
    ("%s using 1:2 with points pt -1 notitle"):format(
      block(panel, rows_of({ rows = groups(layer, panel, #xs)[1].rows }, xs, ys))
    )
  )
end

-- Cells of a grid, coloured by `fill`, with their values printed when there are few.
function M.heatmap(layer, panel)
  local xs, ys, xkind, ykind = xy(layer, panel)
  local fill = scales.column(layer.data, layer.fill)
  local sorted = scales.sorted(fill)
  local least, most = sorted[1] or 0, sorted[#sorted] or 1
  if layer.limits then
    least, most = layer.limits[1], layer.limits[2]
  end
  local function gap(values, kind)
    if kind == "level" then return 0.5 end
    local u = scales.sorted(values)
    local smallest = math.huge
    for i = 2, #u do
      if u[i] > u[i - 1] then smallest = math.min(smallest, u[i] - u[i - 1]) end
    end
    return smallest < math.huge and smallest / 2 or 0.5
  end
  local half_x, half_y = gap(xs, xkind), gap(ys, ykind)
  local lines, labels = {}, {}
  for i = 1, #xs do
    if fill[i] == fill[i] then
      lines[#lines + 1] = table.concat({
        number(xs[i]),
        number(ys[i]),
        number(xs[i] - half_x),
        number(xs[i] + half_x),
        number(ys[i] - half_y),
        number(ys[i] + half_y),
        number(fill[i]),
      }, " ")
      if #xs <= 200 and layer.values ~= false then
        local dark = most > least and (fill[i] - least) / (most - least) > 0.55
        if layer.limits and layer.limits[1] < 0 then
          dark = math.abs(fill[i]) > 0.55 * math.max(-least, most)
        end
        labels[#labels + 1] = ("set label %s at %s,%s center textcolor rgb '%s' front"):format(
          quote(layer.texts and layer.texts[i] or panel.format(fill[i])),
          number(xs[i]),
          number(ys[i]),
          dark and "#ffffff" or "#222222"
        )
      end
    end
  end
  panel.rules[#panel.rules + 1] = layer.limits
      and layer.limits[1] < 0
      and "set palette defined (0 '#c9504b', 0.5 '#f4f4f2', 1 '#3b78c2')"
    or "set palette defined (0 '#eef3fa', 0.5 '#8fb3e0', 1 '#1f4f91')"
  panel.rules[#panel.rules + 1] = ("set cbrange [%s:%s]"):format(
    number(least),
    number(most > least and most or least + 1)
  )
  for _, label in ipairs(labels) do
    panel.rules[#panel.rules + 1] = label
  end
  panel.tight = true
  panel.reversed = panel.reversed or ykind == "level"
  panel.colorbox = #labels == 0
  clause(
    panel,
    ("%s using 1:2:3:4:5:6:7 with boxxyerror fs solid 1 noborder lc palette notitle"):format(
      block(panel, lines)
    )
  )
end

-- Rows truth, columns predicted, shares of each truth as colour, counts as text.
function M.confusion(layer, panel)
  local truth = scales.column(layer.data, layer.x or "truth")
  local predicted = scales.column(layer.data, layer.y or "prediction")
  local levels, known = {}, {}
  for _, values in ipairs{ truth, predicted } do
    for _, v in ipairs(values) do
      if v == v and not known[tostring(v)] then
        known[tostring(v)] = true
        levels[#levels + 1] = tostring(v)
      end
    end
  end
  table.sort(levels)
  local counts, totals = {}, {}
  for i = 1, #truth do
    local t, p = tostring(truth[i]), tostring(predicted[i])
    if truth[i] == truth[i] and predicted[i] == predicted[i] then
      counts[t .. "\0" .. p] = (counts[t .. "\0" .. p] or 0) + 1
      totals[t] = (totals[t] or 0) + 1
    end
  end
  local grid = { t = {}, p = {}, share = {} }
  local texts = {}
  for _, t in ipairs(levels) do
    for _, p in ipairs(levels) do
      local n = counts[t .. "\0" .. p] or 0
      grid.t[#grid.t + 1], grid.p[#grid.p + 1] = t, p
      grid.share[#grid.share + 1] = totals[t] and n / totals[t] or 0
      texts[#texts + 1] = tostring(n)
    end
  end
  panel.x_label = panel.x_label or panel.words.predicted
  panel.y_label = panel.y_label or panel.words.truth
  M.heatmap(
    { data = grid, x = "p", y = "t", fill = "share", texts = texts, limits = { 0, 1 } },
    panel
  )
end

-- Share of positives against predicted probability in ten bins of equal width.
function M.calibration(layer, panel)
  local proba = scales.column(layer.data, layer.x)
  local truth = scales.column(layer.data, layer.y)
  local sums, hits, n = {}, {}, {}
  for i, p in ipairs(proba) do
    if p == p and truth[i] == truth[i] then
      local k = math.min(10, math.floor(p * 10) + 1)
      local hit = truth[i]
      if layer.positive ~= nil then hit = tostring(hit) == tostring(layer.positive) and 1 or 0 end
      sums[k], hits[k], n[k] =
        (sums[k] or 0) + p,
        (hits[k] or 0) + (hit == true and 1 or tonumber(hit) or 0),
        (n[k] or 0) + 1
    end
  end
  local lines = {}
  for k = 1, 10 do
    if n[k] then
      local share = hits[k] / n[k]
      -- Wilson's interval (1927).
      local z2 = 1.96 ^ 2
      local middle = (share + z2 / (2 * n[k])) / (1 + z2 / n[k])
      local half = 1.96
        * math.sqrt(share * (1 - share) / n[k] + z2 / (4 * n[k] ^ 2))
        / (1 + z2 / n[k])
      lines[#lines + 1] = table.concat(
        { number(sums[k] / n[k]), number(share), number(middle - half), number(middle + half) },
        " "
      )
    end
  end
  M.abline({ slope = 1, intercept = 0 }, panel)
  local data = block(panel, lines)
  clause(
    panel,
    ("%s using 1:2:3:4 with yerrorbars pt 7 ps 0.8 lw 1.5 lc rgb '%s' notitle"):format(
      data,
      color_of(1)
    )
  )
  clause(panel, ("%s using 1:2 with lines lw 2 lc rgb '%s' notitle"):format(data, color_of(1)))
  panel.range = { x = { 0, 1 }, y = { 0, 1 } }
  panel.x_label = panel.x_label or panel.words.probability
  panel.y_label = panel.y_label or panel.words.share
end

-- Truth positives and score, best first; calls `visit(hits, misses, positives, negatives)` after
-- each distinct score.
local function walk(layer, visit)
  local score = scales.column(layer.data, layer.x)
  local truth = scales.column(layer.data, layer.y)
  local rows, positives = {}, 0
  for i, s in ipairs(score) do
    if s == s and truth[i] == truth[i] then
      local hit
      if layer.positive ~= nil then
        hit = tostring(truth[i]) == tostring(layer.positive)
      else
        hit = truth[i] == 1 or truth[i] == "true"
      end
      rows[#rows + 1] = { s, hit }
      if hit then positives = positives + 1 end
    end
  end
  table.sort(rows, function(a, b) return a[1] > b[1] end)
  local hits, misses = 0, 0
  for i, row in ipairs(rows) do
    if row[2] then
      hits = hits + 1
    else
      misses = misses + 1
    end
    if not rows[i + 1] or rows[i + 1][1] ~= row[1] then
      visit(hits, misses, positives, #rows - positives)
    end
  end
end

function M.roc(layer, panel)
  local lines = { "0 0" }
  walk(
    layer,
    function(hits, misses, p, n)
      lines[#lines + 1] = number(misses / n) .. " " .. number(hits / p)
    end
  )
  M.abline({ slope = 1, intercept = 0 }, panel)
  clause(
    panel,
    ("%s using 1:2 with lines lw 2 lc rgb '%s' notitle"):format(block(panel, lines), color_of(1))
  )
  panel.range = { x = { 0, 1 }, y = { 0, 1 } }
  panel.x_label = panel.x_label or panel.words.false_positives
  panel.y_label = panel.y_label or panel.words.true_positives
end

function M.pr(layer, panel)
  local lines = {}
  walk(
    layer,
    function(hits, misses, p)
      lines[#lines + 1] = number(hits / p) .. " " .. number(hits / (hits + misses))
    end
  )
  clause(
    panel,
    ("%s using 1:2 with steps lw 2 lc rgb '%s' notitle"):format(block(panel, lines), color_of(1))
  )
  panel.range = { x = { 0, 1 }, y = { 0, 1 } }
  panel.x_label = panel.x_label or panel.words.recall
  panel.y_label = panel.y_label or panel.words.precision
end

-- Pictures of models are in a file of their own, which is given what it needs of this one.
local function of_model(name)
  return function(layer, panel)
    panel.ink, panel.color_of = M.ink, color_of
    panel.add_block = function(lines) return block(panel, lines) end
    panel.title_of = function(title) return title_of(panel, title) end
    require("hana.plot.model_geoms")[name](layer, panel)
  end
end
M.tree, M.boundary = of_model "tree", of_model "boundary"

return M
