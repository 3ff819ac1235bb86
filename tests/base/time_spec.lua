local hana = require "hana"

-- Python's zoneinfo; reference/make_zones.py made the file.
local folder = debug.getinfo(1, "S").source:match "^@(.*/)"

describe("time zones", function()
  it("give local times the offsets that Python gives them", function()
    local zones, n = {}, 0
    for line in io.lines(folder .. "reference/zones.tsv") do
      local zone, here, stamp = line:match "^(%S+)\t(%S+)\t(%S+)$"
      zones[zone] = zones[zone] or { here = { "t" }, stamps = {} }
      table.insert(zones[zone].here, here)
      table.insert(zones[zone].stamps, stamp)
      n = n + 1
    end
    assert.is_true(n > 300)
    for zone, times in pairs(zones) do
      local df = hana.read_csv{ text = table.concat(times.here, "\n") .. "\n", timezone = zone,
        types = { t = "datetime" }, quiet = true }
      assert.same(times.stamps, df.t:totable(), zone)
      -- The same instants, written with their offsets.
      local text = "t\n" .. table.concat(times.stamps, "\n") .. "\n"
      local again = hana.read_csv{ text = text, timezone = zone, types = { t = "datetime" },
        quiet = true }
      assert.same(times.stamps, again.t:totable(), zone)
    end
  end)

  it("refuses local times that do not exist, and zones that do not", function()
    assert.error_matches(function()
      hana.read_csv{ text = "t\n2024-03-31 02:30\n", timezone = "Europe/Berlin" }
    end, "2024%-03%-31 02:30.*does not exist in Europe/Berlin")
    assert.error_matches(function()
      hana.read_csv{ text = "t\n2024-03-31 02:30\n", timezone = "Europe/Berlim" }
    end, "unknown time zone 'Europe/Berlim'; did you mean 'Europe/Berlin'%?")
  end)
end)

describe("formats of times", function()
  it("are read and written as Python's datetime does", function()
    local texts, forms, isos, stamps, written = {}, {}, {}, {}, {}
    for line in io.lines(folder .. "reference/dates.tsv") do
      local i = #texts + 1
      texts[i], forms[i], isos[i], stamps[i], written[i] =
        line:match "^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)$"
    end
    assert.equal(330, #texts)
    for i, text in ipairs(texts) do
      local df = hana.frame{ { "s", { text } } }
        :mutate({ { "t", "datetime(s, $form)" } }, { form = forms[i] })
      assert.equal(isos[i], df.t[1], text)
    end
    local form = "%Y %m %d %H %I %M %S %f %p %b %B %j %% %a %A %y"
    local df = hana.frame{ { "s", stamps } }:mutate({
      { "t", "datetime(s)" }, { "w", "format(t, $form)" },
    }, { form = form })
    assert.same(written, df.w:totable())
  end)

  it("that do not fit are refused", function()
    local df = hana.frame{ { "s", { "2023-02-29", "24-1-1" } } }
    assert.error_matches(function() df:mutate{ { "d", "date(s)" } } end, "2023%-02%-29")
    assert.error_matches(function() df:mutate{ { "d", "date(s, '%Y-%q')" } } end, "%%q")
  end)
end)
