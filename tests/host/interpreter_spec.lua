require "hana"
local run = require "tests.host.run"

-- hana is a drop-in lua5.4: the same command line gives the same output, messages and exit code.

local folder = run.new_folder()
local function script(name, text)
  run.write_file(folder .. "/" .. name, text)
  return name
end
script("args.lua", [[
print(...)
for i = -5, 5 do if arg[i] then print(i, arg[i]) end end
]])
script("fails.lua", [[
local function deep(n) if n == 0 then error("too deep") end deep(n - 1) end
deep(3)
]])
script("returns.lua", "return 7")
script("exits.lua", "os.exit(3)")
script("exits_closing.lua", [[
setmetatable({}, { __gc = function() print("collected") end })
local t <close> = setmetatable({}, { __close = function() print("closed") end })
os.exit(4, true)
]])
script("syntax.lua", "x = = 1")
script("shebang.lua", "#!/usr/bin/env lua\nprint('shebang')")
script("bom.lua", "\xEF\xBB\xBFprint('bom')")
script("module.lua", "print('loaded', ...) return { name = 'module' }")
script("collected.lua", "setmetatable({}, { __gc = function() print('collected at the end') end })")
script("own_line.lua", [[
local m = setmetatable({ x = 0 }, { __tostring = function(x)
  return tostring(debug.getinfo(4).currentline + x.x)
end })
error(m)
]])
script("comment.lua", "#comment without an end of line")
script("binary.lua", "#comment\n" .. string.dump(load "print(3)"))
script("open_file.lua", "io.output(os.tmpname()) io.write('text') print(io.output() ~= nil)")
script("finalizers.lua", [[
setmetatable({}, { __gc = function() print(1) end })
setmetatable({}, { __gc = function()
  print(2)
  setmetatable({}, { __gc = function() print(3) end })
  print(collectgarbage())
  os.exit(0, true)
end })
]])
script("failing_finalizer.lua", "u = setmetatable({}, { __gc = function() error('in gc') end })")
script("test", "print('a file named like a subcommand')")

local function words(text)
  local list = {}
  for word in text:gmatch("%S+") do list[#list + 1] = (word:gsub("~", " ")) end
  return list
end

-- Arguments separated by spaces (~ stands for a space inside one), then options of run.
local cases = {
  { "-v" }, { "-e print(1)" }, { "-eprint(2)" }, { "-e x=1 -e print(x)" },
  { "-e print(1) -v" }, { "-v -e print(1)" }, { "-v -W -E -e print(1)" },
  { "-e" }, { "-e -v" }, { "-l" }, { "-l -e" },
  { "-x" }, { "-vv" }, { "-Ex" }, { "-Wx" }, { "--x" }, { "-ii" },
  { "-e error('boom')" }, { "-e error()" }, { "-e error({})" }, { "-e error(42)" },
  { "-e error('plain',0)" },
  { "-e error(setmetatable({},{__tostring=function()~return~'shown'~end}))" },
  { "-e x~=~=~1" }, { "-e print(...)" }, { "-e print(#arg,arg[1]) args.lua" },
  { "args.lua" }, { "args.lua a b c" }, { "args.lua a~b" }, { "args.lua -v -x" },
  { "-- args.lua 1" },
  { "-E args.lua 1" }, { "-W args.lua 1" }, { "-v args.lua 1" }, { "-e x=1 args.lua -- 2" },
  { "-l module -e print(module.name)" }, { "-lmodule -e print(module.name)" },
  { "-l m=module -e print(m.name,module)" }, { "-l m=module args.lua z" },
  { "-l nothing.like.this" }, { "-e require'nothing.like.this'" },
  { "fails.lua" }, { "returns.lua" }, { "exits.lua" }, { "exits_closing.lua" }, { "collected.lua" },
  { "syntax.lua" }, { "shebang.lua" }, { "bom.lua" }, { "missing.lua" }, { "." }, { "-- -x" },
  { "own_line.lua" }, { "comment.lua" }, { "binary.lua" }, { "open_file.lua" },
  { "finalizers.lua" }, { "-W failing_finalizer.lua" },
  { "-l str=string -lm=math -e print(str.upper'a',m.sin(0))" }, { "-iv" }, { "---" }, { "-h" },
  { "-e~ -- args.lua a b c" },
  { "-", stdin = "print('from stdin', ...)" }, { "- a b", stdin = "print('from stdin', ...)" },
  { "-- -", stdin = "print('not read')" },
  { "", stdin = "print('bare', arg[0]:match('[^/]*$') ~= nil, #arg)" },
  { "", stdin = "error('in stdin')" }, { "", stdin = "x = = 1" }, { "", stdin = "" },
  { "-e print(1)", stdin = "print('not read')" }, { "-v", stdin = "print('not read')" },
  { "-e print(io.read())", stdin = "a line\n" },
  { "- 1", stdin = "return 5" }, { "-e return~5" },
  { "args.lua 1", env = { "LUA_INIT=print('init')" } },
  { "-E args.lua 1", env = { "LUA_INIT=print('init')" } },
  { "-e print(1)", env = { "LUA_INIT=print('init')", "LUA_INIT_5_4=print('init 5.4')" } },
  { "-e print(1)", env = { "LUA_INIT=@module.lua" } },
  { "-e print(1)", env = { "LUA_INIT=@no.lua" } },
  { "-e print(1)", env = { "LUA_INIT=error('in init')" } },
  { "-e print(1)", env = { "LUA_INIT=x = = 1" } },
  { "-v -e print(1)", env = { "LUA_INIT=print(2)" } },
  { "-e print(package.path)", env = { "LUA_PATH=x/?.lua" } },
  { "-e print(package.path)", env = { "LUA_PATH=x/?.lua;;" } },
  { "-e print(package.path)", env = { "LUA_PATH=a", "LUA_PATH_5_4=b" } },
  { "-E -e print(package.path)", env = { "LUA_PATH=x/?.lua" } },
  { "-e print(package.path,package.cpath)" },
  { "-e print(package.cpath)", env = { "LUA_CPATH=x/?.so" } },
  { "-e print(collectgarbage('incremental'))" },
  { "-W -e warn('a~warning')" }, { "-W -e warn('@off')~warn('silent')~warn('@on')~warn('loud')" },
  { "-e local~t<close>=setmetatable({},{__close=function()error('in~close')end})" },
  { "-e coroutine.wrap(function()~error('inside')~end)()" },
  { "-e print(debug.traceback('here'))" },
  { "-e io.stderr:write('to~stderr')~os.exit(true)" }, { "-e os.exit(false)" },
  { "-e os.exit(77)" },
  { "-e arg=nil args.lua 1" }, { "-e arg={'changed'} args.lua 1" },
  { "-e string.rep('x',1<<40)" }, { "-e local~function~f()~return~f()+1~end~f()" },
  { "-e os.execute('kill~-TERM~$PPID')" },
}

local function described(case)
  local text = case[1]
  if case.stdin then text = text .. " <" .. case.stdin end
  for _, setting in ipairs(case.env or {}) do text = setting .. " " .. text end
  return text
end

local function same_name(text, program)
  return (text:gsub(run.quote(program):sub(2, -2):gsub("%p", "%%%0"), "PROGRAM"))
end

describe("hana and lua5.4", function()
  for _, case in ipairs(cases) do
    it("agree on: " .. described(case), function()
      local options = { stdin = case.stdin, env = case.env, folder = folder }
      local out, err, code = run.run("lua5.4", words(case[1]), options)
      local our_out, our_err, our_code = run.run(run.hana, words(case[1]), options)
      assert.equal(same_name(out, "lua5.4"), same_name(our_out, run.hana))
      assert.equal(same_name(err, "lua5.4"), same_name(our_err, run.hana))
      assert.equal(code, our_code)
    end)
  end

  teardown(function() os.execute("rm -r " .. folder) end)
end)
