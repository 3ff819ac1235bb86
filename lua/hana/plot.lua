-- hana.plot: a description of a picture that gnuplot draws, as SVG, PNG, PDF or terminal text.

local geoms = require "hana.plot.geoms"
local gnuplot = require "hana.plot.gnuplot"
local phrase = require "hana.phrase"
local scales = require "hana.plot.scales"

local M = {}

local quote, number = gnuplot.quote, gnuplot.number

---@class hana.Plot
local Plot = {}
Plot.__index = Plot
Plot.__name = "hana.plot"

local words = {
  en = {
    count = "rows",
    density = "density",
    predicted = "predicted",
    truth = "truth",
    probability = "predicted probability",
    share = "observed share",
    false_positives = "false positive rate",
    true_positives = "true positive rate",
    recall = "recall",
    precision = "precision",
  },
  ko = {
    count = "행 수",
    density = "밀도",
    predicted = "예측",
    truth = "실제",
    probability = "예측 확률",
    share = "관측 비율",
    false_positives = "위양성률",
    true_positives = "진양성률",
    recall = "재현율",
    precision = "정밀도",
  },
}

local layer_keys = {
  data = true,
  geom = true,
  model = true,
  x = true,
  y = true,
  color = true,
  low = true,
  high = true,
  fill = true,
  text = true,
  bins = true,
  slope = true,
  intercept = true,
  at = true,
  label = true,
  ink = true,
  size = true,
  positive = true,
  horizontal = true,
  limits = true,
  values = true,
}
local plot_keys = {
  facet = true,
  title = true,
  layers = true,
  width = true,
  height = true,
  x_label = true,
  y_label = true,
  x_range = true,
  y_range = true,
  log_x = true,
  log_y = true,
  lang = true,
  legend = true,
  x_format = true,
  y_format = true,
}

-- What each geom cannot do without.
local needs = {
  point = { "x", "y" },
  line = { "x", "y" },
  step = { "x", "y" },
  area = { "x", "y" },
  bar = { "x" },
  histogram = { "x" },
  density = { "x" },
  box = { "x", "y" },
  violin = { "x", "y" },
  errorbar = { "x", "y", "low", "high" },
  ribbon = { "x", "low", "high" },
  heatmap = { "x", "y", "fill" },
  text = { "x", "y", "text" },
  calibration = { "x", "y" },
  roc = { "x", "y" },
  pr = { "x", "y" },
  tree = { "model" },
  boundary = { "model", "x", "y" },
}
local without_data = { hline = true, vline = true, abline = true }

local function nearest(name, known)
  local best, least
  for key in pairs(known) do
    -- Letters in common, by place, are enough to catch a slip.
    local same = 0
    for i = 1, math.min(#name, #key) do
      if name:sub(i, i) == key:sub(i, i) then same = same + 1 end
    end
    local distance = math.max(#name, #key) - same
    if not least or distance < least or (distance == least and key < best) then
      best, least = key, distance
    end
  end
  return least and least <= #name / 2 and best or nil
end

local function refuse_unknown(what, name, known)
  local near = nearest(tostring(name), known)
  error(
    ("plot: unknown %s '%s'%s"):format(
      what,
      tostring(name),
      near and "; did you mean '" .. near .. "'?" or ""
    ),
    0
  )
end

local function check(spec)
  if type(spec) ~= "table" then error("plot: expected a table { data = , geom = , ... }", 0) end
  for key in pairs(spec) do
    if not layer_keys[key] and not plot_keys[key] then
      local known = {}
      for k in pairs(layer_keys) do
        known[k] = true
      end
      for k in pairs(plot_keys) do
        known[k] = true
      end
      refuse_unknown("option", key, known)
    end
  end
  local layers = spec.layers or { {} }
  local resolved = {}
  for i, given in ipairs(layers) do
    local layer = {}
    for key in pairs(given) do
      if not layer_keys[key] then refuse_unknown("option", key, layer_keys) end
    end
    for key in pairs(layer_keys) do
      layer[key] = given[key]
      if layer[key] == nil and not without_data[given.geom or spec.geom] then
        layer[key] = spec[key]
      end
    end
    if not layer.geom then
      error("plot: 'geom' is missing (point, line, bar, histogram, ...)", 0)
    end
    if
      not geoms[layer.geom]
      or type(geoms[layer.geom]) ~= "function"
      or layer.geom == "color_of"
    then
      local known = {}
      for k, v in pairs(geoms) do
        if type(v) == "function" and k ~= "color_of" then known[k] = true end
      end
      refuse_unknown("geom", layer.geom, known)
    end
    if layer.data == nil and not without_data[layer.geom] and layer.geom ~= "tree" then
      error("plot: 'data' is missing", 0)
    end
    for _, key in ipairs(needs[layer.geom] or {}) do
      if layer[key] == nil then error(("plot: geom '%s' needs '%s'"):format(layer.geom, key), 0) end
    end
    if layer.geom == "bar" and not (layer.y or layer.high) then
      error("plot: geom 'bar' needs 'y'", 0)
    end
    resolved[i] = layer
  end
  return resolved
end

-- The rows of a layer's data for one facet level, as arrays.
local function rows_where(layer, facet, level)
  if not layer.data then return layer end
  local by = scales.column(layer.data, facet)
  local part = setmetatable({}, { __index = layer })
  local data = {}
  for _, key in ipairs{ "x", "y", "color", "low", "high", "fill", "text" } do
    local name = layer[key]
    if type(name) == "string" and not data[name] then
      local values, kept = scales.column(layer.data, name), {}
      for i, v in ipairs(values) do
        if by[i] == level then kept[#kept + 1] = v end
      end
      data[name] = kept
    end
  end
  part.data = data
  return part
end

local function tics(panel, axis)
  local levels = panel.levels[axis]
  if levels then
    local parts, crowded = {}, #levels.order
    local keep = math.max(1, math.ceil(crowded / 40))
    for k, name in ipairs(levels.order) do
      if (k - 1) % keep == 0 then parts[#parts + 1] = quote(scales.short(name)) .. " " .. k end
    end
    local long = 0
    for _, name in ipairs(levels.order) do
      long = math.max(long, phrase.width(tostring(name)))
    end
    local turn = axis == "x" and long * crowded > 80 and " rotate by -35" or ""
    local low, high = 0.4, crowded + 0.6
    if panel.tight then
      low, high = 0.5, crowded + 0.5
    end
    local range = axis == "y" and panel.reversed and ("[%s:%s]"):format(number(high), number(low))
      or ("[%s:%s]"):format(number(low), number(high))
    return ("set %stics (%s)%s nomirror scale 0 textcolor rgb '%s'\nset %srange %s"):format(
      axis,
      table.concat(parts, ", "),
      turn,
      geoms.ink,
      axis,
      range
    )
  end
  if panel.time[axis] then
    return ("set %stics time format '%%Y-%%m-%%d' nomirror scale 0 textcolor rgb '%s'"):format(
      axis,
      geoms.ink
    )
  end
  return ("set %stics nomirror scale 0 textcolor rgb '%s'"):format(axis, geoms.ink)
end

-- 200k for 200,000. A decimal where the largest number has one digit before it: else the marks of
-- an axis up to 2 million would read 1M, 1M, 2M.
local function si_format(layers, axis)
  local most = 0
  local function look(layer, name)
    if without_data[layer.geom] or type(layer[name]) ~= "string" then return end
    for _, value in ipairs((scales.column(layer.data, layer[name]))) do
      if type(value) == "number" and value == value then most = math.max(most, math.abs(value)) end
    end
  end
  for _, layer in ipairs(layers) do
    local upright = axis == (layer.horizontal and "x" or "y")
    for _, name in ipairs(upright and { "y", "low", "high" } or { "x" }) do look(layer, name) end
  end
  local unit = most >= 1000 and 1000 ^ math.floor(math.log(most, 1000) + 1e-9) or 1
  return most >= 1000 and most / unit < 10 and "%.1s%c" or "%.0s%c"
end

local function draw_panel(plot, layers, k, title, color_order)
  local spec = plot.spec
  local panel = {
    number = k,
    blocks = 0,
    series = 0,
    data = {},
    clauses = {},
    rules = {},
    levels = {},
    titled = {},
    time = {},
    zero = {},
    reach = { x = {}, y = {} },
    color_order = color_order,
    words = words[spec.lang or "en"],
    x_label = spec.x_label,
    y_label = spec.y_label,
    format = function(v) return phrase.number(v) end,
  }
  for i, layer in ipairs(layers) do
    panel.series = without_data[layer.geom] and panel.series or i - 1
    if layer.color then layer.color_values = scales.column(layer.data, layer.color) end
    geoms[layer.geom](layer, panel)
  end
  local first = layers[1]
  for _, layer in ipairs(layers) do
    if not without_data[layer.geom] then
      first = layer
      break
    end
  end
  local x_name, y_name = first.x, first.y
  if type(x_name) ~= "string" then x_name = "" end
  if type(y_name) ~= "string" then y_name = "" end
  if first.horizontal then
    x_name, y_name = y_name, ""
  end
  local out = { table.concat(panel.data) }
  local function add(text) out[#out + 1] = text end
  add("set border 3 lc rgb '" .. geoms.ink .. "'")
  add(
    ("set grid %s lt 1 lw 0.6 lc rgb '%s'"):format(
      first.horizontal and "xtics noytics" or panel.tight and "noxtics noytics" or "ytics noxtics",
      geoms.rule
    )
  )
  if panel.tight or panel.bare then add("unset grid") end
  add(
    title and ("set title %s textcolor rgb '%s'"):format(quote(title), geoms.ink) or "unset title"
  )
  add(("set xlabel %s textcolor rgb '%s'"):format(quote(panel.x_label or x_name or ""), geoms.ink))
  add(("set ylabel %s textcolor rgb '%s'"):format(quote(panel.y_label or y_name or ""), geoms.ink))
  local range = panel.range or {}
  for _, axis in ipairs{ "x", "y" } do
    local given = spec[axis .. "_range"] or range[axis]
    if given then
      add(("set %srange [%s:%s]"):format(axis, number(given[1]), number(given[2])))
    elseif not panel.levels[axis] then
      -- A rule's position belongs to what the axis must show, and so may 0.
      local shown = { table.unpack(panel.reach[axis]) }
      if panel.zero[axis] then shown[#shown + 1] = 0 end
      if #shown > 0 then
        add(
          ("set %srange [* < %s : %s < *]"):format(
            axis,
            number(math.min(table.unpack(shown))),
            number(math.max(table.unpack(shown)))
          )
        )
      end
    end
    add(tics(panel, axis))
    if spec[axis .. "_format"] == "si" then
      add(("set format %s '%s'"):format(axis, si_format(layers, axis)))
    end
    if spec["log_" .. axis] then add("set logscale " .. axis) end
  end
  -- A drawing without axes.
  if panel.bare then add("unset border\nunset xtics\nunset ytics\nunset xlabel\nunset ylabel") end
  add(
    panel.keyed
        and spec.legend ~= false
        and ("set key outside top center horizontal samplen 1.5 textcolor rgb '%s'"):format(
          geoms.ink
        )
      or "unset key"
  )
  add(panel.colorbox and "set colorbox" or "unset colorbox")
  for _, rule in ipairs(panel.rules) do
    add(rule)
  end
  local clauses = panel.clauses
  if not panel.valid then
    -- Nothing but nulls: an empty frame.
    clauses = { "NaN notitle" }
    add("set xrange [0:1]\nset yrange [0:1]")
  end
  add("plot " .. table.concat(clauses, ", \\\n  "))
  add(
    "unset arrow\nunset label\nunset logscale\nset format\nset xrange [*:*]\nset yrange "
      .. "[*:*]\nset xdata\nset ydata"
  )
  return table.concat(out, "\n")
end

---The gnuplot script that draws the plot on a terminal (a gnuplot `set terminal` argument).
---@param terminal string
---@return string
function Plot:script(terminal)
  local spec = self.spec
  local parts = {
    "set encoding utf8",
    "set terminal " .. terminal,
    "set datafile missing 'NaN'",
    "set tics out",
    "set style fill solid 0.8",
    "set boxwidth 0.8",
    "set errorbars small",
    "set samples 300",
  }
  local colors
  for _, layer in ipairs(self.layers) do
    if layer.color and not colors then
      colors = {}
      for _, level in ipairs((scales.levels(scales.column(layer.data, layer.color)))) do
        colors[#colors + 1] = tostring(level)
      end
      table.sort(colors)
    end
  end
  if spec.facet then
    local source
    for _, layer in ipairs(self.layers) do
      if layer.data then
        source = layer.data
        break
      end
    end
    local levels = scales.levels(scales.column(source, spec.facet))
    table.sort(levels, function(a, b)
      if type(a) == type(b) then return a < b end
      return tostring(a) < tostring(b)
    end)
    local columns = math.ceil(math.sqrt(#levels))
    local rows = math.ceil(#levels / math.max(1, columns))
    parts[#parts + 1] = ("set multiplot layout %d,%d%s"):format(
      rows,
      columns,
      spec.title and " title " .. quote(spec.title) or ""
    )
    for k, level in ipairs(levels) do
      local layers = {}
      for i, layer in ipairs(self.layers) do
        layers[i] = rows_where(layer, spec.facet, level)
      end
      parts[#parts + 1] = draw_panel(self, layers, k, tostring(level), colors)
    end
    parts[#parts + 1] = "unset multiplot"
  else
    parts[#parts + 1] = draw_panel(self, self.layers, 1, spec.title, colors)
  end
  return table.concat(parts, "\n") .. "\n"
end

local font = "NanumGothic"

---The picture as SVG text.
---@return string
function Plot:svg()
  local w, h = self.spec.width or 720, self.spec.height or 400
  return gnuplot.run(
    self:script(("svg size %d,%d dynamic noenhanced font '%s,14'"):format(w, h, font))
  )
end

---Writes the picture; the format follows the name's ending: .svg, .png or .pdf. Gives the plot.
---@param path string
function Plot:save(path)
  local w, h = self.spec.width or 720, self.spec.height or 400
  local ending = path:match("%.(%w+)$")
  local bytes
  if ending == "svg" then
    bytes = self:svg()
  elseif ending == "png" then
    bytes =
      gnuplot.run(self:script(("pngcairo size %d,%d noenhanced font '%s,11'"):format(w, h, font)))
  elseif ending == "pdf" then
    bytes = gnuplot.run(
      self:script(
        ("pdfcairo size %sin,%sin noenhanced font '%s,10'"):format(
          number(w / 96),
          number(h / 96),
          font
        )
      )
    )
  else
    error(("plot: cannot write '%s': the name must end in .svg, .png or .pdf"):format(path), 2)
  end
  require("hana.core").write_file(path, bytes)
  return self
end

---The picture as text.
function Plot:__tostring()
  local text = gnuplot.run(self:script("dumb noenhanced size 78,24"))
  return (text:gsub("\f", ""):gsub("[ \t]+\n", "\n"):gsub("^\n+", ""):gsub("\n+$", ""))
end

---A plot, drawn by gnuplot when it is saved or printed.
---
---Geoms: point, line, step, area, ribbon, bar, histogram, density, box, violin, errorbar, heatmap,
---text, hline, vline, abline, confusion, calibration, roc, pr; of a fitted `model`: tree (a
---decision tree) and boundary (what it predicts over x and y). `layers` puts several on one panel.
---@param spec { data: any, geom: string, x: string, y: string?, color: string?, model: any,
---  facet: string?, low: string?, high: string?, fill: string?, title: string?, layers: table[]?,
---  x_label: string?, y_label: string?, width: integer?, height: integer?, horizontal: boolean?,
---  bins: integer? }
---@return hana.Plot with save(path) for .svg, .png and .pdf
function M.new(spec)
  local done, layers = pcall(check, spec)
  if not done then error(layers, 3) end
  return setmetatable({ spec = spec, layers = layers }, Plot)
end

---Whether a value is a plot.
function M.is(value) return getmetatable(value) == Plot end

return setmetatable(M, { __call = function(_, spec) return M.new(spec) end })
