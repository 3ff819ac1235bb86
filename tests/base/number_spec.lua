local hana = require "hana"

-- Python's reading and writing of floats; reference/make_floats.py made the file.
local folder = debug.getinfo(1, "S").source:match "^@(.*/)"

describe("floating numbers", function()
  it("are read and written as Python does, bit for bit", function()
    local n = 0
    for line in io.lines(folder .. "reference/floats.tsv") do
      local text, hexadecimal, shortest = line:match "^(%S+)\t(%S+)\t(%S+)$"
      local value = hana.json.decode("[" .. text .. "]")[1]
      assert.equal(string.pack("<d", tonumber(hexadecimal)), string.pack("<d", value), text)
      assert.equal(shortest, hana.json.encode(value))
      n = n + 1
    end
    assert.is_true(n > 300)
  end)
end)
