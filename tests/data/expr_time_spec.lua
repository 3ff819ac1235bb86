local hana = require "hana"
local core = require "hana.core"

local null = hana.null

local df = hana.frame{
  { "d", { "2024-02-29", "1969-07-20", null } },
  { "t", { "2024-02-29T23:30:15.5Z", "1969-07-20T20:17:40Z", null } },
  { "s", { "29.2.2024", "20.7.1969", null } },
}:cast{ d = "date", t = "datetime" }

local function values(text, frame) return core.eval(frame or df, text):totable() end

local function message(text)
  local ok, err = pcall(core.eval, df, text)
  assert.is_false(ok, text)
  return tostring(err)
end

describe("dates and datetimes in expressions", function()
  it("have parts", function()
    assert.same({ 2024, 1969, null }, values("year(d)"))
    assert.same({ 2, 7, null }, values("month(t)"))
    assert.same({ 29, 20, null }, values("day(t)"))
    assert.same({ 23, 20, null }, values("hour(t)"))
    assert.same({ 30, 17, null }, values("minute(t)"))
    assert.same({ 4, 7, null }, values("weekday(d)"))
    assert.matches("a date has no hour", message("hour(d)"), 1, true)
    assert.matches("date(...) reads one from text", message("year(s)"), 1, true)
  end)

  it("are read from text and written as text", function()
    assert.same({ "2024-02-29", "1969-07-20", null }, values("date(s, '%d.%m.%Y')"))
    assert.same({ "2024-02-29", "1969-07-20", null }, values("date(t)"))
    assert.same({ "2024-02-29T00:00:00Z", "1969-07-20T00:00:00Z", null }, values("datetime(d)"))
    assert.same({ "29/02/24", "20/07/69", null }, values("format(d, '%d/%m/%y')"))
    assert.same({ "2024-02-29", "1969-07-20", null }, values("string(d)"))
    assert.matches("'29.2.2024' is no date in row 1", message("date(s)"), 1, true)
    assert.matches("of the form '%Y'", message("date(s, '%Y')"), 1, true)
  end)

  it("keep six digits of a second, and refuse more", function()
    local fine = hana.frame{ { "s", { "2024-02-29T10:00:00.123456000Z", "2024-02-29 10:00:00.5" } },
      { "f", { "2024-02-29T10:00:00.123456000Z", "2024-02-29T10:00:00.123456789Z" } } }
    assert.same({ "2024-02-29T10:00:00.123456Z", "2024-02-29T10:00:00.500000Z" },
      values("datetime(s)", fine))
    assert.equal("2024-02-29T10:00:00.123456Z", values("datetime(s, '%FT%T.%fZ')",
      fine:head(1))[1])
    for _, text in ipairs{ "datetime(f)", "datetime(f, '%FT%T.%fZ')" } do
      local ok, err = pcall(core.eval, fine, text)
      assert.is_false(ok)
      assert.matches("'2024-02-29T10:00:00.123456789Z' has more than the 6 digits of a second that "
        .. "a datetime keeps in row 2", tostring(err), 1, true)
    end
    assert.matches("has more than the 6 digits", message("t > '2024-02-29 10:00:00.1234567'"), 1,
      true)
    assert.error_matches(function() fine:cast{ f = "datetime" } end, "row 2: "
      .. "'2024-02-29T10:00:00.123456789Z' cannot become datetime, which keeps 6 digits of a "
      .. "second", 1, true)
    assert.same({ "2024-02-29T10:00:00.123456Z" }, fine:head(1):cast{ f = "datetime" }.f:totable())
  end)

  it("are compared with each other and with ISO texts", function()
    assert.same({ true, false, null }, values("d > '2000-01-01'"))
    assert.same({ false, true, null }, values("t < '2000-01-01 12:00'"))
    assert.same({ true, true, null }, values("t > d"))
    assert.same({ true, true, null }, values("date(t) == d"))
    assert.same({ true, false, null }, values("is_in(d, { '2024-02-29' })"))
    assert.same({ true, false, null }, values("between(d, '2024-01-01', '2024-12-31')"))
    assert.matches("'2024-02-30' is no date", message("d > '2024-02-30'"), 1, true)
    assert.matches("cannot compare a date with an int", message("d > 5"), 1, true)
  end)

  it("are counted in days and seconds", function()
    assert.same({ "2024-03-01", "1969-07-21", null }, values("d + 1"))
    assert.same({ "2024-03-01", "1969-07-21", null }, values("1 + d"))
    assert.same({ "2024-02-28", "1969-07-19", null }, values("d - 1"))
    assert.same({ 59, -19888, null }, values("d - '2024-01-01'"))
    assert.same({ 84615.5, 73060.0, null }, values("t - datetime(d)"))
    assert.same({ "2024-02-29T23:30:17Z", "1969-07-20T20:17:41.500000Z", null }, values("t + 1.5"))
    assert.same({ -1, 19946, null }, values("days_between(d, '2024-02-28')"))
    assert.matches("cannot be added", message("d + d"), 1, true)
    assert.matches("days (an int)", message("d + 0.5"), 1, true)
  end)

  it("are cut to units", function()
    assert.same({ "2024-02-01", "1969-07-01", null }, values("date_trunc(d, 'month')"))
    assert.same({ "2024-02-26", "1969-07-14", null }, values("date_trunc(d, 'week')"))
    assert.same({ "2024-01-01", "1969-07-01", null }, values("date_trunc(d, 'quarter')"))
    assert.same({ "2024-02-29T23:00:00Z", "1969-07-20T20:00:00Z", null },
      values("date_trunc(t, 'hour')"))
    assert.same({ "2024-02-29T00:00:00Z", "1969-07-20T00:00:00Z", null },
      values("date_trunc(t, 'day')"))
    assert.matches("a unit is", message("date_trunc(d, 'mouth')"), 1, true)
    assert.matches("format '%q': '%q' is not known", message("date(s, '%q')"), 1, true)
  end)

  it("follow the zone of their column", function()
    local seoul = hana.read_csv({ text = "t\n2024-02-29 23:30:15\n", timezone = "Asia/Seoul",
      types = { t = "datetime" }, quiet = true })
    assert.same({ 23 }, values("hour(t)", seoul))
    assert.same({ "2024-02-29" }, values("date(t)", seoul))
    assert.same({ true }, values("t == '2024-02-29 23:30:15'", seoul))
    assert.same({ "2024-02-29T00:00:00+09:00" }, values("date_trunc(t, 'day')", seoul))
    assert.same({ "23:30 +0900" }, values("format(t, '%H:%M %z')", seoul))
  end)

  it("know no time that clocks leave out", function()
    local local_time = "datetime('%s', '%%Y-%%m-%%d %%H:%%M', 'America/New_York')"
    local function at(text) return values(local_time:format(text))[1] end
    assert.equal("2024-03-10T03:00:00-04:00", at "2024-03-10 03:00")
    assert.matches("'2024-03-10 02:30' does not exist in America/New_York: clocks went forward",
      message(local_time:format "2024-03-10 02:30"), 1, true)
    -- Twice on that day (IANA): the earlier is meant.
    assert.equal("2024-11-03T01:30:00-04:00", at "2024-11-03 01:30")
    -- A day that begins at 1:00 begins.
    assert.same({ "2018-11-04T01:00:00-02:00" },
      { values "datetime('2018-11-04', '%Y-%m-%d', 'America/Sao_Paulo')"[1] })
    local there = hana.read_csv({ text = "t\n2024-03-10 01:30\n" },
      { timezone = "America/New_York", quiet = true })
    assert.has_error(function() core.eval(there, "t < '2024-03-10 02:30'") end)
  end)

  it("have least and greatest values", function()
    assert.same({ "1969-07-20", "1969-07-20", "1969-07-20" }, values("min(d)"))
    assert.same({ "2024-02-29T23:30:15.500000Z" }, { values("max(t)")[1] })
    assert.same({ "2024-02-29", "2000-01-01", null }, values("greatest(d, '2000-01-01')"))
  end)
end)
