// The report of a rehearsal: a page by itself, with every chart twice for its sizes, what is in it for those who do not see
// it, and nothing that a scenario's author could make it run.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { emptyHistogram, record } from "@slipway/core";
import type { SeriesPoint } from "@slipway/simulator";
import { loadPolicies } from "@slipway/wire/config";
import { linearScale, logScale, type RehearsalView, rehearsalReport, timeScale } from "slipway";

const MINUTE = 60_000;

const VIEW: RehearsalView = {
  scenario: "broken",
  about: 'It <script>alert("x")</script> fails.',
  cause: "errors",
  expect: "stopped",
  policy: "the defaults",
  traffic: null,
  hours: 1,
  seed: 1,
  asExpected: true,
  end: "rolled-back",
  endMs: 30 * MINUTE,
  allUsersMs: null,
  shareMaxPercent: 25,
  guard: "errors",
  because: "error ratio at least 2x",
  requests: 1_234,
  harmed: 56,
  decisions: [
    { atMs: 0, what: "advanced to 5%", sharePercent: 5, because: "started" },
    { atMs: 10 * MINUTE, what: "advanced to 25%", sharePercent: 25, because: "held 10 min" },
    { atMs: 30 * MINUTE, what: "rolled back", sharePercent: 0, because: "error ratio <2x>" },
  ],
};

function armOf(bad: number): SeriesPoint["arms"]["stable"] {
  const latency = emptyHistogram();
  for (let index = 0; index < 100; index++) record(latency, 100 + index);
  return { requests: 100, harmed: bad, counted: 100, bad, latency };
}

const SERIES: readonly SeriesPoint[] = Array.from({ length: 180 }, (_, index) => ({
  fromMs: index * 10_000,
  untilMs: (index + 1) * 10_000,
  share: index < 60 ? 5 : 25,
  arms: { stable: armOf(1), candidate: armOf(index < 60 ? 1 : 9) },
  guards: { errors: { status: "pass", value: index / 40, limit: Math.log(200) } },
}));

function reportOf(view: RehearsalView = VIEW): string {
  const text = "segments: {language: {header: x-language}}\n";
  const loaded = loadPolicies({ file: "p", text, sha256: (t) => t, isSet: null });
  assert.ok(loaded.ok);
  const [only] = loaded.policies;
  assert.ok(only);
  return rehearsalReport(view, SERIES, only.policy);
}

describe("The report of a rehearsal", () => {
  const html = reportOf();

  test("fetches nothing and runs nothing, whatever a scenario says of itself", () => {
    assert.doesNotMatch(html, /<script|src=|href=|@import|url\(/);
    assert.ok(html.includes("It &lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; fails."));
    assert.ok(html.includes("error ratio &lt;2x&gt;"));
  });

  test("draws traffic, latency, failures and each guard that spoke, wide and narrow, each with a title", () => {
    for (const id of ["traffic", "latency", "errors", "guard-\\d+"]) {
      for (const width of [1_000, 360]) {
        const chart = new RegExp(`aria-labelledby="${id}-${width}-title ${id}-${width}-text"`);
        assert.match(html, chart);
      }
    }
    assert.match(html, /Had nothing to compare: [^<]*p99-latency/);
    assert.doesNotMatch(html, /NaN|Infinity|undefined/);
  });

  test("marks each decision with its sentence, and names the stages by their share", () => {
    assert.match(html, /<title>3\. 0:30:00 rolled back: error ratio &lt;2x&gt;<\/title>/);
    assert.match(html, /class="band-name">25%</);
  });

  test("has the numbers as a table, in which no request is lost", () => {
    const table = html.slice(html.indexOf("<details"));
    const rows = [...table.matchAll(/<tr><td>[\d:]+<\/td>(.*?)<\/tr>/g)].map(([, row = ""]) =>
      [...row.matchAll(/>([^<]+)<\/td>/g)].map(([, cell = ""]) => cell.replace(",", "")),
    );
    const stable = rows.reduce((sum, row) => sum + Number(row[1]), 0);
    assert.equal(stable, 18_000);
    assert.equal(rows.at(-1)?.[6], "9%");
  });

  test("says when it came otherwise", () => {
    assert.match(html, /so it came\./);
    assert.match(
      reportOf({ ...VIEW, asExpected: false }),
      /verdict otherwise">.*it came otherwise\./,
    );
  });
});

describe("A scale", () => {
  test("has round marks, and places what is beyond it on its edge", () => {
    const scale = linearScale({ from: 0, to: 108 }, { from: 100, to: 0 }, 5);
    assert.deepEqual(scale.marks, [0, 50, 100]);
    assert.equal(scale.place(0), 100);
    assert.equal(scale.place(1_000), 0);
  });

  test("of orders of magnitude puts the same factor the same way apart", () => {
    const scale = logScale({ from: 10, to: 1_000 }, { from: 0, to: 200 });
    assert.equal(Math.round(scale.place(100)), 100);
    assert.ok(scale.marks.includes(100) && !scale.marks.includes(2_000));
  });

  test("of time has marks that people count in", () => {
    const scale = timeScale(40 * MINUTE, { from: 0, to: 400 }, 6);
    assert.deepEqual(
      scale.marks.map((ms) => ms / MINUTE),
      [0, 10, 20, 30, 40],
    );
  });
});
