/** The style of a report: for a screen, and for paper of A4. */
export const pageStyle = `
:root { color-scheme: light; --ink: #1b2330; --muted: #566070; --line: #d8dce2; --soft: #f4f5f7; --good: #0f7a63; --look: #97590a; --bad: #bf2f26; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 40px 32px 80px; max-width: 1120px; color: var(--ink); background: #fff; font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
header { border-bottom: 3px solid var(--ink); padding-bottom: 12px; }
.kicker { margin: 0; font-size: 12px; font-weight: 650; letter-spacing: .08em; text-transform: uppercase; color: var(--muted); }
h1 { margin: 4px 0 0; font-size: 32px; line-height: 1.2; overflow-wrap: anywhere; }
.made { margin: 6px 0 0; color: var(--muted); }
h2 { margin: 44px 0 12px; font-size: 20px; break-after: avoid; }
h2 .number { color: var(--muted); font-weight: 400; margin-right: 6px; }
h3 { margin: 24px 0 8px; font-size: 15px; break-after: avoid; }
p { margin: 8px 0; max-width: 78ch; }
.numbers { display: grid; grid-template-columns: repeat(3, 1fr); gap: 12px; margin: 20px 0 0; }
.numbers div { display: flex; flex-direction: column; border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; break-inside: avoid; }
.numbers .value { order: -1; margin: 0; font-size: 26px; font-weight: 650; line-height: 1.2; font-variant-numeric: tabular-nums; }
.numbers dt { font-weight: 600; }
.numbers .note { margin: 0; font-size: 13px; color: var(--muted); }
table { width: 100%; border-collapse: collapse; margin: 10px 0 16px; font-size: 13px; line-height: 1.4; }
th { text-align: left; font-weight: 600; color: var(--muted); border-bottom: 1.5px solid var(--ink); padding: 6px 10px 6px 0; vertical-align: bottom; }
td { border-bottom: 1px solid var(--line); padding: 6px 10px 6px 0; vertical-align: top; overflow-wrap: anywhere; }
th:last-child, td:last-child { padding-right: 0; }
th.number, td.number { text-align: right; padding-right: 22px; font-variant-numeric: tabular-nums; }
td.wide { min-width: 170px; }
td.narrow { overflow-wrap: break-word; }
.framework, td a { white-space: nowrap; }
tr { break-inside: avoid; }
thead { display: table-header-group; }
code { font: 12px/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.hash { font-size: 11px; }
a { color: inherit; }
.quiet { color: var(--muted); }
p.quiet, ul.quiet { font-size: 12.5px; }
.missing { color: var(--bad); font-style: italic; }
.badge { display: inline-block; border: 1px solid; border-radius: 4px; padding: 0 6px; font-size: 12px; font-weight: 600; white-space: nowrap; }
.badge.good { color: var(--good); } .badge.look { color: var(--look); } .badge.bad { color: var(--bad); } .badge.unknown { color: var(--muted); }
ul { padding-left: 20px; max-width: 90ch; }
ul.lines { list-style: none; padding: 0; max-width: none; font: 12px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 20px; padding: 0; max-width: none; color: var(--muted); font-size: 13px; }
.picture { display: block; max-width: 100%; height: auto; }
@media (max-width: 700px) { .numbers { grid-template-columns: 1fr 1fr; } body { padding: 20px 12px; } section { overflow-x: auto; } }
@page { size: A4; margin: 14mm 14mm 16mm; @bottom-left { content: "Egress evidence"; font: 8pt sans-serif; color: #566070; } @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; color: #566070; } }
@page across { size: A4 landscape; }
@media print {
  body { padding: 0; max-width: none; font-size: 9.5pt; }
  h1 { font-size: 22pt; } h2 { margin-top: 22pt; font-size: 14pt; } h3 { font-size: 10.5pt; }
  table { font-size: 8.5pt; } code { font-size: 7.8pt; } .hash { font-size: 6.8pt; } ul.lines { font-size: 7.8pt; } .badge { font-size: 7.8pt; }
  .numbers .value { font-size: 17pt; } .numbers .note { font-size: 8.5pt; }
  .numbers div { padding: 5pt 8pt; } .numbers { gap: 8px; margin-top: 14px; }
  th, td { padding-top: 3pt; padding-bottom: 3pt; }
  td.wide { min-width: 110px; }
  #controls table { font-size: 8pt; line-height: 1.3; } #controls h2 { margin-top: 14pt; }
  .across { page: across; }
  a { text-decoration: none; }
}
`;
