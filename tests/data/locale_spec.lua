local run = require "tests.host.run"

-- What people write and read must not depend on the locale of the process: the same script runs
-- with and without one that has a decimal comma.
local script = [==[
local hana = require "hana"
local name = os.getenv "TEST_LOCALE"
if name then
  assert(os.setlocale(name, "all"), "no such locale")
  assert(string.format("%.1f", 1.5) == "1,5", "the locale has no decimal comma")
end
local text = "x,s,day\n1.5,B,2024-02-29\n-2.25e3,a,2024-03-01\n0.1,\xC3\xA9,\n"
local df = hana.read_csv{ text = text }
print(df)
print(hana.json.encode{ 0.1, 1e300, -2.5 }, hana.json.decode("[1.25]")[1] == 5 / 4)
print(df:sort{ "s" })
print(df:filter("x > 0.05 and x < 1.75"))
print(df:mutate{ { "y", "float(string(x)) * 2.5" }, { "u", "upper(s)" } })
print(df:describe())
print(pcall(df.filter, df, "x > 1,5"))
]==]

describe("a locale with a decimal comma", function()
  it("changes nothing", function()
    local folder = run.new_folder()
    finally(function() os.execute("rm -r " .. run.quote(folder)) end)
    local made = os.execute(("localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >%s/log 2>&1")
      :format(run.quote(folder), run.quote(folder)))
    if not made then
      return pending "localedef cannot make de_DE.UTF-8 (Debian package locales)"
    end
    local plain, err, code = run.run(run.hana, { "-e", script })
    assert.equal("", err)
    assert.equal(0, code)
    local env = { "LOCPATH=" .. folder, "LC_ALL=de_DE.UTF-8", "TEST_LOCALE=de_DE.UTF-8" }
    local out, problem = run.run(run.hana, { "-e", script }, { env = env })
    assert.equal("", problem)
    assert.equal(plain, out)
    assert.matches("1.5", out, 1, true)
  end)
end)
