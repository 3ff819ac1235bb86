local hana = require "hana"
local core = require "hana.core"
local null = hana.null

local function sample(n)
  local id, y, user, day = {}, {}, {}, {}
  for i = 1, n do
    id[i] = i
    y[i] = i % 10 == 0 and "rare" or i % 2 == 0 and "a" or "b"
    user[i] = "u" .. i * 7919 % 23
    day[i] = i * 31 % 97
  end
  return hana.frame{ { "id", id }, { "y", y }, { "user", user }, { "day", day } }
end

local function shares(df)
  local counts = {}
  for _, value in df.y:values() do
    counts[value or "null"] = (counts[value or "null"] or 0) + 1
  end
  return counts
end

local function set_of(column)
  local set = {}
  for _, value in column:values() do set[value] = true end
  return set
end

-- Every row once, each part in the order of the frame.
local function check_partition(df, ...)
  local seen, n = {}, 0
  for _, part in ipairs{ ... } do
    local last = 0
    for _, id in part.id:values() do
      assert.is_nil(seen[id])
      assert.is_true(id > last)
      seen[id], last, n = true, id, n + 1
    end
  end
  assert.equal(#df, n)
end

describe("df:split", function()
  local df = sample(200)

  it("takes a share or a number of rows, a part of validation rows too", function()
    local train, test = df:split{ test = 0.2, seed = 1 }
    assert.equal(160, #train)
    assert.equal(40, #test)
    check_partition(df, train, test)
    local tr, va, te = df:split{ test = 30, valid = 0.1, seed = 1 }
    assert.same({ 150, 20, 30 }, { #tr, #va, #te })
    check_partition(df, tr, va, te)
  end)

  it("is the same for the same seed and another for another", function()
    local _, a = df:split{ test = 0.2, seed = 1 }
    local _, b = df:split{ test = 0.2, seed = 1 }
    local _, c = df:split{ test = 0.2, seed = 2 }
    assert.is_true(a:equal(b))
    assert.is_false(a:equal(c))
  end)

  it("keeps the shares of the strata, exactly to a row", function()
    local train, test = df:split{ test = 0.25, stratify = "y", seed = 3 }
    assert.same({ rare = 5, a = 20, b = 25 }, shares(test))
    assert.same({ rare = 15, a = 60, b = 75 }, shares(train))
    local tr, va, te = df:split{ test = 33, valid = 17, stratify = "y", seed = 3 }
    assert.same({ 150, 17, 33 }, { #tr, #va, #te })
    local s = shares(te)
    assert.is_true(math.abs(s.rare - 3.3) < 1 and math.abs(s.a - 13.2) < 1)
    check_partition(df, tr, va, te)
  end)

  it("keeps null labels as a stratum of their own", function()
    local y = {}
    for i = 1, 100 do y[i] = i <= 80 and null or "a" end
    local _, test = hana.frame{ { "y", y } }:split{ test = 0.1, stratify = "y", seed = 1 }
    assert.same({ null = 8, a = 2 }, shares(test))
  end)

  it("keeps groups together", function()
    for seed = 1, 5 do
      local tr, va, te = df:split{ test = 0.2, valid = 0.2, group = "user", seed = seed }
      check_partition(df, tr, va, te)
      local train, valid = set_of(tr.user), set_of(va.user)
      for user in pairs(valid) do assert.is_nil(train[user]) end
      for user in pairs(set_of(te.user)) do assert.is_nil(train[user] or valid[user]) end
      assert.is_true(math.abs(#te - 40) <= 9 and math.abs(#va - 40) <= 9)
    end
  end)

  it("keeps groups together while it looks after the strata", function()
    local train, test = df:split{ test = 0.2, group = "user", stratify = "y", seed = 1 }
    local users = set_of(train.user)
    for user in pairs(set_of(test.user)) do assert.is_nil(users[user]) end
    assert.is_true(math.abs((shares(test).rare or 0) - 4) <= 2)
  end)

  it("tests on the latest rows, no moment on both sides", function()
    local tr, va, te = df:split{ test = 0.2, valid = 0.2, by_time = "day" }
    check_partition(df, tr, va, te)
    local function last(part) return math.max(table.unpack(part.day:totable())) end
    local function first(part) return math.min(table.unpack(part.day:totable())) end
    assert.is_true(last(tr) < first(va))
    assert.is_true(last(va) < first(te))
    local _, exact = df:split{ test = 37, by_time = "day" }
    assert.equal(37, #exact)
  end)

  it("carries the row ids", function()
    local all = core.row_ids(df)
    local _, test = df:split{ test = 0.1, seed = 1 }
    local ids = core.row_ids(test)
    for i, id in test.id:values() do assert.equal(all[id], ids[i]) end
  end)

  it("refuses what cannot be", function()
    local function refused(options, message)
      assert.error_matches(function() df:split(options) end, message)
    end
    refused({ test = 1.5 }, "test must be a share of the rows below 1 or a number of rows, got 1.5")
    refused({ test = 0 }, "test must be a share")
    refused({ test = 200 }, "leaves nothing to train on")
    refused({ test = 0.6, valid = 0.4 }, "nothing is left to train on")
    refused({ test = 0.2, stratify = "x" }, "no column 'x'")
    refused({ test = 0.2, by_time = "y" }, "column 'y' is string, expected date")
    refused({ test = 0.2, by_time = "day", group = "user" }, "by_time goes with neither")
    refused({ test = 0.2, stratifi = "y" }, "did you mean 'stratify'")
    local gaps = hana.frame{ { "g", { "a", null, "b" } }, { "x", { 0.5, 1.5, 2.5 } } }
    assert.error_matches(function() gaps:split{ test = 1, group = "g" } end,
      "column 'g': 1 rows have no group")
    assert.error_matches(function() gaps:split{ test = 1, stratify = "x" } end,
      "cannot stratify by column 'x': it is float")
    assert.error_matches(function() gaps:head(1):split{ test = 1, group = "g" } end,
      "leaves nothing")
  end)
end)
