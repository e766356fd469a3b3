// The report's style sheet: sober, light or dark as the reader's system is, and fit for paper.
#pragma once

namespace gloro::report {

inline constexpr const char* style = R"css(
:root { color-scheme: light dark; --ink: #1b2230; --soft: #5a6475; --line: #d6dbe3;
  --paper: #ffffff; --wash: #f4f6f9; --bar: #cfe0f4; --s0: #1d5fad; --s1: #c05a12; --s2: #2f855a;
  --s3: #8551a8; --wrong: #b3261e; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #e3e7ee; --soft: #98a3b4; --line: #38404d; --paper: #14171c; --wash: #1c2129;
    --bar: #24466d; --s0: #6eaef5; --s1: #f2a05c; --s2: #68c596;
    --s3: #c49be6; --wrong: #ff8f85; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1080px; padding: 48px 28px 64px; background: var(--paper);
  color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", "Helvetica Neue", "Noto Sans", Arial,
  sans-serif; }
h1 { font-size: 30px; line-height: 1.2; letter-spacing: -.01em; margin: 0 0 6px;
  overflow-wrap: anywhere; }
h2 { font-size: 21px; margin: 52px 0 8px; padding-top: 14px; border-top: 1px solid var(--line); }
h3 { font-size: 16px; margin: 26px 0 8px; }
p { max-width: 74ch; margin: 8px 0 14px; }
.lead, .note { color: var(--soft); }
.note { font-size: 14px; }
.warning { color: var(--wrong); border-left: 4px solid; padding-left: 12px; }
dl.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); gap: 12px;
  margin: 26px 0; }
dl.figures div { background: var(--wash); border-radius: 8px; padding: 14px 16px; }
dl.figures dt { font-size: 13.5px; color: var(--soft); }
dl.figures dd { margin: 2px 0 0; font-size: 25px; font-weight: 600;
  font-variant-numeric: tabular-nums; }
dl.figures dd small { display: block; font-size: 13px; font-weight: 400; color: var(--soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 12px 0 18px; font-size: 15px;
  font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: 14px; padding-bottom: 6px; }
th, td { padding: 6px 12px; text-align: right; border-bottom: 1px solid var(--line);
  font-weight: 400; white-space: nowrap; }
thead th { color: var(--soft); font-size: 13.5px; border-bottom: 2px solid var(--line);
  vertical-align: bottom; }
th:first-child { text-align: left; }
td.words, th.words { text-align: left; white-space: normal; font-size: 14px; }
tfoot th, tfoot td, tr.main th, tr.main td { font-weight: 600; }
td.bar { min-width: 190px; background: linear-gradient(var(--bar), var(--bar)) no-repeat 12px 50%
  / calc((100% - 108px) * var(--share)) 62%; }
figure { margin: 0; }
figure.chart { margin: 18px 0 22px; break-inside: avoid; }
figure.chart figcaption { display: flex; flex-wrap: wrap; gap: 4px 20px; align-items: center;
  font-size: 14px; margin-bottom: 6px; }
figure.chart > svg { display: block; width: 100%; height: auto; }
.key { display: inline-flex; align-items: center; gap: 7px; color: var(--soft); }
.key svg { width: 26px; height: 10px; }
.charts { display: grid; grid-template-columns: 1fr 1fr; gap: 0 32px; }
svg text { font-size: 12.5px; fill: var(--soft); font-variant-numeric: tabular-nums; }
.grid { stroke: var(--line); stroke-width: 1; }
.axis, .tick { stroke: var(--soft); stroke-width: 1; }
.marker { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 2 4; }
.line { fill: none; stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
.s0 { stroke: var(--s0); } .s1 { stroke: var(--s1); stroke-dasharray: 7 4; stroke-width: 1.8; }
.s2 { stroke: var(--s2); stroke-width: 1.6; } .s3 { stroke: var(--s3); stroke-dasharray: 2 4; }
.s4 { stroke: var(--wrong); stroke-width: 1.6; } .s5 { stroke: var(--soft); stroke-width: 1.6; }
.images { display: grid; grid-template-columns: repeat(auto-fill, minmax(112px, 1fr));
  gap: 16px 12px; }
.images figure { break-inside: avoid; font-size: 13px; line-height: 1.4;
  overflow-wrap: anywhere; }
.images img { display: block; width: 100%; max-width: 150px; height: auto;
  image-rendering: pixelated; border: 1px solid var(--line); border-radius: 4px;
  margin-bottom: 5px; }
.images .soft { color: var(--soft); }
.images.attacked { grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 3px; }
.filled { fill: var(--bar); }
table.confusion { width: auto; }
table.confusion td, table.confusion thead th { padding: 5px 9px; text-align: center; }
td.some { background: color-mix(in srgb, var(--wrong) var(--share), transparent); }
td.right { color: var(--soft); }
dl.origin { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 4px 20px;
  font-size: 14px; }
dl.origin dt { color: var(--soft); }
dl.origin dd { margin: 0; overflow-wrap: anywhere; }
.wrong { color: var(--wrong); font-weight: 600; }
footer { margin-top: 56px; border-top: 1px solid var(--line); padding-top: 12px;
  color: var(--soft); font-size: 13.5px; }
@media (max-width: 700px) { .charts { grid-template-columns: 1fr; }
  figure.chart { overflow-x: auto; } figure.chart > svg { min-width: 760px; }
  .charts figure.chart > svg { min-width: 0; } }
@media print { body { max-width: none; padding: 0; font-size: 11pt; } h2, h3 { break-after: avoid; }
  tr { break-inside: avoid; } td.bar, dl.figures div { print-color-adjust: exact; } }
)css";

}  // namespace gloro::report
