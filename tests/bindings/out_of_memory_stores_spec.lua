local hana = require "hana"
local sweep = dofile("tests/bindings/sweep.lua")

describe("when memory runs out beside files and databases", function()
  local path, database = os.tmpname(), os.tmpname()
  local url = "sqlite:" .. database
  local df = hana.read_csv({ text = "a,b,c,d,e\n1,x,2024-01-01,true,u\n" ..
    "2.5,y,2024-01-02,false,v\nNA,\"z\"\"z\",,,u\n" }, { types = { e = "category" }, quiet = true })
  df:write_csv(path)
  df:write_sql(url, "t")
  teardown(function()
    os.remove(path)
    os.remove(database)
  end)

  local function both(name, f)
    it(name .. " fails cleanly in the library", function() sweep.library_fails(f) end)
    it(name .. " fails cleanly in Lua", function() sweep.lua_fails(f) end)
  end

  both("read_sql", function()
    return hana.read_sql(url, "select *, a as a from t where a > ?", { 0 }, { quiet = true })
  end)
  both("write_sql", function() return df:write_sql(url, "u", { if_exists = "replace" }) end)
  both("to_arrow and from_arrow", function() return hana.from_arrow(df:to_arrow()) end)
  both("scan_csv", function()
    return hana.scan_csv(path, { part_bytes = 30 }):filter "a > 0":collect()
  end)
  both("scan_csv by groups", function()
    return hana.scan_csv(path, { part_bytes = 30 }):group_by{ "b" }
      :summarize{ { "n", "count()" }, { "s", "sd(a)" } }
  end)
end)
