local hana = require "hana"
local debug = require "hana.core".debug
local sweep = dofile("tests/bindings/sweep.lua")
local temporary = require "tests.io.temporary"

-- Every allocation of the library fails once, and all later ones with it.
describe("when memory runs out", function()
  local folder = "tests/data_files/excel/"
  local df = hana.read_csv{
    text = "a,b,c,d,t\n1,x,true,2024-01-01,2024-01-01T10:00\n2.5,,false,,\n", quiet = true,
  }
  local path = temporary.file(nil, ".out")

  local function fails(name, f)
    it(name .. " fails cleanly", function() sweep.library_fails(f) end)
  end

  fails("read_json", function()
    return hana.read_json{
      text = '{"a":1,"b":"x"}\n{"a":true,"n":[1,{"k":2}]}\n{"a":1\n', on_error = "null",
      types = { b = "category" }, quiet = true,
    }
  end)
  fails("write_json", function() return df:write_json(path) end)
  fails("write_json by rows", function()
    debug.print_rows_bytes(1)
    local good, message = pcall(df.write_json, df, path)
    debug.print_rows_bytes(0)
    if not good then error(message, 0) end
  end)
  fails("read_text", function()
    return hana.read_text{
      text = "a 1 2024-01-01\nb 2.5 x\n", pattern = [[(?<k>\w) (\S+) (\S+)]], quiet = true,
    }
  end)
  fails("read_xlsx", function()
    return hana.read_xlsx(folder .. "edge.xlsx",
      { sheet = "headers", header_rows = 2, quiet = true })
  end)
  fails("read_xlsx of an old file", function()
    return hana.read_xlsx(folder .. "edge.xls", { sheet = "merged", quiet = true })
  end)
  fails("sheets", function() return hana.sheets(folder .. "edge.xlsx") end)
  fails("write_xlsx", function() return df:write_xlsx(path) end)

  teardown(temporary.clear)
end)
