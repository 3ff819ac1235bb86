require "hana"
local run = require "tests.host.run"

local readme = run.read_file "README.md"

describe("README.md", function()
  it("has a tour that runs, and shows what it prints", function()
    local folder = run.new_folder()
    local examples = run.folder() .. "/examples"
    os.execute("ln -s " .. run.quote(examples) .. " " .. folder .. "/examples")
    local tour, shown = {}, {}
    for language, block in readme:gmatch("```(%w*)\n(.-)```") do
      if language == "lua" then tour[#tour + 1] = block end
      if language == "" then shown[#shown + 1] = block end
    end
    assert.is_true(#tour >= 5)
    run.write_file(folder .. "/tour.lua", table.concat(tour))
    local out, err, code = run.run(run.hana, { "tour.lua" }, { folder = folder })
    for line in err:gmatch("[^\n]+") do assert.matches("^Lua warning: ", line) end
    assert.equal(0, code)
    for _, text in ipairs(shown) do assert.matches(text, out, 1, true) end
    assert.matches("^/%* A model as C99", run.read_file(folder .. "/penguins.c"))
    os.execute("rm -r " .. folder)
  end)

  it("links to files that exist", function()
    for target in readme:gmatch("%]%(([^)]+)%)") do
      if not target:match("^https?:") then
        local file = io.open(target)
        assert.is_truthy(file, target)
        file:close()
      end
    end
  end)
end)
