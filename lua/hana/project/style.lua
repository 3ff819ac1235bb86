-- Style sheet and script of the report page. Both are written into the page, which loads nothing.

local M = {}

M.css = [[
:root{--bg:#fbfbf9;--card:#fff;--ink:#1d2230;--soft:#5b6372;--line:#dfe2e8;--grid:#e3e6eb;
--accent:#2b5fb3;--accent-soft:#e8eff9;--good:#1f7a4d;--good-soft:#e6f4ec;--warn:#9a5b00;
--warn-soft:#fdf2df;--bad:#a92f2f;--bad-soft:#fbe9e8;--code:#f1f2f5}
@media (prefers-color-scheme:dark){:root{--bg:#14171d;--card:#1b1f27;--ink:#e6e9ef;--soft:#a0a8b6;
--line:#313743;--grid:#333a46;--accent:#86b1f2;--accent-soft:#1f2c42;--good:#6cc99a;
--good-soft:#17301f;--warn:#e4b061;--warn-soft:#35290f;--bad:#f08b84;--bad-soft:#3c1d1d;
--code:#242933}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.6 "Inter","Segoe UI","Noto Sans",
"NanumGothic","Noto Sans KR","Apple SD Gothic Neo","Malgun Gothic",Helvetica,Arial,sans-serif}
:lang(ko){word-break:keep-all;overflow-wrap:anywhere}
a{color:var(--accent)}
.page{display:grid;grid-template-columns:15.5rem minmax(0,1fr);max-width:78rem;margin:0 auto}
nav{position:sticky;top:0;align-self:start;height:100vh;overflow-y:auto;
  padding:2rem 1rem 2rem 1.5rem;
font-size:.92rem}
nav ol{list-style:none;margin:0;padding:0}
nav a{display:flex;gap:.6rem;align-items:baseline;padding:.32rem .6rem;border-radius:.4rem;
color:var(--ink);text-decoration:none}
nav a:hover,nav a:focus-visible{background:var(--accent-soft)}
nav .n{color:var(--soft);font-variant-numeric:tabular-nums;min-width:1em;text-align:right}
nav .top{font-weight:650;margin-bottom:.6rem}
.dot{margin-left:auto;width:.55rem;height:.55rem;border-radius:50%;background:var(--line);flex:none;
align-self:center}
.dot.done{background:var(--good)}.dot.skipped,.dot.stale{background:var(--warn)}
.dot.open{background:transparent;border:1.5px solid var(--line)}
main{padding:2.5rem 2.2rem 5rem;min-width:0;overflow-wrap:anywhere}
main table{overflow-wrap:normal}
main img{max-width:100%}
header h1{font-size:2.05rem;line-height:1.2;letter-spacing:-.015em;margin:.1rem 0 .5rem}
.kicker{color:var(--soft);font-size:.86rem;text-transform:uppercase;letter-spacing:.07em;margin:0}
:lang(ko) .kicker{letter-spacing:0}
.lead{font-size:1.16rem;margin:.2rem 0 1.2rem;max-width:46rem}
.page .glance{list-style:none;margin:1.4rem 0 0;padding:0;max-width:52rem;
  border-top:1px solid var(--line)}
.glance li{display:grid;grid-template-columns:11.5rem 1fr;gap:.2rem 1rem;padding:.55rem 0;
border-bottom:1px solid var(--line)}
.glance .what{color:var(--soft)}
section{margin-top:3.6rem;scroll-margin-top:1rem}
h2{font-size:1.5rem;line-height:1.25;letter-spacing:-.01em;margin:0 0 .2rem;display:flex;gap:.7rem;
align-items:baseline;flex-wrap:wrap}
h2 .n{color:var(--accent);font-variant-numeric:tabular-nums}
.badge{font-size:.74rem;font-weight:600;padding:.1rem .55rem;border-radius:1rem;
  background:var(--code);
color:var(--soft);letter-spacing:0;align-self:center}
.badge.done{background:var(--good-soft);color:var(--good)}
.badge.skipped,.badge.stale{background:var(--warn-soft);color:var(--warn)}
h3{font-size:1.12rem;margin:2rem 0 .4rem;line-height:1.35}
h4{font-size:1rem;margin:1.4rem 0 .3rem}
p,ul,main ol{max-width:46rem}
p{margin:.55rem 0}
code{background:var(--code);border-radius:.25rem;padding:.05em .32em;
  font:.88em/1.5 "JetBrains Mono",
"DejaVu Sans Mono",Menlo,Consolas,"NanumGothicCoding",monospace}
pre{background:var(--code);border-radius:.5rem;padding:.8rem 1rem;overflow-x:auto;font-size:.9rem}
pre code{background:none;padding:0}
.callout{border-left:4px solid var(--accent);background:var(--accent-soft);padding:.6rem 1rem;
border-radius:0 .45rem .45rem 0;margin:1rem 0;max-width:48rem}
.callout p{margin:.15rem 0}
.callout.good{border-color:var(--good);background:var(--good-soft)}
.callout.warn{border-color:var(--warn);background:var(--warn-soft)}
.callout.bad{border-color:var(--bad);background:var(--bad-soft)}
dl.facts{display:grid;grid-template-columns:minmax(8rem,13rem) minmax(0,1fr);margin:.8rem 0;
border-top:1px solid var(--line);max-width:52rem}
dl.facts dt,dl.facts dd{padding:.42rem 0;border-bottom:1px solid var(--line);margin:0}
dl.facts dt{color:var(--soft);padding-right:1rem}
dl.facts .aside{display:block;color:var(--soft);font-size:.88rem}
.scroll{overflow-x:auto;margin:.9rem 0 .3rem;border:1px solid var(--line);border-radius:.55rem;
width:fit-content;max-width:100%;
background:linear-gradient(90deg,var(--card) 45%,transparent) 0 0/2.4rem 100% no-repeat local,
linear-gradient(270deg,var(--card) 45%,transparent) 100% 0/2.4rem 100% no-repeat local,
linear-gradient(90deg,#0003,transparent) 0 0/.7rem 100% no-repeat scroll,
linear-gradient(270deg,#0003,transparent) 100% 0/.7rem 100% no-repeat scroll,var(--card)}
table {border-collapse:collapse;font-size:.9rem;line-height:1.4}
caption{caption-side:top;text-align:left;padding:.55rem .62rem;font-weight:600;
border-bottom:1px solid var(--line)}
th,td{padding:.42rem .62rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
tbody tr:last-child td,tbody tr:last-child th{border-bottom:0}
tbody th{font-weight:500}
thead th{font-weight:600;color:var(--soft);font-size:.86rem;
  vertical-align:bottom}
.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td{word-break:normal;overflow-wrap:normal}
:lang(ko) td{word-break:keep-all}
td.text{min-width:13rem}
td.some{min-width:8.5rem}
.short{white-space:nowrap}
tr.best td,tr.best th{background:var(--good-soft)}
tr.out td,tr.out th{color:var(--soft)}
th button{all:unset;cursor:pointer}
th button::after{white-space:nowrap}
thead th.num{white-space:normal}
th button:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:2px}
th button::after{content:"\00a0↕";opacity:.35}
th[aria-sort=ascending] button::after{content:" ↑";opacity:1}
th[aria-sort=descending] button::after{content:" ↓";opacity:1}
figure{margin:1.2rem 0 1rem;max-width:46rem}
figure svg{display:block;width:100%;height:auto;color:var(--ink);background:var(--card);
border:1px solid var(--line);border-radius:.55rem}
.draw{overflow-x:auto}
figure.half{max-width:30rem}
figcaption,.note{color:var(--soft);font-size:.9rem;margin:.35rem 0 0;max-width:46rem}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(19rem,1fr));gap:0 1.2rem}
.pair figure{margin:.9rem 0}
footer{margin-top:4rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);
font-size:.88rem}
.menu{display:none}
@media screen and (max-width:900px){
.page{display:block}
nav{position:static;height:auto;padding:1rem 1.1rem 0}
nav .links{display:none}
.menu{display:block}
.menu summary{cursor:pointer;padding:.5rem .8rem;border:1px solid var(--line);border-radius:.5rem;
background:var(--card);font-weight:600}
.menu ol{margin-top:.4rem}
main{padding:1.2rem 1.1rem 4rem}
header h1{font-size:1.6rem}
.lead{font-size:1.06rem}
.glance li{grid-template-columns:1fr;gap:0}
dl.facts{grid-template-columns:1fr}
dl.facts dt{border-bottom:0;padding-bottom:0;font-size:.9rem}
dl.facts dd{padding-top:.05rem}
section{margin-top:2.8rem}
th,td{padding:.38rem .6rem}}
@media screen and (max-width:520px){.draw svg{width:34rem}}
@media print{
:root{--bg:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#ccc;--grid:#ddd;--accent:#1d4a94;
--accent-soft:#f0f4fa;--good-soft:#eef7f1;--warn-soft:#fcf5e8;--bad-soft:#fbeeee;--good:#1f7a4d;
--warn:#8a5200;--bad:#a02626;--code:#f4f4f4}
body{font-size:10.5pt}
nav{display:none}.page{display:block;max-width:none}main{padding:0}
section{break-before:auto;margin-top:1.6rem}
h2{display:block}h2 .n{margin-right:.5rem}h2 .badge{margin-left:.5rem}
h2,h3,h4,caption{break-after:avoid}
figure,.callout,tr,dd,dt,li,dl.facts{break-inside:avoid}
dt{break-after:avoid}
.scroll,.draw{overflow:visible}.scroll{border:0}table {font-size:8.6pt}
figure{max-width:14cm}
th button::after{content:""!important}
a{color:inherit;text-decoration:none}}
]]

M.script = [[
document.querySelectorAll("table.sortable").forEach(function(table){
  table.querySelectorAll("thead th").forEach(function(head, column){
    var button=document.createElement("button");button.type="button";
    while(head.firstChild)button.appendChild(head.firstChild);
    head.appendChild(button);
    button.addEventListener("click",function(){
      var up=head.getAttribute("aria-sort")!=="ascending";
      table.querySelectorAll("thead th").forEach(function(h){h.removeAttribute("aria-sort")});
      head.setAttribute("aria-sort",up?"ascending":"descending");
      var body=table.tBodies[0];
      Array.from(body.rows).map(function(row,i){
        var cell=row.cells[column],key=cell.dataset.sort;
        return{row:row,i:i,text:cell.textContent,number:key===undefined?NaN:Number(key)};
      }).sort(function(a,b){
        var an=isNaN(a.number),bn=isNaN(b.number),d;
        if(!an&&!bn)d=a.number-b.number;
        else if(an!==bn)return an?1:-1;
        else d=a.text.localeCompare(b.text);
        return(up?d:-d)||a.i-b.i;
      }).forEach(function(x){body.appendChild(x.row)});
    });
  });
});
]]

return M
