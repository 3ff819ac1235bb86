-- The project's pages as the report writer takes them.

local core = require "hana.core"
local report = require "hana.report"
local stages = require "hana.stages"

local M = {}

-- The pictures of stages that an earlier process wrote are read back from their files.
local function picture(p, block)
  if block.kind ~= "figure" or block.svg then return end
  local found, text = pcall(core.read_file, p.out .. "/" .. block.file)
  block.svg = found and text or '<svg viewBox="0 0 10 1" xmlns="http://www.w3.org/2000/svg"></svg>'
end

local function status_of(mine)
  if not mine or not mine.status then return "open" end
  if mine.stale then return "stale" end
  return mine.status
end

-- What was decided and why, stage by stage; where a stage decided twice, both stand there.
local function decisions(p)
  local t, rows = p.t, {}
  for i, stage in ipairs(stages.list) do
    local mine = p.state.stages[stage.key]
    for _, entry in ipairs(mine and mine.entries or {}) do
      if entry.decision then
        rows[#rows + 1] = { ("%d %s"):format(i, t("stage." .. stage.key)), entry.decision }
      end
    end
  end
  if #rows == 0 then return nil end
  return report.table{
    caption = t("book.decisions"),
    rows = rows,
    columns = { { label = t("book.stage") }, { label = t("book.decision") } },
  }
end

---@param p hana.Project
---@return table
function M.make(p)
  local t, pages = p.t, {}
  for i, stage in ipairs(stages.list) do
    local mine = p.state.stages[stage.key]
    local status, blocks = status_of(mine), {}
    if status == "stale" then
      blocks[1] = { kind = "callout", tone = "warn", text = t("status.stale_text") }
    end
    for _, entry in ipairs(mine and mine.entries or {}) do
      for _, block in ipairs(entry.blocks) do
        picture(p, block)
        blocks[#blocks + 1] = block
      end
    end
    if #blocks == 0 then blocks[1] = { kind = "prose", text = t("status.open_text") } end
    pages[i] = {
      key = stage.key,
      number = i,
      title = t("stage." .. stage.key),
      file = stage.file,
      status = status,
      status_text = t("status." .. status),
      sentence = mine and mine.sentence or nil,
      blocks = blocks,
    }
  end
  local kicker = t("book.kicker", { date = p.state.written })
  if p.state.author then kicker = kicker .. " · " .. p.state.author end
  local lead = p.state.verdict or p.state.problem
  if p.state.stopped then lead = t("book.stopped", { reason = p.state.stopped.reason }) end
  return {
    title = p.title,
    lang = p.lang,
    kicker = kicker,
    lead = lead,
    pages = pages,
    decisions = decisions(p),
    words = { contents = t("book.contents"), top = p.title },
    footer = t("book.footer", { version = core.version().hana, seed = tostring(p.seed) }),
  }
end

return M
