// How the status page looks: one style sheet inside the page, by light and by dark, from a telephone to a wide screen.
// A state is never told by colour alone: words and shapes say the same.

export const STYLE = `
:root { color-scheme: light dark;
  --ground: #fbfbf9; --raised: #ffffff; --ink: #1b1d21; --quiet: #5a5f69; --rule: #dddbd3; --link: #2a5d9b;
  --good: #1f7a3d; --info: #2a5d9b; --minor: #8a5a00; --major: #b04a0a; --critical: #b3261e;
  --good-ground: #e6f3ea; --info-ground: #e6eef8; --minor-ground: #fbf0d9; --major-ground: #fbe7da;
  --critical-ground: #fae3e1; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #131518; --raised: #1b1e22; --ink: #e8e7e3; --quiet: #a4a9b3; --rule: #33373d; --link: #8ab8ee;
  --good: #7fce98; --info: #8ab8ee; --minor: #f0c169; --major: #f5a06a; --critical: #ff9389;
  --good-ground: #15291c; --info-ground: #162538; --minor-ground: #2f260f; --major-ground: #33200f;
  --critical-ground: #381a18; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans CJK KR", sans-serif;
  overflow-wrap: anywhere; }
.frame { max-width: 760px; margin: 0 auto; padding: 0 16px; }
header.frame { padding-top: 28px; display: flex; flex-wrap: wrap; gap: 4px 16px;
  justify-content: space-between; align-items: baseline; }
header p { margin: 0; }
main.frame { padding: 20px 16px 24px; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; }
h1 a { color: inherit; text-decoration: none; }
h1 a:hover { text-decoration: underline; }
h2 { font-size: 1.1rem; margin: 36px 0 10px; }
h3 { font-size: 1rem; margin: 0; }
p { margin: 4px 0; }
a { color: var(--link); text-underline-offset: 2px; }
a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -9999px; }
.skip:focus { position: static; display: inline-block; padding: 8px 16px; }
.quiet { color: var(--quiet); font-size: .9rem; }
.overall { display: flex; gap: 12px; align-items: center; margin: 0 0 20px; padding: 16px 18px; border-radius: 8px;
  font-size: 1.15rem; font-weight: 600; background: var(--tone-ground); border: 1px solid var(--tone); }
.overall h2 { font-size: inherit; margin: 0; }
.overall svg { flex: none; color: var(--tone); }
.none { --tone: var(--good); --tone-ground: var(--good-ground); }
.maintenance { --tone: var(--info); --tone-ground: var(--info-ground); }
.minor { --tone: var(--minor); --tone-ground: var(--minor-ground); }
.major { --tone: var(--major); --tone-ground: var(--major-ground); }
.critical { --tone: var(--critical); --tone-ground: var(--critical-ground); }
.notice, .stale { margin: 20px 0 0; padding: 12px 18px; border-radius: 8px; background: var(--minor-ground);
  border: 1px solid var(--minor); }
.components { list-style: none; margin: 0; padding: 0; background: var(--raised); border: 1px solid var(--rule);
  border-radius: 8px; }
.components li { display: flex; flex-wrap: wrap; gap: 2px 16px; justify-content: space-between; padding: 12px 18px; }
.components li + li { border-top: 1px solid var(--rule); }
.components .state { color: var(--tone); font-weight: 600; }
.components .quiet { flex-basis: 100%; margin: 0; }
article { background: var(--raised); border: 1px solid var(--rule); border-left: 4px solid var(--tone, var(--rule));
  border-radius: 8px; padding: 14px 18px; margin: 12px 0; }
article h2 { margin: 0; font-size: 1.2rem; }
article h3 { font-size: 1.05rem; }
article * + h3 { margin-top: 18px; }
.expected { margin: 8px 0; padding: 8px 12px; border-radius: 6px; background: var(--ground); }
.updates { list-style: none; margin: 12px 0 0; padding: 0; }
.updates li { padding: 10px 0; border-top: 1px solid var(--rule); }
.updates p { white-space: pre-line; }
.updates strong { margin-right: 6px; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 4px 16px; margin: 16px 0; }
dt { color: var(--quiet); }
dd { margin: 0; }
.past { list-style: none; margin: 0; padding: 0; }
.past li { padding: 10px 0; border-top: 1px solid var(--rule); }
.past li:first-child { border-top: 0; }
footer { border-top: 1px solid var(--rule); margin-top: 36px; padding: 18px 0 40px; }
footer ul { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 0; margin: 4px 0; }
footer h2 { font-size: .9rem; margin: 14px 0 0; color: var(--quiet); font-weight: 500; }
fieldset { border: 1px solid var(--rule); border-radius: 8px; margin: 12px 0; padding: 8px 18px; }
input[type="text"] { display: block; width: 100%; padding: 8px 10px; font: inherit; color: inherit;
  background: var(--raised); border: 1px solid var(--quiet); border-radius: 6px; }
button { font: inherit; font-weight: 600; padding: 8px 18px; border: 0; border-radius: 6px; cursor: pointer;
  background: var(--link); color: var(--ground); }
button:focus-visible, input:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code { overflow-wrap: anywhere; }
[hidden] { display: none; }
`;
