--- What the specs of the learners share: golden values, coefficients, and the properties that
--- hold for every learner.
local assert = require "luassert"
local hana = require "hana"

local M = {}

--- The golden values that reference/<name>.py wrote.
function M.read(name)
  local file = assert(io.open("tests/learn/reference/" .. name .. ".json"))
  local text = file:read "a"
  file:close()
  return hana.json.decode(text)
end

--- A frame of { name = values } in the order of the names, and more columns { name, values }
--- after them.
function M.frame(columns, more)
  local names, list = {}, {}
  for name in pairs(columns) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do list[#list + 1] = { name, columns[name] } end
  for _, column in ipairs(more or {}) do list[#list + 1] = column end
  return hana.frame(list)
end

--- A frame of a list of rows: columns x1, x2, ..., and more after them.
function M.matrix(rows, more)
  local list = {}
  for j = 1, #rows[1] do
    local values = {}
    for i, row in ipairs(rows) do values[i] = row[j] end
    list[j] = { ("x%02d"):format(j), values }
  end
  for _, column in ipairs(more or {}) do list[#list + 1] = column end
  return hana.frame(list)
end

--- The figures of a model's summary in order of its rows: figure(model, "estimate").
function M.figures(model, name) return model:summary():table()[name]:totable() end

--- Fails unless two lists of numbers are as near as the tolerance, relative to values above 1.
function M.assert_near(expected, got, tolerance, what)
  assert.equal(#expected, #got, what)
  for i, value in ipairs(expected) do
    local distance = math.abs(value - got[i])
    if distance ~= distance or distance > tolerance * math.max(1, math.abs(value)) then
      error(("%s: value %d is %.17g, expected %.17g"):format(what or "golden", i, got[i], value), 2)
    end
  end
end

--- The probabilities of all classes, class by class, row by row.
function M.proba(model, df)
  local out, p = {}, model:predict_proba(df)
  for i = 1, #df do
    for _, name in ipairs(p:names()) do out[#out + 1] = p[name][i] end
  end
  return out
end

--- A list of rows of numbers as one list.
function M.flat(rows)
  local out = {}
  for _, row in ipairs(rows) do
    for _, value in ipairs(row) do out[#out + 1] = value end
  end
  return out
end

--- What a model says about a frame: probabilities, or numbers.
function M.answers(model, df)
  if model.classes then return M.proba(model, df) end
  return model:predict(df):totable()
end

--- Row i of the frame weights[i] times.
function M.repeated(df, weights)
  local rows = {}
  for i = 1, #df do
    for _ = 1, weights[i] do rows[#rows + 1] = i end
  end
  return df:take(rows)
end

--- Defines by busted's `it` the tests that every learner passes. make(options) gives an unfitted
--- model; df has the features x01, x02, ... and the target y, its rows weigh `weights`.
function M.properties(it, make, df, weights, tolerance)
  local roles = { target = "y", weights = "w" }
  local weighted = df:mutate{ { "w", weights } }

  it("learns from a weight of k as from k equal rows", function()
    local a = make{}:fit(weighted, roles)
    local b = make{}:fit(M.repeated(df, weights), "y")
    M.assert_near(M.answers(b, df), M.answers(a, df), tolerance)
  end)

  it("gives the same bits on one thread and on two", function()
    local a = make{ threads = 1 }:fit(weighted, roles)
    local b = make{ threads = 2 }:fit(weighted, roles)
    assert.same(M.answers(a, df), M.answers(b, df))
  end)

  it("predicts a part of the rows as it predicts them among the others", function()
    local m = make{}:fit(df, "y")
    local all, part = M.answers(m, df), M.answers(m, df:slice(8, 10))
    local width = #all // #df
    for i, value in ipairs(part) do assert.equal(all[7 * width + i], value) end
  end)

  it("comes back from its file with the same bits", function()
    local m = make{}:fit(weighted, roles)
    local path = os.tmpname()
    m:save(path)
    local again = hana.load(path)
    os.remove(path)
    assert.same(M.answers(m, df), M.answers(again, df))
  end)

  it("learns from one feature, beside a constant one", function()
    local one = df:select{ "x01", "y" }
    assert.equal(#df, #make{}:fit(one, "y"):predict(one))
    local threes = {}
    for i = 1, #df do threes[i] = 3.0 end
    local constant = one:mutate{ { "c", threes } }
    warn "@off"
    assert.equal(#df, #make{}:fit(constant, "y"):predict(constant))
    warn "@on"
  end)
end

return M
