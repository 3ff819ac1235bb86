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

local function text_keys(prefix)
  local name = "texts " .. prefix
  if not frames[name] then
    local ids = load("gby"):mutate({ { "id", "$prefix .. k2" } }, { prefix = prefix })
    frames[name] = ids:select{ "id", "v" }
  end
  return frames[name]
end

local function first(rows)
  local name = "first " .. rows
  if not frames[name] then
    frames[name] = hana.read_csv(folder .. "/csv_big.csv", { quiet = true, limit = rows })
  end
  return frames[name]
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
  csv_wide = function()
    return #hana.read_csv(folder .. "/pixels.csv", { quiet = true })
  end,
  csv_scan = function()
    return #hana.scan_csv(folder .. "/csv_big.csv"):filter("fare > 5"):group_by{ "payment" }
      :summarize{ { "n", "count()" }, { "m", "mean(distance)" } }
  end,
  csv_write = function()
    first(1000000):write_csv(written)
    return 1000000
  end,
  json_read = function()
    return #hana.read_json(folder .. "/lines.jsonl", { quiet = true })
  end,
  json_write = function()
    first(500000):write_json(written)
    return 500000
  end,
  group_100 = function() return mean_by(load "gby", "k1") end,
  group_100k = function() return mean_by(load "gby", "k2") end,
  group_texts = function() return mean_by(text_keys "id", "id") end,
  group_long = function() return mean_by(text_keys "customer-", "id") end,
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
  csv_write = function() first(1000000) end,
  json_write = function() first(500000) end,
  group_texts = function() text_keys "id" end,
  group_long = function() text_keys "customer-" end,
  join = function() load "join" end,
}

io.stdout:setvbuf "no"
for name in io.lines() do
  local verb, task = name:match "^(%a+) ([%w_]+)$"
  if verb == "prepare" then
    if not name:find "csv" and not name:find "json" then load "gby" end
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
