local hana = require "hana"

describe("the corpus of saved files", function()
  it("is of the present format, so that mutations of it reach what loads it", function()
    local paths = hana.glob "tests/fuzz/saved_file/*"
    assert.is_true(#paths >= 7)
    for _, path in ipairs(paths) do
      local ok, problem = pcall(hana.load, path)
      assert.is_true(ok, ("%s; hana tests/fuzz/make_saved_files.lua makes it anew"):format(problem))
    end
  end)
end)
