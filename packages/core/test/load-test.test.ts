// Load tests: schedules, what a step came to, and what a gate makes of the steps.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  capacitySeen,
  createRandom,
  emptyHistogram,
  judgeLoad,
  type LoadQuestion,
  type LoadTest,
  quantileBounds,
  quantileInterval,
  record,
  type Shot,
  scheduleOf,
  stepSummary,
  stepsOf,
  type TracedRequest,
} from "@slipway/core";

const STEPS = stepsOf([0.5, 0.75, 1, 1.1], 10, 100_000);
const DRAWN = { kind: "drawn", promptTokens: 100, outputTokens: 20, spread: 0.5 } as const;
const LIMITS = { totalMsMax: 2_000, ttftMsMax: null, tpotMsMax: null };
const QUESTION: LoadQuestion = {
  perSecond: 10,
  replicas: 2,
  limits: LIMITS,
  errorsMax: 0.01,
  lagMsMax: 100,
  timeoutMs: 60_000,
};

function shot(changes: Partial<Shot>): Shot {
  const dueMs = changes.dueMs ?? 0;
  return {
    step: 0,
    dueMs,
    lagMs: 0,
    sentMs: dueMs,
    firstMs: dueMs + 100,
    lastMs: dueMs + 500,
    firstLateMs: 0,
    lastLateMs: 0,
    failure: null,
    status: 200,
    usage: { promptTokens: 100, cachedTokens: 0, outputTokens: 21 },
    chunks: 7,
    stallMs: 60,
    inFlight: 1,
    ...changes,
  };
}

const FAILED = {
  failure: "status",
  status: 503,
  firstMs: null,
  lastMs: null,
  usage: null,
} as const;

/** All four steps as a server that always takes this long would have answered them. */
function shots(of: (step: number, at: number) => Partial<Shot> = () => ({})): readonly Shot[] {
  return scheduleOf(STEPS, DRAWN, { kind: "poisson" }, createRandom(3)).map(({ step, dueMs }, at) =>
    shot({ step, dueMs, ...of(step, at) }),
  );
}

function judged(
  all: readonly Shot[],
  changes: Partial<LoadTest> = {},
): ReturnType<typeof judgeLoad> {
  const { limits } = changes.question ?? QUESTION;
  const steps = STEPS.map((step, index) => stepSummary(step, index, all, limits));
  return judgeLoad({ question: QUESTION, steps, capacity: null, predicted: [], ...changes });
}

test("a schedule is known beforehand, in order, and the same for the same seed", () => {
  const make = (): ReturnType<typeof scheduleOf> =>
    scheduleOf(STEPS, DRAWN, { kind: "poisson" }, createRandom(1));
  const schedule = make();
  assert.deepEqual(schedule, make());
  assert.deepEqual(
    schedule,
    schedule.toSorted((a, b) => a.dueMs - b.dueMs),
  );
  const counts = STEPS.map((_, index) => schedule.filter(({ step }) => step === index).length);
  for (const [index, expected] of [500, 750, 1_000, 1_100].entries()) {
    const off = Math.abs((counts[index] ?? 0) - expected);
    assert.ok(off < 4 * Math.sqrt(expected), `${counts[index]} for ${expected}`);
  }
});

test("a trace keeps its gaps in proportion, and begins again at its end", () => {
  const requests: TracedRequest[] = [0, 10, 1_000].map((atMs) => ({
    atMs,
    promptTokens: 5,
    outputTokens: 7,
    blocks: [1],
  }));
  const [step] = stepsOf([1], 0.06, 100_000);
  assert.ok(step !== undefined);
  const pattern = { kind: "trace", requests } as const;
  const schedule = scheduleOf([step], { kind: "recorded", requests }, pattern, createRandom(1));
  assert.deepEqual(
    schedule.map(({ dueMs }) => Math.round(dueMs)),
    [0, 333, 33_333, 50_000, 50_333, 83_333],
  );
  assert.deepEqual(schedule[4]?.blocks, [1]);
});

test("P99 of 298 values has no upper end, and of 299 it has", () => {
  const ascending = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
  assert.equal(quantileInterval(ascending(298), 0.99, 0.05)?.high, Number.POSITIVE_INFINITY);
  assert.equal(quantileInterval(ascending(299), 0.99, 0.05)?.high, 299);
  assert.equal(quantileInterval([], 0.99, 0.05), null);
});

test("the interval of a quantile misses the true one as often as it says", () => {
  const random = createRandom(11);
  for (const [n, q] of [
    [400, 0.99],
    [4_000, 0.9],
  ] as const) {
    let [above, below] = [0, 0];
    const runs = 2_000;
    for (let run = 0; run < runs; run++) {
      const values = Float64Array.from({ length: n }, () => random.next()).sort();
      const interval = quantileInterval(values, q, 0.05);
      if ((interval?.low ?? 0) > q) above++;
      if ((interval?.high ?? 0) < q) below++;
    }
    assert.ok(above / runs < 0.065 && below / runs < 0.065, `${above} above, ${below} below`);
  }
});

test("latency counts from when a request was due, and a failure took for ever", () => {
  const [step] = STEPS;
  assert.ok(step !== undefined);
  const dueMs = step.countFromMs;
  const late = shot({ dueMs, sentMs: dueMs + 900, firstMs: dueMs + 1_000, lastMs: dueMs + 1_400 });
  const summary = stepSummary(step, 0, [late, shot({ dueMs, ...FAILED })], LIMITS);
  assert.equal(summary.total?.p50Ms, 1_400);
  assert.equal(summary.total?.p99.high, Number.POSITIVE_INFINITY);
  assert.equal(summary.failed?.rate, 0.5);
  assert.equal(summary.goodput?.rate, 0.5);
  assert.deepEqual(summary.failures, { status: 1 });
});

test("time per token is counted by tokens, and gaps between pieces are told apart", () => {
  const [step] = STEPS;
  assert.ok(step !== undefined);
  const summary = stepSummary(step, 0, [shot({ dueMs: step.countFromMs })], LIMITS);
  assert.equal(summary.tpot?.p50Ms, 20);
  assert.equal(summary.stallP99Ms, 60);
  assert.equal(summary.chunksPerToken, 7 / 21);
});

test("the first part of a step is not counted", () => {
  const [step] = STEPS;
  assert.ok(step !== undefined);
  const slow = shot({ dueMs: step.countFromMs - 1, lastMs: step.countFromMs + 60_000 });
  assert.equal(stepSummary(step, 0, [slow], LIMITS).offered, 0);
});

test("a candidate within its limits passes, with the number that says so", () => {
  const { outcome, because, figures } = judged(shots());
  assert.equal(outcome, "pass", because);
  assert.match(because, /at 10\/s: P99 latency 500 ms of 2 s allowed/);
  const p99 = figures.find(({ name, of }) => name === "P99 latency" && of === null);
  assert.deepEqual([p99?.limit, p99?.holds], [2_000, true]);
});

test("a slow candidate fails by its P99", () => {
  const { outcome, because } = judged(
    shots((step, at) => (step === 2 && at % 20 === 0 ? { stallMs: 0, lastMs: null } : {})).map(
      (one) => (one.lastMs === null ? { ...one, lastMs: one.dueMs + 5_000 } : one),
    ),
  );
  assert.equal(outcome, "fail");
  assert.match(because, /^P99 latency is 5 s .* at 100% \(10\/s\), limit 2 s$/);
});

test("errors under load fail it by their share", () => {
  const { outcome, because } = judged(shots((_, at) => (at % 20 === 0 ? FAILED : {})));
  assert.equal(outcome, "fail");
  assert.match(because, /of the requests failed at 50% .*\(limit 1%\): \d+ status/);
});

test("a knee below the load fails it, although the load was carried for a while", () => {
  const { outcome, because } = judged(shots(), {
    capacity: { perSecond: 5.2, answers: 500, heldUp: 0 },
  });
  assert.equal(outcome, "fail");
  assert.match(because, /2 replicas of 5.2\/s each: the knee is at 9.36\/s, below the 10\/s/);
});

test("answers that fall behind fail it", () => {
  const all = shots().map((one) =>
    one.step === 2 ? { ...one, lastMs: one.dueMs + (one.dueMs - 200_000) * 0.4 } : one,
  );
  const { outcome, because } = judged(all);
  assert.equal(outcome, "fail");
  assert.match(because, /at 100% .* were answered in the time in which they came/);
});

test("a generator that lagged voids the run, whatever the figures say", () => {
  const { outcome, because } = judged(
    shots((step, at) => (step === 1 ? { lagMs: at % 10 === 0 ? 400 : 1 } : {})),
  );
  assert.equal(outcome, "inconclusive");
  assert.match(because, /the run is void: at 75% .* sent 400 ms late at P99, more than 100 ms/);
});

test("a generator that was held up voids the run by what that is of the latency that is judged", () => {
  const ttft = { totalMsMax: null, ttftMsMax: 1_000, tpotMsMax: null };
  /** One in twenty of the requests at the load itself, later by so much. */
  const by = (lateMs: number, own: keyof Shot, limits: LoadQuestion["limits"] = LIMITS) => {
    const all = shots().map((one, at) =>
      one.step !== 2 || at % 20 !== 0
        ? one
        : {
            ...one,
            [own]: lateMs,
            firstMs: one.dueMs + 100 + lateMs,
            lastMs: one.dueMs + 500 + lateMs,
          },
    );
    return judged(all, { question: { ...QUESTION, limits } });
  };
  assert.equal(by(20, "lagMs").outcome, "pass", "20 ms of half a second");
  assert.match(
    by(20, "lagMs", ttft).because,
    /run is void: at 100% .* 16.7% of a P99 may be the generator's own/,
  );
  assert.match(by(53, "lagMs").because, /run is void: at 100% .* 9.58% of a P99/);
  assert.match(by(53, "lastLateMs").because, /run is void: at 100% .* 9.58% of a P99/);
  assert.equal(by(53, "stallMs").outcome, "pass", "a server that is as slow by itself");
});

test("a generator that was held up at full load voids the run, and says for how long", () => {
  const capacity = { perSecond: 10, answers: 900, heldUp: 0.08 };
  const { outcome, because } = judged(shots(), { capacity });
  assert.equal(outcome, "inconclusive");
  assert.match(
    because,
    /run is void: with as many requests as may be, .* held up for 8% of the time/,
  );
  const ends = Array.from({ length: 500 }, (_, i) =>
    shot({ dueMs: 250 * i, lastMs: 1_000 + 250 * i, lastLateMs: i % 2 === 0 ? 100 : 0 }),
  );
  assert.equal(capacitySeen(ends, 50, 1)?.heldUp, 0.05);
});

test("few requests, and none, are no pass", () => {
  const few = shots().filter((_, at) => at % 10 === 0);
  assert.match(judged(few).because, /too few to tell; make the steps longer/);
  assert.equal(judged(few).outcome, "inconclusive");
  assert.equal(judged([]).outcome, "inconclusive");
});

test("a limit that no answer could be held against is no pass", () => {
  const uncounted = shots(() => ({ usage: null }));
  const question = { ...QUESTION, limits: { ...LIMITS, tpotMsMax: 50 } };
  const { outcome, because } = judged(uncounted, { question });
  assert.equal(outcome, "inconclusive");
  assert.match(
    because,
    /^P99 time per token has a limit of 50 ms, and none of \d+ requests at 100%/,
  );
});

test("a figure that may lie on either side of its limit is neither kept nor broken", () => {
  const few = shots().filter((_, at) => at % 10 === 0);
  const p99 = judged(few).figures.find(({ name, of }) => name === "P99 latency" && of === null);
  assert.deepEqual([p99?.limit, p99?.holds], [2_000, null]);
});

test("what is infinite is told as longer than anybody waits: a figure is a number", () => {
  const { figures } = judged(shots(() => FAILED));
  for (const { value, interval } of figures) {
    assert.ok([value, ...(interval ?? [])].every(Number.isFinite));
  }
});

test("the capacity is the rate of answers while there was always a next one", () => {
  const ends = Array.from({ length: 500 }, (_, i) => shot({ lastMs: 1_000 + 250 * i }));
  assert.deepEqual(capacitySeen(ends, 50, 2), { perSecond: 2, answers: 449, heldUp: 0 });
  assert.equal(capacitySeen(ends.slice(0, 90), 50, 2), null);
});

test("bounds of a quantile from a histogram are those from the values themselves, within its accuracy", () => {
  const random = createRandom(3);
  for (const count of [40, 299, 5_000]) {
    const values = Array.from({ length: count }, () => 10 + 1_000 * random.next() ** 4);
    const histogram = emptyHistogram();
    for (const value of values) record(histogram, value);
    const bounds = quantileBounds(histogram, 0.99, 0.05);
    const exact = quantileInterval(Float64Array.from(values).sort(), 0.99, 0.05);
    assert.ok(bounds !== null && exact !== null);
    assert.ok(Math.abs(bounds.low / exact.low - 1) < 0.02);
    if (count < 299) assert.equal(bounds.high, Number.POSITIVE_INFINITY);
    else assert.ok(Math.abs(bounds.high / exact.high - 1) < 0.02);
  }
  assert.equal(quantileBounds(emptyHistogram(), 0.99, 0.05), null);
});
