-- The form that takes a model's place: a JSON schema for the backend and a page that works without
-- a network, in English and Korean, and checks what is typed in.

local core = require "hana.core"
local phrase = require "hana.phrase"
local report = require "hana.report"

local M = {}

local field_keys = {
  "type",
  "unit",
  "min",
  "max",
  "required",
  "label",
  "help",
  "choices",
  "step",
  "max_length",
}
local json_types = {
  int = "integer",
  float = "number",
  string = "string",
  category = "string",
  bool = "boolean",
  date = "string",
}

---The fields in order: { { name, field }, ... } as given, or { name = field } by name.
---@param spec table
---@return table[]
function M.fields(spec)
  if type(spec) ~= "table" or next(spec) == nil then
    core.raise("form: expected { field = { type = , ... } }")
  end
  local list = {}
  if #spec > 0 then
    for i, pair in ipairs(spec) do
      list[i] = { name = pair[1], field = pair[2] }
    end
  else
    local names = {}
    for name in pairs(spec) do
      names[#names + 1] = name
    end
    table.sort(names)
    for i, name in ipairs(names) do
      list[i] = { name = name, field = spec[name] }
    end
  end
  for _, one in ipairs(list) do
    local field = one.field
    if type(one.name) ~= "string" or type(field) ~= "table" then
      core.raise("form: a field is { type = , ... } under its name")
    end
    local known = {}
    for _, key in ipairs(field_keys) do
      known[key] = true
    end
    for key in pairs(field) do
      if not known[key] then
        core.unknown(
          "form: unknown option",
          tostring(key),
          (" for field '%s'"):format(one.name),
          field_keys
        )
      end
    end
    if not json_types[field.type] then
      core.raise(
        (
          "form: field '%s': 'type' must be int, float, string, category, bool or date, got "
          .. "%s"
        ):format(one.name, tostring(field.type))
      )
    end
    if field.min and field.max and field.min > field.max then
      core.raise(("form: field '%s': 'min' is above 'max'"):format(one.name))
    end
    if field.type == "category" and type(field.choices) ~= "table" then
      core.raise(("form: field '%s': a category needs 'choices'"):format(one.name))
    end
  end
  return list
end

local function label_of(one, lang)
  local label = one.field.label
  if type(label) == "table" then label = label[lang] or label.en or label.ko end
  return label or one.name:gsub("_", " ")
end

local function help_of(one, lang)
  local help = one.field.help
  if type(help) == "table" then help = help[lang] or help.en or help.ko end
  return help
end

---A JSON schema (draft 2020-12) of an answer. Units stand under "x-unit".
---@param spec table
---@param options { title: string?, lang: string? }
---@return table
function M.schema(spec, options)
  local properties, required = {}, core.json_array {}
  for i, one in ipairs(M.fields(spec)) do
    local f = one.field
    properties[one.name] = {
      title = label_of(one, options.lang),
      type = json_types[f.type],
      minimum = f.min,
      maximum = f.max,
      description = help_of(one, options.lang),
      ["x-unit"] = f.unit,
      ["x-order"] = i,
      maxLength = f.max_length,
      enum = f.choices and core.json_array(f.choices) or nil,
      format = f.type == "date" and "date" or nil,
      minLength = (f.type == "string" and f.required) and 1 or nil,
    }
    if f.required then required[#required + 1] = one.name end
  end
  return {
    ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
    title = options.title,
    type = "object",
    properties = properties,
    required = required,
    additionalProperties = false,
  }
end

---The fields as a table for the report.
function M.fields_table(spec, t)
  local rows = {}
  for i, one in ipairs(M.fields(spec)) do
    local f, limits = one.field, ""
    if f.min or f.max then
      limits = t("to", {
        low = f.min and phrase.number(f.min) or "−∞",
        high = f.max and phrase.number(f.max) or "∞",
      })
    elseif f.choices then
      local parts = {}
      for k, choice in ipairs(f.choices) do
        parts[k] = tostring(choice)
      end
      limits = table.concat(parts, ", ")
    end
    rows[i] = {
      "`" .. one.name .. "`",
      f.type,
      f.unit or "–",
      limits,
      t(f.required and "form.yes" or "form.no"),
    }
  end
  return report.table {
    caption = t("form.fields"),
    rows = rows,
    columns = {
      { label = t("form.field") },
      { label = t("type") },
      { label = t("form.unit") },
      { label = t("form.limits") },
      { label = t("form.required") },
    },
  }
end

local words = {
  en = {
    required = "required",
    optional = "optional",
    submit = "Submit",
    choose = "Please choose",
    yes = "Yes",
    no = "No",
    missing = "Please fill this in.",
    not_number = "Please enter a number, digits only.",
    not_whole = "Please enter a whole number.",
    below = "At least {min}, please.",
    above = "At most {max}, please.",
    suggest = "Did you mean {value}?",
    too_long = "At most {max} characters, please.",
    thanks = "Thank you. Your answer has been recorded.",
    download = "Download the answers (CSV)",
    stored = "{n} answers in this browser",
    from_to = "{min} to {max}",
  },
  ko = {
    required = "필수",
    optional = "선택",
    submit = "제출",
    choose = "선택해 주세요",
    yes = "예",
    no = "아니요",
    missing = "입력해 주세요.",
    not_number = "숫자만 입력해 주세요.",
    not_whole = "정수로 입력해 주세요.",
    below = "{min} 이상이어야 합니다.",
    above = "{max} 이하여야 합니다.",
    suggest = "혹시 {value} 아닌가요?",
    too_long = "{max}자 이하로 입력해 주세요.",
    thanks = "감사합니다. 답변이 기록되었습니다.",
    download = "답변 내려받기 (CSV)",
    stored = "이 브라우저에 저장된 답변 {n}건",
    from_to = "{min}~{max}",
  },
}

local css = [[
:root{--bg:#f6f7f9;--card:#fff;--ink:#1d2230;--soft:#5b6372;--line:#c9ced8;--accent:#2b5fb3;
  --bad:#a92f2f;--good:#1f7a4d}
@media (prefers-color-scheme:dark){:root{--bg:#14171d;--card:#1b1f27;--ink:#e6e9ef;--soft:#a0a8b6;
  --line:#454d5c;
--accent:#86b1f2;--bad:#f08b84;--good:#6cc99a}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.55 "Inter","Segoe UI","Noto Sans",
  "NanumGothic",
"Noto Sans KR","Apple SD Gothic Neo","Malgun Gothic",Arial,sans-serif}
main{max-width:30rem;margin:6vh auto;padding:1.6rem 1.5rem 1.8rem;background:var(--card);
  border:1px solid var(--line);border-radius:.8rem}
@media (max-width:520px){main{margin:0;border:0;border-radius:0;min-height:100vh}}
.top{display:flex;justify-content:space-between;gap:1rem;align-items:baseline}
h1{font-size:1.3rem;margin:0 0 1rem;line-height:1.3}
.lang button{all:unset;cursor:pointer;padding:.1rem .4rem;color:var(--soft);font-size:.88rem}
.lang button[aria-pressed=true]{color:var(--ink);font-weight:650}
.lang button:focus-visible,button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.field{margin:1.1rem 0}
label,.label{display:block;font-weight:600}
.need{font-weight:400;color:var(--soft);font-size:.86rem;margin-left:.4rem}
.box{display:flex;align-items:center;border:1.5px solid var(--line);border-radius:.5rem;
  margin-top:.3rem;background:var(--card)}
.box:focus-within{border-color:var(--accent)}
.box.bad{border-color:var(--bad)}
input,select{flex:1;min-width:0;font:inherit;color:inherit;background:transparent;border:0;
  padding:.6rem .8rem;outline:0}
select option{color:#000}
.unit{padding:0 .9rem;color:var(--soft)}
.hint{color:var(--soft);font-size:.88rem;margin:.25rem 0 0}
.error{color:var(--bad);font-size:.92rem;margin:.25rem 0 0;min-height:0}
.error button{all:unset;cursor:pointer;text-decoration:underline}
.send{font:inherit;font-weight:650;width:100%;padding:.7rem;border:0;border-radius:.5rem;
  background:#2b5fb3;color:#fff;cursor:pointer;margin-top:.6rem}
.done{color:var(--good);font-weight:600}
.after{margin-top:1rem;font-size:.9rem;color:var(--soft)}
.after button{all:unset;cursor:pointer;color:var(--accent);text-decoration:underline}
]]

local script = [[
(function(){
"use strict";
var spec=JSON.parse(document.getElementById("spec").textContent),lang=spec.lang,answers=[];
var key="hana-form:"+spec.title;
try{answers=JSON.parse(localStorage.getItem(key)||"[]")}catch(e){answers=[]}
function say(name,values){return spec.words[lang][name].replace(/\{(\w+)\}/g,function(_,k){
  return values[k]})}
function text(x){return x===undefined?"":typeof x==="string"?x:(x[lang]||x.en||x.ko||"")}
function withUnit(f,v){return f.unit?v+" "+f.unit:String(v)}
var factors={cm:[100,2.54,30.48],kg:[0.45359237,0.001]};
function suggestion(f,v){
  if(f.min===undefined||f.max===undefined)return null;
  var list=factors[f.unit]||[];
  for(var i=0;i<list.length;i++){
    var w=v*list[i];if(f.type==="int")w=Math.round(w);else w=Math.round(w*10)/10;
    if(w>=f.min&&w<=f.max)return w;
  }
  return null;
}
function check(f,raw){
  var t=raw.trim();
  if(t==="")return f.required?{error:say("missing")}:{value:null};
  if(f.type==="int"||f.type==="float"){
    var s=t;
    if(f.unit&&s.toLowerCase().endsWith(f.unit.toLowerCase()))s=s.slice(0,-f.unit.length).trim();
    if(/^[+-]?\d+,\d+$/.test(s))s=s.replace(",",".");
    if(!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(s))return{error:say("not_number")};
    var v=Number(s),low=f.min!==undefined&&v<f.min,high=f.max!==undefined&&v>f.max;
    if(low||high){
      var w=suggestion(f,v),e=low?say("below",{min:withUnit(f,f.min)}):say("above",{max:withUnit(f,
        f.max)});
      return{error:e,suggest:w};
    }
    if(f.type==="int"&&v!==Math.round(v)){return{error:say("not_whole"),suggest:Math.round(v)}}
    return{value:v};
  }
  if(f.type==="bool")return{value:t==="true"};
  if(f.max_length&&t.length>f.max_length)return{error:say("too_long",{max:f.max_length})};
  return{value:t};
}
function show(f,result){
  var box=document.getElementById("box-"+f.name),line=document.getElementById("error-"+f.name),
    input=document.getElementById("in-"+f.name);
  box.classList.toggle("bad",!!result.error);input.setAttribute("aria-invalid",
    result.error?"true":"false");
  line.textContent=result.error||"";
  if(result.suggest!==undefined&&result.suggest!==null){
    var b=document.createElement("button");b.type="button";b.textContent=say("suggest",{
      value:withUnit(f,result.suggest)});
    b.addEventListener("click",function(){input.value=String(result.suggest);show(f,check(f,
      input.value));input.focus()});
    line.appendChild(document.createTextNode(" "));line.appendChild(b);
  }
}
function make(tag,attributes,content){
  var e=document.createElement(tag);
  for(var k in attributes)e.setAttribute(k,attributes[k]);
  if(content!==undefined)e.textContent=content;
  return e;
}
function draw(){
  document.documentElement.lang=lang;
  var form=document.getElementById("form"),old={};
  spec.fields.forEach(function(f){var i=document.getElementById("in-"+f.name);
    if(i)old[f.name]=i.value});
  form.textContent="";
  spec.fields.forEach(function(f){
    var field=make("div",{"class":"field"}),label=make("label",{"for":"in-"+f.name},text(f.label));
    label.appendChild(make("span",{"class":"need"},say(f.required?"required":"optional")));
      field.appendChild(label);
    var box=make("div",{"class":"box",id:"box-"+f.name}),input,described="error-"+f.name;
    if(f.choices||f.type==="bool"){
      input=make("select",{id:"in-"+f.name});input.appendChild(make("option",{value:""},
        say("choose")));
      (f.choices||[true,false]).forEach(function(c){
        var shown=c===true?say("yes"):c===false?say("no"):String(c);
        input.appendChild(make("option",{value:String(c)},shown));
      });
    }else{
      input=make("input",{id:"in-"+f.name,autocomplete:"off",type:f.type==="date"?"date":"text"});
      if(f.type==="int")input.inputMode="numeric";
      if(f.type==="float")input.inputMode="decimal";
    }
    if(f.required)input.setAttribute("aria-required","true");
    input.addEventListener("blur",function(){if(input.value!=="")show(f,check(f,input.value))});
    if(old[f.name]!==undefined)input.value=old[f.name];
    box.appendChild(input);if(f.unit)box.appendChild(make("span",{"class":"unit"},f.unit));
    field.appendChild(box);
    var hint=text(f.help);
    if(!hint&&f.min!==undefined&&f.max!==undefined)hint=say("from_to",{min:f.min,max:withUnit(f,
      f.max)});
    if(hint){field.appendChild(make("p",{"class":"hint",id:"hint-"+f.name},hint));
      described+=" hint-"+f.name}
    input.setAttribute("aria-describedby",described);
    field.appendChild(make("p",{"class":"error",id:"error-"+f.name,role:"alert"}));
    form.appendChild(field);
  });
  form.appendChild(make("button",{"class":"send",type:"submit"},say("submit")));
  document.querySelectorAll(".lang button").forEach(function(b){b.setAttribute("aria-pressed",
    b.dataset.lang===lang?"true":"false")});
  after("");
}
function after(message){
  var place=document.getElementById("after");place.textContent="";
  if(message)place.appendChild(make("p",{"class":"done",role:"status"},message));
  if(answers.length){
    place.appendChild(document.createTextNode(say("stored",{n:answers.length})+" · "));
    var b=make("button",{type:"button"},say("download"));
    b.addEventListener("click",function(){
      var names=["time"].concat(spec.fields.map(function(f){return f.name}));
      var lines=[names.join(",")].concat(answers.map(function(a){return names.map(function(n){
        var v=a[n];if(v===null||v===undefined)return"";v=String(v);
        return /[",\n]/.test(v)?'"'+v.replace(/"/g,'""')+'"':v}).join(",")}));
      var link=make("a",{href:URL.createObjectURL(new Blob([lines.join("\n")+"\n"],{type:"text/csv"}
        )),download:"answers.csv"});
      link.click();
    });
    place.appendChild(b);
  }
}
document.getElementById("form").addEventListener("submit",function(event){
  event.preventDefault();
  var answer={time:new Date().toISOString()},first=null;
  spec.fields.forEach(function(f){
    var input=document.getElementById("in-"+f.name),result=check(f,input.value);
    show(f,result);
    if(result.error){first=first||input}else answer[f.name]=result.value;
  });
  if(first){first.focus();return}
  answers.push(answer);
  try{localStorage.setItem(key,JSON.stringify(answers))}catch(e){}
  spec.fields.forEach(function(f){document.getElementById("in-"+f.name).value=""});
  after(say("thanks"));
});
document.querySelectorAll(".lang button").forEach(function(b){b.addEventListener("click",function(){
  lang=b.dataset.lang;draw()})});
draw();
})();
]]

---The page.
---@param spec table
---@param options { title: string?, lang: string? }
---@return string
function M.html(spec, options)
  local fields = core.json_array {}
  for i, one in ipairs(M.fields(spec)) do
    local f = one.field
    fields[i] = {
      name = one.name,
      type = f.type,
      unit = f.unit,
      min = f.min,
      max = f.max,
      required = f.required or false,
      label = f.label or label_of(one, options.lang),
      help = f.help,
      max_length = f.max_length,
      choices = f.choices and core.json_array(f.choices) or nil,
    }
  end
  local title = options.title or "form"
  local data =
    core.json_encode { title = title, lang = options.lang or "en", fields = fields, words = words }
  -- The text must not be able to end the element that holds it.
  data = data:gsub("<", "\\u003c")
  return table.concat {
    '<!doctype html>\n<html lang="',
    options.lang or "en",
    '">\n<head>\n<meta charset="utf-8">\n',
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta '
      .. 'name="color-scheme" content="light dark">\n',
    '<link rel="icon" href="data:,">\n<title>',
    report.escape(title),
    "</title>\n<style>",
    css,
    "</style>\n</head>\n<body>\n<main>\n",
    '<div class="top"><h1>',
    report.escape(title),
    '</h1><div class="lang"><button type="button" data-lang="en">English</button>',
    '<button type="button" data-lang="ko">한국어</button></div></div>\n<form id="form" '
      .. 'novalidate></form>\n<div class="after" id="after"></div>\n',
    '<script type="application/json" id="spec">',
    data,
    "</script>\n<script>",
    script,
    "</script>\n</main>\n</body>\n</html>\n",
  }
end

---Counts what is odd about answers: blanks, values out of range, other texts.
---@param spec table
---@param df any frame of answers
---@return table[] { name, n, blank, low, high, other, absent }
function M.audit(spec, df)
  local out = {}
  for i, one in ipairs(M.fields(spec)) do
    local f = one.field
    local row = { name = one.name, field = f, n = #df, blank = 0, low = 0, high = 0, other = 0 }
    if not df:has(one.name) then
      row.absent = true
    else
      local allowed
      if f.choices then
        allowed = {}
        for _, choice in ipairs(f.choices) do
          allowed[tostring(choice)] = true
        end
      end
      for _, v in ipairs(df:col(one.name):totable()) do
        if v == core.null or v == "" then
          row.blank = row.blank + 1
        elseif f.type == "int" or f.type == "float" then
          local x = type(v) == "number" and v or tonumber(v)
          if not x or x ~= x or (f.type == "int" and x ~= math.floor(x)) then
            row.other = row.other + 1
          elseif f.min and x < f.min then
            row.low = row.low + 1
          elseif f.max and x > f.max then
            row.high = row.high + 1
          end
        elseif allowed and not allowed[tostring(v)] then
          row.other = row.other + 1
        end
      end
    end
    out[i] = row
  end
  return out
end

return M
