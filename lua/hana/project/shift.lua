-- How far a column has moved between two frames: an effect size first, a test beside it.

local core = require "hana.core"
local scales = require "hana.plot.scales"

local M = {}

local null = core.null

local function missing(v) return v == nil or v == null or v ~= v end

-- A bin with less than this share counts as this share: an empty one is no infinity, and the same
-- shift has the same size for any number of rows.
local least_share = 1e-3

local function shares(counts, order, total)
  local out = {}
  for i, key in ipairs(order) do
    out[i] = math.max((counts[key] or 0) / total, least_share)
  end
  return out
end

local function psi(a, b)
  local sum = 0
  for i = 1, #a do
    sum = sum + (b[i] - a[i]) * math.log(b[i] / a[i])
  end
  return sum
end

-- Kolmogorov's distribution, upper tail (Numerical Recipes 14.3).
local function kolmogorov(distance, n, m)
  local root = math.sqrt(n * m / (n + m))
  local lambda = (root + 0.12 + 0.11 / root) * distance
  if lambda < 0.2 then return 1 end
  local sum, sign = 0, 1
  for k = 1, 100 do
    local term = math.exp(-2 * k * k * lambda * lambda)
    sum = sum + sign * term
    if term < 1e-12 then break end
    sign = -sign
  end
  return math.max(0, math.min(1, 2 * sum))
end

local function ks(a, b)
  local i, j, n, m, most = 1, 1, #a, #b, 0
  while i <= n and j <= m do
    local x = math.min(a[i], b[j])
    while i <= n and a[i] == x do
      i = i + 1
    end
    while j <= m and b[j] == x do
      j = j + 1
    end
    most = math.max(most, math.abs((i - 1) / n - (j - 1) / m))
  end
  return most, kolmogorov(most, n, m)
end

local function numeric(then_values, now_values, out)
  local a, b = scales.sorted(then_values), scales.sorted(now_values)
  if #a == 0 or #b == 0 then return out end
  local edges = {}
  for k = 1, 9 do
    local edge = scales.quantile(a, k / 10)
    if #edges == 0 or edge > edges[#edges] then edges[#edges + 1] = edge end
  end
  local order = {}
  for k = 1, #edges + 1 do
    order[k] = k
  end
  local function count(values)
    local counts = {}
    for _, v in ipairs(values) do
      local k = 1
      while k <= #edges and v > edges[k] do
        k = k + 1
      end
      counts[k] = (counts[k] or 0) + 1
    end
    return counts
  end
  out.psi = psi(shares(count(a), order, #a), shares(count(b), order, #b))
  out.ks, out.p = ks(a, b)
  local outside = 0
  for _, v in ipairs(b) do
    if v < a[1] or v > a[#a] then outside = outside + 1 end
  end
  out.outside = outside
  out.was, out.is = scales.quantile(a, 0.5), scales.quantile(b, 0.5)
  return out
end

local function levels(then_values, now_values, out)
  local a, b, order, known = {}, {}, {}, {}
  local function count(values, counts)
    local n = 0
    for _, v in ipairs(values) do
      if not missing(v) then
        local key = tostring(v)
        if not known[key] then
          known[key] = true
          order[#order + 1] = key
        end
        counts[key] = (counts[key] or 0) + 1
        n = n + 1
      end
    end
    return n
  end
  local na, nb = count(then_values, a), count(now_values, b)
  if na == 0 or nb == 0 then return out end
  table.sort(order)
  out.psi = psi(shares(a, order, na), shares(b, order, nb))
  local fresh = {}
  for _, key in ipairs(order) do
    if not a[key] then fresh[#fresh + 1] = key end
  end
  out.fresh = fresh
  return out
end

---@param before any[] cells
---@param after any[] cells
---@param is_numeric boolean
---@return table { psi, ks, p, nulls_before, nulls_after, outside, fresh, was, is }
function M.column(before, after, is_numeric)
  local function nulls(values)
    local n = 0
    for _, v in ipairs(values) do
      if missing(v) then n = n + 1 end
    end
    return #values > 0 and n / #values or 0
  end
  local out = { nulls_before = nulls(before), nulls_after = nulls(after) }
  return is_numeric and numeric(before, after, out) or levels(before, after, out)
end

return M
