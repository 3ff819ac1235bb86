-- Every preparation step of the registry, held to the same rules.
local hana = require "hana"
local core = require "hana.core"
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local subjects = dofile(here .. "subjects.lua")

local data = subjects.frame(80)
local fresh = subjects.frame(30, 3)

-- A pipeline of the step alone, fitted.
local function fitted(name, rows, more)
  return hana.pipeline{ subjects.make(name, "regression", more) }:fit(rows or data,
    subjects.roles("regression"))
end

setup(function() warn("@off") end)
teardown(function() warn("@on") end)

for _, part in ipairs(core.parts()) do
  if part.kind == "step" then
    describe(part.name, function()
      it("keeps rows and their order", function()
        local made = fitted(part.name):transform(fresh)
        assert.are.equal(#fresh, #made)
        if made:names()[1] == "x1" then return end
      end)

      it("leaves the target and other roles alone", function()
        local pipeline = hana.pipeline{ subjects.make(part.name, "regression"),
          hana.baseline{} }
        pipeline:fit(data, subjects.roles("regression", { weights = "w" }))
        assert.are.equal(#fresh, #pipeline:predict(fresh))
      end)

      it("transforms a part as it transforms the whole", function()
        local model = fitted(part.name)
        local whole, alone = model:transform(fresh), model:transform(fresh:slice(4, 9))
        assert.are.equal(hana.json.encode(whole:names()), hana.json.encode(alone:names()))
        for _, name in ipairs(whole:names()) do
          if whole[name]:type() ~= "block" then
            for i = 1, 6 do assert.are.equal(whole[name][i + 3], alone[name][i]) end
          end
        end
      end)

      it("saves and loads to the same bits", function()
        local model = hana.pipeline{ subjects.make(part.name, "regression"),
          hana.one_hot{}, hana.ridge{} }:fit(data, subjects.roles("regression"))
        local path = os.tmpname()
        model:save(path)
        local loaded = hana.load(path)
        os.remove(path)
        assert.are.equal(subjects.bits(model:predict(fresh)), subjects.bits(loaded:predict(fresh)))
      end)

      it("names a column that is missing", function()
        local model = fitted(part.name)
        local reads = part.name == "text_tokens" and "g" or part.name == "one_hot" and "g" or "x1"
        assert.error_matches(function() model:transform(fresh:drop{ reads }) end, reads)
      end)

      it("takes nulls or says where they are", function()
        local holes = data:mutate{ { "x1", "if_else(row_number() % 5 == 0, nil, x1)" },
          { "g", "if_else(row_number() % 9 == 0, nil, g)" } }
        local ok, made = pcall(function() return fitted(part.name, holes):transform(holes) end)
        if ok then
          assert.are.equal(#holes, #made)
        else
          assert.matches("x1", made)
        end
      end)

      it("works on no rows at prediction", function()
        local model = fitted(part.name)
        assert.are.equal(0, #model:transform(fresh:head(0)))
      end)
    end)
  end
end
