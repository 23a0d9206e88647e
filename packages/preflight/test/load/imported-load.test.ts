// The load gate on what another tool measured: held against the same limits, as far as a run can prove it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "@slipway/core";
import { type GateFinding, gates } from "@slipway/preflight";
import type { LoadGate } from "@slipway/wire/config";
import { surroundings } from "../surroundings.ts";
import { servedBy } from "./simulated.ts";

const SETTINGS: LoadGate = {
  traffic: {
    peakPerSecond: 10,
    share: 1,
    lengths: { promptTokens: 100, outputTokens: 20, spread: 0.5 },
    trace: null,
    arrivals: "poisson",
  },
  limits: { totalMsMax: 2_000, ttftMsMax: null, tpotMsMax: null },
  errorsMax: 0.01,
  stepMs: 60_000,
  findsCapacity: false,
  results: ["run.json"],
  timeoutMs: 30_000,
  lagMsMax: 100,
  ignoreEos: null,
  budget: null,
};

/** GuideLLM's benchmark at a rate: what each request took, and how late it was sent, in milliseconds. */
function benchmark(perSecond: number, tookMs: (at: number) => number | null, lateMs = 0): object {
  const random = createRandom(7);
  let dueMs = 0;
  const all = Array.from({ length: 2_000 }, (_, at) => {
    dueMs += (-Math.log(1 - random.next()) * 1_000) / perSecond;
    const took = tookMs(at);
    const startMs = dueMs + lateMs;
    const timings = {
      targeted_start: dueMs / 1_000,
      request_start: startMs / 1_000,
      first_token_iteration: (startMs + 20) / 1_000,
      request_end: (startMs + (took ?? 0)) / 1_000,
    };
    return { took, request: { info: { timings }, prompt_tokens: 100, output_tokens: 20 } };
  });
  const those = (ok: boolean) =>
    all.filter(({ took }) => (took !== null) === ok).map(({ request }) => request);
  return {
    config: { strategy: { type_: "poisson" } },
    requests: { successful: those(true), errored: those(false) },
  };
}

async function found(
  benchmarks: readonly object[],
  changes: Partial<LoadGate> = {},
): Promise<GateFinding> {
  const text = JSON.stringify({ benchmarks });
  return await gates.load.run({
    ...surroundings({ files: { read: async () => text }, candidate: servedBy() }),
    settings: { ...SETTINGS, ...changes },
    before: [],
    progress: () => {},
  });
}

const quick = (at: number): number => 300 + (at % 10) * 20;

test("a run at the load that keeps to its limits passes, with its grade", async () => {
  const { outcome, because, details } = await found([benchmark(10, quick)]);
  assert.equal(outcome, "pass", because);
  assert.match(because, /P99 latency 480 ms of 2 s allowed, by GuideLLM$/);
  assert.deepEqual(
    details !== null && typeof details === "object" && "grade" in details ? details["grade"] : null,
    "A",
  );
});

test("slow answers and failures at the load fail it, and what is above it only informs", async () => {
  const slow = benchmark(10, (at) => (at % 20 === 0 ? 5_000 : 300));
  const failed = await found([slow]);
  assert.equal(failed.outcome, "fail");
  assert.match(failed.because, /P99 latency is 5 s/);
  const errors = await found([benchmark(10, (at) => (at % 20 === 0 ? null : 300))]);
  assert.match(errors.because, /4.98% of the requests failed/);
  const above = await found([benchmark(30, (at) => (at % 20 === 0 ? 5_000 : 300))]);
  assert.equal(above.outcome, "inconclusive");
  assert.match(above.because, /more than the 10\/s that are asked about/);
});

test("runs that end below the load, and a generator that was late, are no pass", async () => {
  const below = await found([benchmark(5, quick)]);
  assert.equal(below.outcome, "inconclusive");
  assert.match(below.because, /the runs end at .*, below the 10\/s that are asked about/);
  const late = await found([benchmark(10, quick, 60)]);
  assert.equal(late.outcome, "inconclusive");
  assert.match(late.because, /run is void: .* 11.1% of a P99 may be the generator's own/);
});

test("where nobody says when a request was due, no lag is told", async () => {
  const each = (of: (at: number) => unknown) => Array.from({ length: 1_000 }, (_, at) => of(at));
  const run = {
    request_rate: 10,
    num_prompts: 1_000,
    completed: 1_000,
    ttfts: each(() => 0.1),
    itls: each(() => [0.2]),
    output_lens: each(() => 2),
  };
  const read = async () => JSON.stringify(run);
  const { outcome, because, figures } = await gates.load.run({
    ...surroundings({ files: { read }, candidate: servedBy() }),
    settings: SETTINGS,
    before: [],
    progress: () => {},
  });
  assert.equal(outcome, "pass", because);
  assert.match(because, /by vLLM bench; latencies count from when a request was sent/);
  assert.deepEqual(
    figures.filter(({ name }) => /generator/.test(name)),
    [],
  );
});

test("sums may fail a version and not pass it", async () => {
  const vllm = { request_rate: 10, num_prompts: 1_000, completed: 1_000, p99_e2el_ms: 900 };
  const of = async (run: object) => {
    const read = async () => JSON.stringify(run);
    return await gates.load.run({
      ...surroundings({ files: { read }, candidate: servedBy() }),
      settings: SETTINGS,
      before: [],
      progress: () => {},
    });
  };
  const within = await of(vllm);
  assert.equal(within.outcome, "inconclusive");
  assert.match(within.because, /not let it pass: it has sums alone/);
  const over = await of({ ...vllm, p99_e2el_ms: 2_500 });
  assert.equal(over.outcome, "fail");
  assert.match(over.because, /P99 latency is 2.5 s at 10\/s, limit 2 s/);
});
