require "hana"
local run = require "tests.host.run"

--- What an interactive session without a terminal says to the lines; its prompts and the lines
--- themselves, which it shows as lua5.4 does, are left out.
local function session(lines)
  lines = lines:gsub(" +$", "")
  local out, err, code = run.run(run.hana,
    { "-e", "_PROMPT = '' _PROMPT2 = ''", "-i" }, { stdin = lines })
  local said, at = {}, 1
  local shown = out:gsub("^Lua 5%.4.-\n", "")
  for line in lines:gmatch("([^\n]*)\n") do
    local from, to = shown:find(line .. "\n", at, true)
    said[#said + 1] = shown:sub(at, from - 1)
    at = to + 1
  end
  said[#said + 1] = shown:sub(at)
  return table.concat(said), err, code
end

describe("the interactive mode", function()
  it("looks as in lua5.4", function()
    for _, lines in ipairs{ "a = 2\n=a\na\n", "for i = 1, 2 do\nprint(i) end\n", "error 'x'\n",
      "print [[x\ny]]\n'end'\n", "x = = 1\n", "error({})\n", "print = nil\n5\n",
      "\n\n", "--\n1, nil\n",
      "local function f() error('deep') end f()\n", "nothing.here\n" } do
      for _, prompts in ipairs{ "", "_PROMPT = 'ask ' _PROMPT2 = 7" } do
        local out, err, code = run.run("lua5.4", { "-e", prompts, "-i" }, { stdin = lines })
        local our_out, our_err, our_code = run.run(run.hana, { "-e", prompts, "-i" },
          { stdin = lines })
        assert.equal(out, our_out)
        -- A chunk with locals is a function here, so that they can outlive it.
        assert.equal(err, (our_err:gsub("in function <stdin:1>", "in main chunk")))
        assert.equal(code, our_code)
      end
    end
  end)

  it("shows the values of expressions", function()
    assert.equal("3\n1\t2\nnil\n\n", (session "1 + 2\n1, 2\nnil\n"))
    assert.equal("4\n\n", (session "=4\n"))
    assert.equal("\n", (session "local x\n"))
  end)

  it("keeps the last value in _", function()
    assert.equal("42\n43\n\n", (session "42\n_ + 1\n"))
  end)

  it("reads on until a chunk is complete", function()
    assert.equal("1\n2\n\n", (session "for i = 1, 2 do\nprint(i)\nend\n"))
    assert.equal("3\n\n", (session "1 +\n2\n"))
    assert.equal("a\nb\n\n", (session "print [[a\nb]]\n"))
  end)

  it("keeps locals of earlier lines, as the same variables", function()
    assert.equal("12\n\n", (session [[
      local n = 10
      local function add(k) n = n + k end
      add(1) add(1)
      n
    ]]))
    assert.equal("inner\nouter\n\n", (session [[
      local v = 'outer'
      local function old() return v end
      local v = 'inner'
      v
      old()
    ]]))
    assert.equal("120\n\n", (session [[
      local function f(n) return n <= 1 and 1 or n * f(n - 1) end
      f(5)
    ]]))
  end)

  it("leaves the locals of inner blocks inside them", function()
    assert.equal("nil\n\n", (session "do local hidden = 1 end\nhidden\n"))
    assert.equal("nil\n\n", (session "for hidden = 1, 2 do local deeper = 1 end\nhidden\n"))
    assert.equal("nil\tnil\n\n", (session "local function f(p) local q = p end\np, q\n"))
  end)

  it("keeps constants constant", function()
    local out, err = session "local c <const> = 7\nlocal t <const> = {}\nc, #t\nc = 8\nt = 1\nc\n"
    assert.equal("7\t0\n7\n\n", out)
    assert.equal("stdin:1: attempt to assign to const variable 'c'\n" ..
      "stdin:1: attempt to assign to const variable 't'\n", err)
  end)

  it("keeps more locals than a function may have", function()
    local lines = {}
    for i = 1, 300 do lines[i] = ("local v%d = %d"):format(i, i) end
    lines[#lines + 1] = "v1 + v300\n"
    assert.equal("301\n\n", (session(table.concat(lines, "\n"))))
  end)

  it("goes on after errors, and says where they were", function()
    local out, err, code = session "x = = 1\nerror 'boom'\nlocal t = nil\nt.x = 1\n'alive'\n"
    assert.equal("alive\n\n", out)
    assert.matches("^stdin:1: unexpected symbol near '='\nstdin:1: boom\nstack traceback:\n", err)
    assert.matches("attempt to index a nil value %(upvalue 't'%)", err)
    assert.not_matches("repl%.lua", err)
    assert.not_matches("session%.lua", err)
    assert.equal(0, code)
  end)

  it("shows error values as lua5.4 does", function()
    local _, err = session [[
      error({})
      error(setmetatable({}, { __tostring = function() return 'T' end }))
    ]]
    assert.matches("^%(error object is a table value%)\n", err)
    assert.matches("\nT\n$", err)
  end)

  it("runs a whole chunk that returns", function()
    assert.equal("1\t2\n\n", (session "return 1, 2\n"))
  end)

  it("runs the script first with -i", function()
    local path = os.tmpname()
    run.write_file(path, "global = 5")
    local out = run.run(run.hana, { "-e", "_PROMPT = ''", "-i", path }, { stdin = "global\n" })
    os.remove(path)
    assert.matches("\n5\n\n$", out)
  end)
end)

-- Keys as a person presses them, at a terminal made by script(1). The pauses let the session rest,
-- because the terminal drops what was typed ahead of a Ctrl-C.
local function at_terminal(keys, history)
  local parts = { "sleep 0.5;" }
  for _, key in ipairs(keys) do
    parts[#parts + 1] = ("printf '%%b' %s; sleep 0.3;"):format(run.quote(key))
  end
  local command = ("(%s) | HANA_HISTORY=%s TERM=dumb timeout 30 script -qec %s /dev/null"):format(
    table.concat(parts, " "), run.quote(history or ""), run.quote(run.quote(run.hana)))
  local pipe = assert(io.popen(command))
  local text = pipe:read "a":gsub("\r", "")
  pipe:close()
  return text
end

local terminals = os.execute "script -qec true /dev/null >/dev/null 2>&1 </dev/null"

describe("the interactive mode at a terminal", function()
  if not terminals then return pending "no terminals here" end

  it("completes names, fields, methods and columns", function()
    local text = at_terminal{
      "local df = hana.frame{ {'height', {1, 2}}, {'weight', {3, 4}} }\\n",
      "df:nam\\t()[2]\\n", "#df.hei\\t\\n", "df:select{ \"wei\\t\" }:names()[1]\\n",
      "string.form\\t('%d!', 7)\\n", "\\004",
    }
    assert.matches("df:names%(%)%[2%]\nweight\n", text)
    assert.matches("#df%.height\n2\n", text)
    assert.matches('select{ "weight" }:names%(%)%[1%]\nweight\n', text)
    assert.matches("7!\n", text)
  end)

  it("gives up the line, or the running call, at Ctrl-C and stays alive", function()
    local text = at_terminal{ "local kept = 'kept'\\n", "no such line", "\\003",
      "while true do end\\n", "\\003", "kept\\n", "\\004" }
    assert.matches("interrupted!", text)
    assert.matches("> kept\nkept\n", text)
  end)

  it("remembers lines from session to session", function()
    local path = os.tmpname()
    at_terminal({ "print('first',\\n", "'session')\\n", "\\004" }, path)
    assert.matches("print%('first',\n'session'%)", run.read_file(path))
    local text = at_terminal({ "\\020\\n", "\\004" }, path)
    assert.matches("first\tsession\n", text)
    os.remove(path)
  end)
end)
