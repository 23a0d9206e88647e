// The figures that DORA's reports speak of, over rollouts: how often a change fails, how soon that is seen, and how long until
// users are well again. A rollout that gave users the candidate is a change; one that had an incident of its own failed.

import type { Incident } from "./incident.ts";

export type RolloutChange = {
  readonly startedAtMs: number;
  /** When it was done, well or not; null while it is under way. */
  readonly endedAtMs: number | null;
  /** Whether anybody was ever on the candidate. */
  readonly hadUsers: boolean;
  readonly incidents: readonly Pick<Incident, "opening" | "began" | "detectedAtMs" | "mitigated">[];
};

/** Milliseconds: half of them took no longer, and nine in ten; null for none. */
export type Quantiles = { readonly n: number; readonly halfMs: number; readonly mostMs: number };

export type Dora = {
  /** Changes that have ended. */
  readonly changes: number;
  readonly failed: number;
  /** Null without a change. */
  readonly failureRate: number | null;
  /** From when harm began to its detection, of failed changes whose counts show when. */
  readonly detect: Quantiles | null;
  /** From its detection until every gateway had confirmed the way back. */
  readonly recover: Quantiles | null;
  /** A week, from the first to the last; null where less than a week has passed. */
  readonly perWeek: number | null;
};

/** What a page is about, or an observer would have done, was no failure of the change. */
const FAILURES: ReadonlySet<Incident["opening"]["kind"]> = new Set([
  "roll-back",
  "step-back",
  "trip",
]);
const WEEK_MS = 7 * 86_400_000;

export function doraOf(all: readonly RolloutChange[]): Dora {
  const changes = all.filter(({ endedAtMs, hadUsers }) => endedAtMs !== null && hadUsers);
  const own = changes.map(({ incidents }) =>
    incidents.filter(({ opening }) => FAILURES.has(opening.kind)),
  );
  const failures = own.flat();
  const failed = own.filter((incidents) => incidents.length > 0).length;
  return {
    changes: changes.length,
    failed,
    failureRate: changes.length === 0 ? null : failed / changes.length,
    detect: quantilesOf(
      failures.flatMap(({ began, detectedAtMs }) =>
        began === null ? [] : [Math.max(0, detectedAtMs - began.atMs)],
      ),
    ),
    recover: quantilesOf(
      failures.flatMap(({ detectedAtMs, mitigated }) =>
        mitigated === null ? [] : [Math.max(0, mitigated.atMs - detectedAtMs)],
      ),
    ),
    perWeek: perWeekOf(changes),
  };
}

function quantilesOf(values: readonly number[]): Quantiles | null {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (q: number): number => sorted[Math.ceil(q * sorted.length) - 1] ?? 0;
  return sorted.length === 0 ? null : { n: sorted.length, halfMs: at(0.5), mostMs: at(0.9) };
}

function perWeekOf(changes: readonly RolloutChange[]): number | null {
  const starts = changes.map(({ startedAtMs }) => startedAtMs);
  const spanMs = Math.max(...starts) - Math.min(...starts);
  return spanMs >= WEEK_MS ? (changes.length * WEEK_MS) / spanMs : null;
}
