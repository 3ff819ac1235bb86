-- Geoms that draw a fitted model: a decision tree as a tree, and the areas of two columns in which
-- a model predicts the same.

local gnuplot = require "hana.plot.gnuplot"
local phrase = require "hana.phrase"

local M = {}

local number, quote = gnuplot.number, gnuplot.quote

local function model_of(layer)
  local model = layer.model
  if not require("hana.model").is(model) or not model.fitted then
    error(("plot: geom '%s' needs 'model', a fitted one"):format(layer.geom), 0)
  end
  return model
end

---The nodes of a tree from the text of `model:rules()`: a condition a line, two spaces deeper below
---it, and leaves after an arrow.
---@param text string
---@return table root { children, label } and, for leaves, leaf
function M.read_rules(text)
  local root = { children = {} }
  local path = { [-1] = root }
  for line in text:gmatch "[^\n]+" do
    local indent, rest = line:match "^( *)(.*)$"
    local depth = #indent // 2
    local parent = path[depth - 1] or root
    local leaf = rest:match "^%->%s*(.*)$"
    if leaf then
      parent.leaf = leaf
    else
      local node = { label = rest, children = {} }
      parent.children[#parent.children + 1] = node
      path[depth] = node
    end
  end
  return root
end

-- Rows for the leaves, depth for the columns; a fork stands in the middle of its branches.
local function place(node, depth, state)
  node.depth = depth
  state.depth = math.max(state.depth, depth)
  if #node.children == 0 then
    state.leaves = state.leaves + 1
    node.at = state.leaves
    return
  end
  local sum = 0
  for _, child in ipairs(node.children) do
    place(child, depth + 1, state)
    sum = sum + child.at
  end
  node.at = sum / #node.children
end

local function short(text, cells)
  if phrase.width(text) <= cells then return text end
  local out = ""
  for _, code in utf8.codes(text) do
    local longer = out .. utf8.char(code)
    if phrase.width(longer) > cells - 1 then break end
    out = longer
  end
  return out .. "…"
end

-- 167.14999389648 as 167.15: five digits are enough on a branch.
local function rounded(text)
  return (text:gsub("%d+%.%d+", function(digits)
    return (("%.5g"):format(tonumber(digits)):gsub(",", "."))
  end))
end

local function write(panel, ink, x, y, text, how)
  panel.rules[#panel.rules + 1] = ("set label %s at %s,%s %s textcolor rgb '%s' front"):format(
    quote(text),
    number(x),
    number(y),
    how,
    ink
  )
end

---Branches of a decision tree from left to right, conditions on the branches, predictions at the
---end.
function M.tree(layer, panel)
  local done, text = pcall(function() return model_of(layer):rules() end)
  if not done then error(text, 0) end
  local root, state, lines = M.read_rules(text), { leaves = 0, depth = 0 }, {}
  if #root.children == 0 and not root.leaf then
    error("plot: geom 'tree' needs a model whose rules are a tree (decision_tree)", 0)
  end
  place(root, 0, state)
  -- The last third is for the predictions; a condition has the length of its branch.
  local width = 1.45 * math.max(1, state.depth) + 0.3
  local wide = math.max(8, math.floor(98 / width))
  local function draw(node)
    for _, child in ipairs(node.children) do
      lines[#lines + 1] = number(node.depth) .. " " .. number(node.at)
      lines[#lines + 1] = number(node.depth) .. " " .. number(child.at)
      lines[#lines + 1] = number(child.depth) .. " " .. number(child.at)
      lines[#lines + 1] = ""
      write(
        panel,
        panel.ink,
        node.depth + 0.04,
        child.at,
        short(rounded(child.label), wide),
        "left offset 0,0.6"
      )
      draw(child)
    end
    if node.leaf then
      write(panel, panel.ink, node.depth + 0.06, node.at, short(node.leaf, 34), "left")
    end
  end
  draw(root)
  if #lines == 0 then lines[1] = "0 1" end
  panel.clauses[#panel.clauses + 1] = ("%s using 1:2 with lines lw 1.6 lc rgb '%s' notitle"):format(
    panel.add_block(lines),
    panel.color_of(1)
  )
  panel.range = { x = { 0, width }, y = { state.leaves + 0.6, 0.4 } }
  panel.bare = true
end

local function middle(values)
  local sorted, counts, best = {}, {}, nil
  local numeric = true
  for _, v in ipairs(values) do
    if type(v) == "number" then
      sorted[#sorted + 1] = v
    elseif type(v) == "string" or type(v) == "boolean" then
      numeric = false
      counts[v] = (counts[v] or 0) + 1
      if best == nil or counts[v] > counts[best]
        or (counts[v] == counts[best] and tostring(v) < tostring(best)) then
        best = v
      end
    end
  end
  if not numeric then return best end
  table.sort(sorted)
  return sorted[(#sorted + 1) // 2]
end

local steps = 60

-- Rows for every cell of a grid over the two columns; the others stay at their middle.
local function grid(layer, model)
  local data = layer.data
  local hana = require "hana"
  if not require("hana.frame").is(data) then
    error("plot: geom 'boundary' needs a frame as 'data'", 0)
  end
  local low, size = {}, {}
  local types = data:types()
  for _, axis in ipairs{ "x", "y" } do
    local name = layer[axis]
    local column = data:col(name)
    if types[name] ~= "float" and types[name] ~= "int" then
      local text = "plot: geom 'boundary': column '%s' is %s, expected numbers"
      error(text:format(name, tostring(types[name])), 0)
    end
    local first, last = column:min(), column:max()
    low[axis], size[axis] = first, math.max(1e-9, last - first) / steps
  end
  local columns = {}
  for _, one in ipairs(model:info().schema) do
    local name = one.name
    local values = {}
    local fixed
    if name ~= layer.x and name ~= layer.y then
      fixed = middle(data:col(name):totable())
      if fixed == nil then fixed = hana.null end
    end
    for j = 0, steps - 1 do
      for i = 0, steps - 1 do
        local v = fixed
        if name == layer.x then
          v = low.x + (i + 0.5) * size.x
        elseif name == layer.y then
          v = low.y + (j + 0.5) * size.y
        end
        if types[name] == "int" and v ~= hana.null then v = math.floor(v + 0.5) end
        values[j * steps + i + 1] = v
      end
    end
    columns[#columns + 1] = { name, values, types[name] }
  end
  return hana.frame(columns), low, size
end

local function bands(values)
  local low, high = math.huge, -math.huge
  for _, v in ipairs(values) do
    if type(v) == "number" and v == v then
      low, high = math.min(low, v), math.max(high, v)
    end
  end
  local n, out, names = 6, {}, {}
  local width = math.max(1e-12, (high - low) / n)
  for k = 1, n do
    names[k] = ("%s – %s"):format(
      phrase.number(low + (k - 1) * width),
      phrase.number(low + k * width)
    )
  end
  for i, v in ipairs(values) do
    if type(v) == "number" and v == v then
      out[i] = names[math.min(n, 1 + math.floor((v - low) / width))]
    end
  end
  return out, names
end

local shades = { "#2c5f9e", "#4f8fc0", "#8fbcc4", "#d8c38a", "#dd9448", "#b9503c" }

---The areas in which a model predicts the same class (or numbers of the same band), over two of its
---columns; the other columns stay at their median or most frequent level.
function M.boundary(layer, panel)
  local model = model_of(layer)
  local cells, low, size = grid(layer, model)
  local predicted = model:predict(cells):totable()
  local names, color = {}, {}
  if require("hana.core").task(model) == "regression" then
    predicted, names = bands(predicted)
    for k, name in ipairs(names) do
      color[name] = shades[k]
    end
  else
    for k, class in ipairs(model.classes) do
      names[k] = tostring(class)
      color[names[k]] = panel.color_of(k)
    end
  end
  local boxes = {}
  for j = 0, steps - 1 do
    local first = 0
    for i = 1, steps do
      local here = tostring(predicted[j * steps + first + 1])
      if i == steps or tostring(predicted[j * steps + i + 1]) ~= here then
        local x1, x2 = low.x + first * size.x, low.x + i * size.x
        local y1 = low.y + j * size.y
        boxes[here] = boxes[here] or {}
        table.insert(boxes[here], table.concat({
          number((x1 + x2) / 2), number(y1 + size.y / 2),
          number(x1), number(x2), number(y1), number(y1 + size.y),
        }, " "))
        first = i
      end
    end
  end
  for _, name in ipairs(names) do
    if boxes[name] then
      panel.clauses[#panel.clauses + 1] = (
        "%s using 1:2:3:4:5:6 with boxxyerror fs transparent solid 0.3 noborder lc rgb '%s' %s"
      ):format(panel.add_block(boxes[name]), color[name], panel.title_of(name))
    end
  end
  panel.range = {
    x = { low.x - size.x, low.x + (steps + 1) * size.x },
    y = { low.y - size.y, low.y + (steps + 1) * size.y },
  }
  panel.tight = true
  if layer.color then
    require("hana.plot.geoms").point(layer, panel)
  end
end

return M
