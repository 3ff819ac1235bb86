local hana = require "hana"

-- A curve a + b n^-c with normal noise, as learning_curve gives it.
local function curve(a, b, c, noise, options)
  options = options or {}
  local sizes = options.sizes or { 50, 100, 200, 300, 450, 600 }
  local state = options.seed or 3
  local function u()
    state = (state * 1103515245 + 12345) % 2147483648
    return (state + 1) / 2147483650
  end
  local values = {}
  for _ = 1, options.repeats or 20 do
    for _, n in ipairs(sizes) do
      local normal = math.sqrt(-2 * math.log(u())) * math.cos(2 * math.pi * u())
      values[#values + 1] = a + b * n ^ -c + noise * normal
    end
  end
  return { sizes = sizes, values = values, repeats = options.repeats or 20, n_test = 150,
    higher_is_better = options.higher or false, metric = options.metric or "mae", seed = 1 }
end

describe("value_of_data", function()
  it("finds the purchase that the formula gives", function()
    -- Loss 2 + 40 n^-0.7, worth 1000 a unit, 0.2 a label: where 1000 * 0.7 * 40 n^-1.7 = 0.2
    -- at n = 140000^(1/1.7) = 1065 rows, which is 465 more than 600.
    local v = hana.value_of_data(curve(2, 40, 0.7, 0.01),
      { per_label = 0.2, value_per_point = 1000 })
    assert.are.equal("buy", v.verdict)
    assert.is_true(v.labels > 440 and v.labels < 490, tostring(v.labels))
    assert.is_true(v.labels_low <= 475 and 455 <= v.labels_high)
    local n = 600 + v.labels
    local expected = 1000 * 40 * (600 ^ -0.7 - n ^ -0.7) - 0.2 * v.labels
    assert.is_true(v.gain_low <= expected and expected <= v.gain_high)
    assert.is_true(v.power_law > v.flat)
  end)

  it("says stop when the curve is flat or labels are dear", function()
    local flat = hana.value_of_data(curve(2, 0, 1, 0.01), { per_label = 1, value_per_point = 100 })
    assert.are_not.equal("buy", flat.verdict)
    assert.are.equal(0, flat.labels)
    local dear = hana.value_of_data(curve(2, 40, 0.7, 0.01),
      { per_label = 500, value_per_point = 1000 })
    assert.are.equal("stop", dear.verdict)
    assert.matches("Stop", dear.sentence)
  end)

  it("says that the data cannot tell when noise covers the slope", function()
    local v = hana.value_of_data(curve(2, 3, 0.3, 1.0, { repeats = 4 }),
      { per_label = 0.05, value_per_point = 1000 })
    assert.are.equal("cannot_tell", v.verdict)
  end)

  it("goes no further than four times the data, and needs a curve to speak of", function()
    local v = hana.value_of_data(curve(2, 40, 0.7, 0.01),
      { per_label = 0.01, value_per_point = 1e6 })
    assert.are.equal(2400, v:table().n[25])
    assert.error_matches(function()
      hana.value_of_data(curve(2, 40, 0.7, 0.01), { per_label = 1, value_per_point = 1, most = 10 })
    end, "4 times")
    assert.error_matches(function()
      hana.value_of_data(curve(2, 40, 0.7, 0.01, { sizes = { 100, 200, 300 } }),
        { per_label = 1, value_per_point = 1 })
    end, "at least 4")
    assert.error_matches(function()
      hana.value_of_data(curve(2, 40, 0.7, 0.01), { per_label = 1 })
    end, "value_per_point")
  end)

  it("takes a point of an accuracy as 0.01", function()
    local c = curve(0.95, -2, 0.6, 0.001, { higher = true, metric = "accuracy" })
    local v = hana.value_of_data(c, { per_label = 0.1, value_per_point = 50 })
    local w = hana.value_of_data(c, { per_label = 0.1, value_per_point = 5000, point = 1 })
    assert.are.equal(v.gain, w.gain)
    assert.is_true(v.gain > 0)
  end)
end)
