--- Zstd frames for specs, written by hand so that no program is needed (RFC 8878).
local M = {}

local function hex(text)
  return (text:gsub("%s", ""):gsub("..", function(byte) return string.char(tonumber(byte, 16)) end))
end

--- `M.table_text`, packed by `zstd -19 --check` (zstd 1.5.4): one compressed block, a checksum.
M.table_frame = hex [[
  28b52ffd64fa01150600228d2018902b1d18f0a1b6fab67474270b42884c29259994bbc64109546d4ee65b4ef5
  faefbb2fcf7d746a5c8cbfd8e5deb457135df3c96e5aa65cba2abde5be35db95d4352486b5f0459f35598ea4b1
  886f66665dc6da3ef2aa3be7ad34366368a9faede44acf02d230084e932b3c90842170985cd9610c1c10c05972
  509cc8034138054471a81140fafebf01f035d61023f31c0dd9b2ca386538659c729c324e354e196719a78cab8c
  53c653c629d329e394a358d20a69731c368ca42137525601c7da3d71]]

do
  local cities, lines = { [0] = "Seoul", "Busan", "Jeju" }, { "id,city,kg\n" }
  for i = 1, 60 do lines[i + 1] = ("%d,%s,%d.5\n"):format(i, cities[i % 3], i % 7) end
  M.table_text = table.concat(lines)
end

local function block(bytes, last)
  return ("<I3"):pack(#bytes << 3 | (last and 1 or 0)) .. bytes
end

--- One frame that holds `text` as it stands, in blocks of up to `size` bytes (131072), with a
--- window of `window` bytes (131072), a power of 2.
function M.pack(text, size, window)
  size = size or 131072
  local exponent = math.tointeger(math.log(window or 131072, 2)) - 10
  local parts = { "\x28\xB5\x2F\xFD\0", string.char(exponent << 3) }
  for from = 1, #text - size, size do parts[#parts + 1] = block(text:sub(from, from + size - 1)) end
  parts[#parts + 1] = block(text:sub(math.max(#text - 1, 0) // size * size + 1), true)
  return table.concat(parts)
end

--- A frame that readers skip.
function M.skipped(bytes)
  return "\x50\x2A\x4D\x18" .. ("<s4"):pack(bytes)
end

return M
