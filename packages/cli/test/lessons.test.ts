// slipway incident lessons, lesson, checklist and dora, against a controller that answers by script.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Checklist, Dora, Lesson } from "@slipway/core";
import type { LessonView } from "@slipway/wire";
import { type Script, scriptedController } from "./scripted-controller.ts";
import { type Ran, slipway } from "./slipway.ts";

const AT = Date.UTC(2026, 0, 15, 9);
const STAGE = { percent: 11, holdMs: 600_000, minRequests: 500 };
const PROPOSAL = {
  name: "stage-11",
  what: "one stage more: a stage of 11%",
  why: "it was found at 25% of users, 5% before",
  change: { kind: "stage", stage: STAGE } as const,
};
const PROMISED = { ms: 60_000, leastMs: 50_000, mostMs: 70_000 };

const VIEWS: readonly LessonView[] = [
  {
    ...PROPOSAL,
    id: "r-1-6:stage-11",
    model: "chat",
    untried: null,
    backtest: {
      sooner: PROMISED,
      requests: { real: 900, tried: 400 },
      others: {
        rollouts: 0,
        completed: { n: 0, rolledBack: 0, notDone: 0, delay: null },
      },
      text: "would have stopped it 1 min sooner",
      unknown: ["load stays the recorded one"],
    },
  },
  {
    ...PROPOSAL,
    name: "gate-load",
    what: "the gate load is needed",
    change: { kind: "gate", gate: "load" },
    id: "r-1-6:gate-load",
    model: "chat",
    untried: "a gate cannot be tried",
    backtest: null,
  },
];

const LESSON: Lesson = {
  ...PROPOSAL,
  id: "r-1-6:stage-11",
  incidentId: "r-1-6",
  owner: "inference",
  reason: "it hurt",
  acceptedAtMs: AT,
  promised: PROMISED,
  dropped: null,
};

const CHECKLIST: Checklist = {
  model: "chat",
  rollouts: 3,
  items: [
    {
      lesson: LESSON,
      rollouts: 2,
      caught: [
        { rolloutId: "r-3", version: "v3", atMs: AT, text: "P99 is 3x" },
        { rolloutId: null, version: "v4", atMs: AT, text: "it rejects top_k" },
      ],
    },
  ],
};

const DORA: Dora = {
  changes: 4,
  failed: 1,
  failureRate: 0.25,
  detect: { n: 1, halfMs: 120_000, mostMs: 120_000 },
  recover: null,
  perWeek: 1.54,
};

const SCRIPT: Script = {
  "GET /v1/incidents/r-1-6/lessons": { body: VIEWS },
  "GET /v1/incidents/r-2-6/lessons": { body: [] },
  "POST /v1/incidents/r-1-6/lessons": { body: LESSON },
  "GET /v1/models/chat/checklist": { body: CHECKLIST },
  "GET /v1/models/other/checklist": { body: { ...CHECKLIST, model: "other", items: [] } },
  "GET /v1/dora": { body: DORA },
  "GET /v1/dora?model=chat": { body: { ...DORA, failureRate: null, perWeek: null } },
};

type After = { after: (clean: () => void) => void };

async function asked(
  t: After,
  ...args: readonly string[]
): Promise<Ran & { readonly body: unknown }> {
  const controller = await scriptedController(SCRIPT);
  t.after(controller.close);
  const ran = await slipway([...args, "--controller", controller.url]);
  return { ...ran, body: controller.asked.at(-1)?.body };
}

test("lessons are told with what each would have done, and how to accept one", async (t) => {
  const { code, out } = await asked(t, "incident", "lessons", "r-1-6");
  assert.equal(code, 0);
  assert.equal(
    out,
    `r-1-6:stage-11
  one stage more: a stage of 11%
  because it was found at 25% of users, 5% before
  backtest: would have stopped it 1 min sooner
    not known: load stays the recorded one
r-1-6:gate-load
  the gate load is needed
  because it was found at 25% of users, 5% before
  backtest: a gate cannot be tried

accept one: slipway lesson accept r-1-6:stage-11 --owner TEAM --reason TEXT
`,
  );
  const { out: none } = await asked(t, "incident", "lessons", "r-2-6");
  assert.match(none, /^nothing can be proposed/);
});

test("a lesson is accepted by its id, with whose it is and why", async (t) => {
  const args = ["r-1-6:stage-11", "--owner", "inference", "--reason", "it hurt"];
  const { code, out, body } = await asked(t, "lesson", "accept", ...args);
  assert.equal(code, 0);
  assert.deepEqual(body, { lesson: "stage-11", owner: "inference", reason: "it hurt" });
  assert.match(out, /is inference's, and in what the next rollout starts with: one stage more/);
  assert.match(out, /1 min sooner \(50 s sooner to 1\.17 min sooner\)/);
  const wrong = await asked(t, "lesson", "accept", "stage-11", "--owner", "a", "--reason", "b");
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /no lesson's id/);
});

test("the checklist says whose each lesson is and what it has caught", async (t) => {
  const { out } = await asked(t, "checklist", "chat");
  assert.match(out, /^chat, over 3 rollouts$/m);
  assert.match(out, /^r-1-6:stage-11 \(inference's since 2026-01-15/m);
  assert.match(out, /^ {2}in force in 2 rollouts, has caught 2$/m);
  assert.match(out, /r-3: P99 is 3x$/m);
  assert.match(out, /v4 did not start: it rejects top_k$/m);
  const { out: none } = await asked(t, "checklist", "other");
  assert.match(none, /^other has learnt nothing yet/);
});

test("DORA's figures are a line each, and a dash where there is nothing to say", async (t) => {
  const { out } = await asked(t, "dora");
  assert.equal(
    out,
    `change failure rate  25% (1 of 4)
time to detect       half within 2 min, nine in ten within 2 min (n = 1)
recovery time        –
changes a week       1.5
`,
  );
  const { out: own } = await asked(t, "dora", "chat");
  assert.match(own, /^change failure rate {2}–$/m);
  assert.match(own, /less than a week/);
});
