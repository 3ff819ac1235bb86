local hana = require "hana"
local slow = require "tests.data.slow"
local reference = require "tests.data.reference.expr"

local null = hana.null
local types = { "int", "float", "bool", "string", "category" }

local function cell(column, i)
  local value = column[i]
  if value == nil then return null end
  return value
end

local function show(value)
  if value == null then return "null" end
  return type(value) == "string" and ("%q"):format(value) or tostring(value)
end

-- Rows where the reference refuses must make hana refuse; else all rows agree.
local function check(df, f, tree)
  local text = reference.text(tree)
  local expected, refused = {}, nil
  for i = 1, f.n do
    local row = {}
    for name, column in pairs(f.columns) do row[name] = column.values[i] end
    local ok, value = pcall(reference.eval, tree, row)
    if not ok then
      assert(type(value) == "string" and not value:find(":%d+:"), value)
      refused = refused or i
    end
    if ok then expected[i] = value end
  end
  local ok, got = pcall(function() return df:mutate{ { "result", text } }.result end)
  if refused then
    if ok then error(("%s: row %d should be refused"):format(text, refused), 0) end
    if not tostring(got):find("\n *%^+$") then
      error(("%s: %s"):format(text, tostring(got)), 0)
    end
    return
  end
  if not ok then error(("%s: %s"):format(text, tostring(got)), 0) end
  if got:type() ~= tree.type and not (tree.type == "string" and got:type() == "category") then
    error(("%s: %s, expected %s"):format(text, got:type(), tree.type), 0)
  end
  for i = 1, f.n do
    if not slow.same(expected[i], cell(got, i)) then
      error(("%s: row %d is %s, expected %s"):format(text, i, show(cell(got, i)),
        show(expected[i])), 0)
    end
  end
end

local function repeated(f, times)
  local rows = {}
  for _ = 1, times do
    for i = 1, f.n do rows[#rows + 1] = i end
  end
  return slow.take(f, rows)
end

describe("random typed expressions", function()
  it("give what plain Lua gives, row by row", function()
    for seed = 1, 4000 do
      local random = slow.random(seed)
      local f = slow.frame(random, types)
      local tree = reference.tree(random, random:pick{ "int", "float", "bool", "string" }, 4)
      check(slow.to_hana(f), f, tree)
    end
  end)

  it("give the same over many chunks of rows", function()
    for seed = 1, 40 do
      local random = slow.random(seed)
      local f = slow.frame(random, types)
      if f.n > 0 then
        local long = repeated(f, 5000 // f.n + seed)
        local type = random:pick{ "int", "bool", "string" }
        check(slow.to_hana(long), long, reference.tree(random, type, 3))
      end
    end
  end)

  it("give the same on a slice, whose bits begin anywhere", function()
    for seed = 1, 400 do
      local random = slow.random(seed)
      local f = slow.frame(random, types)
      if f.n > 3 then
        local from = random:below(f.n - 1)
        local rows = {}
        for i = from, f.n do rows[#rows + 1] = i end
        local type = random:pick{ "int", "float", "bool", "string" }
        check(slow.to_hana(f):slice(from, f.n), slow.take(f, rows),
          reference.tree(random, type, 3))
      end
    end
  end)

  it("see in a group what they see in a frame of its rows", function()
    local patterns = {
      "lag(%s)", "lead(%s, 2)", "rank(%s)", "first(%s)", "last(%s)", "count(%s)", "n_unique(%s)",
      "mode(%s)", "min(%s)", "max(%s)", "row_number()",
    }
    local numeric = {
      "cumsum(%s)", "cummax(%s)", "diff(%s)", "rolling_mean(%s, 2)", "sum(%s)", "median(%s)",
      "%s - mean(%s)", "quantile(%s, 0.3)", "sd(%s) > 1", "if_else(%s > max(%s) - 1, 1, 0)",
    }
    for seed = 1, 1500 do
      local random = slow.random(seed)
      local f = slow.frame(random, types)
      local key = random:pick{ "bool", "category", "string" }
      local type = random:pick{ "int", "float", "bool", "string" }
      local number = type == "int" or type == "float"
      local pattern = random:pick(number and random:below(2) == 1 and numeric or patterns)
      local arg = reference.text(reference.tree(random, type, 2))
      local text = pattern:gsub("%%s", function() return "(" .. arg .. ")" end)
      local df = slow.to_hana(f)
      local one, by_group = pcall(function()
        return df:group_by{ key }:mutate{ { "result", text } }
      end)
      local expected, refused = {}, false
      local lists = slow.groups(f, { key })
      for _, rows in ipairs(lists) do
        local ok, part = pcall(function() return df:take(rows):mutate{ { "result", text } } end)
        refused = refused or not ok
        for i, row in ipairs(ok and rows or {}) do expected[row] = cell(part.result, i) end
      end
      if #lists > 0 then assert.equal(not refused, one, text .. ": " .. tostring(by_group)) end
      for i = 1, one and f.n or 0 do
        local got, want = cell(by_group.result, i), expected[i]
        local near = math.type(want) == "float" and math.type(got) == "float"
          and math.abs(got - want) <= 1e-12 * math.abs(want)
        if not near and not slow.same(want, got) then
          error(("%s by %s: row %d is %s, expected %s"):format(text, key, i, show(got), show(want)),
            0)
        end
      end
    end
  end)

  it("give the same on 1 and 2 threads", function()
    local random = slow.random(7)
    local x = {}
    for i = 1, 150000 do x[i] = (random:below(1000) - 500) / 8 end
    local df = hana.frame{ { "x", x } }
    local before = hana.threads()
    for _, text in ipairs{ "x * 3 - 1", "mean(x)", "sd(x)", "sum(x)", "median(x)", "x > mean(x)",
      "rolling_mean(x, 100)" } do
      hana.threads(1)
      local one = df:mutate{ { "y", text } }.y
      hana.threads(2)
      local two = df:mutate{ { "y", text } }.y
      for i = 1, #one, 997 do assert.equal(one[i], two[i]) end
    end
    hana.threads(before)
  end)
end)
