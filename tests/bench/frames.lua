--- The hana side of frames.py: reads a task's name from each line, does it, and answers with its
--- processor seconds and a figure that the peers must agree with. Argument: the data folder.
local hana = require "hana"

local folder = ...
local frames, written = {}, os.tmpname()

local function load(name)
  if not frames[name] then
    frames[name] = hana.read_csv(folder .. "/" .. name .. ".csv", { quiet = true })
  end
  return frames[name]
end

local function text_keys()
  if not frames.texts then
    local ids = load("gby"):mutate{ { "id", "'id' .. k2" } }
    frames.texts = ids:select{ "id", "v" }
  end
  return frames.texts
end

local function mean_by(df, key)
  local means = df:group_by{ key }:summarize{ { "m", "mean(v)" } }
  return #means
end

local tasks = {
  csv_read = function()
    return #hana.read_csv(folder .. "/csv_big.csv", { quiet = true })
  end,
  csv_numbers = function()
    return #hana.read_csv(folder .. "/higgs.csv", { quiet = true })
  end,
  csv_write = function()
    frames.million:write_csv(written)
    return #frames.million
  end,
  group_100 = function() return mean_by(load "gby", "k1") end,
  group_100k = function() return mean_by(load "gby", "k2") end,
  group_texts = function() return mean_by(text_keys(), "id") end,
  group_several = function()
    return #load("gby"):group_by{ "k2" }:summarize{
      { "m", "mean(v)" }, { "s", "sd(v)" }, { "mx", "max(w)" }, { "n", "count()" },
    }
  end,
  group_median = function()
    return #load("gby"):group_by{ "k2" }:summarize{ { "m", "median(v)" } }
  end,
  join = function()
    return #load("gby"):select{ "k2", "v" }:join(load "join", { by = "k2" })
  end,
  sort_float = function() return #load("gby"):sort{ "v" } end,
  sort_int = function() return #load("gby"):sort{ "w" } end,
  filter = function() return #load("gby"):filter("v > 50 and k1 < 50") end,
  arithmetic = function()
    return #load("gby"):mutate{ { "z", "v * 2 + w / 3 - k1" } }
  end,
}

local before = {
  csv_write = function()
    frames.million = frames.million or
      hana.read_csv(folder .. "/csv_big.csv", { quiet = true, limit = 1000000 })
  end,
  group_texts = text_keys,
  join = function() load "join" end,
}

io.stdout:setvbuf "no"
for name in io.lines() do
  local verb, task = name:match "^(%a+) ([%w_]+)$"
  if verb == "prepare" then
    if not name:find "csv" then load "gby" end
    if before[task] then before[task]() end
    print "ready"
  elseif verb == "forget" then
    frames = {}
    collectgarbage()
    print "forgotten"
  else
    local start = os.clock()
    local figure = tasks[task]()
    print(os.clock() - start, figure)
    collectgarbage()
    print "free"
  end
end
os.remove(written)
