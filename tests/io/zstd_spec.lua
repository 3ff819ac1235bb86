local hana = require "hana"
local core = require "hana.core"
local frames = require "tests.io.zstd_frames"
local run = require "tests.host.run"
local sweep = dofile("tests/bindings/sweep.lua")
local temporary = require "tests.io.temporary"

local quiet = { quiet = true }

local function failure(f, ...)
  local ok, message = pcall(f, ...)
  assert.is_false(ok, "it did not fail")
  return message
end

local function scan(path, part_bytes)
  return hana.scan_csv(path, { part_bytes = part_bytes, quiet = true }):collect()
end

describe("a zstd file", function()
  after_each(temporary.clear)

  it("is unpacked by whatever reads files", function()
    local path = temporary.file(frames.table_frame, ".csv.zst")
    assert.equal(frames.table_text, core.read_file(path))
    local plain = hana.read_csv({ text = frames.table_text }, quiet)
    assert.equal("equal", plain:compare(hana.read_csv(path, quiet)).verdict)
    assert.equal("equal", plain:compare(scan(path, 100)).verdict)
    assert.equal("equal", plain:compare(scan(path)).verdict)
    assert.equal("id,city,kg", hana.read_text(path, quiet).line[1])
    local rows = temporary.file(frames.pack('{"a":1}\n{"a":2}\n'), ".jsonl.zst")
    assert.same({ 1, 2 }, hana.read_json(rows).a:totable())
    local book = temporary.bytes("tests/data_files/excel/edge.xlsx")
    local sheets = hana.sheets("tests/data_files/excel/edge.xlsx")
    assert.same(sheets, hana.sheets(temporary.file(frames.pack(book), ".xlsx.zst")))
    local saved = temporary.file(nil, ".hana")
    plain:save(saved)
    local packed = temporary.file(frames.pack(temporary.bytes(saved)), ".hana.zst")
    assert.equal("equal", plain:compare(hana.load(packed)).verdict)
  end)

  it("is known by its first bytes, not by its name", function()
    assert.equal(60, #hana.read_csv(temporary.file(frames.table_frame, ".csv"), quiet))
    assert.equal("x\n", core.read_file(temporary.file("x\n", ".zst")))
  end)

  it("may hold several frames, empty ones and such as are to be skipped", function()
    local text = ("x,y\n"):rep(70000)
    local packed = frames.skipped("\1\2\3\4") .. frames.pack(text:sub(1, 150001), 1000) ..
      frames.skipped("") .. frames.pack("") .. frames.pack(text:sub(150002)) ..
      frames.skipped("end")
    local path = temporary.file(packed, ".csv.zst")
    assert.equal(text, core.read_file(path))
    assert.equal(69999, #hana.read_csv(path, quiet))
    assert.equal(69999, #scan(path, 5000))
    assert.equal("", core.read_file(temporary.file(frames.pack(""))))
  end)

  it("comes through a pipe", function()
    local path, pipe = temporary.file(frames.table_frame), temporary.file(nil, ".pipe")
    os.remove(pipe)
    assert(os.execute("mkfifo " .. pipe))
    for _, read in ipairs{ function() return hana.read_csv(pipe, quiet) end,
      function() return scan(pipe) end } do
      os.execute(("cat %s >%s &"):format(path, pipe))
      assert.equal(60, #read())
    end
  end)

  it("is an error with the file's name wherever it is cut short", function()
    for i = 4, #frames.table_frame - 1 do
      local path = temporary.file(frames.table_frame:sub(1, i), ".csv.zst")
      local sentence = path .. ": the zstd data are cut short"
      assert.matches(sentence, failure(hana.read_csv, path, quiet), 1, true)
      assert.matches(sentence, failure(scan, path), 1, true)
    end
    local second = temporary.file(frames.table_frame .. frames.pack("1,x,2\n"):sub(1, -2))
    assert.matches("cut short", failure(hana.read_csv, second, quiet))
    assert.matches("cut short", failure(scan, second, 100))
  end)

  it("is an error with the file's name where a byte is wrong, or says the same", function()
    local refused = 0
    for i = 5, #frames.table_frame do
      local byte = frames.table_frame:byte(i)
      local path = temporary.file(frames.table_frame:sub(1, i - 1) .. string.char(byte ~ 0x11) ..
        frames.table_frame:sub(i + 1), ".csv.zst")
      local ok, text = pcall(core.read_file, path)
      if ok then
        assert.equal(frames.table_text, text)
      else
        refused = refused + 1
        assert.matches(path .. ": the zstd data ", text, 1, true)
      end
    end
    assert.is_true(refused > 190, refused)
    local tail = temporary.file(frames.table_frame .. "and more")
    assert.matches("the zstd data are damaged", failure(core.read_file, tail), 1, true)
  end)

  it("is refused where it looks back too far or needs a dictionary", function()
    local far = temporary.file(frames.pack("a\n1\n", nil, 1 << 28), ".csv.zst")
    for _, read in ipairs{ hana.read_csv, scan } do
      assert.matches(far .. ": the zstd data need a window of more than the 128 MiB that are " ..
        "allowed: pack them again without --long", failure(read, far), 1, true)
    end
    assert.equal(1, #hana.read_csv(temporary.file(frames.pack("a\n1\n", nil, 1 << 27)), quiet))
    local with_dictionary = temporary.file("\x28\xB5\x2F\xFD\x01\x38\7" .. "\1\0\0")
    assert.matches("packed with a dictionary", failure(core.read_file, with_dictionary))
  end)

  it("is scanned in bounded memory", function()
    if run.sanitized then return end
    local path = temporary.file(nil, ".csv.zst")
    local out <close> = assert(io.open(path, "wb"))
    out:write(frames.pack "id,city,kg\n")
    local rows = frames.pack(("123456789,\"Seoul\",1.5\n"):rep(5000))
    for _ = 1, 300 do out:write(rows) end -- 34 MB, 1.5 million rows
    out:close()
    local script = temporary.file(([[
      local hana = require "hana"
      local df = hana.scan_csv(%q, { part_bytes = 1 << 20 }):filter("kg > 1"):count{ "city" }
      assert(#df == 1 and df.n[1] == 1500000)
      print(io.open "/proc/self/status":read "a":match "VmHWM:%%s*(%%d+)")
    ]]):format(path), ".lua")
    local text, complaints, code = run.run(run.hana, { script })
    assert.equal(0, code, complaints)
    assert.is_true(tonumber(text) < 40 * 1024, text)
  end)

  it("leaves nothing behind when memory runs out", function()
    local path = temporary.file(frames.table_frame)
    sweep.library_fails(function() return core.read_file(path) end)
    sweep.library_fails(function() return hana.scan_csv(path):head(2) end)
  end)

  it("is looked at by inspect and takes predictions", function()
    local path = temporary.file(frames.table_frame, ".csv.zst")
    local model = temporary.file(nil, ".hana")
    hana.ridge{}:fit(hana.read_csv(path, quiet), { target = "kg", ignore = { "id" } }):save(model)
    local out, err, code = run.run(run.hana, { "inspect", path })
    assert.equal("", err)
    assert.equal(0, code)
    assert.matches("Seoul", out)
    local rows = temporary.file(frames.pack('{"city":"Jeju"}\n{"city":"Seoul"}\n'), ".jsonl.zst")
    out, err, code = run.run(run.hana, { "predict", model, rows })
    assert.equal("", err)
    assert.equal(0, code)
    assert.equal(2, #hana.read_csv({ text = out }, quiet))
  end)
end)
