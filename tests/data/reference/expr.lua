--- Expressions in plain Lua: a slow evaluator of trees over one row at a time, and a generator of
--- random typed trees. A tree is { kind = "column", "literal", operator or function, ... }; null is
--- hana.null. It knows nothing of the C code: numbers follow Lua's own operators, and logic its
--- truth tables. For property tests.
local hana = require "hana"

local M = {}
local null = hana.null

local function strict(f)
  return function(...)
    for i = 1, select("#", ...) do
      if select(i, ...) == null then return null end
    end
    return f(...)
  end
end

-- Lua wraps integers around; hana refuses. A result that cannot be is the error "overflow".
local function exact(name, a, b, result)
  if math.type(result) ~= "integer" then return result end
  local wide = name == "+" and a + 0.0 + b or name == "-" and a + 0.0 - b or (a + 0.0) * b
  if math.abs(wide) > 9.3e18 then error("overflow", 0) end
  if math.abs(wide - result) > 4096 then error("overflow", 0) end
  return result
end

local function order(a, b)
  if a == b then return 0 end
  if type(a) == "boolean" then return (a and 1 or 0) - (b and 1 or 0) end
  if type(a) ~= "string" then return a < b and -1 or a > b and 1 or 2 end
  for i = 1, math.min(#a, #b) do
    if a:byte(i) ~= b:byte(i) then return a:byte(i) < b:byte(i) and -1 or 1 end
  end
  return #a < #b and -1 or 1
end

local function round(x)
  if math.type(x) == "integer" then return x end
  if x ~= x or x == 0 or math.abs(x) == 1 / 0 then return x end
  local down = math.floor(math.abs(x))
  if math.abs(x) - down >= 0.5 then down = down + 1 end
  return (x < 0 and -1.0 or 1.0) * down
end

local function characters(s)
  local list = {}
  for _, code in utf8.codes(s) do list[#list + 1] = utf8.char(code) end
  return list
end

local function text(x)
  if type(x) == "boolean" then return tostring(x) end
  if x ~= x then return "nan" end
  return tostring(x)
end

local functions = {
  ["+"] = strict(function(a, b) return exact("+", a, b, a + b) end),
  ["-"] = strict(function(a, b) return exact("-", a, b, a - b) end),
  ["*"] = strict(function(a, b) return exact("*", a, b, a * b) end),
  ["/"] = strict(function(a, b) return a / b end),
  ["//"] = strict(function(a, b)
    if b == 0 and math.type(a) == "integer" and math.type(b) == "integer" then error("zero", 0) end
    return a // b
  end),
  ["%"] = strict(function(a, b)
    if b == 0 and math.type(a) == "integer" and math.type(b) == "integer" then error("zero", 0) end
    return a % b
  end),
  ["^"] = strict(function(a, b) return a ^ b end),
  [".."] = strict(function(a, b) return text(a) .. text(b) end),
  ["=="] = strict(function(a, b) return a == b end),
  ["~="] = strict(function(a, b) return a ~= b end),
  ["<"] = strict(function(a, b) return order(a, b) == -1 end),
  ["<="] = strict(function(a, b) local o = order(a, b) return o == -1 or o == 0 end),
  [">"] = strict(function(a, b) return order(a, b) == 1 end),
  [">="] = strict(function(a, b) local o = order(a, b) return o == 1 or o == 0 end),
  ["not"] = strict(function(a) return not a end),
  neg = strict(function(a) return -a end),
  abs = strict(math.abs),
  floor = strict(function(a)
    if math.type(a) == "integer" or a ~= a or a == 0 or math.abs(a) == 1 / 0 then return a end
    return math.floor(a) + 0.0
  end),
  sqrt = strict(function(a) return math.sqrt(a) end),
  round = strict(round),
  is_null = function(a) return a == null end,
  len = strict(function(s) return utf8.len(s) end),
  upper = strict(function(s) return (s:gsub("%l", string.upper):gsub("é", "É")) end),
  sub = strict(function(s, i, j)
    local list = characters(s)
    if i < 0 then i = math.max(#list + i + 1, 1) elseif i == 0 then i = 1 end
    if j < 0 then j = #list + j + 1 end
    return table.concat(list, "", i, math.max(math.min(j, #list), i - 1))
  end),
  contains = strict(function(s, what) return s:find(what, 1, true) ~= nil end),
  starts_with = strict(function(s, what) return s:sub(1, #what) == what end),
  string = strict(text),
  float = strict(function(a)
    if type(a) == "boolean" then return a and 1.0 or 0.0 end
    return a + 0.0
  end),
  int = strict(function(a)
    if type(a) == "boolean" then return a and 1 or 0 end
    if math.type(a) == "integer" then return a end
    if a ~= a or math.abs(a) >= 2.0 ^ 63 then error("no int", 0) end
    return math.tointeger(a < 0 and math.ceil(a) or math.floor(a))
  end),
  between = strict(function(x, low, high)
    local a, b = order(low, x), order(x, high)
    return (a == -1 or a == 0) and (b == -1 or b == 0)
  end),
}

-- What looks at its arguments one after the other: the rest is not evaluated.
local lazy = {}

lazy["and"] = function(eval, a, b)
  local x = eval(a)
  if x == false then return false end
  local y = eval(b)
  if y == false then return false end
  return (x == null or y == null) and null or true
end

lazy["or"] = function(eval, a, b)
  local x = eval(a)
  if x == true then return true end
  local y = eval(b)
  if y == true then return true end
  return (x == null or y == null) and null or false
end

lazy.if_else = function(eval, c, a, b)
  local x = eval(c)
  if x == true then return eval(a) end
  local other = eval(b)
  return x == null and null or other
end

lazy.case_when = function(eval, ...)
  local list = { ... }
  for i = 1, #list - 1, 2 do
    if eval(list[i]) == true then return eval(list[i + 1]) end
  end
  return eval(list[#list])
end

lazy.coalesce = function(eval, a, b)
  local x = eval(a)
  if x ~= null then return x end
  return eval(b)
end

local function convert(value, type)
  return type == "float" and math.type(value) == "integer" and value + 0.0 or value
end

--- The value of a tree where columns have the values of `row`; raises where hana refuses.
function M.eval(tree, row)
  local value
  if tree.kind == "column" then
    value = row[tree.name]
  elseif tree.kind == "literal" then
    value = tree.value
  elseif lazy[tree.kind] then
    value = lazy[tree.kind](function(arg) return M.eval(arg, row) end, table.unpack(tree))
  else
    local args = {}
    for i, arg in ipairs(tree) do args[i] = M.eval(arg, row) end
    value = functions[tree.kind](table.unpack(args, 1, #tree))
  end
  return convert(value, tree.type)
end

local precedence = {
  ["or"] = 1, ["and"] = 2, ["<"] = 3, ["<="] = 3, [">"] = 3, [">="] = 3, ["=="] = 3, ["~="] = 3,
  [".."] = 9, ["+"] = 10, ["-"] = 10, ["*"] = 11, ["/"] = 11, ["//"] = 11, ["%"] = 11,
  ["not"] = 12, neg = 12, ["^"] = 14,
}

local function literal(value)
  if value == null then return "nil" end
  if type(value) == "string" then return ("%q"):format(value):gsub("\\\n", "\\n") end
  if math.type(value) == "float" then
    if value ~= value then return "(0.0 / 0.0)" end
    return ("%.17g"):format(value):gsub("^(-?%d+)$", "%1.0")
  end
  return tostring(value)
end

--- The tree as text, with the parentheses that Lua's grammar needs.
function M.text(tree, least)
  least = least or 0
  if tree.kind == "column" then return tree.name end
  if tree.kind == "literal" then
    local written = literal(tree.value)
    return written:sub(1, 1) == "-" and least > 12 and "(" .. written .. ")" or written
  end
  local level = precedence[tree.kind]
  local out
  if not level then
    local args = {}
    for i, arg in ipairs(tree) do args[i] = M.text(arg) end
    return ("%s(%s)"):format(tree.kind, table.concat(args, ", "))
  elseif #tree == 1 then
    out = (tree.kind == "neg" and "- " or "not ") .. M.text(tree[1], 12)
  elseif tree.kind == "^" or tree.kind == ".." then
    local right = tree.kind == "^" and 12 or level
    out = ("%s %s %s"):format(M.text(tree[1], level + 1), tree.kind, M.text(tree[2], right))
  else
    out = ("%s %s %s"):format(M.text(tree[1], level), tree.kind, M.text(tree[2], level + 1))
  end
  return level < least and "(" .. out .. ")" or out
end

local literals = {
  int = { 0, 1, 2, 3, -1, 7, 100, 4611686018427387904 },
  float = { 0.0, 0.5, 1.0, -2.25, 1e10 },
  bool = { true, false },
  string = { "", "a", "ab", "서울", "é", "x'y\\\n" },
}

local generate = {}
local tree

local function number(random, depth)
  return tree(random, random:pick{ "int", "float" }, depth)
end

local function numeric(op, type, a, b) return { kind = op, type = type, a, b } end

function generate.int(random, depth)
  local pick = random:below(7)
  local function int() return tree(random, "int", depth) end
  if pick <= 3 then
    return numeric(random:pick{ "+", "-", "*", "//", "%" }, "int", int(), int())
  elseif pick == 4 then
    return { kind = random:pick{ "neg", "abs", "round", "floor" }, type = "int", int() }
  elseif pick == 5 then
    return { kind = "len", type = "int", tree(random, "string", depth) }
  elseif pick == 6 then
    local from = random:pick{ "float", "bool", "int" }
    return { kind = "int", type = "int", tree(random, from, depth) }
  end
  return { kind = "coalesce", type = "int", int(), int() }
end

function generate.float(random, depth)
  local pick = random:below(6)
  if pick <= 2 then
    local a, b = number(random, depth), tree(random, "float", depth)
    if random:below(2) == 1 then a, b = b, a end
    return numeric(random:pick{ "+", "-", "*", "//", "%" }, "float", a, b)
  elseif pick == 3 then
    return numeric("/", "float", number(random, depth), number(random, depth))
  elseif pick == 4 then
    return numeric("^", "float", number(random, depth),
      { kind = "literal", type = "int", value = random:below(4) - 1 })
  elseif pick == 5 then
    return { kind = random:pick{ "neg", "abs", "sqrt", "round", "floor" }, type = "float",
      tree(random, "float", depth) }
  end
  return { kind = "float", type = "float", tree(random, random:pick{ "int", "bool" }, depth) }
end

function generate.bool(random, depth)
  local pick = random:below(9)
  if pick <= 2 then
    return { kind = random:pick{ "==", "~=", "<", "<=", ">", ">=" }, type = "bool",
      number(random, depth), number(random, depth) }
  elseif pick == 3 then
    local type = random:pick{ "string", "bool" }
    return { kind = random:pick{ "==", "~=", "<", ">=" }, type = "bool", tree(random, type, depth),
      tree(random, type, depth) }
  elseif pick <= 6 then
    return { kind = random:pick{ "and", "or" }, type = "bool", tree(random, "bool", depth),
      tree(random, "bool", depth) }
  elseif pick == 7 then
    return { kind = "not", type = "bool", tree(random, "bool", depth) }
  elseif pick == 8 then
    return { kind = "is_null", type = "bool",
      tree(random, random:pick{ "int", "float", "bool", "string" }, depth) }
  end
  local type = random:pick{ "int", "float", "string" }
  return { kind = random:pick{ "between" }, type = "bool", tree(random, type, depth),
    tree(random, type, depth), tree(random, type, depth) }
end

function generate.string(random, depth)
  local pick = random:below(5)
  local function s() return tree(random, "string", depth) end
  if pick == 1 then
    local with = random:pick{ "string", "int" }
    return { kind = "..", type = "string", s(), tree(random, with, depth) }
  elseif pick == 2 then
    return { kind = "upper", type = "string", s() }
  elseif pick == 3 then
    return { kind = "sub", type = "string", s(),
      { kind = "literal", type = "int", value = random:below(7) - 4 },
      { kind = "literal", type = "int", value = random:below(7) - 4 } }
  elseif pick == 4 then
    return { kind = "string", type = "string", tree(random, random:pick{ "int", "bool" }, depth) }
  end
  return { kind = "coalesce", type = "string", s(), s() }
end

-- Of any type.
local function choose(random, type, depth)
  local c, a, b = tree(random, "bool", depth), tree(random, type, depth), tree(random, type, depth)
  if random:below(2) == 1 then return { kind = "if_else", type = type, c, a, b } end
  return { kind = "case_when", type = type, c, a, tree(random, "bool", depth),
    tree(random, type, depth), b }
end

--- A random tree of a type; columns are named after their type.
function tree(random, type, depth)
  if depth <= 0 or random:below(8) == 1 then
    if random:below(3) > 1 then
      local name = type == "string" and random:below(3) == 1 and "category" or type
      return { kind = "column", type = type, name = name }
    end
    return { kind = "literal", type = type, value = random:pick(literals[type]) }
  end
  if random:below(8) == 1 then return choose(random, type, depth - 1) end
  return generate[type](random, depth - 1)
end
M.tree = tree

return M
