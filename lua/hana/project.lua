-- hana.project: the nine stages of a data-science project, written out as they happen. This file
-- holds the project's state, the gates between stages and the writing of pages; what a stage does
-- is in project/.

local book = require "hana.project.book"
local core = require "hana.core"
local form = require "hana.form"
local ledger = require "hana.project.ledger"
local phrase = require "hana.phrase"
local report = require "hana.report"
local seal = require "hana.project.seal"
local stages = require "hana.stages"
local strict = require "hana.strict"

local M = {}

---@class hana.Project
local Project = {}
-- With the fields that a project lacks until a stage sets them.
local Meta = strict(Project, "a project", "store author ledger plan sealed sealed_ids current "
  .. "fresh ran trained validated audit shift baseline sentence")
Meta.__name = "hana.project"

local option_names = { "title", "out", "lang", "seed", "store", "author" }

function Project.check_keys(_, given, known, where)
  local set = {}
  for _, name in ipairs(known) do
    set[name] = true
  end
  for key in pairs(given) do
    if not set[key] then core.unknown("unknown option", tostring(key), " for " .. where, known) end
  end
end

---Seals the rows of a frame; those sealed before are forgotten.
function Project:seal(df)
  self.sealed, self.sealed_ids = seal.new(df), seal.ids(df)
  return self.sealed
end

---Raises when the frame is the sealed handle or holds rows of the test set.
function Project:refuse_sealed(df, call)
  if seal.is(df) then
    core.raise(
      call
        .. ": this is the sealed test set; only p:validate{ model = , test = sealed } may open it"
    )
  end
  if not self.sealed or not require("hana.frame").is(df) then return end
  local n = 0
  for _, id in ipairs(core.row_ids(df)) do
    if self.sealed_ids[id] then n = n + 1 end
  end
  if n > 0 then
    core.raise(
      ("%s: %d of these %d rows are in the sealed test set; use the training rows that "):format(
        call,
        n,
        #df
      ) .. "p:split gave"
    )
  end
end

function Project:frame(df, call)
  if seal.is(df) then self:refuse_sealed(df, call) end
  if not require("hana.frame").is(df) then
    core.raise(("%s: expected a frame, got %s"):format(call, type(df)))
  end
  self:refuse_sealed(df, call)
  return df
end

---Whether a stage has been gone through or skipped.
function Project:passed(key)
  local stage = self.state.stages[key]
  return stage ~= nil and (stage.status == "done" or stage.status == "skipped") and not stage.stale
end

---Refuses a verb whose earlier stages are missing.
function Project:gate(call)
  if self.state.stopped and call ~= "monitor" and call ~= "define" then
    core.raise(
      ("%s: the project was closed without a model (%s); p:define opens it again"):format(
        call,
        self.state.stopped.reason
      )
    )
  end
  for _, key in ipairs(stages.needs[call] or {}) do
    if not self:passed(key) and not (call == "monitor" and self.state.stopped) then
      local stage, en = stages.by_key[key], phrase.speaker("en")
      local past = self.state.stages[key]
      core.raise(
        ('%s: stage %d (%s) %s: call %s first, or p:skip("%s", "why")'):format(
          call,
          stage.number,
          en("stage." .. key),
          past and past.stale and "is stale, an earlier stage was run again" or "is missing",
          stages.remedy[key],
          key
        )
      )
    end
  end
end

local function write_json(p)
  local state = p.state
  local out = { format = 1, hana = core.version().hana }
  for key, value in pairs(state) do
    out[key] = value
  end
  out.stages = {}
  for key, stage in pairs(state.stages) do
    local kept = {
      status = stage.status,
      reason = stage.reason,
      stale = stage.stale,
      sentence = stage.sentence,
      entries = core.json_array{},
    }
    for i, entry in ipairs(stage.entries) do
      local blocks = core.json_array{}
      for j, block in ipairs(entry.blocks) do
        local plain = {}
        for k, v in pairs(block) do
          if k ~= "svg" then plain[k] = v end
        end
        blocks[j] = plain
      end
      kept.entries[i] = {
        call = entry.call,
        blocks = blocks,
        sentence = entry.sentence,
        decision = entry.decision,
        values = entry.values,
      }
    end
    out.stages[key] = kept
  end
  core.write_file(
    p.out .. "/project.json",
    core.json_encode(require("hana.result").plain(out), 1) .. "\n"
  )
end

local function figure_files(entries)
  local files = {}
  for _, entry in ipairs(entries) do
    for _, block in ipairs(entry.blocks) do
      if block.file then files[block.file] = true end
    end
  end
  return files
end

-- Figures of a page go beside it, so that the Markdown shows them; those of entries that are gone
-- are removed.
local function write_figures(p, stage, entries, gone)
  local used, number = figure_files(entries), 0
  for _, block in ipairs(entries[#entries].blocks) do
    if block.kind == "figure" and not block.file then
      local file
      repeat
        number = number + 1
        file = ("figures/%02d-%s-%d.svg"):format(stage.number, stage.key, number)
      until not used[file]
      block.file, used[file] = file, true
      core.make_folder(p.out .. "/figures")
      core.write_file(p.out .. "/" .. file, block.svg)
    end
  end
  for file in pairs(figure_files(gone)) do
    if not used[file] then os.remove(p.out .. "/" .. file) end
  end
end

---Writes the pages of all stages that have something, the index and the state.
function Project:write(changed)
  local whole = book.make(self)
  for i, stage in ipairs(stages.list) do
    if self.state.stages[stage.key] and (not changed or changed[stage.key]) then
      core.write_file(self.out .. "/" .. stage.file, report.page_markdown(whole, i))
    end
  end
  core.write_file(self.out .. "/index.html", report.html(whole))
  write_json(self)
end

local function tell(p, stage, blocks)
  local rule = ("─"):rep(4)
  local head = ("%s %d  %s "):format(rule, stage.number, p.t("stage." .. stage.key))
  io.write(
    head,
    ("─"):rep(math.max(4, 96 - phrase.width(head))),
    "\n\n",
    report.blocks_to_text(blocks),
    "\n\n"
  )
end

local asides = { note = true, table = true, plot = true, check = true, stop = true, skip = true }

---Adds what a verb did to its stage: page, index and state are written at once, and an account is
---printed. The first time a verb runs in a process it replaces what an earlier process wrote.
---@param key string stage
---@param call string
---@param blocks table[]
---@param options { sentence: string?, decision: string?, values: table?, figures: table?,
---  aside: boolean? }? `decision` stands on the first page, with its reason
function Project:record(key, call, blocks, options)
  options = options or {}
  local stage, state = stages.by_key[key], self.state
  local mine = state.stages[key]
  if not mine then
    mine = { entries = {} }
    state.stages[key] = mine
  end
  local verb = call:match("^[^:.]*")
  local first = not self.ran[key .. ":" .. verb]
  local kept, dropped = {}, {}
  for _, entry in ipairs(mine.entries) do
    local old = entry.call:match("^[^:.]*")
    -- Remarks of an earlier process go when the stage itself is run again.
    local gone = not entry.mine and (first and old == verb or not options.aside and asides[old])
    table.insert(gone and dropped or kept, entry)
  end
  mine.entries = kept
  self.ran[key .. ":" .. verb] = true
  local entry = {
    call = call,
    blocks = blocks,
    sentence = options.sentence,
    decision = options.decision,
    values = options.values,
    mine = true,
  }
  mine.entries[#mine.entries + 1] = entry
  if options.sentence then mine.sentence = options.sentence end
  local changed = { [key] = true }
  if not options.aside then
    mine.status, mine.reason, mine.stale = "done", nil, nil
    self.fresh[key] = true
    for i = stage.number + 1, #stages.list do
      local later = stages.list[i].key
      local past = state.stages[later]
      if past and past.status == "done" and not self.fresh[later] then
        past.stale = true
        changed[later] = true
      end
    end
  end
  write_figures(self, stage, mine.entries, dropped)
  ledger.add(self, key, call, options.sentence, options.values or options.figures)
  tell(self, stage, blocks)
  if not options.aside then self.current = key end
  self:write(changed)
end

---What a stage returned, in this process or an earlier one.
---@param name string a stage or a verb
function Project:get(name)
  local stage = stages.find(name)
  if not stage then core.unknown("project: no stage", tostring(name), "", stages.keys()) end
  local call = stages.by_call[name] and name or stage.calls[#stage.calls]
  for _, candidate in ipairs(call == name and { call } or stage.calls) do
    if self.results[candidate] ~= nil then call = candidate end
  end
  if self.results[call] ~= nil then
    return table.unpack(self.results[call], 1, self.results[call].n)
  end
  local saved = self.state.results and self.state.results[call]
  if not saved then
    core.raise(("project: stage '%s' has nothing to give back yet: run it first"):format(name))
  end
  return require("hana.project.keep").bring(self, call, saved)
end

---Keeps what a verb returns: in memory, and on disk for the processes that continue the project.
function Project:keep(call, ...)
  self.results[call] = table.pack(...)
  self.state.results = self.state.results or {}
  self.state.results[call] = require("hana.project.keep").put(self, call, ...)
end

---Adds Markdown of one's own to the stage that ran last (or to stage `key`).
function Project:note(text, key)
  if type(text) ~= "string" then core.raise("note: expected Markdown text, got " .. type(text)) end
  self:record(self:place(key, "note"), "note", { report.markdown(text) }, { aside = true })
end

function Project:place(key, call)
  local stage = key and stages.find(key) or stages.by_key[self.current or "define"]
  if not stage then core.unknown(call .. ": no stage", tostring(key), "", stages.keys()) end
  return stage.key
end

---Shows a frame (or a result's table) in the report.
function Project:table(df, options)
  options = options or {}
  if seal.is(df) then self:refuse_sealed(df, "table") end
  if type(df) ~= "userdata" and df.table then df = df:table() end
  self:frame(df, "table")
  local limit, rows, columns = options.rows or 30, {}, {}
  local types, names = df:types(), df:names()
  for j, name in ipairs(names) do
    columns[j] =
      { label = name, align = (types[name] == "float" or types[name] == "int") and "right" or nil }
  end
  for i, row in df:rows() do
    if i > limit then break end
    local cells = {}
    for j, name in ipairs(names) do
      local v = row[name]
      cells[j] = type(v) == "number" and { text = phrase.number(v), sort = v }
        or v == nil and "–"
        or tostring(v)
    end
    rows[i] = cells
  end
  local note = #df > limit
      and self.t("table.more", { shown = phrase.number(limit), all = phrase.number(#df) })
    or nil
  self:record(
    self:place(options.stage, "table"),
    "table",
    { report.table{ caption = options.caption, columns = columns, rows = rows, note = note } },
    { aside = true }
  )
end

---Shows a plot in the report.
function Project:plot(plot, options)
  options = options or {}
  if type(plot) ~= "table" or not plot.svg then plot = plot:plot() end
  local spec = plot.spec
  local alt = options.caption
    or spec.title
    or ("%s: %s, %s"):format(spec.geom or "plot", tostring(spec.x), tostring(spec.y))
  self:record(
    self:place(options.stage, "plot"),
    "plot",
    { report.figure{ svg = plot:svg(), alt = alt, caption = options.caption } },
    { aside = true }
  )
end

---Records whether something that must hold does. Gives the value back.
function Project:check(what, holds, stage)
  if type(what) ~= "string" then core.raise("check: say what is checked, as a string") end
  local text = self.t(holds and "check.holds" or "check.fails", { what = what })
  self:record(
    self:place(stage, "check"),
    "check",
    { report.callout(holds and "good" or "bad", text) },
    { aside = true, decision = not holds and text or nil }
  )
  return holds
end

---Leaves a stage out, with the reason that will stand in the report.
function Project:skip(name, reason)
  local stage = stages.find(name)
  if not stage then core.unknown("skip: no stage", tostring(name), "", stages.keys()) end
  if type(reason) ~= "string" or not reason:find("%S") then
    core.raise(
      ('skip: say why stage \'%s\' is left out: p:skip("%s", "why")'):format(stage.key, stage.key)
    )
  end
  local text = self.t("skip.text", { reason = reason })
  self:record(stage.key, "skip", { report.callout("warn", text) }, {
    sentence = text,
    decision = text,
    aside = true,
  })
  self.state.stages[stage.key].status, self.state.stages[stage.key].reason = "skipped", reason
  self.state.stages[stage.key].stale = nil
  self:write{ [stage.key] = true }
end

---Closes the project without a model. `form` describes the fields to ask for instead: their schema
---and a page that works are written.
function Project:stop(reason, options)
  options = options or {}
  if type(reason) ~= "string" or not reason:find("%S") then
    core.raise("stop: say why no model is built")
  end
  self:check_keys(options, { "form", "title" }, "stop")
  local t, state = self.t, self.state
  local blocks = { report.callout("good", t("stop.reason", { reason = reason })) }
  if options.form then
    local schema =
      form.schema(options.form, { title = options.title or self.title, lang = self.lang })
    core.write_file(self.out .. "/form.schema.json", core.json_encode(schema, 2) .. "\n")
    core.write_file(
      self.out .. "/form.html",
      form.html(options.form, { title = options.title or self.title, lang = self.lang })
    )
    state.form = options.form
    blocks[#blocks + 1] = report.prose(t("stop.form"))
    blocks[#blocks + 1] = form.fields_table(options.form, t)
  end
  state.stopped = { reason = reason }
  local key = self.current or "define"
  self:record(key, "stop", blocks, {
    aside = true,
    decision = t("stop.reason", { reason = reason }),
  })
  local text, changed = t("stop.not_needed", { reason = reason }), {}
  for _, stage in ipairs(stages.list) do
    local mine = state.stages[stage.key]
    if
      stage.key ~= "monitor"
      and (not mine or not mine.status or (mine.stale and stage.number > stages.by_key[key].number))
    then
      state.stages[stage.key] = {
        status = "not_needed",
        reason = reason,
        sentence = t("status.not_needed"),
        entries = { { call = "stop", blocks = { report.callout("info", text) } } },
      }
      changed[stage.key] = true
    end
  end
  self:write(changed)
  return self
end

---A project that was closed is open again; stages that were not needed are to be done.
function Project:reopen()
  if not self.state.stopped then return end
  self.state.stopped, self.state.form = nil, nil
  for key, stage in pairs(self.state.stages) do
    if stage.status == "not_needed" then self.state.stages[key] = nil end
  end
end

function Meta:__tostring()
  local parts = { self.title .. " (" .. self.out .. ")" }
  for _, page in ipairs(book.make(self).pages) do
    parts[#parts + 1] = ("  %d %s: %s"):format(page.number, page.title, page.status_text)
  end
  return table.concat(parts, "\n")
end

local verbs = {
  define = "define",
  alternatives = "define",
  collect = "collect",
  split = "prepare",
  prepare = "prepare",
  explore = "explore",
  features = "explore",
  train = "train",
  validate = "validate",
  select = "select",
  deploy = "deploy",
  monitor = "monitor",
}
for verb, module in pairs(verbs) do
  Project[verb] = function(self, ...)
    self:gate(verb)
    return require("hana.project." .. module)[verb](self, ...)
  end
end

-- The state that an earlier process left, or a new one.
local function load_state(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("a")
  file:close()
  local done, state = pcall(core.json_decode, text)
  if not done or type(state) ~= "table" or state.format ~= 1 then
    core.raise(
      ("project: %s is not a project file of this version: %s"):format(
        path,
        done and "other format" or state
      )
    )
  end
  local function strip(value)
    for key, item in pairs(value) do
      if item == core.null then
        value[key] = nil
      elseif type(item) == "table" then
        strip(item)
      end
    end
    return value
  end
  return strip(state)
end

---A project: nine stages that write themselves out. On a folder that holds one already, it is
---continued. With a `store` (`sqlite:hana.db`, `postgres://...`) every verb adds a row to its table
---`hana_runs`, which `hana runs` shows.
---
---Stages, in order: define (and alternatives), collect, split and prepare, explore (and features),
---train, validate, select, deploy, monitor; note, table, plot and check add to the stage that ran
---last; skip leaves one out with a reason; stop closes the project without a model; get brings back
---what a stage returned.
---@param options { title: string, out: string, lang: string?, seed: integer?, store: string?,
---  author: string? }
---@return hana.Project
function M.new(options)
  if type(options) ~= "table" then core.raise("project: expected a table{ title = , out = }") end
  Project:check_keys(options, option_names, "project")
  if type(options.out) ~= "string" or options.out == "" then
    core.raise("project: 'out' is missing: the folder where the report is written")
  end
  local out = options.out:gsub("/+$", "")
  local state = load_state(out .. "/project.json")
  local title = options.title or (state and state.title)
  if type(title) ~= "string" then core.raise("project: 'title' is missing") end
  local lang = options.lang or (state and state.lang) or "en"
  local known, t = pcall(phrase.speaker, lang)
  if not known then core.raise(t) end
  core.make_folder(out)
  state = state or { stages = {} }
  state.title, state.lang, state.author = title, lang, options.author or state.author
  state.seed = options.seed or state.seed or 1
  state.store = options.store or state.store
  if state.store ~= nil and type(state.store) ~= "string" then
    core.raise("project: 'store' must be a URL (sqlite:hana.db), got a " .. type(state.store))
  end
  state.started = state.started or os.date("%Y-%m-%d")
  state.written = os.date("%Y-%m-%d")
  local p = setmetatable({
    title = title,
    out = out,
    lang = lang,
    seed = state.seed,
    t = t,
    state = state,
    results = {},
    ran = {},
    fresh = {},
  }, Meta)
  for _, stage in ipairs(stages.list) do
    local mine = state.stages[stage.key]
    if mine and mine.status then p.current = stage.key end
  end
  require("hana.project.keep").restore(p)
  return p
end

return setmetatable(M, { __call = function(_, options) return M.new(options) end })
