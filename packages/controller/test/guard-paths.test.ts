// Every metric's planted harm breaks its own guard, through the real controller: frames in, decision out; and what is
// alike on both arms breaks none.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  EVENTS,
  type EventName,
  type EvidenceRow,
  emptyFeedback,
  emptyHistogram,
  emptyReplica,
  type Guard,
  type GuardAction,
  isAnswerEvent,
  isOutcomeEvent,
  type Metric,
  type Outcome,
  record,
  type SequentialGuard,
  type Version,
} from "@slipway/core";
import { GOOD } from "./fake-gateway.ts";
import { FakeWorld, versionOf } from "./fake-world.ts";

const SECONDS_MAX = 40;

const OUTCOME_OF: { readonly [event in EventName]?: Outcome } = {
  errors: "connect",
  incompatible: "incompatible",
  "rate-limited": "rate_limited",
  truncated: "stream_error",
  timeouts: "timeout",
  "server-errors": "server_error",
  invalid: "invalid",
};
const ENDING_OF = { refusals: "refused", empty: "empty", "cut-off": "cut-off" } as const;

/** One in so many answers of a healthy arm. */
const RARELY = 50;

type Row = EvidenceRow;

/** What both arms' rows say beside outcomes and latencies: a little of everything. */
function ordinary(row: Row): void {
  const n = row.judged;
  const few = Math.floor(n / RARELY);
  row.endings = { answered: n - 3 * few, refused: few, empty: few, "cut-off": few };
  addTokens(row, n, 1);
  for (let i = 0; i < n; i++) record(row.latency.ttft, 50);
  for (let i = 0; i < n; i++) record(row.latency.tpot, 10);
  row.lengths.total = [emptyHistogram()];
  for (let i = 0; i < n; i++) record(lengthOf(row), 200);
  const feedback = emptyFeedback();
  const labels = Math.floor(n / 2);
  const tally = (share: number): { n: number; bad: number; buckets: object } => ({
    n: labels,
    bad: Math.round(labels * share),
    buckets: {},
  });
  feedback.tallies = {
    acceptance: { ...tally(0.4), buckets: {} },
    rating: { ...tally(0.04), buckets: {} },
    crashes: { ...tally(0.02), buckets: {} },
    "score:parse-failures": { ...tally(0.04), buckets: {} },
  };
  for (let i = 0; i < labels; i++) record(feedback.health.memory, i % RARELY === 0 ? 3_000 : 500);
  row.feedback = feedback;
}

function lengthOf(row: Row): ReturnType<typeof emptyHistogram> {
  return row.lengths.total[0] ?? emptyHistogram();
}

/** Inputs of 100 to 108 tokens, outputs as many times `longer`. */
function addTokens(row: Row, n: number, longer: number): void {
  row.tokens = { input: 0, cached: 0, output: 0 };
  row.usage = { n, ii: 0, ic: 0, io: 0, cc: 0, co: 0, oo: 0 };
  for (let i = 0; i < n; i++) {
    const input = 100 + (i % 9);
    const output = input * longer;
    row.tokens.input += input;
    row.tokens.output += output;
    row.usage.ii += input * input;
    row.usage.io += input * output;
    row.usage.oo += output * output;
  }
}

function guardOf(metric: Metric, action: GuardAction, more: Partial<SequentialGuard> = {}): Guard {
  return {
    id: "own",
    test: "sequential",
    action,
    metric,
    comparison: { kind: "ratio", ratioMax: 1, differenceMin: 0.005 },
    segment: null,
    weight: 1,
    windowMs: 10_000,
    ...more,
  };
}

const DOUBLE = { kind: "ratio", ratioMax: 1.2, differenceMin: 0 } as const;
const PRICE = { input: 1, cached: 1, output: 4 };
const VERSIONS: readonly Version[] = [
  { ...versionOf("gpt-5.0"), prices: PRICE },
  { ...versionOf("gpt-5.3"), prices: { ...PRICE, output: 8 } },
];

function harmedEvent(event: EventName): (row: Row) => void {
  return (row) => {
    const many = Math.floor(row.judged / 10);
    const outcome = OUTCOME_OF[event];
    if (isOutcomeEvent(event) && outcome !== undefined) {
      row.outcomes = { ok: row.judged - many, [outcome]: many };
    } else if (isAnswerEvent(event)) {
      row.endings = { answered: row.judged - many, [ENDING_OF[event]]: many };
    } else {
      const tally = row.feedback?.tallies[event];
      if (tally !== undefined) tally.bad = Math.min(tally.n, tally.bad + 2 * many);
    }
  };
}

type Case = { readonly guard: Guard; readonly harm: (row: Row) => void };

const CASES: { readonly [name: string]: Case } = {
  ...Object.fromEntries(
    EVENTS.map((event): [string, Case] => [
      event,
      { guard: guardOf({ kind: "events", event }, "roll-back"), harm: harmedEvent(event) },
    ]),
  ),
  "client memory": {
    guard: guardOf({ kind: "memory", mibMax: 2_048 }, "roll-back"),
    harm: ({ feedback }) => {
      for (let i = 0; i < 20; i++) if (feedback !== null) record(feedback.health.memory, 4_000);
    },
  },
  "a score": {
    guard: guardOf({ kind: "score", score: "parse-failures" }, "roll-back"),
    harm: ({ feedback }) => {
      const tally = feedback?.tallies["score:parse-failures"];
      if (tally !== undefined) tally.bad += 15;
    },
  },
  "output tokens": {
    guard: guardOf({ kind: "mean", of: "output-tokens", prices: null }, "roll-back", {
      comparison: DOUBLE,
    }),
    harm: (row) => addTokens(row, row.judged, 2),
  },
  "input tokens over a limit": {
    guard: guardOf({ kind: "mean", of: "input-tokens", prices: null }, "roll-back", {
      comparison: { kind: "limit", max: 110 },
    }),
    harm: (row) => {
      addTokens(row, row.judged, 1);
      row.tokens.input *= 2;
      row.usage.ii *= 4;
    },
  },
  cost: {
    guard: guardOf({ kind: "mean", of: "cost", prices: null }, "roll-back", {
      comparison: { kind: "ratio", ratioMax: 2, differenceMin: 0 },
    }),
    harm: (row) => addTokens(row, row.judged, 2),
  },
  ttft: {
    guard: guardOf({ kind: "latency", time: "ttft", quantile: 0.9, byLength: false }, "roll-back", {
      comparison: DOUBLE,
    }),
    harm: (row) => {
      for (let i = 0; i < 50; i++) record(row.latency.ttft, 500);
    },
  },
  "latency at like length": {
    guard: guardOf({ kind: "latency", time: "total", quantile: 0.9, byLength: true }, "roll-back", {
      comparison: DOUBLE,
    }),
    harm: (row) => {
      for (let i = 0; i < 50; i++) record(lengthOf(row), 900);
    },
  },
  "latency over a limit": {
    guard: guardOf(
      { kind: "latency", time: "total", quantile: 0.9, byLength: false },
      "roll-back",
      { comparison: { kind: "limit", max: 400 } },
    ),
    harm: (row) => {
      for (let i = 0; i < 50; i++) record(row.latency.total, 900);
    },
  },
  "errors over a limit": {
    guard: guardOf({ kind: "events", event: "errors" }, "roll-back", {
      comparison: { kind: "limit", max: 0.03 },
    }),
    harm: harmedEvent("errors"),
  },
};

async function run(
  guard: Guard,
  harm: ((row: Row) => void) | null,
  versions: readonly Version[] = VERSIONS,
): Promise<FakeWorld> {
  const stages = [
    { percent: 25, holdMs: 1_000_000, minRequests: 0 },
    { percent: 50, holdMs: 0, minRequests: 0 },
  ];
  const world = await new FakeWorld({ policy: { guards: [guard], stages }, versions }).open();
  await world.start();
  const traffic = {
    ...GOOD,
    more: (row: Row): void => {
      ordinary(row);
      if (row.arm === "candidate") harm?.(row);
    },
  };
  for (let second = 0; second < SECONDS_MAX; second++) {
    await world.second(traffic);
    if ((await world.story()).includes("roll-back")) break;
  }
  return world;
}

for (const [name, { guard, harm }] of Object.entries(CASES)) {
  test(`${name}: its planted harm breaks its own guard, and likeness does not`, async () => {
    const healthy = await run(guard, null);
    assert.doesNotMatch(await healthy.story(), /roll-back/);
    const harmed = await run(guard, harm);
    assert.match(await harmed.story(), /roll-back/);
    const moved = (await harmed.events()).findLast((event) => event.type === "moved");
    assert.equal(moved?.type === "moved" && moved.cause.because.guard, "own");
  });
}

const LONGER = guardOf({ kind: "mean", of: "output-tokens", prices: null }, "roll-back", {
  comparison: DOUBLE,
});

test("what a version declares that it will change is judged by what it declares", async () => {
  const declaring = (bound: number): readonly Version[] => [
    versionOf("gpt-5.0"),
    { ...versionOf("gpt-5.3"), expect: { "output-tokens": bound } },
  ];
  const longer = (row: Row): void => addTokens(row, row.judged, 2);
  const allowed = await run(LONGER, longer, declaring(3));
  assert.doesNotMatch(await allowed.story(), /roll-back/);
  const [verdict] = (await allowed.view()).verdicts;
  assert.equal(verdict?.limit, 3);
  assert.match(verdict?.text ?? "", /^output tokens ratio 2x to 2x \(99%\) \(208 against 104\)$/);
  const beyond = await run(LONGER, longer, declaring(1.5));
  const moved = (await beyond.events()).findLast((event) => event.type === "moved");
  const because = moved?.type === "moved" ? moved.cause.because.text : "";
  assert.match(because, /^output tokens ratio at least \S+x \(99%\), declared limit 1\.5x/);
});

test("an alarm that one replica of three carries alone blocks, and names it", async () => {
  const guard = guardOf({ kind: "events", event: "errors" }, "roll-back");
  const spread = (bad: readonly number[]) => (row: Row) => {
    const each = Math.floor(row.judged / 3);
    const failed = bad.reduce((sum, count) => sum + count, 0);
    row.outcomes = { ok: row.judged - failed, server_error: failed };
    row.replicas = Object.fromEntries(
      bad.map((count, place) => [
        `gpu-${place + 1}`,
        {
          ...emptyReplica(),
          ...{ arrivals: each, bad: count, counted: each, read: each },
          mishaps: { server_error: count },
        },
      ]),
    );
  };
  const sick = await run(guard, spread([0, 12, 0]));
  assert.doesNotMatch(await sick.story(), /roll-back/);
  const { decision } = await sick.view();
  assert.equal(decision.kind, "hold");
  assert.match(decision.because.text, /replica gpu-2 alone is to blame/);
  assert.match(await (await run(guard, spread([4, 4, 4]))).story(), /roll-back/);
});

test("a guard of what nobody says holds no stage, and one of how requests end does", async () => {
  const nothing = { kind: "events", event: "acceptance" } as const;
  const stages = [
    { percent: 25, holdMs: 1_000, minRequests: 0 },
    { percent: 50, holdMs: 1_000_000, minRequests: 0 },
  ];
  const world = await new FakeWorld({
    policy: { guards: [guardOf(nothing, "block")], stages },
  }).open();
  await world.start();
  await world.seconds(8);
  assert.match(await world.story(), /advance-1/);
  const [verdict] = (await world.view()).verdicts;
  assert.deepEqual([verdict?.status, verdict?.holds], ["wait", false]);
});
