local case = require "tests.cases.case"
local hana = require "hana"

local about, list, read, report = case.about, case.list, case.read, case.report
local null = hana.null

describe("case 017, day or month first", function()
  it("is one format for the whole column", function()
    assert.same({ "2021-05-03", "2021-02-07", "2021-06-28" },
      list(read(17, "input.csv", { types = { d = { "date", "%d.%m.%Y" } } }), "d"))
    local wrong = { types = { d = { "date", "%m.%d.%Y" } } }
    assert.error_matches(function() read(17, "input.csv", wrong) end,
      "'28.06.2021' is not a date by '%m.%d.%Y'", 1, true)
  end)

  -- The policy: such dates are never guessed. They stay text, and the report names the formats.
  it("is not guessed", function()
    assert.equal("string", read(17, "input.csv"):types().d)
    local slashes = read(17, "slashes.csv")
    assert.equal("string", slashes:types().d)
    assert.matches("'%d/%m/%Y' or '%m/%d/%Y'", about(slashes, "d").hint, 1, true)
  end)
end)

-- Offsets from the IANA time zone database, through Python's zoneinfo.
describe("case 019, changes of the clock", function()
  local york = { types = { t = "datetime" }, timezone = "America/New_York" }

  it("leave a second between the last before and the first after the gap", function()
    local df = read(19, "ok.csv", york)
    assert.equal(1, df:mutate{ { "s", "t - lag(t)" } }.s[2])
  end)

  it("make an error of a time that was never shown, or a counted null", function()
    assert.error_matches(function() read(19, "gap.csv", york) end,
      "'2025-03-09 02:30:00' does not exist", 1, true)
    assert.error_matches(function() read(19, "gap.csv", york) end, "line 3", 1, true)
    local df = read(19, "gap.csv", { types = york.types, timezone = york.timezone,
      on_error = "null" })
    assert.same({ "2025-03-09T01:59:59-05:00", null, "2025-03-09T03:00:00-04:00" }, list(df, "t"))
    assert.equal(1, about(df, "t").failed)
    assert.matches("1", report(df), 1, true)
  end)

  -- The policy: a time that was shown twice is the first of the two, and the report says so.
  it("report a time that was shown twice", function()
    local df = read(19, "overlap.csv", york)
    assert.same({ "2025-11-02T01:30:00-04:00" }, list(df, "t"))
    assert.matches("happened twice", report(df), 1, true)
  end)

  it("are told apart by offsets", function()
    local df = read(19, "offsets.csv")
    assert.same({ "2025-11-02T05:30:00Z", "2025-11-02T06:30:00Z" }, list(df, "t"))
    assert.equal(3600, df:mutate{ { "s", "t - lag(t)" } }.s[2])
  end)

  it("happened in Seoul in 1988", function()
    local df = read(19, "seoul.csv", { timezone = "Asia/Seoul" })
    assert.same({ "1988-07-01T00:00:00+10:00", "1990-07-01T00:00:00+09:00" }, list(df, "t"))
    df = read(19, "seoul.csv", { types = { t = "datetime" }, timezone = "Asia/Seoul" })
    local utc = hana.read_csv{ text = "t\n1988-06-30T14:00:00Z\n1990-06-30T15:00:00Z\n",
      quiet = true }
    assert.same({ 0.0, 0.0 },
      list(df:mutate{ { "u", utc.t } }:mutate{ { "s", "t - u" } }, "s"))
  end)
end)
