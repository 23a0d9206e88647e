// The gate `plan`: a way back that is owned, triggered, and there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type GateResult, GPUS_FOR_BOTH, type Policy } from "@slipway/core";
import {
  type Ask,
  type Drilling,
  type Gates,
  gates,
  type Outcome,
  runGates,
} from "@slipway/preflight";
import { type DrillsView, SlipwayError } from "@slipway/wire";
import type { CapacityGate } from "@slipway/wire/config";
import { POLICY, surroundings } from "./surroundings.ts";

const ANSWER: Outcome = {
  kind: "answer",
  text: "pong",
  refusal: null,
  toolCalls: [],
  finishReason: "length",
  usage: null,
  ttftMs: 1,
  totalMs: 1,
  gapMsMax: 0,
  pieces: 1,
};

const CAPACITY: CapacityGate = {
  traffic: {
    peakPerSecond: 10,
    share: 1,
    lengths: { promptTokens: 100, outputTokens: 100, spread: 0 },
    trace: null,
    arrivals: "poisson",
  },
  cards: {},
  latencyMs: 1_000,
  perReplica: null,
  gpus: null,
  webhook: null,
  mirrored: 0,
};

const DAY_MS = 86_400_000;

function drills(ages: readonly number[]): DrillsView {
  const order = { schedule: null, gateways: [], keyEnv: null, detectMsMax: 1, confirmMsMax: 1 };
  return {
    ...{
      model: "coder",
      standIn: "coder:drill",
      order,
      drilling: null,
      lapse: null,
      horizonMs: 60_000,
    },
    drills: ages.map((days) => ({
      ...{
        rollout: "r",
        atMs: Date.now() - days * DAY_MS,
        by: "ann",
        fault: "connect",
        passed: true,
        because: "",
      },
      ...{ detectMs: 1, confirmMs: 1, expired: [] },
    })),
  };
}

async function judged(
  ask: Ask,
  policy: Partial<Policy> = {},
  capacity: Gates["capacity"] | null = null,
  look: Drilling["look"] = () => Promise.resolve(drills([])),
): Promise<GateResult> {
  const results = await runGates({
    gates: capacity === null ? gates : { ...gates, capacity },
    names: capacity === null ? ["plan"] : ["capacity", "plan"],
    settings: {
      capacity: CAPACITY,
      plan: { owner: "editor on-call", tell: ["#incidents"], timeoutMs: 1_000 },
    },
    surroundings: surroundings({
      ask,
      policy: { ...POLICY, ...policy },
      drilling: { ...surroundings().drilling, look },
    }),
    started: () => {},
    progress: () => {},
    ended: () => {},
  });
  const result = results.at(-1);
  assert.ok(result !== undefined);
  return result;
}

const answered: Ask = () => Promise.resolve(ANSWER);

test("a way back that is owned and answers passes, and says whose it is", async () => {
  const { outcome, because, details } = await judged(answered);
  assert.equal(outcome, "pass");
  assert.match(because, /^editor on-call owns the way back to v1, /);
  assert.match(JSON.stringify(details), /"tell":\["#incidents"\],"returnsTo":"v1"/);
});

test("a stable server that does not answer fails, by how many answer", async () => {
  const down: Ask = () =>
    Promise.resolve({ kind: "rejection", status: 503, code: null, parameter: null, totalMs: 1 });
  const { outcome, because, figures } = await judged(down);
  assert.equal(outcome, "fail");
  assert.match(because, /^v1, a server of v1, .* does not answer: HTTP 503$/);
  assert.deepEqual(figures.map(({ value, limit, holds }) => [value, limit, holds])[0], [
    0,
    1,
    false,
  ]);
});

test("a stable version that cannot stay warm beside the candidate fails, by the hardware of both", async () => {
  const both = {
    name: GPUS_FOR_BOTH,
    value: 24,
    unit: "",
    interval: null,
    limit: 16,
    holds: false,
    of: null,
  };
  const capacity: Gates["capacity"] = {
    name: "capacity",
    run: () =>
      Promise.resolve({ outcome: "fail", because: "too few", figures: [both], details: null }),
  };
  const { outcome, because } = await judged(answered, {}, capacity);
  assert.equal(outcome, "fail");
  assert.equal(
    because,
    "v1 cannot stay warm beside the candidate: both take 24 GPUs, and there are 16",
  );
});

test("a policy in which nothing rolls back fails, and so does one that only observes", async () => {
  const { guards, trip } = POLICY;
  const warns = guards.map((guard) => ({ ...guard, action: "warn" as const }));
  const idle = await judged(answered, { guards: warns, trip: { ...trip, enabled: false } });
  assert.equal(
    idle.because,
    "nothing returns users to v1 by itself: no guard of the policy rolls back",
  );
  const watching = await judged(answered, { mode: "observe" });
  assert.equal(watching.because, "nothing returns users to v1 by itself: the policy only observes");
  assert.deepEqual([idle.outcome, watching.outcome], ["fail", "fail"]);
});

test("a plan says how long ago the way back was rehearsed, and whether that still counts", async () => {
  const of = async (look: Drilling["look"]): Promise<string> =>
    (await judged(answered, {}, null, look)).because;
  assert.match(
    await of(async () => drills([])),
    /; it has never been rehearsed: slipway drill does$/,
  );
  assert.match(
    await of(async () => drills([40, 3])),
    /; it was last rehearsed 3 days ago, and was/,
  );
  assert.match(
    await of(async () => drills([41])),
    /41 days ago, longer than the 30 days that count/,
  );
  const away = new SlipwayError({ code: "x", status: 503, message: "no controller", fix: null });
  const text = await of(() => Promise.reject(away));
  assert.match(text, /; when it was last rehearsed is not known \(no controller\)$/);
});
