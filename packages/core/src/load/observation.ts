// What a load model is fitted to: what gateways saw of the candidate at the load that it has now, summed over the ticks
// of a stage.

import type { EvidenceRow, Sample } from "../evidence/row.ts";
import type { Tick } from "../evidence/tick.ts";
import type { LatencyTime } from "../guards/guard.ts";
import { emptyHistogram, type Histogram, mergeAllInto, mergeInto } from "../histogram.ts";
import type { EvidencePolicy } from "../policy.ts";
import type { Rollout } from "../rollout/rollout.ts";

export type WeightedSample = {
  readonly sample: Sample;
  /** Requests that it stands for. */
  readonly weight: number;
};

export type Latencies = { readonly [metric in LatencyTime]: Histogram };

export type Observation = {
  readonly ticks: number;
  readonly tickMs: number;
  /** Requests that came to the candidate by the split, and by rings. */
  readonly split: number;
  readonly ring: number;
  /** Requests that were split, of both arms. */
  readonly all: number;
  /** Sum of the candidate's requests' time in flight. */
  readonly inFlightMs: number;
  /** Tokens of the candidate's good answers, and how many those were. */
  readonly tokens: { readonly input: number; readonly cached: number; readonly output: number };
  readonly answered: number;
  readonly candidate: Latencies;
  readonly stable: Latencies;
  readonly samples: readonly WeightedSample[];
  /** Requests of both arms, tick by tick. */
  readonly course: readonly number[];
  /** By tick: the candidate's requests, and their time in flight. */
  readonly steps: readonly { readonly arrivals: number; readonly inFlightMs: number }[];
};

/** The newest so many ticks are looked at, and of their samples so many, evenly. */
export const TICKS_OBSERVED_MAX = 360;
const SAMPLES_MAX = 3_000;

/** What is looked at of a row. */
export type ObservedRow = Pick<
  EvidenceRow,
  | "table"
  | "arm"
  | "via"
  | "arrivals"
  | "inFlightMs"
  | "tokens"
  | "outcomes"
  | "latency"
  | "samples"
> & {
  /** How many requests each sample stands for; as many as the others of its row where absent. */
  readonly weights?: readonly number[];
};

export type ObservedTick = Pick<Tick, "tick"> & { readonly rows: readonly ObservedRow[] };

/**
 * Whoever keeps ticks until a forecast is due, hours of them, need not keep the rest of them, nor their segments apart: here
 * each arm is one row for each way in which its requests came.
 */
export function observedOf({ tick, rows }: Tick): ObservedTick {
  const alike = Map.groupBy(rows, ({ table, arm, via }) => `${table} ${arm} ${via}`);
  return { tick, rows: [...alike.values()].flatMap(together) };
}

function together(rows: readonly EvidenceRow[]): readonly ObservedRow[] {
  const [first] = rows;
  if (first === undefined) return [];
  const { table, arm, via } = first;
  const samples = arm === "candidate" ? rows.flatMap(samplesOf) : [];
  const merged = (time: LatencyTime): Histogram => {
    const sum = emptyHistogram();
    mergeAllInto(
      sum,
      rows.map(({ latency }) => latency[time]),
    );
    return sum;
  };
  return [
    {
      table,
      arm,
      via,
      arrivals: total(rows, ({ arrivals }) => arrivals),
      inFlightMs: total(rows, ({ inFlightMs }) => inFlightMs),
      tokens: {
        input: total(rows, ({ tokens }) => tokens.input),
        cached: total(rows, ({ tokens }) => tokens.cached),
        output: total(rows, ({ tokens }) => tokens.output),
      },
      outcomes: { ok: total(rows, ({ outcomes }) => outcomes.ok ?? 0) },
      latency: {
        total: merged("total"),
        ttft: merged("ttft"),
        tpot: merged("tpot"),
        overhead: emptyHistogram(),
      },
      samples: samples.map(({ sample }) => sample),
      weights: samples.map(({ weight }) => weight),
    },
  ];
}

/** `ticks`: of one stage, oldest first. Rows that were assigned before it are left out. */
export function observationOf(
  ticks: readonly Pick<ObservedTick, "rows">[],
  {
    stageTable,
    policy,
  }: Pick<Rollout, "stageTable"> & {
    readonly policy: { readonly evidence: Pick<EvidencePolicy, "tickMs"> };
  },
): Observation {
  const seen = ticks.slice(-TICKS_OBSERVED_MAX).map(({ rows }) => ({
    rows: rows.filter((row) => row.table >= stageTable),
  }));
  const rows = seen.flatMap((tick) => tick.rows);
  const own = rows.filter(({ arm }) => arm === "candidate");
  const split = own.filter(({ via }) => via === "split");
  return {
    ticks: seen.length,
    tickMs: policy.evidence.tickMs,
    split: total(split, ({ arrivals }) => arrivals),
    ring: total(own, ({ arrivals }) => arrivals) - total(split, ({ arrivals }) => arrivals),
    all: total(rows, (row) => (row.via === "split" ? row.arrivals : 0)),
    inFlightMs: total(own, ({ inFlightMs }) => inFlightMs),
    tokens: {
      input: total(own, ({ tokens }) => tokens.input),
      cached: total(own, ({ tokens }) => tokens.cached),
      output: total(own, ({ tokens }) => tokens.output),
    },
    answered: total(own, ({ outcomes }) => outcomes.ok ?? 0),
    candidate: latenciesOf(own),
    stable: latenciesOf(rows.filter(({ arm, via }) => arm === "stable" && via === "split")),
    samples: spread(own.flatMap(samplesOf)),
    course: seen.map((tick) => total(tick.rows, ({ arrivals }) => arrivals)),
    steps: seen.map((tick) => {
      const candidates = tick.rows.filter(({ arm }) => arm === "candidate");
      return {
        arrivals: total(candidates, ({ arrivals }) => arrivals),
        inFlightMs: total(candidates, ({ inFlightMs }) => inFlightMs),
      };
    }),
  };
}

function total(rows: readonly ObservedRow[], of: (row: ObservedRow) => number): number {
  return rows.reduce((sum, row) => sum + of(row), 0);
}

function latenciesOf(rows: readonly ObservedRow[]): Latencies {
  const sum = { total: emptyHistogram(), ttft: emptyHistogram(), tpot: emptyHistogram() };
  for (const { latency } of rows) {
    mergeInto(sum.total, latency.total);
    mergeInto(sum.ttft, latency.ttft);
    mergeInto(sum.tpot, latency.tpot);
  }
  return sum;
}

/** A row keeps few samples, whether it had nine requests or nine thousand. */
function samplesOf({ samples, outcomes, weights }: ObservedRow): readonly WeightedSample[] {
  const weight = Math.max(1, (outcomes.ok ?? 0) / Math.max(1, samples.length));
  return samples.map((sample, place) => ({ sample, weight: weights?.[place] ?? weight }));
}

function spread(samples: readonly WeightedSample[]): readonly WeightedSample[] {
  if (samples.length <= SAMPLES_MAX) return samples;
  const step = samples.length / SAMPLES_MAX;
  return Array.from({ length: SAMPLES_MAX }, (_, i) => samples[Math.floor(i * step)]).filter(
    (one) => one !== undefined,
  );
}
