-- A PostgreSQL of the specs' own: in a temporary folder, on a Unix socket, gone afterwards.
local run = require "tests.host.run"

local M = {}

local function shell(command)
  local out, complaints, code = run.run("sh", { "-c", command })
  return code == 0, out, complaints
end

-- The folder of initdb and pg_ctl, which Debian keeps off the path; nil when there is none.
local function binaries()
  local _, out = shell("ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1;" ..
    "pg_config --bindir")
  for folder in out:gmatch "[^\n]+" do
    if shell(("test -x %s/initdb"):format(run.quote(folder))) then return folder end
  end
end

--- Starts it. Gives { url =, psql = function(sql), stop = function() }, or nil and why not.
function M.start()
  local bin = binaries()
  if not bin then return nil, "PostgreSQL's server is not installed (Debian package postgresql)" end
  local folder = run.new_folder()
  -- The server refuses to run as root.
  local as = ""
  if select(2, shell "id -u") == "0\n" then
    if not shell "id postgres" then return nil, "root needs the user postgres to run the server" end
    as = "setpriv --reuid=postgres --regid=postgres --clear-groups "
    shell("chown postgres " .. folder)
  end
  local function stop()
    shell(("%s%s/pg_ctl -D %s/data -m immediate stop"):format(as, bin, folder))
    shell("rm -rf " .. folder)
  end
  local good, out, complaints = shell(table.concat({
    ("cd %s"):format(folder),
    ("%s%s/initdb -D data -A trust -U hana -E UTF8 --locale=C --no-sync"):format(as, bin),
    ("%s%s/pg_ctl -D data -w -l log -o '-k %s -c listen_addresses= -c fsync=off' start"):format(as,
      bin, folder),
  }, " && "))
  if not good then
    stop()
    return nil, "PostgreSQL did not start: " .. out .. complaints
  end
  return {
    url = ("postgres://hana@/postgres?host=%s"):format(folder),
    stop = stop,
    psql = function(sql)
      local text, bad, code = run.run(bin .. "/psql",
        { "-h", folder, "-U", "hana", "-d", "postgres", "-AtX", "-v", "ON_ERROR_STOP=1" },
        { stdin = sql })
      assert(code == 0, bad)
      return text
    end,
  }
end

return M
