--- The hana side of learn.py: reads a CSV file and prints the seconds of one fit and one predict.
--- Arguments: file, learner, target, columns to ignore (comma-separated).
local hana = require "hana"

local file, learner, target, ignored = table.unpack(arg)
local df = hana.read_csv(file, { quiet = true })
local ignore = {}
for name in ignored:gmatch "[^,]+" do ignore[#ignore + 1] = name end

hana.threads(1) -- so that processor time is elapsed time
local start = os.clock()
local model = hana[learner]{}:fit(df, { target = target, ignore = ignore, out_of_range = "ignore" })
local fitted = os.clock()
model:predict(df:head(2000))
print(fitted - start, os.clock() - fitted)
