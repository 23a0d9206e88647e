// slipway incident: what it says of an incident, its draft and its lint; against a controller that answers by script.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Analysis, Counts, Incident } from "@slipway/core";
import type { IncidentRemarksView, IncidentSummary } from "@slipway/wire";
import { type Script, scriptedController } from "./scripted-controller.ts";
import { type Ran, scratch, slipway } from "./slipway.ts";

const AT = Date.UTC(2026, 0, 15, 9);
const because = { code: "guard", text: "P99 latency 1 s is 2x stable's", guard: "p99" };

const COUNTS: Counts = {
  requests: 9_000,
  failed: 40,
  spared: 30,
  slow: 12,
  unanswered: 0,
  tokens: { input: 9_000, output: 120_000 },
  users: 700,
  exposedMs: 180_000,
  beyond: null,
};

const CANDIDATE: Counts = {
  ...COUNTS,
  requests: 3_000,
  slow: 212,
  beyond: { failed: 27, slow: 208, unanswered: 0, harmed: 208 },
};

const INCIDENT: Incident = {
  id: "r-1-6",
  rolloutId: "r-1",
  model: "chat",
  from: "a",
  to: "b",
  status: "mitigated",
  severity: "major",
  opening: { sequence: 6, atMs: AT, kind: "roll-back", because, by: null, percent: 25 },
  openedAtMs: AT,
  detectedAtMs: AT,
  began: { atMs: AT - 60_000, text: "240 of the candidate's 3,000 requests failed" },
  trigger: { atMs: AT - 90_000, what: "advanced to 25%", delayMs: 30_000 },
  mitigated: { atMs: AT + 700, how: "rolled-back", confirmMs: 700, expired: [] },
  impact: {
    fromMs: AT - 60_000,
    toMs: AT + 700,
    ticks: 7,
    isComplete: true,
    missing: [],
    against: "stable",
    slowerThanMs: 800,
    usersError: 0.023,
    candidate: CANDIDATE,
    stable: COUNTS,
    segments: ["go", "rust"].map((segment) => ({ segment, ...CANDIDATE })),
  },
  timeline: [
    {
      atMs: AT - 90_000,
      sequence: 1,
      who: "operator",
      by: "ann",
      what: "started",
      why: "better at Rust (an operator)",
    },
    { atMs: AT, sequence: 6, who: "slipway", by: null, what: "rolled back", why: because.text },
  ],
};

const SUMMARY: IncidentSummary = {
  id: INCIDENT.id,
  rolloutId: "r-1",
  model: "chat",
  from: "a",
  to: "b",
  status: "mitigated",
  severity: "major",
  kind: "roll-back",
  because,
  openedAtMs: AT,
  mitigatedAtMs: AT + 700,
  harmed: 208,
  requests: 12_000,
};

const ANALYSIS: Analysis = {
  incidentId: "r-1-6",
  harm: {
    family: "requests",
    total: 208,
    kinds: [
      {
        kind: "slow",
        segment: null,
        candidate: { n: 3_000, bad: 212 },
        expected: 4,
        excess: 208,
        z: 22,
        stable: null,
      },
    ],
  },
  hypotheses: [
    {
      kind: "tested",
      cause: "load-dependent",
      score: 0.96,
      share: 0.98,
      text: "at 20 a second 7% more are harmed than of stable's, and 0% at 4 a second before",
      data: {
        head: ["at, ms", "harmed"],
        rows: [
          [AT - 60_000, 0],
          [AT, 0.07],
        ],
      },
    },
  ],
  rejected: [
    {
      kind: "tested",
      cause: "segment",
      score: 0,
      share: 0.5,
      text: "50% of the harm is in go",
      data: { head: [], rows: [] },
    },
  ],
  untested: [{ kind: "untested", cause: "client-side", why: "no client reported its health" }],
};

const SAID: IncidentRemarksView = {
  id: INCIDENT.id,
  publication: {
    isFelt: true,
    detectedAtMs: AT,
    deadlineAtMs: AT + 900_000,
    autoAtMs: AT + 600_000,
    firstPostedAtMs: AT + 240_000,
    firstPostedBy: "ann",
    isInTime: true,
    status: "monitoring",
    unsaid: "critical",
    disclosure: "summary",
  },
  draft: { status: "monitoring", text: null, components: [], estimate: null, nextUpdateByMs: null },
  remarks: [
    {
      incidentId: INCIDENT.id,
      sequence: 1,
      atMs: AT + 1_000,
      by: "ann",
      reason: "noise",
      act: { type: "marked", entry: "j1", mark: "hidden" },
    },
    {
      incidentId: INCIDENT.id,
      sequence: 2,
      atMs: AT + 2_000,
      by: "bob",
      reason: "",
      act: { type: "annotated", entry: "j6", text: "as it should" },
    },
    {
      incidentId: INCIDENT.id,
      sequence: 3,
      atMs: AT + 3_000,
      by: "bob",
      reason: "",
      act: { type: "noted", text: "the cache was cold", visibility: "internal" },
    },
  ],
};

type After = { after: (clean: () => void) => void };

const SCRIPT: Script = {
  "GET /v1/incidents/r-1-6": { body: INCIDENT },
  "GET /v1/incidents/r-1-6/analysis": { body: ANALYSIS },
  "GET /v1/incidents/r-1-6/remarks": { body: SAID },
  "POST /v1/incidents/r-1-6/remarks": { body: SAID },
  "GET /v1/incidents": { body: [SUMMARY] },
  "GET /v1/incidents?model=chat": { body: [] },
};

async function asked(t: After, ...args: readonly string[]): Promise<Ran> {
  const controller = await scriptedController(SCRIPT);
  t.after(controller.close);
  return await slipway(["incident", ...args, "--controller", controller.url]);
}

test("an incident is shown with its times, its impact by arm and segment, and its timeline", async (t) => {
  const { code, out } = await asked(t, "show", "r-1-6");
  assert.equal(code, 0);
  assert.equal(
    out,
    `incident r-1-6: major, mitigated
  chat from a to b, rollout r-1
  harmed: 208 requests of 12,000 (1.73%) of the model's

  began      2026-01-15 08:59:00  estimated, to the tick
  detected   2026-01-15 09:00:00  1 min after it began
  opened     2026-01-15 09:00:00  1 min after it began
  mitigated  2026-01-15 09:00:00  1.01 min after it began, rolled-back
  roll-back at 25% of users: P99 latency 1 s is 2x stable's

impact
             requests  users  failed    hidden  slow        unanswered  harmed  tokens out  minutes
  candidate  3,000     700    40 (+27)  30      212 (+208)  0 (+0)      208     120,000     3
  stable     9,000     700    40        30      12          0           –       120,000     3
  in go      3,000     700    40 (+27)  30      212 (+208)  0 (+0)      208     120,000     3
  in rust    3,000     700    40 (+27)  30      212 (+208)  0 (+0)      208     120,000     3
  over 1.01 min; (+n): beyond stable's at the same time; hidden: by replay; users within 2.3%
  slow: over 800 ms

timeline (UTC)
  09:00:00  slipway  rolled back  P99 latency 1 s is 2x stable's
                                  ↳ as it should (bob)
  09:00:03  bob      note         the cache was cold
  1 entry hidden: --all shows them

in public
  first posted 2026-01-15 09:04:00 by ann, 4 min after detection
  now monitoring; of the cause is told: summary
  critical by now, and the page says less: post an update

draft its postmortem: slipway incident postmortem r-1-6 --out r-1-6.md
`,
  );
  const { out: json } = await asked(t, "show", "r-1-6", "--json");
  const { said, ...incident } = JSON.parse(json);
  assert.deepEqual(incident, INCIDENT);
  assert.deepEqual(said, SAID);
  const { out: all } = await asked(t, "show", "r-1-6", "--all");
  assert.match(all, /^ +j1 +08:58:30 +ann +started \(hidden\) /m);
  assert.match(all, /^ +r3 +09:00:03 +bob +note /m);
});

test("what people say of an incident is sent as one act, with who says it and why", async (t) => {
  const controller = await scriptedController(SCRIPT);
  t.after(controller.close);
  const said = async (...args: readonly string[]): Promise<Ran> =>
    await slipway(["incident", ...args, "--by", "ann", "--controller", controller.url]);
  const posted = await said(
    ...["update", "r-1-6", "Slow for some.", "--status", "identified", "--reason", "users ask"],
    ...["--component", "chat=partial_outage", "--over-in", "10m..30m", "--next-update", "15m"],
  );
  assert.equal(posted.code, 0, posted.err);
  assert.match(posted.out, /^posted\nfirst posted 2026-01-15 09:04:00 by ann/);
  await said("hide", "r-1-6", "j1", "--reason", "noise");
  await said("disclose", "r-1-6", "full");
  assert.deepEqual(
    controller.asked.map(({ body }) => body),
    [
      {
        by: "ann",
        reason: "users ask",
        act: {
          type: "post",
          text: "Slow for some.",
          status: "identified",
          components: [{ id: "chat", status: "partial_outage" }],
          overInMs: { low: 600_000, high: 1_800_000 },
          nextUpdateInMs: 900_000,
        },
      },
      { by: "ann", reason: "noise", act: { type: "marked", entry: "j1", mark: "hidden" } },
      { by: "ann", reason: "", act: { type: "disclosed", cause: "full" } },
    ],
  );
  const wrong = await said("update", "r-1-6", "x", "--component", "chat=broken");
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /Write id=status/);
  assert.equal((await said("disclose", "r-1-6", "everything")).code, 2);
  assert.equal((await said("hide", "r-1-6", "j1")).code, 2);
});

test("an analysis says what was behind it, with the counts of the first, and what was not tested", async (t) => {
  const { code, out } = await asked(t, "analyze", "r-1-6");
  assert.equal(code, 0);
  assert.equal(
    out,
    `what was behind incident r-1-6
  harm: 208 requests beyond what there would have been (slow 212 of 3,000, expected 4)

  1. load-dependent: 98% of the harm, score 0.96
     at 20 a second 7% more are harmed than of stable's, and 0% at 4 a second before

counts of load-dependent
  at (UTC)  harmed
  08:59:00  0
  09:00:00  0.07

tested, with next to nothing to show: segment

not tested
  client-side  no client reported its health
`,
  );
  const { out: json } = await asked(t, "analyze", "r-1-6", "--json");
  assert.deepEqual(JSON.parse(json), ANALYSIS);
});

test("incidents are listed a line each, and it is said where there are none", async (t) => {
  const { out } = await asked(t, "list");
  assert.match(
    out,
    /^r-1-6 +2026-01-15 09:00 UTC +major +mitigated +chat +b +208 requests of 12,000 \(1\.73%\) +P99/m,
  );
  const none = await asked(t, "list", "--model", "chat");
  assert.equal(none.out, "no rollout has had an incident\n");
});

test("a draft is written once, never over another file, and its lint says what is to be written", async (t) => {
  const file = join(
    scratch((clean) => t.after(clean)),
    "draft.md",
  );
  const { code, out } = await asked(t, "postmortem", "r-1-6", "--out", file);
  assert.equal(code, 0);
  assert.match(out, /then run slipway incident lint /);
  assert.match(readFileSync(file, "utf8"), /^# Postmortem: chat, a to b$/m);
  const again = await asked(t, "postmortem", "r-1-6", "--out", file);
  assert.equal(again.code, 1);
  assert.match(again.err, /is there already/);
  const lint = await slipway(["incident", "lint", file]);
  assert.equal(lint.code, 1);
  assert.match(lint.out, /draft\.md:9: unwritten: "Owner" is still to be written$/m);
  assert.match(lint.out, /\d+ things to mend\n$/);
  writeFileSync(file, `${readFileSync(file, "utf8")}\nAnn should have looked.\n`);
  const blamed = await slipway(["incident", "lint", file, "--json"]);
  const problems: readonly { readonly rule: string }[] = JSON.parse(blamed.out);
  assert.ok(problems.some(({ rule }) => rule === "blame"));
});

test("without --out a draft goes to standard output; what is not there is refused", async (t) => {
  const { out } = await asked(t, "postmortem", "r-1-6");
  assert.match(out, /^## Actions$/m);
  const missing = await slipway(["incident", "lint", "/nowhere/draft.md"]);
  assert.equal(missing.code, 2);
  assert.match(missing.err, /cannot be read \(ENOENT\)/);
  const unknown = await asked(t, "show", "r-9-1");
  assert.equal(unknown.code, 1);
});
