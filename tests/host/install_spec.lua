require "hana"
local frames = require "tests.io.zstd_frames"
local run = require "tests.host.run"

-- cmake --install lays out a prefix that works by itself. The hana that runs is in a build tree.

local build = run.hana:match("^(.*)/[^/]*$") or "."
local prefix = run.new_folder()

local program = [[
#include <hana.h>
#include <stdio.h>

int openblas_get_num_threads(void);

int main(void)
{
    hana_start();
    hana_error err;
    hana_status status = hana_fail(&err, HANA_BAD_DATA, "column '%s' is text", "age");
    printf("%s %s %d %d\n", hana_version(), err.message, status == HANA_BAD_DATA,
           openblas_get_num_threads());
    return 0;
}
]]

describe("an installed prefix", function()
  setup(function()
    local _, err, code = run.run("cmake", { "--install", build, "--prefix", prefix })
    assert.equal("", err)
    assert.equal(0, code)
  end)
  teardown(function() os.execute("rm -r " .. prefix) end)

  it("holds a hana that finds its Lua files and its library from any folder", function()
    local out, err, code = run.run(prefix .. "/bin/hana", { "-e", [[
      print(hana.version().lua)
      print(package.searchpath, io.open("/proc/self/maps"):read("a"):match("%S*/libhana%S*"))
    ]] }, { folder = "/" })
    assert.equal("", err)
    assert.equal(0, code)
    assert.matches("^Lua 5%.4\n", out)
    assert.matches(prefix .. "/lib/libhana", out, 1, true)
  end)

  it("holds the module that stock lua5.4 loads", function()
    if run.sanitized then return pending "the sanitizer's runtime must come with the program" end
    local out, err = run.run("lua5.4", { "-e", 'print(require("hana").version().lua)' }, { env = {
      ("LUA_PATH=%s/share/lua/5.4/?.lua;%s/share/lua/5.4/?/init.lua"):format(prefix, prefix),
      ("LUA_CPATH=%s/lib/lua/5.4/?.so"):format(prefix) }, folder = "/" })
    assert.equal("", err)
    assert.equal("Lua 5.4\n", out)
  end)

  it("says in one sentence which package a missing plugin needs", function()
    local probe = [[print(pcall(require("hana.core").markdown, "*text*"))]]
    local out = run.run(prefix .. "/bin/hana", { "-e", probe })
    assert.equal("true\t<p><em>text</em></p>\n\n", out)
    assert.is_true(os.remove(prefix .. "/lib/hana/markdown.so"))
    out = run.run(prefix .. "/bin/hana", { "-e", probe })
    assert.matches("^false\t[^\n]*Markdown is not part of this build: install the Debian " ..
      "package libcmark%-gfm%-extensions%-dev and build hana again\n$", out)
    run.write_file(prefix .. "/lib/hana/markdown.so", "not a library")
    out = run.run(prefix .. "/bin/hana", { "-e", probe })
    assert.matches("^false\t[^\n]*Markdown needs the Debian package libcmark%-gfm%-extensions", out)
  end)

  it("says which file cannot be unpacked without the plugin that does it", function()
    local path = run.new_folder() .. "/rows.csv.zst"
    run.write_file(path, frames.table_frame)
    local probe = ("print(pcall(hana.read_csv, %q))"):format(path)
    assert.matches("Seoul", (run.run(prefix .. "/bin/hana", { "-e", probe })))
    assert.is_true(os.remove(prefix .. "/lib/hana/zstd.so"))
    local out = run.run(prefix .. "/bin/hana", { "-e", probe })
    assert.matches("rows.csv.zst: reading zstd files is not part of this build: install the " ..
      "Debian package libzstd-dev and build hana again", out, 1, true)
    run.write_file(prefix .. "/lib/hana/zstd.so", "not a library")
    out = run.run(prefix .. "/bin/hana", { "-e", probe })
    assert.matches("rows.csv.zst: reading zstd files needs the Debian package libzstd1", out, 1,
      true)
    os.execute("rm -r " .. path:match "^(.*)/")
  end)

  it("lets C programs use the library: one thread for BLAS, messages and versions", function()
    run.write_file(prefix .. "/program.c", program)
    local command = ([[cd %s && PKG_CONFIG_PATH=lib/pkgconfig && export PKG_CONFIG_PATH &&
      cc -std=c17 -Wall -Werror program.c $(pkg-config --cflags --libs hana) $HANA_TEST_CFLAGS \
      -lopenblas -Wl,--allow-shlib-undefined -Wl,-rpath,$PWD/lib -o program]]):format(prefix)
    local out, err, code = run.run("sh", { "-c", command })
    assert.equal("", err .. out)
    assert.equal(0, code)
    out, err = run.run(prefix .. "/program", {}, { env = { "OPENBLAS_NUM_THREADS=2" } })
    assert.equal("", err)
    assert.equal(require("hana").version().hana .. " column 'age' is text 1 1\n", out)
  end)
end)
