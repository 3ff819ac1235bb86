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

--- How the function that a line defines is called: "hana.read_csv(path, options)".
local function signature(line, module)
  local owner, separator, name, arguments =
    line:match("^function ([%w_]+)([.:])([%w_]+)%((.-)%)")
  if not name then
    name, arguments = line:match("^%s*([%w_]+) = function%((.-)%)")
    owner, separator = module, "."
  end
  if not name then return nil end
  if owner == "methods" then
    owner, separator = module, ":"
    arguments = arguments:gsub("^[%w_]+,?%s*", "")
  elseif owner == "M" then
    owner = module
    local hana = require "hana"
    if module == "init" or type(rawget(hana, name)) == "function" then owner = "hana" end
  else
    owner = owner:lower()
  end
  return name, owner .. separator .. name .. "(" .. arguments .. ")"
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

--- The documented functions of the Lua files, by their last name: lists of texts.
local function documented()
  local found = {}
  for _, path in ipairs(core.glob(folder .. "/*.lua")) do
    local module = path:match("([^/]*)%.lua$")
    local text, notes = {}, {}
    for line in (read(path) .. "\n"):gmatch("(.-)\n") do
      local comment = line:match("^%s*%-%-%-%s?(.*)$")
      if comment then
        local note = annotation(comment)
        if note then notes[#notes + 1] = note
        elseif comment:sub(1, 1) ~= "@" then text[#text + 1] = comment end
      else
        local name, called = nil, nil
        if #text > 0 then name, called = signature(line, module) end
        if name then
          found[name] = found[name] or {}
          local lines = { called, "" }
          table.move(text, 1, #text, #lines + 1, lines)
          table.move(notes, 1, #notes, #lines + 1, lines)
          table.insert(found[name], { called = called, text = table.concat(lines, "\n") })
        end
        text, notes = {}, {}
      end
    end
  end
  return found
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
    part.kind:match("^[aeiou]") and "n" or "", part.kind), "", part.help .. "." }
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
    add(metric.name, ("hana.metrics.%s(truth, predicted): a metric of %s\n\n%s; %s is better."):
      format(metric.name, takes, metric.help, metric.higher_is_better and "higher" or "lower"))
  end
  for _, f in ipairs(core.expression_functions()) do
    add(f.name, ("%s(%s): a function of expressions\n\n%s."):format(f.name, f.arguments, f.help))
  end
  for name, entries in pairs(documented()) do
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
    lines[#lines + 1] = ("  hana %-36s %s"):format(commands[name].usage, commands[name].help)
  end
  lines[#lines + 1] = ""
  local kinds = { learner = {}, step = {}, estimator = {} }
  for _, part in ipairs(core.parts()) do table.insert(kinds[part.kind], part.name) end
  list("Learners", kinds.learner)
  list("Estimators made of others", kinds.estimator)
  list("Preparation steps", kinds.step)
  local functions, methods = {}, {}
  for name, entries in pairs(documented()) do
    for _, entry in ipairs(entries) do
      local owner, separator = entry.called:match("^([%w_]+)([.:])")
      if owner == "hana" then
        functions[name] = true
      elseif separator == ":" then
        methods[owner] = methods[owner] or {}
        methods[owner][name] = true
      end
    end
  end
  list("Functions of hana", sorted_keys(functions))
  for _, owner in ipairs(sorted_keys(methods)) do
    list("Methods of a " .. owner, sorted_keys(methods[owner]))
  end
  local metrics, functions_of_expressions = {}, {}
  for _, metric in ipairs(core.metrics()) do metrics[#metrics + 1] = metric.name end
  for _, f in ipairs(core.expression_functions()) do
    table.insert(functions_of_expressions, f.name)
  end
  list("Metrics", metrics)
  list("Functions of expressions", functions_of_expressions)
  return table.concat(lines, "\n")
end

--- The help on a name, as text; on everything there is, without one.
---@param topic string?
---@return string
function M.help(topic)
  if topic == nil or topic == "" then return overview() end
  local name = topic:match("([%w_]+)[%s(){}]*$") or topic
  local all = topics()
  local texts = all[name]
  if not texts then core.unknown("no help on", topic, "", sorted_keys(all)) end
  return table.concat(texts, "\n\n") .. "\n"
end

return M
