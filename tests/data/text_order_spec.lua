local hana = require "hana"

-- Texts in byte order, against a sort of Lua's by bytes: more than are compared one by one, with
-- long beginnings in common, ends that look like zero bytes, and equal ones.
describe("many texts in order", function()
  local function before(a, b)
    local n = math.min(#a, #b)
    for i = 1, n do
      local x, y = a:byte(i), b:byte(i)
      if x ~= y then return x < y end
    end
    return #a < #b
  end

  local function check(texts)
    local df = hana.frame{ { "t", texts } }
    local seen, sorted = {}, {}
    for _, text in ipairs(texts) do
      if not seen[text] then sorted[#sorted + 1] = text end
      seen[text] = true
    end
    table.sort(sorted, before)
    assert.same(sorted, df.t:unique():totable())
    local groups = df:count{ "t" }
    assert.same(sorted, groups.t:totable())
    assert.same(sorted, df:cast{ t = "category" }.t:unique():totable())
  end

  it("with beginnings in common", function()
    local texts, state = {}, 1
    for i = 1, 12000 do
      state = (state * 1103515245 + 12345) % 2147483648
      texts[i] = ("the same beginning "):rep(state % 3) .. state // 7 % 9000
    end
    check(texts)
  end)

  it("with zero bytes and ends, one beginning the other", function()
    local texts = {}
    for i = 1, 5000 do texts[i] = ("x%d"):format(i) .. ("\0"):rep(i % 5) end
    for length = 0, 40 do texts[#texts + 1] = ("\0"):rep(length) end
    for length = 0, 300 do texts[#texts + 1] = ("y"):rep(length) end
    check(texts)
  end)

  it("all alike far into them", function()
    local texts = {}
    for i = 1, 5000 do texts[i] = ("z"):rep(300) .. i end
    check(texts)
  end)
end)
