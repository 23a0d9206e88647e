// How a report looks: one style sheet inside the page, by light and by dark, from a telephone to a wide screen.

export const STYLE = `
:root { color-scheme: light dark;
  --ground: #fdfdfc; --raised: #f3f2ee; --ink: #1d1f23; --quiet: #5c616b; --rule: #dcdad3;
  --stable: #3b6ea8; --candidate: #c2500f; --level: #b3261e; --good: #1f7a3d; --bad: #b3261e;
  --band: #0000; --band-odd: #8883331a; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #15171a; --raised: #1e2125; --ink: #e7e6e2; --quiet: #a2a7b0; --rule: #34383e;
  --stable: #7fb0e6; --candidate: #f39a5b; --level: #ff8a80; --good: #7fce98; --bad: #ff8a80;
  --band-odd: #ffffff0d; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 36px 0 4px; }
h3 { font-size: .95rem; margin: 20px 0 0; }
p { margin: 4px 0; }
.quiet { color: var(--quiet); }
.verdict { font-weight: 600; margin: 16px 0; padding: 10px 14px; border-left: 4px solid var(--good);
  background: var(--raised); }
.verdict.otherwise { border-color: var(--bad); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 16px 0; }
dl div { background: var(--raised); padding: 10px 14px; }
dt { color: var(--quiet); font-size: .85rem; }
dd { margin: 0; font-size: 1.15rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 0; margin: 6px 0; list-style: none;
  font-size: .85rem; color: var(--quiet); }
.legend svg { width: 28px; height: 8px; display: inline-block; vertical-align: middle; margin-right: 6px; }
figure { margin: 0; }
figure > svg { display: block; width: 100%; height: auto; }
figure > svg.narrow { display: none; }
@media (max-width: 640px) {
  figure > svg.wide { display: none; } figure > svg.narrow { display: block; } }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: var(--quiet); }
svg .value, svg .level-name { text-anchor: end; }
svg .time, .mark text { text-anchor: middle; }
svg .level-name { fill: var(--level); paint-order: stroke; stroke: var(--ground); stroke-width: 3px; }
svg .band { fill: var(--band); } svg .band.odd { fill: var(--band-odd); }
svg .grid { stroke: var(--rule); stroke-width: 1; }
svg .level { stroke: var(--level); stroke-width: 1.5; stroke-dasharray: 6 4; }
svg .line { fill: none; stroke-width: 1.5; stroke-linejoin: round; stroke-linecap: round; }
svg .stable { stroke: var(--stable); } svg .candidate { stroke: var(--candidate); stroke-width: 2; }
svg .median { stroke-dasharray: 2 4; }
svg .mark line { stroke: var(--quiet); stroke-width: 1; }
svg .mark circle { fill: var(--ink); } svg .mark text { fill: var(--ground); font-size: 11px; font-weight: 600; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 6px 12px 6px 0; border-bottom: 1px solid var(--rule); }
th { color: var(--quiet); font-weight: 500; }
td.number, th.number { text-align: right; white-space: nowrap; }
td.sentence { min-width: 10rem; overflow-wrap: anywhere; }
summary { cursor: pointer; }
:focus-visible { outline: 2px solid var(--stable); outline-offset: 2px; }
`;
