// The capacity gate: what the load gate measured before it, cards, a webhook, and a provider's quotas.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GateResult } from "@slipway/core";
import {
  type GateFinding,
  gates,
  type Http,
  runGates,
  type Surroundings,
} from "@slipway/preflight";
import type { CapacityGate } from "@slipway/wire/config";
import { servedBy } from "./load/simulated.ts";
import { surroundings } from "./surroundings.ts";

const CARD = {
  layers: 32,
  kvHeads: 8,
  headDim: 128,
  kvBytes: 2,
  tensorParallel: 1,
  gpuMemoryGiB: 80,
  utilisation: 0.92,
  weightsGiB: 15,
  overheadGiB: 2,
};

const SETTINGS: CapacityGate = {
  traffic: {
    peakPerSecond: 10,
    share: 1,
    lengths: { promptTokens: 1_000, outputTokens: 100, spread: 0.8 },
    trace: null,
    arrivals: "poisson",
  },
  cards: { v1: CARD, v2: CARD },
  latencyMs: 8_000,
  perReplica: null,
  gpus: null,
  webhook: null,
  mirrored: 0.1,
};

function measured(capacityPerSecond: number): GateResult {
  const details = { capacityPerSecond };
  return { gate: "load", outcome: "pass", because: "", figures: [], details };
}

function judged(
  settings: Partial<CapacityGate>,
  ports: Partial<Surroundings> = {},
  before: readonly GateResult[] = [],
): Promise<GateFinding> {
  const context = surroundings({
    stable: servedBy({ replicas: 4 }, { id: "v1" }),
    candidate: servedBy({ replicas: 4 }),
    ...ports,
  });
  return gates.capacity.run({
    ...context,
    before,
    settings: { ...SETTINGS, ...settings },
    progress: () => {},
  });
}

test("what the load gate measured in the same preflight is what counts", async () => {
  assert.equal((await judged({ perReplica: 1 }, {}, [measured(5)])).outcome, "pass");
  const short = await judged({ perReplica: 100 }, {}, [measured(4)]);
  assert.equal(short.outcome, "fail");
  assert.match(
    short.because,
    /take 5 replicas of v2, and 4 are there: 4\/s each, as the load gate measured/,
  );
});

test("a load test that was void counts for nothing", async () => {
  const before: GateResult = { ...measured(0.1), outcome: "inconclusive" };
  const found = await judged({ perReplica: 5 }, {}, [before]);
  assert.match(found.because, /as declared/);
});

test("a webhook is asked how many GPUs there are, and what it cannot say is no pass", async () => {
  const says =
    (status: number, text: string): Http =>
    () =>
      Promise.resolve({ status, text });
  const webhook = "https://provisioning.example/gpus";
  const enough = await judged({ webhook }, { http: says(200, '{"gpus": 8}') }, [measured(5)]);
  assert.equal(enough.outcome, "pass", enough.because);
  const few = await judged({ webhook }, { http: says(200, '{"gpus": 7}') }, [measured(5)]);
  assert.match(few.because, /take 8 GPUs while the rollout is under way, and 7 are provisioned/);
  const [odd] = await runGates({
    gates,
    names: ["capacity"],
    settings: { capacity: { ...SETTINGS, webhook } },
    surroundings: surroundings({ candidate: servedBy(), http: says(200, "many") }),
    started: () => {},
    progress: () => {},
    ended: () => {},
  });
  assert.equal(odd?.outcome, "inconclusive");
  assert.match(odd?.because ?? "", /answers with 200, and not with how many GPUs there are/);
});

test("a provider's version is held against its pool's quota, replays and mirrors included", async () => {
  const { replicas: _, ...upstream } = servedBy().version.upstreams[0] ?? assert.fail();
  const candidate = servedBy({}, { upstreams: [{ ...upstream, pool: "api" }] });
  const pool = (requestsPerMinute: number) => [
    { name: "api", requestsPerMinute, tokensPerMinute: null },
  ];
  const settings = { cards: {} };
  assert.equal((await judged(settings, { candidate, pools: pool(900) })).outcome, "pass");
  const over = await judged(settings, { candidate, pools: pool(800) });
  assert.equal(over.outcome, "fail");
  assert.match(over.because, /requests a minute at peak, .* and api allows 800/);
  assert.equal((await judged(settings, { candidate })).outcome, "inconclusive");
});
