local hana = require "hana"
local core = require "hana.core"
local temporary = require "tests.io.temporary"

local function run(command, ...)
  return os.execute(command:format(...) .. " >/dev/null 2>&1")
end

local function listing(folder)
  local pipe = assert(io.popen("ls -A " .. folder))
  local text = pipe:read("a")
  pipe:close()
  return text
end

local function new_folder()
  local path = temporary.file(nil)
  os.remove(path)
  core.make_folder(path)
  return path
end

describe("a file that is written", function()
  after_each(temporary.clear)

  it("replaces the old one at once, with its permissions", function()
    local path = temporary.file("old")
    run("chmod 640 %s", path)
    core.write_file(path, "new")
    assert.equal("new", temporary.bytes(path))
    local pipe = assert(io.popen("stat -c %a " .. path))
    assert.equal("640\n", pipe:read("a"))
    pipe:close()
  end)

  it("goes through symbolic links and to devices", function()
    local folder = new_folder()
    run("touch %s/real; ln -s real %s/link", folder, folder)
    core.write_file(folder .. "/link", "x")
    assert.equal("x", temporary.bytes(folder .. "/real"))
    assert.equal("link\nreal\n", listing(folder))
    core.write_file("/dev/null", "x")
    run("rm -r %s", folder)
  end)

  it("leaves nothing behind when there is no room", function()
    local folder = new_folder()
    if not run("mount -t tmpfs -o size=64k tmpfs %s", folder) then
      run("rmdir %s", folder)
      pending("mounting a small file system is not allowed here")
      return
    end
    local _ <close> = setmetatable({}, { __close = function()
      run("umount %s; rmdir %s", folder, folder)
    end })
    core.write_file(folder .. "/kept.csv", "a\n1\n")
    local numbers = {}
    for i = 1, 50000 do numbers[i] = i end
    local df = hana.frame{ { "x", numbers } }
    for _, name in ipairs{ "kept.csv", "new.csv" } do
      assert.error_matches(function() df:write_csv(folder .. "/" .. name) end,
        folder .. "/" .. name .. ": no space left on the device", 1, true)
      assert.error_matches(function() df:save(folder .. "/" .. name) end, "no space left")
    end
    assert.equal("kept.csv\n", listing(folder))
    assert.equal("a\n1\n", temporary.bytes(folder .. "/kept.csv"))
  end)

  it("is packed by gzip where its name ends in .gz", function()
    local folder, n, texts = new_folder(), {}, {}
    for i = 1, 30000 do n[i], texts[i] = i * 7919 % 10007, ("text %d"):format(i * 31 % 5003) end
    local df = hana.frame{ { "n", n }, { "s", texts } }
    df:write_csv(folder .. "/a.csv")
    df:write_csv(folder .. "/a.csv.gz")
    local packed = temporary.bytes(folder .. "/a.csv.gz")
    assert.equal("\x1F\x8B", packed:sub(1, 2))
    assert.is_true(#packed < #temporary.bytes(folder .. "/a.csv") / 2)
    -- gzip itself unpacks it, and finds it whole.
    assert.is_true(run("gzip -t %s/a.csv.gz", folder))
    assert.is_true(run("zcat %s/a.csv.gz | cmp - %s/a.csv", folder, folder))
    assert.is_true(hana.read_csv(folder .. "/a.csv.gz", { quiet = true }):equal(df))
    df:head(0):write_csv(folder .. "/none.csv.gz")
    assert.equal("n,s\n", core.read_file(folder .. "/none.csv.gz"))
    df:head(1):write_json(folder .. "/a.json.gz")
    assert.equal('[\n{"n":7919,"s":"text 31"}\n]\n', core.read_file(folder .. "/a.json.gz"))
    assert.error_matches(function() df:write_csv(folder .. "/a.csv.zst") end,
      "zstd is read, not written; a name in .gz is packed by gzip")
    run("rm -r %s", folder)
  end)

  it("says what is in the way", function()
    local folder, path = new_folder(), temporary.file("x")
    assert.error_matches(function() core.write_file(folder, "x") end, folder .. ": is a folder", 1,
      true)
    assert.error_matches(function() core.write_file(folder .. "/no/x", "x") end,
      "no such folder '" .. folder .. "/no/'", 1, true)
    assert.error_matches(function() core.make_folder(path .. "/b") end, "no folder")
    core.make_folder(folder .. "/a/b/c")
    core.make_folder(folder .. "/a/b/c/")
    assert.equal("a\n", listing(folder))
    run("rm -r %s", folder)
  end)
end)

describe("a file that is read", function()
  after_each(temporary.clear)

  it("is inflated when it is gzip, in one member or several", function()
    local path = temporary.file("a,b\n1,2\n")
    if not run("gzip -k -S .gz %s", path) then pending("gzip is not there") return end
    local packed = temporary.bytes(path .. ".gz")
    os.remove(path .. ".gz")
    assert.equal("a,b\n1,2\n", core.read_file(temporary.file(packed)))
    assert.equal("a,b\n1,2\na,b\n1,2\n", core.read_file(temporary.file(packed .. packed)))
    assert.equal(2, hana.read_csv(temporary.file(packed, ".csv.gz"), { quiet = true }).b[1])
    assert.error_matches(function() core.read_file(temporary.file(packed:sub(1, -6))) end,
      "the gzip data are cut short")
    assert.error_matches(function()
      core.read_file(temporary.file(packed:sub(1, -9) .. "\255" .. packed:sub(-7)))
    end, "the gzip data are damaged")
  end)

  it("may be empty or a pipe", function()
    assert.equal("", core.read_file(temporary.file("")))
    assert.equal("", core.read_file("/dev/null"))
    local folder = new_folder()
    run("mkfifo %s/pipe", folder)
    os.execute(("(printf 'a\\n7\\n' > %s/pipe) &"):format(folder))
    assert.equal(7, hana.read_csv(folder .. "/pipe", { quiet = true }).a[1])
    run("rm -r %s", folder)
  end)

  it("says what is wrong", function()
    assert.error_matches(function() core.read_file("no/such") end, "no/such: no such file", 1, true)
    assert.error_matches(function() core.read_file("tests") end, "tests: is a folder", 1, true)
  end)
end)

describe("hana.glob", function()
  it("gives the paths in the order of their bytes", function()
    local folder = new_folder()
    run("touch %s/b.csv %s/B.csv %s/a10.csv %s/a9.csv %s/x.txt", folder, folder, folder, folder,
      folder)
    local found = hana.glob(folder .. "/*.csv")
    for i, path in ipairs(found) do found[i] = path:sub(#folder + 2) end
    assert.same({ "B.csv", "a10.csv", "a9.csv", "b.csv" }, found)
    assert.same({}, hana.glob(folder .. "/*.none"))
    run("rm -r %s", folder)
  end)
end)
