--- `hana help NAME`, `hana.help(name)` and `?name`: one text, from the tables of the library for
--- what is written in C and from the annotations of the Lua files for the rest.
local core = require "hana.core"

local M = {}

local folder = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  return text
end

local names_in_hana

local function in_hana(name)
  if not names_in_hana then
    names_in_hana = {}
    for _, known in ipairs(getmetatable(require "hana").names()) do names_in_hana[known] = true end
  end
  return names_in_hana[name] ~= nil
end

--- How the function that a line defines is called: "read_csv", "hana.read_csv(path, options)".
--- `within` names the table of hana that the line stands in, if any.
local function signature(line, module, within, inner)
  local owner, separator, name, arguments =
    line:match("^function ([%w_]+)([.:])([%w_]+)%((.-)%)")
  if not name then
    name, arguments = line:match("^%s*([%w_]+) = function%((.-)%)")
    owner, separator = within and "hana." .. within or module, "."
  end
  if not name and module == "init" then
    name = line:match("^M%.([%w_]+) = ")
    if name then return name, "hana." .. name end
  end
  if not name then return nil end
  local first, rest = arguments:match("^([%w_]+),?%s*(.*)$")
  if owner == "methods" or owner == "common" then
    owner = owner == "common" and "result" or module
    if separator == "." then separator, arguments = ":", rest end
  elseif owner == "M" and first == "p" then
    owner, separator, arguments = "project", ":", rest
  elseif inner then
    return nil
  elseif owner == "M" then
    if name == "new" and in_hana(module) then
      owner, name = "hana", module
    elseif first == "df" and core.frame_methods[name] then
      owner, separator, arguments = "frame", ":", rest
    elseif first == "model" and module == "methods" then
      owner, separator, arguments = "model", ":", rest
    else
      owner = (module == "init" or in_hana(name)) and "hana" or module
    end
  end
  return name, owner:lower() .. separator .. name .. "(" .. arguments .. ")"
end

local function annotation(line)
  local name, rest = line:match("^@param%s+(%S+)%s+(.*)$")
  if name then return "  " .. name .. ": " .. rest end
  rest = line:match("^@return%s+(.*)$")
  if rest then return "  returns " .. rest end
  rest = line:match("^@field%s+(.*)$")
  if rest then return "  ." .. rest:gsub("%s+", ": ", 1) end
  return nil
end

--- Adds the documented functions of one Lua file to `found`: lists of texts by name.
local function add_documented(found, path)
  local module, inner = path:match("([^/]*)%.lua$"), path:find("/project/", #folder, true)
  local text, notes, names, head, within = {}, {}, {}, nil, nil
  for line in (read(path) .. "\n"):gmatch("(.-)\n") do
    local comment = line:match("^%s*%-%-%-(.*)$")
    local note = comment and annotation(comment)
    if note then
      notes[#notes + 1] = note
    elseif comment and #notes > 0 and comment:match("^%s") then
      notes[#notes] = notes[#notes] .. "\n    " .. comment:match("^%s*(.-)$")
    elseif comment and comment:sub(1, 1) ~= "@" then
      text[#text + 1] = comment:gsub("^ ", "")
    elseif not comment then
      head = head or table.concat(text, "\n")
      local name, called = nil, nil
      if #text > 0 then name, called = signature(line, module, within, inner) end
      within = line:match("^M%.([%w_]+) = {$") or (line ~= "}" and within or nil)
      if name then
        names[#names + 1] = called
        found[name] = found[name] or {}
        local lines = { called, "" }
        table.move(text, 1, #text, #lines + 1, lines)
        table.move(notes, 1, #notes, #lines + 1, lines)
        table.insert(found[name], { called = called, text = table.concat(lines, "\n") })
      end
      text, notes = {}, {}
    end
  end
  -- A table of functions is explained by what its file begins with.
  if head ~= "" and not found[module] and in_hana(module) then
    local lines = { "hana." .. module, "", head, "" }
    for _, called in ipairs(names) do lines[#lines + 1] = "  " .. called end
    for _, metric in ipairs(module == "metrics" and core.metrics() or {}) do
      lines[#lines + 1] = ("  metrics.%s: %s"):format(metric.name, metric.help)
    end
    found[module] = { { called = lines[1], text = table.concat(lines, "\n") } }
  end
end

--- The documented functions of the Lua files, by their last name.
---@return table<string, { called: string, text: string }[]>
function M.documented()
  local found = {}
  for _, pattern in ipairs{ "/*.lua", "/project/*.lua", "/plot/methods.lua" } do
    for _, path in ipairs(core.glob(folder .. pattern)) do add_documented(found, path) end
  end
  return found
end

local function sentence(text)
  return text:sub(1, 1):upper() .. text:sub(2):gsub("%.$", "") .. "."
end

local function option_line(option)
  local facts = { option.kind ~= "" and option.kind or nil }
  if option.default then
    facts[#facts + 1] = "default " .. option.default
  elseif option.required then
    facts[#facts + 1] = "required"
  end
  local about = #facts > 0 and " (" .. table.concat(facts, "; ") .. ")" or ""
  return ("  %s%s\n      %s"):format(option.name, about, option.help or "")
end

local function part_text(part)
  local lines = { ("hana.%s{ ... }: a%s %s"):format(part.name,
    part.kind:match("^[aeiou]") and "n" or "", part.kind), "", sentence(part.help) }
  if #part.options > 0 then
    lines[#lines + 1] = "\nOptions"
    for _, option in ipairs(part.options) do lines[#lines + 1] = option_line(option) end
  end
  if #part.tags > 0 then
    lines[#lines + 1] = "\nTags: " .. table.concat(part.tags, ", "):gsub("_", " ")
  end
  return table.concat(lines, "\n")
end

--- Every topic with its texts, by name.
local function topics()
  local found = {}
  local function add(name, text)
    found[name] = found[name] or {}
    table.insert(found[name], text)
  end
  for _, part in ipairs(core.parts()) do add(part.name, part_text(part)) end
  for _, metric in ipairs(core.metrics()) do
    local takes = metric.takes == "proba" and "probabilities" or metric.takes
    local text = ("hana.metrics.%s(truth, predicted, options): a metric of %s\n\n%s %s is better.")
      :format(metric.name, takes, sentence(metric.help),
        metric.higher_is_better and "Higher" or "Lower")
    local options = metric.options and metric.options .. "\n" or ""
    options = options .. "weights: a column of row weights"
    add(metric.name, text .. "\n\nOptions\n  " .. options:gsub("\n", "\n  "))
  end
  for _, f in ipairs(core.expression_functions()) do
    local called = ("%s(%s): a function of expressions"):format(f.name, f.arguments)
    add(f.name, called .. "\n\n" .. sentence(f.help))
  end
  add("expressions", require("hana.expressions").help())
  for name, entries in pairs(M.documented()) do
    for _, entry in ipairs(entries) do add(name, entry.text) end
  end
  for name, command in pairs(require("hana.cli").commands) do
    add(name, ("hana %s\n\n%s"):format(command.usage, command.help))
  end
  return found
end

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

--- The words, wrapped to the width of a terminal.
local function paragraph(words)
  local lines, line = {}, " "
  for _, word in ipairs(words) do
    if #line + #word + 1 > 78 then
      lines[#lines + 1] = line
      line = " "
    end
    line = line .. " " .. word
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end

local function overview()
  local lines = { "hana help NAME explains one of these; hana.help(name) and ?name do the same.\n" }
  local function list(title, names)
    if #names > 0 then lines[#lines + 1] = title .. "\n" .. paragraph(names) .. "\n" end
  end
  lines[#lines + 1] = "Commands"
  local commands = require("hana.cli").commands
  for _, name in ipairs(sorted_keys(commands)) do
    lines[#lines + 1] = ("  hana %s\n      %s"):format(commands[name].usage, commands[name].help)
  end
  lines[#lines + 1] = ""
  local kinds = { learner = {}, step = {}, estimator = {} }
  for _, part in ipairs(core.parts()) do table.insert(kinds[part.kind], part.name) end
  list("Learners", kinds.learner)
  list("Estimators made of others", kinds.estimator)
  list("Preparation steps", kinds.step)
  local parts, functions = {}, {}
  for _, part in ipairs(core.parts()) do parts[part.name] = true end
  for _, name in ipairs(getmetatable(require "hana").names()) do
    if not parts[name] then functions[name] = true end
  end
  list("In hana", sorted_keys(functions))
  list("Methods of a frame", sorted_keys(core.frame_methods))
  list("Methods of a column", sorted_keys(core.column_methods))
  list("Methods of a model", sorted_keys(core.model_methods))
  local verbs = {}
  for _, stage in ipairs(require("hana.stages").list) do
    for _, verb in ipairs(stage.calls) do verbs[#verbs + 1] = verb end
  end
  list("Stages of a project", verbs)
  local metrics, functions_of_expressions = {}, {}
  for _, metric in ipairs(core.metrics()) do metrics[#metrics + 1] = metric.name end
  for _, f in ipairs(core.expression_functions()) do
    table.insert(functions_of_expressions, f.name)
  end
  list("Metrics", metrics)
  list("Functions of expressions (their grammar: hana help expressions)", functions_of_expressions)
  return table.concat(lines, "\n")
end

local all_topics

--- The help on a name, as text; on everything there is, without one.
---@param topic string?
---@return string
function M.help(topic)
  if topic == nil or topic == "" then return overview() end
  local name = topic:match("([%w_]+)[%s(){}]*$") or topic
  all_topics = all_topics or topics()
  local all = all_topics
  local texts = all[name]
  if not texts then core.unknown("no help on", topic, "", sorted_keys(all)) end
  return table.concat(texts, "\n\n") .. "\n"
end

return M
