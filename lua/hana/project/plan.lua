-- What is to be collected: the columns with their types and limits, the Excel form that takes only
-- such values, and the page that is handed to whoever builds the collection.

local core = require "hana.core"
local form = require "hana.form"
local phrase = require "hana.phrase"
local report = require "hana.report"

local M = {}

---@class hana.WantedColumn
---@field name string
---@field need string "required", "nice" or words of one's own
---@field required boolean
---@field field table? type, unit, min, max, choices, max_length, label, help as a form's field
---@field why string?

local needs = { required = true, nice = true }

local function wanted(name, given)
  if type(given) ~= "table" then
    local need = tostring(given)
    return { name = name, need = need, required = need == "required" }
  end
  local field = {}
  for key, value in pairs(given) do
    field[key] = value
  end
  local need = field.need or (field.required == false and "nice" or "required")
  local why = field.why
  field.need, field.why, field.required = nil, nil, need == "required"
  if field.type == nil and field.choices then field.type = "category" end
  if field.type == nil then
    for _, key in ipairs{ "min", "max" } do
      if field[key] then field.type = "float" end
    end
  end
  field.type = field.type or "string"
  form.fields{ { name, field } }
  return { name = name, need = need, required = need == "required", field = field, why = why }
end

---The columns of a plan's `what`: a name, a list of names or of { name, column }, or a table by
---name; a column is "required", "nice", or { need = , why = , type = , unit = , min = , max = ,
---choices = }.
---@param what any
---@return hana.WantedColumn[]
function M.columns(what)
  if type(what) == "string" then return { wanted(what, "required") } end
  local list, keys = {}, {}
  for i, item in ipairs(what) do
    list[i] = type(item) == "table" and wanted(item[1], item[2]) or wanted(item, "required")
  end
  for key in pairs(what) do
    if type(key) == "string" then keys[#keys + 1] = key end
  end
  table.sort(keys)
  for _, key in ipairs(keys) do
    list[#list + 1] = wanted(key, what[key])
  end
  return list
end

local function need_text(t, item)
  return needs[item.need] and t("collect.need." .. item.need) or item.need
end

local function limits_text(t, field)
  if not field then return "" end
  if field.choices then
    local parts = {}
    for i, choice in ipairs(field.choices) do
      parts[i] = tostring(choice)
    end
    return table.concat(parts, ", ")
  end
  if field.min and field.max then
    return t("to", { low = phrase.number(field.min), high = phrase.number(field.max) })
  end
  if field.min then return t("collect.at_least", { low = phrase.number(field.min) }) end
  if field.max then return t("collect.at_most", { high = phrase.number(field.max) }) end
  if field.max_length then
    return t("collect.at_most_letters", { n = phrase.number(field.max_length) })
  end
  return ""
end

local function words_of(text, lang)
  if type(text) == "table" then return text[lang] or text.en or text.ko end
  return text
end

local function rows_of(p, list, plain)
  local t, rows = p.t, {}
  for i, item in ipairs(list) do
    local f = item.field
    rows[i] = {
      plain and item.name or "`" .. item.name .. "`",
      need_text(t, item),
      f and f.type or "",
      f and f.unit or "",
      limits_text(t, f),
      item.why or f and words_of(f.help, p.lang) or f and words_of(f.label, p.lang) or "",
    }
  end
  return rows
end

local function headings(t)
  return {
    t("column"), t("collect.need"), t("type"), t("form.unit"), t("form.limits"), t("remarks"),
  }
end

---The table of what is needed.
function M.table(p, list)
  local columns = {}
  for j, label in ipairs(headings(p.t)) do
    columns[j] = { label = label }
  end
  return report.table{ caption = p.t("collect.what"), rows = rows_of(p, list), columns = columns }
end

local kinds = { string = "text", int = "int", float = "float", date = "date", category = "choice",
  bool = "choice" }

local function clipped(text)
  if (utf8.len(text) or 0) <= 250 then return text end
  return text:sub(1, utf8.offset(text, 250) - 1) .. "…"
end

local function workbook_column(p, item)
  local t, f = p.t, item.field or {}
  local parts = { need_text(t, item) }
  local limits = limits_text(t, f)
  local expected = { f.type }
  for _, text in ipairs{ limits, f.unit or "" } do
    if text ~= "" then
      parts[#parts + 1], expected[#expected + 1] = text, text
    end
  end
  local help = item.why or words_of(f.help, p.lang)
  if help then parts[#parts + 1] = help end
  local choices
  if f.choices or f.type == "bool" then
    choices = {}
    for i, choice in ipairs(f.choices or { "true", "false" }) do
      choices[i] = tostring(choice)
    end
  end
  return {
    name = item.name,
    kind = kinds[f.type] or "any",
    required = item.required,
    min = f.min,
    max = f.max,
    max_length = f.max_length,
    choices = choices,
    hint = clipped(table.concat(parts, "\n")),
    refusal = clipped(t("collect.refused", { what = table.concat(expected, ", ") })),
  }
end

local function write_workbook(p, path, list, expected)
  local t, columns, cells = p.t, {}, headings(p.t)
  local width = #cells
  for j, item in ipairs(list) do
    columns[j] = workbook_column(p, item)
  end
  for _, row in ipairs(rows_of(p, list, true)) do
    for _, text in ipairs(row) do
      cells[#cells + 1] = tostring(text)
    end
  end
  core.form_workbook(path, {
    sheet = t("collect.sheet"),
    rows = math.max(1000, 2 * (expected or 0)),
    columns = columns,
    guide = {
      sheet = t("collect.guide"),
      title = p.title .. ": " .. t("collect.guide_title"),
      columns = width,
      cells = cells,
    },
  })
end

---An empty table with the columns that are wanted, for those who fill it in: .xlsx with types,
---limits and drop-down lists that Excel holds to, or .csv with the headings.
function M.template(p, name, list, expected)
  local path = p.out .. "/" .. name
  if name:match "%.xlsx$" then return write_workbook(p, path, list, expected) end
  if not name:match "%.csv$" then
    core.raise(("collect: the template '%s' must end in .xlsx or .csv"):format(name))
  end
  local columns = {}
  for i, item in ipairs(list) do
    columns[i] = { item.name, {}, "string" }
  end
  require("hana").frame(columns):write_csv(path)
end

local sql_types = { int = "bigint", float = "double precision", date = "date", bool = "boolean" }

local function sql_name(name) return '"' .. name:gsub('"', '""') .. '"' end

local function sql_text(value) return "'" .. tostring(value):gsub("'", "''") .. "'" end

-- A table for the backend that refuses what the form refuses.
local function sql_table(list)
  local lines = {}
  for i, item in ipairs(list) do
    local f, parts = item.field or {}, {}
    parts[1] = ("  %s %s"):format(sql_name(item.name), sql_types[f.type] or "text")
    if item.required then parts[#parts + 1] = "not null" end
    local name, checks = sql_name(item.name), {}
    if f.min then checks[#checks + 1] = ("%s >= %s"):format(name, core.json_encode(f.min)) end
    if f.max then checks[#checks + 1] = ("%s <= %s"):format(name, core.json_encode(f.max)) end
    if f.max_length then checks[#checks + 1] = ("length(%s) <= %d"):format(name, f.max_length) end
    if f.choices then
      local values = {}
      for k, choice in ipairs(f.choices) do
        values[k] = sql_text(choice)
      end
      checks[#checks + 1] = ("%s in (%s)"):format(name, table.concat(values, ", "))
    end
    if #checks > 0 then parts[#parts + 1] = "check (" .. table.concat(checks, " and ") .. ")" end
    lines[i] = table.concat(parts, " ")
  end
  return "create table collected (\n" .. table.concat(lines, ",\n") .. "\n);"
end

local function schema_of(p, list)
  local fields = {}
  for i, item in ipairs(list) do
    local field = { type = "string", required = item.required }
    for key, value in pairs(item.field or {}) do
      field[key] = value
    end
    fields[i] = { item.name, field }
  end
  return form.schema(fields, { title = p.title, lang = p.lang })
end

---Writes `collection-plan.md` and `collection.schema.json`: the plan as it is handed to a backend
---engineer.
---@param template string? name of the form
function M.hand_over(p, plan, list, template)
  local t = p.t
  local facts = { { t("collect.why"), plan.why } }
  if p.state.decision then
    facts[#facts + 1] = { t("collect.decision"), p.state.decision }
  end
  if plan.how then facts[#facts + 1] = { t("collect.how"), plan.how } end
  if plan.expected then
    facts[#facts + 1] = { t("collect.expected"), t("rows", { n = phrase.number(plan.expected) }) }
  end
  if template then facts[#facts + 1] = { t("collect.template"), "`" .. template .. "`" } end
  local blocks = {
    report.facts(facts),
    M.table(p, list),
    report.heading(3, t("collect.accepted_heading")),
    report.list{
      t("collect.accepted_filled"),
      t("collect.accepted_limits"),
      t("collect.accepted_rows"),
      t("collect.accepted_codes"),
    },
    report.heading(3, t("collect.table_heading")),
    report.code(sql_table(list), "sql"),
    report.prose(t("collect.schema", { file = "`collection.schema.json`" })),
  }
  core.write_file(
    p.out .. "/collection-plan.md",
    "# "
      .. p.title
      .. ": "
      .. t("collect.plan_heading")
      .. "\n\n"
      .. report.blocks_to_markdown(blocks)
      .. "\n"
  )
  core.write_file(
    p.out .. "/collection.schema.json",
    core.json_encode(schema_of(p, list), 2) .. "\n"
  )
end

return M
