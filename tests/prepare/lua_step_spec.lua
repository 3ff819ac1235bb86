-- What `lua_step` makes.
local hana = require "hana"

local function near(expected, got, tolerance)
  assert.is_true(got ~= nil and math.abs(expected - got) <= (tolerance or 1e-12),
    ("%s instead of %s"):format(got, expected))
end

local numbers = hana.frame{
  { "a", { 1, 2.5, hana.null, 4, 7.25 } }, { "b", { 200.0, 180, 210, hana.null, 190 } },
}

setup(function() warn("@off") end)
teardown(function() warn("@on") end)

describe("lua_step", function()
  it("learns a state, keeps rows and is told when it does not", function()
    local step = hana.lua_step{
      fit = function(df) return { top = df.a:max() } end,
      transform = function(state, df)
        return df:mutate({ { "a", "a / $m" } }, { m = state.top })
      end,
    }
    local df = numbers:drop_null()
    near(1, hana.pipeline{ step }:fit(df):transform(df).a:max())
    local lossy = hana.lua_step{ transform = function(_, df2) return df2:head(1) end }
    assert.error_matches(function()
      hana.pipeline{ lossy }:fit(df):transform(df)
    end, "keeps its rows")
    assert.error_matches(function()
      hana.pipeline{ hana.lua_step{ transform = function() error("broken here") end } }
        :fit(df):transform(df)
    end, "broken here")
  end)
end)
