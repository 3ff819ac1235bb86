-- Every learner and composition of the registry, held to the same rules. What is checked follows
-- from its tags.
local hana = require "hana"
local core = require "hana.core"
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local subjects = dofile(here .. "subjects.lua")

local data = subjects.frame(160)
local other = subjects.frame(120, 99)
local fresh = subjects.frame(40, 3)

local function has(tags, name)
  for _, tag in ipairs(tags) do
    if tag == name then return true end
  end
  return false
end

-- What a fitted model says of rows: probabilities where it has them.
local function answer(model, rows)
  local ok, proba = pcall(model.predict_proba, model, rows)
  return subjects.bits(ok and proba or model:predict(rows)), ok
end

-- Parts without probabilities, parts that do not encode levels, and what a maker names fixes.
local no_proba = { lookup = true, rules = true }
local any_level = { baseline = true, lookup = true, lua_model = true, rules = true }
local two_classes = { lua_model = true, rules = true }

local function fit(name, task, more, roles)
  return subjects.make(name, task, more):fit(data, subjects.roles(task, roles))
end


setup(function() warn("@off") end)
teardown(function() warn("@on") end)

for _, part in ipairs(core.parts()) do
  if part.kind ~= "step" then
    local tags = part.tags
    for _, task in ipairs{ "regression", "classification" } do
      if has(tags, task) then
        local name = part.name
        describe(("%s, %s"):format(name, task), function()
          it("predicts a value a row, of the target's type", function()
            local model = fit(name, task)
            local predicted = model:predict(fresh)
            assert.are.equal(#fresh, #predicted)
            assert.are.equal(task == "regression" and "float" or "string", predicted:type())
          end)

          it("gives probabilities that sum to 1, and predicts the likeliest", function()
            if task == "regression" then return end
            local model = fit(name, task)
            local ok, proba = pcall(model.predict_proba, model, fresh)
            if not ok then
              assert.matches("gives no probabilities", proba)
              return
            end
            local predicted = model:predict(fresh)
            for i = 1, #fresh do
              assert.is_true(math.abs(proba.no[i] + proba.yes[i] - 1) < 1e-12)
              assert.are.equal(proba.yes[i] > proba.no[i] and "yes" or "no", predicted[i])
            end
          end)

          it("does three classes", function()
            if task == "regression" or two_classes[name] then return end
            local model = subjects.make(name, task):fit(data,
              { target = "d", features = subjects.features })
            for _, class in model:predict(fresh):values() do
              assert.is_true(class == nil or class == "low" or class == "mid" or class == "high")
            end
          end)

          it("forgets what it knew when it is fitted again", function()
            local model = fit(name, task, { seed = 5 })
            model:fit(other, subjects.roles(task))
            local anew = subjects.make(name, task, { seed = 5 }):fit(other, subjects.roles(task))
            assert.are.equal(answer(anew, fresh), answer(model, fresh))
          end)

          it("keeps what it knew when a fit fails", function()
            local model = fit(name, task)
            local before = answer(model, fresh)
            assert.is_false(pcall(model.fit, model, data, { target = "nowhere" }))
            assert.is_false(pcall(model.fit, model, data:head(0), subjects.roles(task)))
            assert.are.equal(before, answer(model, fresh))
          end)

          it("predicts a part as it predicts the whole", function()
            local model = fit(name, task)
            local whole = answer(model, fresh:slice(5, 12))
            local all = fresh:mutate{ { "row", "row_number()" } }
            local part_of = model:predict(all):totable()
            local alone = model:predict(fresh:slice(5, 12)):totable()
            for i = 1, 8 do assert.are.equal(part_of[i + 4], alone[i]) end
            assert.is_string(whole)
          end)

          it("takes integer weights as repeated rows", function()
            -- Draws and folds are made by row, so that repeated rows fall elsewhere.
            if has(tags, "random") or name == "distill" or name == "lua_model" then return end
            local rows = {}
            for i, weight in data.w:values() do
              for _ = 1, weight do rows[#rows + 1] = i end
            end
            local repeated = data:take(rows)
            local a = subjects.make(name, task):fit(repeated, subjects.roles(task))
            local b = subjects.make(name, task):fit(data, subjects.roles(task, { weights = "w" }))
            local is_number = task == "regression"
            local ok, pa = pcall(a.predict_proba, a, fresh)
            local xa = ok and pa.yes or a:predict(fresh)
            local xb = ok and b:predict_proba(fresh).yes or b:predict(fresh)
            for i = 1, #fresh do
              if ok or (is_number and xa[i]) then
                assert.is_true(math.abs(xa[i] - xb[i]) < 1e-6, ("row %d: %s and %s"):format(
                  i, xa[i], xb[i]))
              else
                assert.are.equal(xa[i], xb[i])
              end
            end
          end)

          it("takes hard class probabilities as labels", function()
            if task == "regression" or no_proba[name] or name == "lua_model" then return end
            local hard = hana.frame{
              { "no", data:mutate{ { "p", "if_else(c == 'no', 1.0, 0.0)" } }.p },
              { "yes", data:mutate{ { "p", "if_else(c == 'yes', 1.0, 0.0)" } }.p },
            }
            local a = fit(name, task, { seed = 2 })
            local b = subjects.make(name, task, { seed = 2 }):fit(data:drop{ "c" },
              { target_proba = hard, features = subjects.features })
            local pa, pb = a:predict_proba(fresh).yes, b:predict_proba(fresh).yes
            for i = 1, #fresh do assert.is_true(math.abs(pa[i] - pb[i]) < 1e-8) end
          end)

          it("takes class weights", function()
            if task == "regression" or name == "lookup" or has(tags, "host") then return end
            if part.kind ~= "learner" then return end
            local plain = fit(name, task):predict_proba(data).yes:mean()
            local heavy = fit(name, task, { class_weights = { yes = 50, no = 1 } })
            assert.is_true(heavy:predict_proba(data).yes:mean() >= plain - 1e-9)
            assert.has_error(function()
              fit(name, task, { class_weights = { maybe = 1 } })
            end)
          end)

          it("saves and loads to the same bits", function()
            local model = fit(name, task)
            local path = os.tmpname()
            model:save(path)
            local loaded = hana.load(path)
            os.remove(path)
            assert.are.equal(answer(model, fresh), answer(loaded, fresh))
            assert.are.equal(subjects.bits(model:predict(fresh)),
              subjects.bits(loaded:predict(fresh)))
          end)

          it("gives the same bits for one thread and two", function()
            local threads = hana.threads()
            local one, two
            hana.threads(1)
            one = answer(fit(name, task, { seed = 9 }), fresh)
            hana.threads(2)
            two = answer(fit(name, task, { seed = 9 }), fresh)
            hana.threads(threads)
            assert.are.equal(one, two)
          end)

          it("names a column that is missing or of another type at prediction", function()
            local model = fit(name, task)
            assert.error_matches(function() model:predict(fresh:drop{ "x1" }) end, "'x1'")
            assert.error_matches(function()
              model:predict(fresh:mutate{ { "x1", "string(x1)" } })
            end, "'x1'")
            -- Other order and extra columns change nothing.
            local moved = fresh:select{ "g", "d", "k", "x2", "x1" }
            assert.are.equal(subjects.bits(model:predict(fresh)),
              subjects.bits(model:predict(moved)))
          end)

          it("names an unknown level", function()
            if any_level[name] then return end
            local model = fit(name, task)
            local strange = fresh:mutate{ { "g", "if_else(row_number() == 3, 'elsewhere', g)" } }
            assert.error_matches(function() model:predict(strange) end, "elsewhere")
            do
              local lenient = fit(name, task, nil, { new_level = "other" })
              assert.are.equal(#fresh, #lenient:predict(strange))
            end
          end)

          it("says what it wants of missing values", function()
            local holes = data:mutate{ { "x1", "if_else(row_number() % 7 == 0, nil, x1)" } }
            local ok, err = pcall(function()
              return subjects.make(name, task):fit(holes, subjects.roles(task))
            end)
            if has(tags, "missing") and name ~= "lua_model" then
              assert.is_true(ok, tostring(err))
            elseif not ok and name ~= "lua_model" then
              assert.matches("'x1'", err)
            end
          end)

          it("fits one feature, a constant feature and few rows, or says why not", function()
            local roles = subjects.roles(task)
            local function try(rows, features)
              local model = subjects.make(name, task)
              local ok, err = pcall(model.fit, model, rows, { target = roles.target,
                features = features })
              if ok then
                assert.are.equal(#rows, #model:predict(rows))
              else
                assert.is_string(err)
                -- One line, or an expression with its caret.
                assert.is_true(not err:find("\n", 1, true) or err:find("%^$") ~= nil)
              end
            end
            try(data, { "x1" })
            try(data:mutate{ { "k", "3" } }, subjects.features)
            try(data:head(1), subjects.features)
            try(data:head(3), subjects.features)
          end)

          it("refuses one class, no rows and a target without values", function()
            local model = subjects.make(name, task)
            assert.has_error(function() model:fit(data:head(0), subjects.roles(task)) end)
            assert.error_matches(function()
              model:fit(data:mutate{ { "y", "float(nil)" }, { "c", "string(nil)" } },
                subjects.roles(task))
            end, "null")
            if task == "classification" then
              assert.error_matches(function()
                model:fit(data:filter("c == 'no'"), subjects.roles(task))
              end, "one class")
            end
          end)

          it("works in a pipeline, a bag and a cross-validation", function()
            if name == "pipeline" then return end
            local inside = hana.pipeline{ hana.standardize{ columns = { "x2" } },
              subjects.make(name, task) }
            inside:fit(data, subjects.roles(task))
            assert.are.equal(#fresh, #inside:predict(fresh))
            local bag = hana.bagging{ base = subjects.make(name, task), bags = 3 }
            bag:fit(data, subjects.roles(task))
            assert.are.equal(#fresh, #bag:predict(fresh))
            local cv = hana.cross_validate(subjects.make(name, task), data,
              subjects.roles(task, { folds = 3, seed = 4 }))
            assert.are.equal(#data, #cv:predictions())
          end)
        end)
      end
    end
  end
end

describe("options", function()
  for _, part in ipairs(core.parts()) do
    it(("of %s refuse what cannot be, by name"):format(part.name), function()
      local task = has(part.tags, "classification") and "classification" or "regression"
      for _, option in ipairs(part.options) do
        local wrong
        if option.positional then
          wrong = {}
        elseif option.kind:match("^a number") or option.kind:match("^an integer") then
          wrong = { "many", true }
          if option.kind:match(">") then wrong[#wrong + 1] = -1e30 end
          if option.kind:match("<") then wrong[#wrong + 1] = 1e30 end
        elseif option.kind:match("^true") then
          wrong = { "yes", 3 }
        elseif option.kind:match("^one of") then
          wrong = { "no such choice", 5 }
        elseif option.kind:match("^an estimator") or option.kind == "a function" then
          wrong = { 7, "name" }
        elseif option.kind:match("^a list of estimators") then
          wrong = { 7 }
        else
          wrong = {}
        end
        for _, value in ipairs(wrong) do
          local ok, err = pcall(subjects.make, part.name, task, { [option.name] = value })
          assert.is_false(ok, ("%s.%s took %s"):format(part.name, option.name, tostring(value)))
          assert.matches(part.name, err, 1, true)
          assert.matches(("'%s'"):format(option.name), err, 1, true)
        end
      end
      local ok, err = pcall(subjects.make, part.name, task, { no_such_option = 1 })
      assert.is_false(ok)
      assert.matches("no_such_option", err, 1, true)
    end)
  end
end)
