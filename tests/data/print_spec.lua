local hana = require "hana"

local null = hana.null

local function lines(...) return table.concat({ ... }, "\n") end

describe("printed frames", function()
  it("have types under the names, numbers at their decimal points and nulls as null", function()
    local df = hana.frame{
      { "name", { "Kim", null, "Lee" } }, { "age", { 31, 28, null } },
      { "weight", { 61.5, 0 / 0, 100.25 } }, { "member", { true, false, null } },
    }
    assert.equal(lines(
      "name     age  weight  member",
      "string   int   float  bool",
      "Kim       31   61.5   true",
      "null      28     nan  false",
      "Lee     null  100.25  null"), tostring(df))
  end)

  it("align Hangul by the cells it takes", function()
    local df = hana.frame{ { "도시", { "서울", "Jeju", "부산광역시" } }, { "n", { 1, 22, 3 } } }
    assert.equal(lines(
      "도시          n",
      "string      int",
      "서울          1",
      "Jeju         22",
      "부산광역시    3"), tostring(df))
  end)

  it("show what fits and say what is not shown", function()
    local row, text = {}, {}
    for i = 1, 100 do row[i], text[i] = i, "word " .. i end
    local df = hana.frame{ { "row", row }, { "text", text }, { "more", row }, { "last", text } }
    assert.equal(lines(
      "row  text    more",
      "int  string   int",
      "  1  word 1     1",
      "  2  word 2     2",
      "... 98 more rows, 1 m..."), df:format(2, 24))
    assert.equal(lines(
      "row  text    more  last",
      "int  string   int  string",
      "  1  word 1     1  word 1",
      "... 99 more rows"), df:format(1, 60))
  end)

  it("cut long texts and keep a cell on one line", function()
    local df = hana.frame{
      { "note", { "first\nsecond\tthird", ("가"):rep(40) } }, { "n", { 1, 2 } },
    }
    assert.equal(lines(
      "note                                       n",
      "string                                   int",
      "first\\nsecond\\tthird                       1",
      "가가가가가가가가가가가가가가가가가가...    2"), df:format(10, 60))
  end)

  it("say when there are no rows or no columns", function()
    local df = hana.frame{ { "a", { 1 } } }
    assert.equal("  a\nint\n(no rows)", tostring(df:head(0)))
    assert.equal("1 row, no columns", tostring(df:select{}))
  end)
end)
