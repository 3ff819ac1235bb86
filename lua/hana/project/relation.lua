-- How columns go together: shares of explained spread that need no straight line.

local core = require "hana.core"
local scales = require "hana.plot.scales"

local M = {}

local null = core.null

local function missing(v) return v == nil or v == null or v ~= v end

local function as_number(v)
  if v == true then
    return 1
  elseif v == false then
    return 0
  end
  return v
end

---Pearson's correlation over the rows where both are there.
function M.correlation(a, b)
  local n, ma, mb, saa, sbb, sab = 0, 0, 0, 0, 0, 0
  for i = 1, #a do
    local x, y = as_number(a[i]), as_number(b[i])
    if not missing(x) and not missing(y) then
      n = n + 1
      local dx, dy = x - ma, y - mb
      ma, mb = ma + dx / n, mb + dy / n
      saa, sbb, sab = saa + dx * (x - ma), sbb + dy * (y - mb), sab + dx * (y - mb)
    end
  end
  if saa <= 0 or sbb <= 0 then return nil end
  return sab / math.sqrt(saa * sbb)
end

---Group of each cell: levels as they are, numbers by 20 quantile bins.
local function groups(values, numeric)
  local out = {}
  if not numeric then
    for i = 1, #values do
      out[i] = not missing(values[i]) and tostring(values[i]) or nil
    end
    return out
  end
  local kept = {}
  for i = 1, #values do
    if not missing(values[i]) then kept[#kept + 1] = as_number(values[i]) end
  end
  table.sort(kept)
  local edges = {}
  for k = 1, 19 do
    edges[k] = scales.quantile(kept, k / 20)
  end
  for i = 1, #values do
    local v = values[i]
    if not missing(v) then
      local low, high = 1, 20
      while low < high do
        local middle = (low + high) // 2
        if as_number(v) <= edges[middle] then
          high = middle
        else
          low = middle + 1
        end
      end
      out[i] = low
    end
  end
  return out
end

-- Correlation ratio of a number given groups, less what chance alone would give (epsilon squared,
-- Kelley 1935).
local function explained(numbers, group)
  local n, mean, by = 0, 0, {}
  for i = 1, #numbers do
    local v, g = as_number(numbers[i]), group[i]
    if not missing(v) and g ~= nil then
      n = n + 1
      mean = mean + (v - mean) / n
      local entry = by[g]
      if not entry then
        entry = { n = 0, mean = 0 }
        by[g] = entry
      end
      entry.n = entry.n + 1
      entry.mean = entry.mean + (v - entry.mean) / entry.n
    end
  end
  local total, within, k = 0, 0, 0
  for _ in pairs(by) do
    k = k + 1
  end
  for i = 1, #numbers do
    local v, g = as_number(numbers[i]), group[i]
    if not missing(v) and g ~= nil then
      total = total + (v - mean) ^ 2
      within = within + (v - by[g].mean) ^ 2
    end
  end
  if total <= 0 or n <= k then return 0 end
  return math.max(0, 1 - (within / (n - k)) / (total / (n - 1)))
end

-- Cramer's V with Bergsma's (2013) correction for chance.
local function cramer(a, b)
  local n, ra, rb, cell = 0, {}, {}, {}
  for i = 1, math.max(#a, #b) do
    if a[i] ~= nil and b[i] ~= nil then
      n = n + 1
      ra[a[i]], rb[b[i]] = (ra[a[i]] or 0) + 1, (rb[b[i]] or 0) + 1
      cell[a[i]] = cell[a[i]] or {}
      cell[a[i]][b[i]] = (cell[a[i]][b[i]] or 0) + 1
    end
  end
  local r, c, chi = 0, 0, 0
  for _ in pairs(ra) do
    r = r + 1
  end
  for _ in pairs(rb) do
    c = c + 1
  end
  if r < 2 or c < 2 then return 0 end
  for x, nx in pairs(ra) do
    for y, ny in pairs(rb) do
      local expected = nx * ny / n
      chi = chi + ((cell[x] and cell[x][y] or 0) - expected) ^ 2 / expected
    end
  end
  local phi = math.max(0, chi / n - (r - 1) * (c - 1) / (n - 1))
  local rc, cc = r - (r - 1) ^ 2 / (n - 1), c - (c - 1) ^ 2 / (n - 1)
  return phi / math.max(1e-12, math.min(rc - 1, cc - 1))
end

---How much of the target a feature explains, 0 to 1, with no assumption about its shape.
---@param feature any[]
---@param feature_numeric boolean
---@param target any[]
---@param target_numeric boolean
---@return number
function M.strength(feature, feature_numeric, target, target_numeric)
  if target_numeric then return explained(target, groups(feature, feature_numeric)) end
  if feature_numeric then return explained(feature, groups(target, false)) end
  return math.min(1, cramer(groups(feature, false), groups(target, false)))
end

return M
