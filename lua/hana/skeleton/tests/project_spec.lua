-- What must stay true of this project, whatever changes in its scripts.
describe("the project", function()
  it("has its data", function()
    local birds = hana.read_csv("data/penguins.csv", { quiet = true })
    assert.is_true(#birds > 300)
    assert.is_true(birds.body_mass_g:min() > 1000 and birds.body_mass_g:max() < 10000)
  end)

  it("runs from definition to monitoring", function()
    for script in io.popen("ls 0*.lua"):lines() do
      assert.is_true(os.execute(("'%s' %s > /dev/null"):format(arg[-1], script)), script)
    end
    local file = assert(io.open("report/index.html"))
    file:close()
    local season = hana.read_csv("data/penguins.csv", { quiet = true }):filter("year == 2009")
    assert.are.equal(#season, #hana.load("mass.hana"):predict(season))
  end)
end)
