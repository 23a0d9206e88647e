// The gate `plan`: a way back that is owned, triggered, and there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type GateResult, GPUS_FOR_BOTH, type Policy } from "@slipway/core";
import { type Ask, type Gates, gates, type Outcome, runGates } from "@slipway/preflight";
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

async function judged(
  ask: Ask,
  policy: Partial<Policy> = {},
  capacity: Gates["capacity"] | null = null,
): Promise<GateResult> {
  const results = await runGates({
    gates: capacity === null ? gates : { ...gates, capacity },
    names: capacity === null ? ["plan"] : ["capacity", "plan"],
    settings: {
      capacity: CAPACITY,
      plan: { owner: "editor on-call", tell: ["#incidents"], timeoutMs: 1_000 },
    },
    surroundings: surroundings({ ask, policy: { ...POLICY, ...policy } }),
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
