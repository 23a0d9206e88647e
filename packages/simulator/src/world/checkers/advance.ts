// What must hold for a rollout to have moved forwards by itself, worked out anew from the ticks that were consumed.
import { countedOf, type Rollout, type Tick } from "@slipway/core";

export type ConsumedTick = {
  readonly tick: Tick;
  /** Incarnations of which it holds everything. */
  readonly covered: ReadonlySet<string>;
  /** The table that the rollout's evidence started from when it was consumed. */
  readonly evidenceFrom: number;
};

/** Evidence may be this much older than its horizon. */
const LATE_MS_MAX = 5_000;

/** What was wrong with moving on; nothing when it was right. */
export function advanceProblems(
  rollout: Rollout,
  consumed: readonly ConsumedTick[],
  atMs: number,
): readonly string[] {
  return [
    ...holdProblems(rollout, atMs),
    ...ageProblems(rollout, consumed, atMs),
    ...missingProblems(rollout, consumed),
    ...requestProblems(rollout, consumed),
  ];
}

function stageOf({ phase, policy }: Rollout): { holdMs: number; minRequests: number } {
  const stage = phase.kind === "stage" ? policy.stages[phase.stage] : undefined;
  return { holdMs: stage?.holdMs ?? policy.bakeMs, minRequests: stage?.minRequests ?? 0 };
}

function holdProblems(rollout: Rollout, atMs: number): readonly string[] {
  const { phase } = rollout;
  if (phase.kind !== "stage" && phase.kind !== "bake") return [`from ${phase.kind}`];
  if (phase.confirmedAtMs === null) return ["before its table was confirmed"];
  const heldMs = atMs - phase.confirmedAtMs;
  const { holdMs } = stageOf(rollout);
  return heldMs < holdMs ? [`after ${heldMs} of ${holdMs} ms`] : [];
}

function ageProblems(
  { policy }: Rollout,
  consumed: readonly ConsumedTick[],
  atMs: number,
): readonly string[] {
  const ageMs = atMs - (consumed.at(-1)?.tick.endMs ?? 0);
  return ageMs > policy.evidence.horizonMs + LATE_MS_MAX ? [`on evidence ${ageMs} ms old`] : [];
}

function missingProblems(
  { policy, evidenceFrom }: Rollout,
  consumed: readonly ConsumedTick[],
): readonly string[] {
  const windowMs = Math.max(0, ...policy.guards.map((guard) => guard.windowMs));
  const fromMs = (consumed.at(-1)?.tick.endMs ?? 0) - windowMs;
  return consumed
    .filter((one) => one.tick.endMs > fromMs && one.evidenceFrom === evidenceFrom)
    .filter(({ tick }) => tick.missing.length > 0)
    .map(({ tick }) => `on tick ${tick.tick}, which misses ${tick.missing.join(", ")}`);
}

function requestProblems(rollout: Rollout, consumed: readonly ConsumedTick[]): readonly string[] {
  const rows = consumed
    .flatMap(({ tick }) => tick.rows)
    .filter(({ arm, table }) => arm === "candidate" && table >= rollout.stageTable);
  const counted = rows.reduce((sum, row) => sum + countedOf(row), 0);
  const { minRequests } = stageOf(rollout);
  return counted < minRequests ? [`after ${counted} of ${minRequests} requests`] : [];
}
