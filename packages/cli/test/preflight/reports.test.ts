// Reports of a preflight: what people, pull requests and CI are shown.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Figure, GateResult } from "@slipway/core";
import { type Flight, junitReport, markdownReport, preflightText, progressLines } from "slipway";

const FIGURE: Figure = {
  name: "more refused",
  value: 0.25,
  unit: "share",
  interval: [0.1, 0.4],
  limit: null,
  holds: false,
  of: null,
};

const RESULTS: readonly GateResult[] = [
  {
    gate: "prompts",
    outcome: "fail",
    because: "of 60 prompts, 15 are refused at v2 alone and 0 at v1 alone",
    figures: [
      {
        ...FIGURE,
        name: "tokens for the same prompts",
        value: 1.05,
        unit: "x",
        interval: null,
        limit: 1.2,
        holds: true,
      },
      FIGURE,
      { ...FIGURE, of: "language typescript" },
    ],
    details: { differences: [{ of: "p|1", what: "malformed (<script>)" }] },
  },
  {
    gate: "command",
    outcome: "inconclusive",
    because: "it & its \u0007",
    figures: [],
    details: null,
  },
  { gate: "capacity", outcome: "not-applicable", because: "hosted", figures: [], details: null },
];

const FLIGHT: Flight = {
  model: "coder",
  from: { version: "v1", fingerprint: "aaaaaaaaaaaaaaaa" },
  to: { version: "v2", fingerprint: "bbbbbbbbbbbbbbbb" },
  startedAtMs: 0,
  endedAtMs: 61_500,
  results: RESULTS,
  settings: {},
};

test("people read each verdict with its numbers, and what differs", () => {
  assert.equal(
    preflightText(FLIGHT),
    `coder: v1 → v2

  prompts: FAIL: of 60 prompts, 15 are refused at v2 alone and 0 at v1 alone
       tokens for the same prompts         1.05x             limit 1.2x
    ✗  more refused                        25% (10% to 40%)
    ✗  more refused (language typescript)  25% (10% to 40%)
    what differs, the worst first
       p|1  malformed (<script>)

  command: cannot tell: it & its \u0007

  capacity: does not apply: hosted

preflight failed: prompts
`,
  );
});

test("what a model or a program wrote cannot move the cursor, nor fill the screen", () => {
  const [first] = RESULTS;
  assert.ok(first !== undefined);
  const what = `malformed (calls \u001b[2Jdelete${"x".repeat(2_000)})`;
  const text = preflightText({
    ...FLIGHT,
    results: [{ ...first, details: { differences: [{ of: "p\r1", what }] } }],
  });
  assert.match(text, /p1 {2}malformed \(calls deletex+…\n/);
  assert.ok(!text.includes("\u001b") && !text.includes("\r") && text.length < 1_000);
  const told: string[] = [];
  progressLines({
    out: () => {},
    err: (line) => void told.push(line),
    live: true,
    colour: false,
    columns: () => 80,
    rows: () => 24,
    onResize: () => () => {},
    onStop: () => () => {},
  }).progress({ gate: "command", done: 0, of: null, text: "50%\r\u001b[31m done" });
  assert.deepEqual(told, ["\r\u001b[2Kcommand 50% done"]);
});

test("a pull request gets a table, and nothing that a model said becomes markup", () => {
  const text = markdownReport(FLIGHT);
  assert.match(text, /^### coder: v1 → v2\n\n\*\*preflight failed: prompts\*\*\n/);
  assert.match(text, /\n\| prompts \| ❌ FAIL \| of 60 prompts, /);
  assert.match(text, /\n\| capacity \| ➖ does not apply \| hosted \|/);
  assert.match(text, /\n\| p\\\|1 \| malformed \(&lt;script>\) \|/);
  assert.match(
    text,
    /<sub>v1 `aaaaaaaaaaaa` → v2 `bbbbbbbbbbbb`, 1970-01-01T00:01:01\.500Z<\/sub>/,
  );
});

test("CI gets a failure, an error and a skipped case, in XML that is well-formed", () => {
  const text = junitReport(FLIGHT);
  assert.match(
    text,
    /<testsuite name="preflight of coder: v1 to v2" tests="3" failures="1" errors="1" skipped="1" time="61\.500"/,
  );
  assert.match(
    text,
    /<testcase classname="preflight\.coder" name="prompts"><failure message="of 60 /,
  );
  assert.match(text, /name="command"><error message="it &amp; its \uFFFD"\/>/);
  assert.match(text, /name="capacity"><skipped message="hosted"\/>/);
  assert.ok(!text.includes("<script>") && !text.includes("\u0007"));
});
