-- Chains of verbs on small frames of all types against plain Lua (slow.lua): values, types, levels,
-- names, and what must be refused. HANA_CHAINS=n runs n chains; a failure names the seed, with
-- which HANA_CHAIN=seed runs that one.
local hana = require "hana"
local slow = require "tests.data.slow"
local chain_verbs = require "tests.data.chain_verbs"

-- The verb on the slow frame: its result, or what the message of hana's error has to match, or
-- nothing where only rounding decides.
local function expect(expected)
  local ok, result = pcall(expected)
  if ok then return result end
  if type(result) == "table" and (result.refused or result.unsure) then return nil, result end
  error(result, 0)
end

local function run_verb(verb, df, expected, refusal)
  local ok, got = pcall(verb, df)
  if refusal then
    if ok then return ("not refused (%s)"):format(refusal.refused) end
    if not tostring(got):find(refusal.refused) then
      return ("refused with: %s\nwhere expected: %s"):format(got, refusal.refused)
    end
  elseif not ok then
    return "error: " .. tostring(got)
  else
    return slow.difference(expected, got), got
  end
end

local function run_chain(seed, counts)
  local random = slow.random(seed)
  local types = {}
  for _, type in ipairs(slow.types) do
    if random:below(3) > 1 then types[#types + 1] = type end
  end
  local f = slow.frame(random, types, true)
  local df = slow.to_hana(f)
  local done = { slow.script(f) }
  local difference = slow.difference(f, df)
  for _ = 1, random:below(8) do
    if difference or #f.names == 0 then break end
    local name = random:pick(chain_verbs.names)
    local text, slow_verb, verb = chain_verbs[name](random, f)
    if text then
      local expected, refusal = expect(slow_verb)
      -- Joins of joins: enough is enough.
      if expected and (expected.n > 60 or #expected.names > 40) or refusal and refusal.unsure then
        text = nil
      end
      if text then
        local which = refusal and "refused" or "done"
        counts[name] = counts[name] or { done = 0, refused = 0 }
        counts[name][which] = counts[name][which] + 1
        done[#done + 1] = text
        local got
        difference, got = run_verb(verb, df, expected, refusal)
        if expected then f, df = expected, got end
      end
    end
  end
  if difference then
    error(("HANA_CHAIN=%d: %s\n%s"):format(seed, difference, table.concat(done, "\n")), 0)
  end
end

describe("chains of verbs", function()
  -- Joins warn of rows that multiply.
  setup(function() warn "@off" end)
  teardown(function() warn "@on" end)

  it("give what plain Lua gives", function()
    local only = math.tointeger(os.getenv "HANA_CHAIN")
    local counts = {}
    if only then return run_chain(only, counts) end
    local n = math.tointeger(os.getenv "HANA_CHAINS") or 10000
    local failures = {}
    for seed = 1, n do
      local ok, message = pcall(run_chain, seed, counts)
      if not ok then failures[#failures + 1] = tostring(message) end
      if #failures == 5 then break end
    end
    assert(#failures == 0, table.concat(failures, "\n\n"))
    -- Every verb had its turns.
    for _, name in ipairs(chain_verbs.names) do
      local count = counts[name] or { done = 0, refused = 0 }
      assert.is_true(count.done + count.refused >= n // 100, name)
    end
  end)
end)

describe("a name twice", function()
  local df = hana.frame{ { "a", { 1, 2 } }, { "b", { 3, 4 } }, { "k", { "x", "y" } } }

  it("is refused by every verb that names columns", function()
    local twice = "two columns named 'a'"
    local cases = {
      frame = function() return hana.frame{ { "a", { 1 } }, { "a", { 2 } } } end,
      select = function() return df:select{ "a", "a" } end,
      rename = function() return df:rename{ { "a", "b" } } end,
      bind = function() return hana.bind_columns{ df, df:select "a" } end,
      group_by = function() return df:group_by{ "a", "a" }:summarize{ { "n", "count()" } } end,
      summarize = function() return df:group_by{ "a" }:summarize{ { "a", "count()" } } end,
      longer = function()
        return df:pivot_longer{ columns = { "b" }, name = "a", value = "v" }
      end,
      join = function()
        return df:rename{ { "a_right", "b" } }:join(df, { by = "k", how = "left" })
      end,
    }
    for name, action in pairs(cases) do
      local ok, message = pcall(action)
      assert.is_false(ok, name)
      assert.matches(name == "join" and "column 'a' stands in both frames" or twice,
        tostring(message), name)
    end
  end)
end)

describe("a category of a million levels", function()
  it("sorts, groups, joins, filters and casts as its texts do", function()
    local n, texts = 1000000, {}
    -- A permutation, so that levels are not found in their order.
    for i = 1, n do texts[i] = ("%07d"):format((i * 7919) % n) end
    local df = hana.frame{ { "c", texts, "category" } }:mutate{ { "row", "row_number()" } }
    assert.equal(n, #df.c:levels())
    assert.equal("0000000", df.c:levels()[1])
    local sorted = df:sort{ "c" }
    for _, i in ipairs{ 1, 2, 500000, n } do
      assert.equal(("%07d"):format(i - 1), sorted.c[i])
    end
    local groups = df:group_by{ "c" }:summarize{ { "n", "count()" }, { "row", "max(row)" } }
    assert.equal(n, #groups)
    assert.equal(1, groups.n:max())
    assert.equal(sorted:col "row"[4711], groups:col "row"[4711])
    assert.equal(n, #df:distinct{ "c" })
    assert.equal(1, #df:filter("c == '0123456'"))
    local half = sorted:head(n // 2):cast{ c = "string" }:cast{ c = "category" }
    assert.equal(n // 2, #half.c:levels())
    local joined = df:join(half:rename{ { "other", "row" } }, { by = "c", how = "inner" })
    assert.equal(n // 2, #joined)
    assert.equal(n // 2, #joined:filter("row == other"))
    assert.equal(n, #hana.concat{ half, df }.c:levels())
  end)
end)
