local hana = require "hana"
local golden = require "tests.learn.golden"

-- Decimal digits that agree with the certified value.
local function digits(certified, got)
  if certified == got then return 15 end
  local scale = certified == 0 and 1 or math.abs(certified)
  return -math.log(math.abs(certified - got) / scale, 10)
end

local function read_nist(name)
  local file = assert(io.open("tests/learn/reference/nist/" .. name .. ".json"))
  local certified = hana.json.decode(file:read "a")
  file:close()
  local names, rows = nil, {}
  for line in io.lines("tests/learn/reference/nist/" .. name .. ".csv") do
    local row = {}
    for field in line:gmatch "[^,%s]+" do row[#row + 1] = tonumber(field) or field end
    if names then rows[#rows + 1] = row else names = row end
  end
  local columns = {}
  for j = 1, #names do
    local values = {}
    for i, row in ipairs(rows) do values[i] = row[j] + 0.0 end
    columns[j] = { j == 1 and "y" or names[j], values }
  end
  local degree = certified.polynomial_degree
  if math.type(degree) and #names == 2 then
    for power = 2, degree do
      local values = {}
      for i, x in ipairs(columns[2][2]) do values[i] = x ^ power end
      columns[power + 1] = { "power_" .. power, values }
    end
  end
  return certified, hana.frame(columns)
end

describe("linear_regression", function()
  for _, name in ipairs{ "longley", "norris", "noint1", "wampler1", "wampler2", "wampler3" } do
    it("has nine digits of the certified values of NIST's " .. name, function()
      local certified, df = read_nist(name)
      local m = hana.linear_regression{ intercept = certified.intercept }:fit(df, "y")
      local estimate, std_error = golden.figures(m, "estimate"), golden.figures(m, "std_error")
      assert.equal(#certified.coefficients, #estimate)
      for i, value in ipairs(certified.coefficients) do
        assert.is_true(digits(value, estimate[i]) >= 9,
          ("coefficient %d is %.15g, certified %.15g"):format(i, estimate[i], value))
      end
      for i, value in ipairs(certified.standard_errors) do
        -- An exact fit leaves rounding only; the other errors stand with up to nine digits.
        local enough = digits(value, std_error[i]) >= 8
        if value == 0 then enough = math.abs(std_error[i]) < 1e-8 end
        assert.is_true(enough,
          ("error %d is %.15g, certified %.15g"):format(i, std_error[i], value))
      end
    end)
  end

  it("has the estimates and errors of statsmodels' weighted fit", function()
    local reference = golden.read "linear"
    local d = reference.data.tall
    local df = golden.frame(d.x, { { "y", d.y }, { "w", d.w } })
    local m = hana.linear_regression{}:fit(df, { target = "y", weights = "w" })
    golden.assert_near(reference.linear_regression.estimate, golden.figures(m, "estimate"), 1e-10)
    golden.assert_near(reference.linear_regression.std_error, golden.figures(m, "std_error"), 1e-10)
  end)

  it("gives t statistics, p values and intervals", function()
    -- y on x of Anscombe's first set: slope 0.5001, t 4.241, p 0.00217 (F. J. Anscombe 1973).
    local df = hana.frame{
      { "x", { 10.0, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5 } },
      { "y", { 8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68 } },
    }
    local t = hana.linear_regression{}:fit(df, "y"):summary():table()
    assert.is_near(0.500091, t.estimate[2], 1e-6)
    assert.is_near(4.241455, t.statistic[2], 1e-6)
    assert.is_near(0.002170, t.p_value[2], 1e-6)
    assert.is_near(0.2333701, t.low[2], 1e-6)
    assert.is_near(0.7668117, t.high[2], 1e-6)
  end)

  it("names columns that depend on each other", function()
    local a, b, c, y = {}, {}, {}, {}
    for i = 1, 30 do
      a[i], b[i], y[i] = math.sin(i) + 100, math.cos(i * i), math.sin(3 * i)
      c[i] = a[i] - 2 * b[i]
    end
    local df = hana.frame{ { "a", a }, { "b", b }, { "total", c }, { "y", y } }
    local ok, message = pcall(function() hana.linear_regression{}:fit(df, "y") end)
    assert.is_false(ok)
    message = tostring(message)
    assert.matches("is a linear combination of", message)
    for _, name in ipairs{ "a", "b", "total" } do assert.matches("'" .. name .. "'", message) end
  end)

  it("refuses more coefficients than rows", function()
    local df = hana.frame{ { "a", { 1.0, 2 } }, { "b", { 1.0, 4 } }, { "y", { 1.0, 3 } } }
    assert.error_matches(function() hana.linear_regression{}:fit(df, "y") end,
      "3 coefficients cannot be told from 2 rows")
  end)

  it("says that a constant column gets no coefficient", function()
    local df = hana.frame{
      { "x", { 1.0, 2, 3, 5 } }, { "c", { 7.0, 7, 7, 7 } }, { "y", { 1.0, 2, 2, 4 } },
    }
    warn "@off"
    local m = hana.linear_regression{}:fit(df, "y")
    warn "@on"
    local t = m:summary():table()
    assert.equal(0, t.estimate[3])
    assert.is_nil(t.std_error[3])
    assert.matches("column 'c' is constant", m:warnings()[1])
  end)

  local rows, y, w = {}, {}, {}
  for i = 1, 50 do
    rows[i] = { math.sin(i), math.cos(3 * i), i % 7 / 7 }
    y[i] = rows[i][1] - 2 * rows[i][2] + math.sin(i * i)
    w[i] = i % 3 + 1
  end
  golden.properties(it, hana.linear_regression, golden.matrix(rows, { { "y", y } }), w, 1e-12)

  it("has the errors of repeated rows where rows have weights", function()
    local df = golden.matrix(rows, { { "y", y }, { "w", w } })
    local a = hana.linear_regression{}:fit(df, { target = "y", weights = "w" })
    local b = hana.linear_regression{}:fit(golden.repeated(df:drop{ "w" }, w), "y")
    golden.assert_near(golden.figures(b, "std_error"), golden.figures(a, "std_error"), 1e-12)
  end)
end)
