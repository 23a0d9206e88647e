// One seed of a case, played as a world of single requests or of counts: at the same share, over the same minutes, under the
// same guards, none of which moves it.
import { createHash } from "node:crypto";
import type { EvidenceRow, Policy, Verdict } from "@slipway/core";
import { playScenario, Trials } from "@slipway/simulator";
import { policyOf } from "../default-policy.ts";
import { type Case, playedOf } from "./cases.ts";
import { type Figures, figuresOf } from "./figures.ts";

export type Kind = "requests" | "counts";

export type Order = {
  readonly case: Case;
  readonly kind: Kind;
  readonly seed: number;
  readonly minutes: number;
  /** Of count-worlds: measured at each load. */
  readonly answers: number;
};

export type Played = {
  readonly figures: Figures;
  /** The guards that were broken at the end. */
  readonly broken: readonly string[];
};

const MINUTE_MS = 60_000;
/** Of a rollout: the candidate's caches are cold until then. */
const SETTLE_MINUTES = 3;
/** Of stable's caches, before the rollout. */
const WARM_MS = MINUTE_MS;
/** Longer than any of these worlds. */
const HOLD_MS = 1_000 * 3_600_000;

export async function played(order: Order): Promise<Played> {
  const { settleMinutes = SETTLE_MINUTES } = order.case;
  const settledMs = settleMinutes * MINUTE_MS;
  const whole = settledMs + order.minutes * MINUTE_MS;
  const { ticks, verdicts } =
    order.kind === "requests" ? await byRequests(order, whole) : byCounts(order, whole);
  const rows = ticks
    .filter(({ startMs }) => startMs >= settledMs && startMs < whole)
    .flatMap((tick) => tick.rows);
  return {
    figures: figuresOf(rows, order.minutes),
    broken: verdicts.flatMap(({ status, guard }) => (status === "fail" ? [guard] : [])),
  };
}

type Seen = {
  /** Of the rollout. */
  readonly ticks: readonly { readonly startMs: number; readonly rows: readonly EvidenceRow[] }[];
  readonly verdicts: readonly Verdict[];
};

async function byRequests(order: Order, durationMs: number): Promise<Seen> {
  const policy = policyAt(order.case.percent);
  const { ticks, startedAtMs, rollout } = await playScenario(
    {
      scenario: playedOf(order.case),
      policy,
      seed: order.seed,
      warmMs: WARM_MS,
      digest: (text) => createHash("sha256").update(text).digest("hex"),
      settle: () => new Promise((resolve) => setImmediate(resolve)),
    },
    durationMs,
  );
  const { tickMs } = policy.evidence;
  return {
    ticks: ticks.map(({ endMs, rows }) => ({ startMs: endMs - tickMs - startedAtMs, rows })),
    verdicts: rollout.verdicts,
  };
}

function byCounts(order: Order, durationMs: number): Seen {
  const policy = policyAt(order.case.percent);
  const { seed, answers } = order;
  const trials = new Trials({ answers, seed });
  const ticks: { startMs: number; rows: readonly EvidenceRow[] }[] = [];
  let verdicts: readonly Verdict[] = [];
  for (const { drawn, judgement } of trials.ticks(playedOf(order.case), seed, policy)) {
    ticks.push({ startMs: drawn.endMs - policy.evidence.tickMs, rows: drawn.rows });
    if (judgement !== null) verdicts = judgement.verdicts;
    if (drawn.endMs >= durationMs) break;
  }
  return { ticks, verdicts };
}

/**
 * The defaults at one share for good. What a count-world has not is off: replays, trips, and forecasts, which change
 * nothing here.
 */
function policyAt(percent: number): Policy {
  const policy = policyOf(
    [
      "segments: {language: {header: x-slipway-language}}",
      "replay: {enabled: false}",
      "trip: {enabled: false}",
    ]
      .map((line) => `      ${line}\n`)
      .join(""),
  );
  const guards = policy.guards.map((guard) => ({ ...guard, action: "warn" as const }));
  const [first, ...rest] = policy.stages;
  const stages = [{ percent, holdMs: HOLD_MS, minRequests: first?.minRequests ?? 0 }, ...rest];
  return { ...policy, stages, guards, forecast: { ...policy.forecast, enabled: false } };
}
