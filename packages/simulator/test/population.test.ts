// Arrivals against the published figures of the trace they imitate, users, and how they are played.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { createRandom } from "@slipway/core";
import {
  type Arrival,
  compress,
  ratePerSecond,
  replay,
  requestBody,
  type SimulatedRequest,
  startPopulation,
  synthetic,
  takeUntil,
  Users,
  usersDefault,
  VirtualClock,
} from "@slipway/simulator";
import { parseTrace } from "@slipway/wire";

const SAMPLE = [
  "TIMESTAMP,ContextTokens,GeneratedTokens",
  "2023-11-16 18:17:03.9799600,4808,10",
  "2023-11-16 18:17:04.0319600,3180,8",
  "2023-11-16 18:17:04,110,27",
  "",
].join("\n");

test("a trace is read to fractions of a millisecond, in order, from its first request", () => {
  const trace = parseTrace(SAMPLE, "sample.csv");
  assert.deepEqual(
    trace.map((row) => [Math.round(row.atMs * 100) / 100, row.promptTokens, row.outputTokens]),
    [
      [0, 4808, 10],
      [20.04, 110, 27],
      [52, 3180, 8],
    ],
  );
});

const bad: readonly (readonly [string, string, string])[] = [
  ["time,in,out", "x.csv:1:1:", "the first line is not"],
  ["TIMESTAMP,ContextTokens,GeneratedTokens\n", "x.csv:2:1:", "no requests"],
  [SAMPLE.replace("4808,10", "4808"), "x.csv:2:1:", "2 cells instead of 3"],
  [SAMPLE.replace("4808", "many"), "x.csv:2:29:", '"many" is not a number of tokens'],
  [SAMPLE.replace("4808,10", "4808,-1"), "x.csv:2:34:", '"-1" is not a number of tokens'],
  [SAMPLE.replace("18:17:04.03", "18:77:04.03"), "x.csv:3:1:", "is not a timestamp"],
];
for (const [text, place, problem] of bad) {
  test(`a broken trace says where and what: ${place} ${problem}`, () => {
    assert.throws(
      () => parseTrace(text, "x.csv"),
      (error: Error) => error.message.startsWith(place) && error.message.includes(problem),
    );
  });
}

test("a replay can be compressed, begin in the middle and go on in a loop", () => {
  const trace = compress(parseTrace(SAMPLE, "sample.csv"), 2);
  const arrivals = replay(trace, { loop: true, skipMs: 5 });
  const times = Array.from(
    { length: 5 },
    () => Math.round((arrivals.next()?.atMs ?? 0) * 100) / 100,
  );
  // 10.02, 26, then a mean gap of 13 later the first again.
  assert.deepEqual(times, [5.02, 21, 34, 44.02, 60]);
  assert.equal(Math.round(ratePerSecond(trace)), 77);
  const once = replay(trace);
  assert.equal(takeUntil(once, Number.POSITIVE_INFINITY).length, 3);
});

type Shape = {
  readonly perSecond: number;
  readonly gapCv: number;
  readonly dispersion: readonly number[];
  readonly emptyShare: number;
  readonly peak: number;
};

const WINDOWS_S = [1, 5, 10, 60];

/** Measures in seconds of the trace: time counts in units of `unitMs`. */
function shapeOf(arrivals: readonly Arrival[], durationMs: number, unitMs: number): Shape {
  const gaps = arrivals.slice(1).map((arrival, i) => arrival.atMs - (arrivals[i]?.atMs ?? 0));
  const counts = WINDOWS_S.map((seconds) => countsPer(arrivals, durationMs, seconds * unitMs));
  const perSecond = counts[0] ?? [];
  return {
    perSecond: (arrivals.length * unitMs) / durationMs,
    gapCv: Math.sqrt(dispersionOf(gaps) / mean(gaps)),
    dispersion: counts.map(dispersionOf),
    emptyShare: perSecond.filter((n) => n === 0).length / perSecond.length,
    peak: perSecond.reduce((max, n) => Math.max(max, n), 0) / mean(perSecond),
  };
}

/** Variance over mean. */
function dispersionOf(values: readonly number[]): number {
  const centre = mean(values);
  return mean(values.map((value) => (value - centre) ** 2)) / centre;
}

function countsPer(arrivals: readonly Arrival[], durationMs: number, windowMs: number): number[] {
  const counts = new Array<number>(Math.floor(durationMs / windowMs)).fill(0);
  for (const { atMs } of arrivals) {
    const window = Math.floor(atMs / windowMs);
    if (window < counts.length) counts[window] = (counts[window] ?? 0) + 1;
  }
  return counts;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function medianOf(shapes: readonly Shape[], pick: (shape: Shape) => number): number {
  const sorted = shapes.map(pick).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function near(actual: number, expected: number, share: number, what: string): void {
  const off = Math.abs(actual / expected - 1);
  assert.ok(
    off <= share,
    `${what}: ${actual.toFixed(2)} instead of ${expected} (±${share * 100}%)`,
  );
}

const TRACE_RATE = 2.567;
const TRACE_MS = 3_436_000;

// Figures of the published code trace. An hour of it is one draw of a heavy-tailed process: hence medians
// over several hours, and wide margins on what a few bursts decide.
function assertTraceShape(shapes: readonly Shape[]): void {
  near(
    medianOf(shapes, (s) => s.perSecond),
    TRACE_RATE,
    0.2,
    "requests per second",
  );
  near(
    medianOf(shapes, (s) => s.gapCv),
    13.2,
    0.25,
    "gap CV",
  );
  for (const [i, expected] of [13.2, 47.5, 71.3, 160.5].entries()) {
    near(
      medianOf(shapes, (s) => s.dispersion[i] ?? 0),
      expected,
      0.35,
      `dispersion ${WINDOWS_S[i]} s`,
    );
  }
  near(
    medianOf(shapes, (s) => s.emptyShare),
    0.734,
    0.1,
    "share of empty seconds",
  );
  near(
    medianOf(shapes, (s) => s.peak),
    26.1,
    0.4,
    "busiest second over the mean",
  );
}

function draw(rate: number, burstiness: number, unitMs: number): Shape[] {
  return Array.from({ length: 15 }, (_, seed) => {
    const durationMs = (TRACE_MS / 1000) * unitMs;
    const arrivals = synthetic({ ratePerSecond: rate, burstiness }, createRandom(seed));
    return shapeOf(takeUntil(arrivals, durationMs), durationMs, unitMs);
  });
}

test("synthetic arrivals at full burstiness have the shape of the code trace", () => {
  assertTraceShape(draw(TRACE_RATE, 1, 1000));
});

test("a higher rate is the same shape in less time", () => {
  assertTraceShape(draw(TRACE_RATE * 40, 1, 25));
});

test("no burstiness is Poisson, a little is in between", () => {
  const poisson = draw(TRACE_RATE, 0, 1000);
  near(
    medianOf(poisson, (s) => s.gapCv),
    1,
    0.05,
    "gap CV",
  );
  near(
    medianOf(poisson, (s) => s.dispersion[2] ?? 0),
    1,
    0.2,
    "dispersion 10 s",
  );
  const mild = medianOf(draw(TRACE_RATE, 0.2, 1000), (s) => s.dispersion[0] ?? 0);
  assert.ok(mild > 1.2 && mild < 3, `dispersion 1 s: ${mild}`);
});

test("synthetic lengths have the quantiles of the code trace", () => {
  const arrivals = synthetic({ ratePerSecond: 1000, burstiness: 0 }, createRandom(3));
  const all = takeUntil(arrivals, 60_000);
  const check = (
    pick: (arrival: Arrival) => number,
    expected: readonly (readonly [number, number])[],
  ) => {
    const sorted = all.map(pick).sort((a, b) => a - b);
    for (const [q, value] of expected) {
      near(sorted[Math.floor(q * (sorted.length - 1))] ?? 0, value, 0.08, `quantile ${q}`);
    }
  };
  const prompt = (arrival: Arrival) => arrival.promptTokens;
  const output = (arrival: Arrival) => arrival.outputTokens;
  check(prompt, [
    [0.05, 75],
    [0.25, 578],
    [0.5, 1469],
    [0.75, 2744],
    [0.95, 7302],
    [1, 7437],
  ]);
  check(output, [
    [0.05, 6],
    [0.25, 9],
    [0.5, 13],
    [0.75, 24],
    [0.9, 55],
    [0.95, 90],
    [0.99, 249],
  ]);
  near(mean(all.map(prompt)), 2048, 0.03, "mean prompt");
  near(mean(all.map(output)), 27.9, 0.05, "mean output");
});

const TRACE_FILE = process.env["SLIPWAY_TRACE_FILE"];
const absent =
  TRACE_FILE === undefined
    ? "set SLIPWAY_TRACE_FILE to AzureLLMInferenceTrace_code.csv to hold the real trace to its figures"
    : !existsSync(TRACE_FILE) && `SLIPWAY_TRACE_FILE names ${TRACE_FILE}, which is not there`;
test("the real code trace reads to its published figures", { skip: absent }, () => {
  const file = TRACE_FILE ?? "";
  const trace = parseTrace(readFileSync(file, "utf8"), file);
  assert.equal(trace.length, 8819);
  near(mean(trace.map((row) => row.promptTokens)), 2048, 0.001, "mean prompt");
  near(mean(trace.map((row) => row.outputTokens)), 27.9, 0.001, "mean output");
  assertTraceShape([shapeOf(trace, (trace.at(-1)?.atMs ?? 0) + 1, 1000)]);
});

function play(seed: number, untilMs: number): { request: SimulatedRequest; dueMs: number }[] {
  const clock = new VirtualClock();
  const issued: { request: SimulatedRequest; dueMs: number }[] = [];
  const stop = startPopulation({
    clock,
    arrivals: synthetic({ ratePerSecond: 200, burstiness: 0.5 }, createRandom(seed)),
    users: new Users(usersDefault, createRandom(seed + 1)),
    issue: (request, dueMs) => {
      assert.ok(Math.abs(clock.mono() - dueMs) < 1e-3);
      issued.push({ request, dueMs });
    },
  });
  clock.run(untilMs);
  stop();
  clock.run();
  return issued;
}

test("a population is the same every time from the same seed, and stops when told", () => {
  const first = play(5, 20_000);
  assert.deepEqual(play(5, 20_000), first);
  assert.ok(first.length > 1000 && (first.at(-1)?.dueMs ?? 0) <= 20_000);
});

test("users keep their language, a few do more than others, and none dominates", () => {
  const requests = play(1, 120_000).map(({ request }) => request);
  const languages = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const { user, language } of requests) {
    assert.equal(languages.get(user) ?? language, language);
    languages.set(user, language);
    counts.set(user, (counts.get(user) ?? 0) + 1);
  }
  const top = Math.max(...counts.values()) / requests.length;
  assert.ok(top > 2 / usersDefault.users && top < 0.02, `top user ${top}`);
  const typescript = requests.filter((request) => request.language === "typescript").length;
  near(typescript / requests.length, 0.32, 0.15, "share of TypeScript");
});

test("a finite replay says when it is over", () => {
  const clock = new VirtualClock();
  let over = 0;
  let issued = 0;
  startPopulation({
    clock,
    arrivals: replay(parseTrace(SAMPLE, "sample.csv")),
    users: new Users(usersDefault, createRandom(1)),
    issue: () => issued++,
    onOver: () => over++,
  });
  clock.run();
  assert.deepEqual([issued, over], [3, 1]);
});

test("a request becomes an OpenAI body with the user as its key and lengths as hints", () => {
  const users = new Users(
    {
      ...usersDefault,
      users: 1,
      requestsPerDocument: Number.POSITIVE_INFINITY,
      surfaces: [{ name: "chat", share: 1, api: "chat", streamShare: 1 }],
    },
    createRandom(1),
  );
  const request = users.request({ atMs: 0, promptTokens: 1128, outputTokens: 13 });
  const { path, body } = requestBody(request, "copilot");
  assert.equal(path, "/v1/chat/completions");
  const { messages, ...rest } = JSON.parse(body);
  assert.equal(messages.length, 1);
  assert.deepEqual(rest, {
    model: "copilot",
    user: "user-0",
    stream: true,
    metadata: {
      sim_prompt_tokens: "1128",
      sim_output_tokens: "13",
      sim_prefix: "system:128,user-0/0:700",
      sim_language: request.language,
    },
  });
});
