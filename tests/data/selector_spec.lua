local hana = require "hana"

local df = hana.frame{
  { "m_height", { 1.5, 1.8 } },
  { "m_weight", { 60, 80 } },
  { "id", { 1, 2 } },
  { "name", { "a", "b" } },
  { "size", hana.column({ "S", "L" }):cast "category" },
  { "ok", { true, false } },
}

local function chosen(options) return df:select(hana.cols(options)):names() end

describe("hana.cols", function()
  it("selects by type", function()
    assert.same({ "m_height", "m_weight", "id" }, chosen{ type = "number" })
    assert.same({ "name", "size" }, chosen{ type = "text" })
    assert.same({ "size" }, chosen{ type = "category" })
    assert.same({ "ok" }, chosen{ type = "bool" })
    assert.same({}, chosen{ type = "date" })
    assert.same(df:names(), chosen{ type = "any" })
  end)

  it("selects by pattern and leaves names out", function()
    assert.same({ "m_height", "m_weight" }, chosen{ matches = "^m_" })
    assert.same({ "m_weight", "id" }, chosen{ type = "number", except = { "m_height" } })
    assert.same({ "m_weight" }, chosen{ type = "number", matches = "weight|name" })
  end)

  it("leaves out what a frame may lack", function()
    assert.same({ "m_height", "m_weight", "id" }, chosen{ type = "number", except = { "key" } })
    local part = df:drop{ "id" }
    assert.same({ "m_height", "m_weight" },
      part:select(hana.cols{ type = "number", except = { "id" } }):names())
  end)

  it("stands wherever columns do", function()
    assert.same({ "name", "size", "ok" }, df:drop(hana.cols{ type = "number" }):names())
  end)

  it("refuses what it does not know", function()
    assert.error_matches(function() chosen{ typ = "number" } end, "typ.*did you mean 'type'")
    assert.error_matches(function() chosen{ type = "nmber" } end,
      "unknown type 'nmber'; did you mean 'number'")
    assert.error_matches(function() chosen{ matches = "(" } end, "%(")
  end)
end)
