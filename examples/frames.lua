-- The verbs of frames on files as people make them. 1,095 students typed how tall they are: in
-- inches, in feet, in centimetres, and in jokes. 344 penguins were weighed on three islands in
-- three years. Beside each step stands what pandas and dplyr call it.
--
--   hana examples/frames.lua

local hana = require "hana"

local here = (arg and arg[0] or ""):match("^(.*)/[^/]*$") or "."

-- Reading never changes a value without a word: one text among numbers makes a column of texts,
-- and `typed:read_report()` says so.                  pandas, dplyr: read_csv, value_counts, count
local typed = hana.read_csv(here .. "/data/reported_heights/reported_heights.csv", { quiet = true })
print "Typed most often, and some that are no numbers:"
print(typed:count{ "height" }:sort{ { "n", "desc" } }:head(3))
print(typed:filter("not matches(height, '^[0-9.]+$')"):sample{ n = 5, seed = 3 }
  :select{ "height" })

-- The list form of mutate sees the columns made before. `extract` gives null where its pattern is
-- not found, and null goes through arithmetic.        pandas: assign, str.extract, np.select
--                                                     dplyr: mutate, str_extract, case_when
-- 5.8 may be 5'8" or 5.8 feet: such heights stay null, like the jokes.
local feet = [=[^([4-7]) ?(?:'|’|,| |ft|feet|foot)]=]
local heights = typed:mutate({
  { "text", "replace(trim(lower(height)), '\"', '')" },
  { "number", "float(extract(text, $number, 1))" },
  { "feet", "float(extract(text, $feet, 1))" },
  { "inches", "coalesce(float(extract(text, $inches, 2)), 0.0)" },
  { "cm", [[case_when(
      between(number, 54, 81), number * 2.54,
      between(number, 137, 206), number,
      between(number, 1.37, 2.06), number * 100,
      inches < 12, (feet * 12 + inches) * 2.54)]] },
}, { number = [=[^([0-9]+(?:\.[0-9]+)?) ?(?:cm)?$]=], feet = feet,
  inches = feet .. [=[ ?(?:and )?([0-9]{1,2}(?:\.[0-9]+)?)(?:''| ?inches)?$]=] })

print(("%d of %d heights are understood; the rest:"):format(heights.cm:count(), #heights))
print(heights:filter("is_null(cm)"):count{ "height" }:sort{ { "n", "desc" } }:head(4))

-- A statistic a group.                                pandas: groupby.agg; dplyr: summarize
print(heights:group_by{ "sex" }:summarize{
  { "n", "count(cm)" }, { "mean", "round(mean(cm), 1)" }, { "sd", "round(sd(cm), 1)" },
  { "p90", "round(quantile(cm, 0.9), 1)" },
})

-- Names to type, a part of a text, the year of a date.
--                                                     pandas: rename, .str, .dt; dplyr: mutate
local penguins = hana.read_csv(here .. "/data/penguins/penguins_raw.csv", { quiet = true })
  :clean_names()
  :mutate{ { "species", "extract(species, '^([A-Z][a-z]+)', 1)" }, { "year", "year(date_egg)" } }
  :drop_null{ "body_mass_g" }

-- From rows to columns and back.                      pandas: pivot_table, melt
--                                                     dplyr: pivot_wider, pivot_longer
local by_year = penguins:group_by{ "species", "year" }
  :summarize{ { "grams", "int(round(mean(body_mass_g)))" } }
local wide = by_year:pivot_wider{ name = "year", value = "grams" }
print "What penguins weigh:"
print(wide)
local back = wide:pivot_longer{ columns = { "2007", "2008", "2009" }, name = "year",
  value = "grams" }
assert(#back == #by_year)

-- Beside its own rows a group has ranks, shares and the row before.
--                                                     pandas: groupby.transform, shift, rank
print "The change from year to year:"
print(by_year:group_by{ "species" }:mutate{ { "change", "grams - lag(grams)" } }
  :drop_null{ "change" })

-- Two frames by a key: every row of the left one, with what the right one knows of it.
--                                                     pandas: merge; dplyr: left_join
local seasons = penguins:group_by{ "year" }
  :summarize{ { "first_egg", "min(date_egg)" }, { "birds", "count()" } }
  :rename{ season = "year" }
local joined = by_year:join(seasons, { by = { year = "season" }, how = "left" })
print(joined)

-- The first rows of each group, and anything that a function makes of one.
--                                                     pandas: groupby.apply; dplyr: slice_max
print "The heaviest of each species:"
print(penguins:sort{ { "body_mass_g", "desc" } }:group_by{ "species" }
  :apply(function(part) return part:head(1) end)
  :select{ "species", "island", "sex", "body_mass_g" })

-- Out and in again: what was written is what is read.
local path = os.tmpname()
joined:write_xlsx(path)
print("Written to a sheet and read back: " .. joined:compare(hana.read_xlsx(path)).verdict)
os.remove(path)
