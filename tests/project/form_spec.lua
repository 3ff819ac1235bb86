local hana = require "hana"
local form = require "hana.form"

local fields = {
  {
    "height",
    {
      type = "int",
      unit = "cm",
      min = 120,
      max = 220,
      required = true,
      label = { en = "Height", ko = "키" },
    },
  },
  { "fit", { type = "category", choices = { "close", "loose" } } },
  { "name", { type = "string", required = true, max_length = 20 } },
}

describe("form", function()
  it("has a JSON schema with units, limits and what is required", function()
    local s = form.schema(fields, { title = "Size", lang = "ko" })
    assert.equal("https://json-schema.org/draft/2020-12/schema", s["$schema"])
    assert.equal("integer", s.properties.height.type)
    assert.equal(120, s.properties.height.minimum)
    assert.equal(220, s.properties.height.maximum)
    assert.equal("cm", s.properties.height["x-unit"])
    assert.equal("키", s.properties.height.title)
    assert.same({ "close", "loose" }, { table.unpack(s.properties.fit.enum) })
    assert.same({ "height", "name" }, { table.unpack(s.required) })
    assert.equal(1, s.properties.name.minLength)
    assert.is_false(s.additionalProperties)
  end)

  it("is a page of its own, in two languages", function()
    local html = form.html(fields, { title = "Size </script>", lang = "en" })
    assert.is_nil(html:find("https?://"))
    assert.matches("한국어", html, 1, true)
    assert.matches('"min":120', html, 1, true)
    assert.matches("Size &lt;/script&gt;", html, 1, true)
    -- The texts inside the script cannot end it.
    local _, closings = html:gsub("</script>", "")
    assert.equal(2, closings)
  end)

  it("counts blanks and answers that cannot be", function()
    local df =
      hana.read_csv({ text = "height,fit,name\n170,close,a\n,loose,b\n17,tight,c\n300,close,d\n" })
    local audit = form.audit(fields, df)
    assert.equal(1, audit[1].blank)
    assert.equal(1, audit[1].low)
    assert.equal(1, audit[1].high)
    assert.equal(1, audit[2].other)
    assert.equal(0, audit[3].blank)
    local absent = form.audit(fields, df:drop{ "fit" })
    assert.is_true(absent[2].absent)
  end)

  it("refuses fields that make no sense", function()
    assert.error_matches(
      function() form.fields{ x = { type = "number" } } end,
      "'type' must be int, float"
    )
    assert.error_matches(
      function() form.fields{ x = { type = "int", mni = 1 } } end,
      "did you mean 'min'"
    )
    assert.error_matches(
      function() form.fields{ x = { type = "int", min = 2, max = 1 } } end,
      "'min' is above 'max'"
    )
    assert.error_matches(
      function() form.fields{ x = { type = "category" } } end,
      "needs 'choices'"
    )
    assert.error_matches(function() form.fields{} end, "expected { field")
  end)
end)
