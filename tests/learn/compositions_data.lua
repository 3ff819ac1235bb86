--- Data of two overlapping classes for the specs of compositions: x, z, y (float), c (text).
local hana = require "hana"

return function(n, seed)
  local state = seed or 5
  local function u()
    state = (state * 1103515245 + 12345) % 2147483648
    return state / 2147483648
  end
  local x, z, y, c = {}, {}, {}, {}
  for i = 1, n do
    x[i], z[i] = u() * 6 - 3, u() * 2 - 1
    y[i] = x[i] + 0.5 * z[i] + u() - 0.5
    c[i] = u() < 1 / (1 + math.exp(-1.2 * x[i])) and "yes" or "no"
  end
  return hana.frame{ { "x", x }, { "z", z }, { "y", y }, { "c", c } }
end
