// What is compared of a world: rates, shares, latencies and tokens of each arm, all from rows of evidence, so that both kinds
// of world are read by the same code.
import {
  badOf,
  countedOf,
  type EvidenceRow,
  emptyHistogram,
  GAMMA,
  type Histogram,
  mergeInto,
  type ServingArm,
} from "@slipway/core";

/** By name, `arm figure`; what there is nothing to tell of is left out. */
export type Figures = { readonly [name: string]: number };

const ARMS: readonly ServingArm[] = ["stable", "candidate"];

export function figuresOf(rows: readonly EvidenceRow[], minutes: number): Figures {
  const all = ARMS.flatMap((arm) => {
    const own = rows.filter((row) => row.arm === arm);
    return Object.entries(armFigures(own, minutes)).flatMap(([name, value]) =>
      value === null ? [] : [[`${arm} ${name}`, value] as const],
    );
  });
  return Object.fromEntries(all);
}

function armFigures(
  rows: readonly EvidenceRow[],
  minutes: number,
): { readonly [name: string]: number | null } {
  const sum = (of: (row: EvidenceRow) => number): number =>
    rows.reduce((total, row) => total + of(row), 0);
  const share = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);
  const counted = sum(countedOf);
  const read = sum(({ endings }) =>
    Object.values(endings).reduce((total: number, count) => total + count, 0),
  );
  const withUsage = sum(({ usage }) => usage.n);
  const total = merged(rows.map(({ latency }) => latency.total));
  const ttft = merged(rows.map(({ latency }) => latency.ttft));
  const tpot = merged(rows.map(({ latency }) => latency.tpot));
  return {
    "requests a minute": sum(({ arrivals }) => arrivals) / minutes,
    errors: share(sum(badOf), counted),
    "rate limited": share(
      sum(({ outcomes }) => outcomes.rate_limited ?? 0),
      counted,
    ),
    refused: share(
      sum(({ endings }) => endings.refused ?? 0),
      read,
    ),
    "cut off": share(
      sum(({ endings }) => endings["cut-off"] ?? 0),
      read,
    ),
    "p50 ms": quantileMs(total, 0.5),
    "p95 ms": quantileMs(total, 0.95),
    "p99 ms": quantileMs(total, 0.99),
    "ttft p50 ms": quantileMs(ttft, 0.5),
    "ttft p95 ms": quantileMs(ttft, 0.95),
    "tpot p50 ms": quantileMs(tpot, 0.5),
    "input tokens": share(
      sum(({ tokens }) => tokens.input),
      withUsage,
    ),
    "output tokens": share(
      sum(({ tokens }) => tokens.output),
      withUsage,
    ),
  };
}

function merged(histograms: readonly Histogram[]): Histogram {
  const all = emptyHistogram();
  for (const one of histograms) mergeInto(all, one);
  return all;
}

/** Between the ends of its bin by rank: seeds whose quantiles share a bin still differ. */
function quantileMs({ first, counts, over }: Histogram, q: number): number | null {
  const n = counts.reduce((sum, count) => sum + count, 0) + over;
  if (n === 0) return null;
  let before = 0;
  for (const [index, count] of counts.entries()) {
    const part = (q * n - before) / count;
    if (count > 0 && part <= 1) return GAMMA ** (first + index - 1 + Math.max(0, part));
    before += count;
  }
  return null;
}
