--- The subcommands of the executable: `hana NAME args`.
local M = {}

---@class hana.command
---@field usage string the command line after `hana`
---@field help string one sentence
---@field run fun(...: string): integer? the exit code, 0 when nil

---@type table<string, hana.command>
M.commands = {}

--- Where the person at the terminal made a mistake: the message and exit code 2.
local function usage(command, format, ...)
  io.stderr:write("hana: ", format:format(...), "\nusage: hana ", command.usage, "\n")
  return 2
end

M.commands.test = {
  usage = "test [busted args]",
  help = "run busted specs inside hana",
  run = function(...)
    local found, cliargs = pcall(require, "cliargs.core")
    if not found then error("busted is missing: apt install lua-busted", 0) end
    -- Given no folder, busted looks into spec/; projects here keep their specs in tests/.
    package.loaded["cliargs.core"] = function(...)
      local parser = cliargs(...)
      local splat = parser.splat
      function parser:splat(key, text, default, ...)
        return splat(self, key, text, key == "ROOT" and "tests" or default, ...)
      end
      return parser
    end
    arg = { [-1] = arg[-1], [0] = "hana test", ... }
    -- The name of the chunk is the name that busted goes by in its messages.
    load("require 'busted.runner'({ standalone = false })", "@hana test")()
  end,
}

M.commands.help = {
  usage = "help [topic]",
  help = "explain a command, function, learner, step or metric",
  run = function(topic, ...)
    if select("#", ...) > 0 then
      return usage(M.commands.help, "one topic at a time")
    end
    io.write(require("hana.help").help(topic), "\n")
  end,
}

M.commands.new = {
  usage = "new DIR",
  help = "write a project skeleton: nine stage scripts, data/ and tests/",
  run = function(folder, ...)
    if not folder or select("#", ...) > 0 then
      return usage(M.commands.new, "one folder for the project")
    end
    local written = require("hana.new").new((folder:gsub("/+$", "")))
    print(("%s: %d files. Run its scripts in order, or hana test, inside it."):format(folder,
      #written))
  end,
}

M.commands.runs = {
  usage = "runs [store]",
  help = "what the projects of a store have done (sqlite:hana.db)",
  run = function(store, ...)
    if select("#", ...) > 0 then return usage(M.commands.runs, "one store") end
    local runs = require("hana.project.ledger").read(store or "sqlite:hana.db")
    for _, row in runs:rows() do
      print(("%s  %s  %s.%s  %s"):format(row.at, row.project, row.stage, row.verb,
        row.finding or ""))
    end
  end,
}

--- Whether a file was written by save. What cannot be read is left to the reader to complain of.
local function is_saved(path)
  local file = io.open(path, "rb")
  local beginning = file and file:read(4)
  if file then file:close() end
  return beginning == "HANA"
end

--- A frame from a file, by what it holds or by its name.
local function read_data(path)
  local hana = require "hana"
  if is_saved(path) then return hana.load(path) end
  local name = path:lower():gsub("%.gz$", ""):gsub("%.zst$", "")
  if name:match("%.jsonl?$") then return hana.read_json(path) end
  if name:match("%.xlsx?$") or name:match("%.xlsm$") then return hana.read_xlsx(path) end
  return hana.read_csv(path)
end

--- The columns a model wants: name, type, and the range or levels it was fitted to.
local function schema_frame(schema)
  local hana = require "hana"
  local names, types, nulls, seen = {}, {}, {}, {}
  for i, column in ipairs(schema) do
    names[i], types[i], nulls[i] = column.name, column.type, column.nulls or 0
    if column.min then
      seen[i] = ("%s to %s"):format(column.min, column.max)
    else
      seen[i] = column.levels and table.concat(column.levels, ", ") or hana.null
    end
  end
  return hana.frame{ { "column", names }, { "type", types }, { "nulls", nulls }, { "seen", seen } }
end

local function describe_model(path, model)
  local info = model:info()
  print(("%s: %s, fitted to %d rows (data %s), seed %d, %d bytes"):format(path, info.estimator,
    info.rows, info.data_hash, info.seed, info.bytes))
  if info.roles.target then
    local classes = info.classes and #info.classes > 0 and table.concat(info.classes, ", ")
    print(("Predicts %s (%s%s)"):format(info.roles.target, info.task,
      classes and ": " .. classes or ""))
  end
  if info.keeps_rows then print "Holds the training rows, which the method needs" end
  for _, warning in ipairs(info.warnings) do print("Warned: " .. warning) end
  if #info.schema > 0 then print(schema_frame(info.schema)) end
end

M.commands.inspect = {
  usage = "inspect FILE",
  help = "profile a data file, or say what a saved model holds",
  run = function(path, ...)
    if not path or select("#", ...) > 0 then return usage(M.commands.inspect, "one file") end
    local data = read_data(path)
    if require("hana.frame").is(data) then
      print(data)
      print(data:profile())
    else
      describe_model(path, data)
    end
  end,
}

--- Positional arguments and options of `predict`; nil and a message where they cannot be.
local function predict_arguments(...)
  local given, files = { output = "-" }, {}
  local words = { ... }
  local i = 1
  while i <= #words do
    local word = words[i]
    if word == "-o" then
      i = i + 1
      if not words[i] then return nil, "-o needs a file" end
      given.output = words[i]
    elseif word == "--proba" then
      given.proba = true
    elseif word:sub(1, 1) == "-" and word ~= "-" then
      return nil, ("unknown option '%s'"):format(word)
    else
      files[#files + 1] = word
    end
    i = i + 1
  end
  if #files ~= 2 then return nil, "a model and a data file are needed" end
  given.model, given.data = files[1], files[2]
  return given
end

M.commands.predict = {
  usage = "predict model.hana data.csv [-o out.csv] [--proba]",
  help = "the columns of a data file plus what a model predicts",
  run = function(...)
    local given, problem = predict_arguments(...)
    if not given then return usage(M.commands.predict, "%s", problem) end
    local hana = require "hana"
    local model = hana.load(given.model)
    if require("hana.frame").is(model) then
      error(given.model .. ": holds a frame, not a model", 0)
    end
    local data = read_data(given.data)
    local columns = { { "prediction", model:predict(data) } }
    if given.proba then
      local proba = model:predict_proba(data)
      for _, class in ipairs(proba:names()) do
        columns[#columns + 1] = { "p_" .. class, proba[class] }
      end
    end
    for _, column in ipairs(columns) do
      if data:has(column[1]) then
        error(("%s: has a column '%s' already"):format(given.data, column[1]), 0)
      end
    end
    local out = data:mutate(columns)
    if given.output:match("%.xlsx$") then
      out:write_xlsx(given.output)
    elseif given.output:match("%.jsonl?$") then
      out:write_json(given.output)
    else
      out:write_csv(given.output)
    end
  end,
}

--- Runs the subcommand `name` and returns its exit code, or nil where there is no such subcommand.
---@param name string
---@param ... string its arguments
---@return integer?
function M.run(name, ...)
  local command = M.commands[name]
  if not command then return nil end
  local ok, result = pcall(command.run, ...)
  if ok then return result or 0 end
  io.stderr:write("hana: ", tostring(result), "\n")
  return 1
end

return M
