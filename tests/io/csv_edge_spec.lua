-- The shapes of Max Ogden's csv-spectrum.
local hana = require "hana"
local temporary = require "tests.io.temporary"

local null = hana.null

describe("a small file", function()
  local spectrum = {
    { "comma in quotes", 'first,last,address\nJohn,Doe,"120 any st., Anytown"\n',
      { { "John", "Doe", "120 any st., Anytown" } } },
    { "empty fields", 'a,b,c\n1,"",""\n2,3,4\n', { { 1, null, null }, { 2, 3, 4 } } },
    { "doubled quotes", 'a,b\n1,"ha ""ha"" ha"\n3,4\n', { { 1, 'ha "ha" ha' }, { 3, "4" } } },
    { "JSON in a cell", 'key,val\n1,"{""type"": ""Point"", ""at"": [102.0, 0.5]}"\n',
      { { 1, '{"type": "Point", "at": [102.0, 0.5]}' } } },
    { "lines in quotes", 'a,b,c\n1,2,3\n"Once upon \na time",5,6\n',
      { { "1", 2, 3 }, { "Once upon \na time", 5, 6 } } },
    { "lines and quotes", 'a,b\n1,"ha \n""ha"" \nha"\n3,4\n',
      { { 1, 'ha \n"ha" \nha' }, { 3, "4" } } },
    { "no end of line at the end", "a,b,c\n1,2,ʤ", { { 1, 2, "ʤ" } } },
    { "one quoted field at the end", 'a\n"x"', { { "x" } } },
    { "a quoted header", '"a ""1""","b,c"\n1,2\n', { { 1, 2 } } },
    { "a row of nothing but delimiters", "a,b\n,\n1,2\n", { { null, null }, { 1, 2 } } },
  }
  after_each(temporary.clear)

  for _, case in ipairs(spectrum) do
    for _, stop in ipairs{ "\n", "\r\n" } do
      it(("with %s, lines ending in %q"):format(case[1], stop), function()
        local df = hana.read_csv(temporary.file((case[2]:gsub("\n", stop))), { quiet = true })
        assert.equal(#case[3], #df)
        for i, row in ipairs(case[3]) do
          for j, want in ipairs(row) do
            if type(want) == "string" then want = want:gsub("\n", stop) end
            local got = df:col(df:names()[j]):totable()[i]
            assert.equal(want, got, ("row %d, column %d"):format(i, j))
          end
        end
      end)
    end
  end
end)
