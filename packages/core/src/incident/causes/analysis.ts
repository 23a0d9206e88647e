// The causes of an incident, ranked: every hypothesis with the share of the harm that it accounts for, the counts behind
// it, and which could not be tested. A function of the incident and its ticks, as the incident is of its journal.

import type { Policy } from "../../policy.ts";
import type { Rollout } from "../../rollout/rollout.ts";
import { type Episode, isOnwards, type RecordedEvent } from "../episode.ts";
import { type Incident, latencyGuardOf } from "../incident.ts";
import { accumulating } from "./accumulating.ts";
import { badReplica } from "./bad-replica.ts";
import { change } from "./change.ts";
import { type CauseAsk, type CauseCounts, slotsOf } from "./counts.ts";
import type { CauseFacts, CauseTest } from "./facts.ts";
import { type Harm, harmOf } from "./harm.ts";
import { CAUSES, type CauseFinding, type Hypothesis, type Untested } from "./hypothesis.ts";
import { incompatible } from "./incompatible.ts";
import { inputLength } from "./input-length.ts";
import { clientSide, KIND_TESTS, quality } from "./kinds-of-harm.ts";
import { loadDependent } from "./load-dependent.ts";
import { segment, whoIsMissing } from "./segment.ts";
import { shared } from "./shared.ts";
import { slow, slowTail } from "./slow.ts";
import { tokenInflation } from "./token-inflation.ts";

export type Analysis = {
  readonly incidentId: string;
  /** What the causes are asked about; nothing stands out where it has no kinds. */
  readonly harm: Harm;
  /** Those that account for a part of it, the likeliest first. */
  readonly hypotheses: readonly Hypothesis[];
  /** Tested, and accounting for next to nothing. */
  readonly rejected: readonly Hypothesis[];
  readonly untested: readonly Untested[];
};

/** What is said where nothing accounts for the harm. */
export const NO_CAUSE = "no cause stands out";

/** Less than this is no hypothesis. */
export const SCORE_MIN = 0.1;

const TESTS: readonly CauseTest[] = [
  clientSide,
  inputLength,
  incompatible,
  whoIsMissing,
  segment,
  badReplica,
  loadDependent,
  accumulating,
  tokenInflation,
  shared,
  slowTail,
  slow,
  quality,
  change,
  ...KIND_TESTS,
];

export function analysisOf(incidentId: string, counts: CauseCounts): Analysis {
  const harm = harmOf(counts);
  if (harm.kinds.length === 0)
    return { incidentId, harm, hypotheses: [], rejected: [], untested: [] };
  const facts: CauseFacts = { counts, harm, slots: slotsOf(counts) };
  const findings = TESTS.map((test) => test(facts));
  const all = findings.filter((one) => one.kind === "tested").toSorted(byScore);
  return {
    incidentId,
    harm,
    hypotheses: all.filter(({ score }) => score >= SCORE_MIN),
    rejected: all.filter(({ score }) => score < SCORE_MIN),
    untested: findings.filter((one) => one.kind === "untested"),
  };
}

function byScore(a: Hypothesis, b: Hypothesis): number {
  return b.score - a.score || orderOf(a) - orderOf(b);
}

function orderOf({ cause }: CauseFinding): number {
  return CAUSES.indexOf(cause);
}

export type AskFacts = {
  readonly rollout: Pick<Rollout, "id" | "policy">;
  readonly entries: readonly RecordedEvent[];
  readonly episode: Episode;
  readonly incident: Incident;
};

/** What is to be counted for the causes of an incident. */
export function causeAskOf({ rollout, entries, episode, incident }: AskFacts): CauseAsk {
  const { policy } = rollout;
  const { impact, began, opening } = incident;
  const [dimension] = policy.evidence.segments;
  return {
    rolloutId: rollout.id,
    tickMs: policy.evidence.tickMs,
    time: latencyGuardOf(policy, episode)?.metric.time ?? "total",
    slowerThanMs: impact.slowerThanMs,
    fromMs: impact.fromMs,
    toMs: impact.toMs,
    hasBegan: began !== null,
    against: impact.against,
    shares: sharesIn(entries, policy, opening.sequence),
    metric: metricOf(policy, opening.because.guard),
    segment: segmentOf(entries, opening),
    dimension:
      dimension === undefined
        ? null
        : { name: dimension.name, isLength: dimension.detect === "input-length" },
  };
}

function segmentOf(entries: AskFacts["entries"], opening: Incident["opening"]): string | null {
  const event = entries.find(({ sequence }) => sequence === opening.sequence)?.event;
  if (event?.type !== "moved" && event?.type !== "looked") return null;
  const verdict = event.look?.verdicts.find(({ guard }) => guard === opening.because.guard);
  return verdict?.finding?.segment ?? null;
}

/** Trends are named by their metric where it is the clients' memory. */
function metricOf(policy: Policy, id: string | undefined): CauseAsk["metric"] {
  const trend = policy.trends.find((one) => one.id === id);
  if (trend?.metric === "client-memory") return "client-memory";
  return policy.guards.find((guard) => guard.id === id)?.metric ?? null;
}

function sharesIn(
  entries: readonly RecordedEvent[],
  policy: Policy,
  before: number,
): CauseAsk["shares"] {
  return entries.flatMap(({ sequence, event }) => {
    if (sequence >= before || !isOnwards(event) || event.type !== "moved") return [];
    const { move, atMs } = event;
    if (move.kind === "advance")
      return [{ atMs, percent: policy.stages[move.stage]?.percent ?? 100 }];
    return move.kind === "bake" ? [{ atMs, percent: 100 }] : [];
  });
}
