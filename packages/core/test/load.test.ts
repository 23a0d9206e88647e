// Load models: what they are fitted to comes back, what they say of another load is so, and where they cannot tell they
// say that.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  allAtOnce,
  arrivalsOf,
  capacityPerMs,
  coverageOf,
  createRandom,
  emptyArmSum,
  errorsOf,
  type ForecastAsk,
  factorOf,
  failedForecast,
  forecast,
  type PoolLimit,
  peakOf,
  playTwin,
  record,
  scalabilityOf,
  scoreOf,
  throughputAt,
  Works,
} from "@slipway/core";
import {
  ENGINE,
  NOW_PER_SECOND,
  playedAt,
  ROLLOUT,
  ticksOf,
  upstreamsOf,
  WORKS,
} from "./load-fixture.ts";

const TICKS = ticksOf();
const ASK: ForecastAsk = {
  rollout: ROLLOUT,
  ticks: TICKS,
  upstreams: upstreamsOf(1),
  stablePools: ["elsewhere"],
  limits: [],
  logErrors: [],
};

const MADE = forecast(ASK);

/** An engine that has these is full for long. */
const FULL = allAtOnce(Works.of(WORKS), 8_000, createRandom(2));

function p99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(0.99 * (sorted.length - 1))] ?? Number.NaN;
}

function near(actual: number, expected: number, within: number): void {
  const off = Math.abs(actual / expected - 1);
  assert.ok(off <= within, `${actual} is ${off} off ${expected}`);
}

test("the scalability law is fitted as published for the specsdm91 data", () => {
  const inFlight = [1, 18, 36, 72, 108, 144, 216];
  const throughput = [64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2];
  const steps = inFlight.map((n, i) => ({ inFlight: n, throughput: throughput[i] ?? 0 }));
  const law = scalabilityOf(steps);
  assert.ok(law !== null);
  near(law.sigma, 0.0277285, 1e-4);
  near(law.kappa, 0.0001044, 1e-3);
  near(law.lambda, 89.995, 1e-4);
  near(peakOf(law), 96.52, 1e-3);
  assert.ok(throughputAt(law, 96) > throughputAt(law, 216));
  assert.equal(scalabilityOf(steps.slice(0, 5)), null);
});

test("alone in an engine, a request takes what its own work takes", () => {
  const works = Works.of([
    { promptTokens: 1_000, cachedTokens: 200, outputTokens: 11, streamed: true },
  ]);
  const traffic = { works, perMs: 1e-6, course: [1], sliceMs: 1_000 };
  const shape = { engines: 1, hidden: false };
  const engine = { ...ENGINE, perContextTokenMs: 0 };
  const played = playTwin(engine, shape, arrivalsOf(traffic, 1, 20, createRandom(1)));
  for (const { ttftMs, totalMs, others } of played.list()) {
    assert.equal(others, 0);
    near(ttftMs, 5 + 20 + 800 * 0.05, 1e-9);
    near(totalMs - ttftMs, 10 * (20 + 0.4), 1e-9);
  }
});

test("an engine's capacity is near the closed form", () => {
  const mean = (of: (work: (typeof WORKS)[number]) => number): number =>
    WORKS.reduce((sum, work) => sum + of(work), 0) / WORKS.length;
  const output = mean(({ outputTokens }) => outputTokens);
  const prompt = mean(({ promptTokens }) => promptTokens);
  const context =
    mean(({ promptTokens, outputTokens }) => outputTokens * (promptTokens + outputTokens / 2)) /
    output;
  const perToken = 20 / ENGINE.sequencesMax + 0.4 + ENGINE.perContextTokenMs * context;
  const closed = 1 / (0.05 * prompt + output * perToken);
  near(capacityPerMs(ENGINE, FULL), closed, 0.1);
});

test("latency at twice the load is forecast within a quarter, and within its interval", () => {
  const made = MADE;
  const truth = p99(playedAt(2 * NOW_PER_SECOND, 9).map(({ totalMs }) => totalMs));
  const [told] = made.latency;
  assert.equal(made.basis, "engine");
  assert.equal(made.percent, 10);
  near(made.load?.now ?? 0, NOW_PER_SECOND, 0.02);
  near(made.load?.next ?? 0, 2 * NOW_PER_SECOND, 0.02);
  near(told?.medianMs ?? 0, truth, 0.25);
  assert.ok((told?.lowMs ?? 0) < truth && truth < (told?.highMs ?? 0));
  assert.equal(made.verdict, "pass");
  assert.equal(told?.floorMs, null);
  assert.match(made.text, /^10% means .* requests\/s at a replica, now .*: P99 latency about /);
});

test("the same evidence gives the same forecast, to the last digit", () => {
  assert.deepEqual(MADE, forecast(structuredClone(ASK)));
});

function atStageOne(percent: number): ForecastAsk {
  const stages = ROLLOUT.policy.stages.with(1, { percent, holdMs: 60_000, minRequests: 100 });
  return { ...ASK, rollout: { ...ROLLOUT, policy: { ...ROLLOUT.policy, stages } } };
}

test("beyond nine tenths of the capacity a floor is told, and the stage is refused with what to do", () => {
  const made = forecast(atStageOne(100));
  const capacity = capacityPerMs(ENGINE, FULL) * 1000;
  assert.ok(20 * NOW_PER_SECOND > 0.9 * capacity, "the fixture is meant to break");
  near(made.capacity?.perSecond ?? 0, capacity, 0.35);
  assert.deepEqual([made.verdict, made.beyondKnee], ["fail", true]);
  const [told] = made.latency;
  assert.equal(told?.medianMs, null);
  const truth = p99(playedAt(20 * NOW_PER_SECOND, 9).map(({ totalMs }) => totalMs));
  assert.ok((told?.nowMs ?? 0) < (told?.floorMs ?? 0) && (told?.floorMs ?? 0) < truth);
  assert.match(
    made.text,
    /which is \d+% of that and beyond its knee: P99 latency at least \S+ m?s, now .* \(a floor: what 90% would make of it\); add replicas, or promote it with a reason$/,
  );
});

test("a stage whose interval lies over the guard's limit is refused with both numbers", () => {
  const guards = ROLLOUT.policy.guards.map((guard) =>
    guard.metric.kind === "latency"
      ? { ...guard, comparison: { kind: "ratio" as const, ratioMax: 0.5, differenceMin: 0 } }
      : guard,
  );
  const made = forecast({ ...ASK, rollout: { ...ROLLOUT, policy: { ...ROLLOUT.policy, guards } } });
  assert.equal(made.verdict, "fail");
  assert.match(made.text, /P99 latency about .*limit .*; add replicas/);
});

test("without a number of replicas, one is assumed where it does, and nothing is told where it does not", () => {
  assert.equal(forecast({ ...ASK, upstreams: upstreamsOf() }).verdict, "pass");
  const made = forecast({ ...atStageOne(100), upstreams: upstreamsOf() });
  assert.deepEqual([made.verdict, made.doubt, made.risky], ["unknown", "replicas", true]);
  assert.match(made.text, /Write `replicas` at the upstream/);
});

test("upstreams that scale by themselves are not forecast", () => {
  const made = forecast({ ...ASK, upstreams: upstreamsOf("elastic") });
  assert.deepEqual([made.verdict, made.doubt, made.risky], ["unknown", "elastic", false]);
});

test("few answers that say how many tokens they had tell nothing, and that is no sign of harm", () => {
  const made = forecast({ ...ASK, ticks: ticksOf({ ticks: 3 }) });
  assert.deepEqual([made.verdict, made.basis, made.risky], ["unknown", "none", false]);
  assert.equal(forecast({ ...ASK, ticks: [] }).verdict, "unknown");
  assert.notEqual(forecast({ ...ASK, ticks: ticksOf({ told: false }) }).basis, "engine");
});

test("a hosted version is held against its provider's limits, and no engine is made up for it", () => {
  const HOSTED = { ...ASK, upstreams: upstreamsOf() };
  const limit = (requestsPerMinute: number, tokensPerMinute: number | null): PoolLimit => ({
    pool: "pool",
    requestsPerMinute,
    tokensPerMinute,
    source: "told",
  });
  // 10% of all: twice the 60 requests a minute that 5% are.
  const enough = forecast({ ...HOSTED, limits: [limit(200, 1e6)] });
  assert.deepEqual([enough.verdict, enough.basis, enough.quotas.length], ["pass", "quota", 2]);
  near(enough.quotas[0]?.needed ?? 0, 120, 0.02);
  const short = forecast({ ...HOSTED, limits: [limit(110, null)] });
  assert.equal(short.verdict, "fail");
  assert.match(short.text, /needs 120 requests\/min of pool, and the provider's limit is 110/);
  const tokens = forecast({ ...HOSTED, limits: [limit(1_000, 50_000)] });
  assert.deepEqual(
    tokens.quotas.map(({ unit, verdict }) => `${unit} ${verdict}`),
    ["requests pass", "tokens fail"],
  );
  // Where stable's requests go into the same pool, they need room there too.
  const shared = forecast({ ...HOSTED, stablePools: ["pool"], limits: [limit(1_000, null)] });
  near(shared.quotas[0]?.needed ?? 0, 1_200, 0.02);
  assert.equal(shared.verdict, "fail");
  // Who says how many replicas there are serves it himself: both count.
  const own = forecast({ ...ASK, limits: [limit(200, null)] });
  assert.deepEqual([own.basis, own.quotas.length, own.verdict], ["engine", 1, "pass"]);
  // For the verdict alone an engine is played only where it can change it.
  const told = (requests: number) =>
    forecast({ ...ASK, limits: [limit(requests, null)] }, "verdict");
  assert.deepEqual([told(200).basis, told(200).verdict], ["engine", "pass"]);
  assert.deepEqual([told(110).basis, told(110).verdict], ["quota", "fail"]);
});

test("a forecast that could not be made says why, and stands in for one", () => {
  const made = failedForecast(ROLLOUT, 7, "no memory");
  assert.deepEqual([made?.verdict, made?.doubt, made?.ticks.to], ["unknown", "failed", 7]);
  assert.match(made?.text ?? "", /no memory/);
});

test("intervals are widened by a quarter until ten forecasts were scored, and then by what those were off", () => {
  assert.equal(factorOf([]), 1.25);
  assert.equal(factorOf(new Array(9).fill(2)), 1.25);
  const errors = [0.1, -0.2, 0.3, 0.05, 0.02, 0.4, -0.15, 0.12, 0.08, 0.01];
  // ceil(0.9 x 11) = 10: the largest of ten.
  near(factorOf(errors), Math.exp(0.4), 1e-12);
  near(factorOf([...errors, ...errors]), Math.exp(0.4), 1e-12);
  const more = forecast({ ...ASK, logErrors: errors });
  const [wide] = more.latency;
  const [narrow] = MADE.latency;
  near((wide?.highMs ?? 0) / (narrow?.highMs ?? 1), Math.exp(0.4) / 1.25, 1e-9);
});

test("a forecast is scored by what was seen from the stage's confirmation until it was left", () => {
  const made = MADE;
  const window = Array.from({ length: 6 }, (_, tick) => {
    const candidate = emptyArmSum();
    candidate.counted = 100;
    // Before and after the stage it was another world.
    const latencyMs = tick >= 2 && tick < 5 ? 3_000 : 100;
    for (let i = 0; i < 100; i++) record(candidate.latency.total, latencyMs);
    return {
      tick,
      endMs: (tick + 1) * 10_000,
      missing: [],
      own: {},
      candidate,
      stable: emptyArmSum(),
    };
  });
  const foreseen = { forecast: made, fromMs: 20_000, toMs: 50_000 };
  const score = scoreOf(foreseen, { endMs: 60_000, window }, 10_000);
  assert.equal(score?.requests, 300);
  const [one] = score?.latency ?? [];
  near(one?.actualMs ?? 0, 3_000, 0.02);
  near(one?.logError ?? 0, Math.log((one?.actualMs ?? 0) / (made.latency[0]?.medianMs ?? 1)), 1e-9);
  assert.equal(one?.covered, false);
  assert.deepEqual(score && errorsOf(score), [one?.logError]);
  assert.deepEqual(coverageOf(score === null ? [] : [score]), { of: 1, in: 0 });
  assert.equal(scoreOf(foreseen, { endMs: 40_000, window }, 10_000), null, "it is not over yet");
  assert.equal(scoreOf({ ...foreseen, toMs: null }, { endMs: 60_000, window }, 10_000), null);
  const thin = window.slice(4);
  assert.equal(
    scoreOf(foreseen, { endMs: 60_000, window: thin }, 10_000),
    null,
    "too few requests",
  );
});
