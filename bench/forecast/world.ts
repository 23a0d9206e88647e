// A pool of simulated engines under a given load in virtual time, seen as gateways see it: rows of evidence, tick by
// tick, with their few samples. And the truth at other loads, to hold forecasts against.
import {
  createRandom,
  type EvidenceRow,
  emptyRow,
  exponential,
  type Random,
  record,
  SAMPLES_PER_ROW,
  type Tick,
} from "@slipway/core";
import { Engine, type EngineParameters, VirtualClock } from "@slipway/simulator";

export type Setting = {
  readonly name: string;
  readonly engine: EngineParameters;
  readonly engines: number;
  /** Tokens of prompts and answers, drawn for each request. */
  readonly prompt: (random: Random) => number;
  readonly output: (random: Random) => number;
  /** Requests a second at each engine while it is measured. */
  readonly perSecond: number;
  readonly streamShare: number;
};

export type Truth = { readonly p99Ms: number; readonly p99TtftMs: number; readonly served: number };

export type Course = { readonly ticks: readonly Tick[]; readonly truth: Truth };

export const TICK_MS = 10_000;
const WARM_UP_MS = 20_000;
const DRAIN_MS = 60_000;

type Seen = { readonly atMs: number; ttftMs: number | null; totalMs: number };

/** Runs the engines at a rate for so many ticks. */
export function courseOf(setting: Setting, perSecond: number, ticks: number, seed: number): Course {
  const clock = new VirtualClock();
  const random = createRandom(seed);
  const engines = Array.from({ length: setting.engines }, () => new Engine(clock, setting.engine));
  const rows = Array.from({ length: ticks }, (_, tick) => rowOf(tick));
  const seen: Seen[] = [];
  const arrive = (): void => {
    const atMs = clock.mono();
    const tick = Math.floor((atMs - WARM_UP_MS) / TICK_MS);
    const row = atMs < WARM_UP_MS ? undefined : rows[tick];
    const one: Seen = { atMs, ttftMs: null, totalMs: Number.POSITIVE_INFINITY };
    if (row !== undefined) seen.push(one);
    submit({ setting, clock, random, engines, row, seen: one });
    clock.after(exponential(random, 1000 / (perSecond * setting.engines)), arrive);
  };
  clock.after(0, arrive);
  clock.run(WARM_UP_MS + ticks * TICK_MS + DRAIN_MS);
  const truth = {
    p99Ms: p99(seen.map(({ totalMs }) => totalMs)),
    p99TtftMs: p99(seen.map((s) => s.ttftMs ?? Number.POSITIVE_INFINITY)),
    served:
      seen.filter(({ totalMs }) => Number.isFinite(totalMs)).length / Math.max(1, seen.length),
  };
  return {
    truth,
    ticks: rows.map((row, tick) => ({
      rolloutId: "bench",
      tick,
      endMs: (tick + 1) * TICK_MS,
      missing: [],
      rows: [row],
    })),
  };
}

type Submitting = {
  readonly setting: Setting;
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly engines: readonly Engine[];
  readonly row: EvidenceRow | undefined;
  readonly seen: Seen;
};

function submit({ setting, clock, random, engines, row, seen }: Submitting): void {
  const least = Math.min(...engines.map(({ load }) => load));
  const free = engines.filter(({ load }) => load === least);
  const engine = free[Math.floor(random.next() * free.length)] ?? engines[0];
  const promptTokens = setting.prompt(random);
  const outputTokens = setting.output(random);
  const streamed = random.next() < setting.streamShare;
  const inFlight = (engine?.load ?? 0) + 1;
  if (row !== undefined) row.arrivals++;
  engine?.submit(
    { promptTokens, outputTokens, prefixKeys: [] },
    {
      onToken: () => {
        seen.ttftMs ??= clock.mono() - seen.atMs;
      },
      onDone: () => {
        seen.totalMs = clock.mono() - seen.atMs;
        const ttftMs = streamed ? (seen.ttftMs ?? seen.totalMs) : seen.totalMs;
        if (row !== undefined)
          judge(
            row,
            { promptTokens, outputTokens, ttftMs, totalMs: seen.totalMs, inFlight },
            streamed,
            random,
          );
      },
      onRejected: () => {},
      onError: () => {},
    },
  );
}

type Judged = {
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly ttftMs: number;
  readonly totalMs: number;
  readonly inFlight: number;
};

function judge(row: EvidenceRow, one: Judged, streamed: boolean, random: Random): void {
  row.judged++;
  row.outcomes.ok = (row.outcomes.ok ?? 0) + 1;
  row.inFlightMs += one.totalMs;
  row.tokens.input += one.promptTokens;
  row.tokens.output += one.outputTokens;
  record(row.latency.total, one.totalMs);
  if (streamed) record(row.latency.ttft, one.ttftMs);
  const { promptTokens: inputTokens, outputTokens, ttftMs, totalMs, inFlight } = one;
  const sample = {
    inputTokens,
    estimatedTokens: inputTokens,
    outputTokens,
    cachedTokens: 0,
    ttftMs,
    totalMs,
    inFlight,
    replica: "r",
  };
  // Ten segments have eight samples each.
  const room = 10 * SAMPLES_PER_ROW;
  if (row.samples.length < room) row.samples.push(sample);
  else {
    const place = Math.floor(random.next() * row.judged);
    if (place < room) row.samples[place] = sample;
  }
}

function rowOf(tick: number): EvidenceRow {
  return emptyRow({
    rolloutId: "bench",
    table: 1,
    tick,
    arm: "candidate",
    via: "split",
    segment: "all",
  });
}

function p99(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(0.99 * (sorted.length - 1))] ?? Number.NaN;
}
