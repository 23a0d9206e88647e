// A guard: a metric that says how a tick's requests count, what it is compared with, perhaps one segment that it is
// confined to, its part of the chance of a false alarm, and what happens when it breaks.

import type { Prices } from "../prices.ts";

/** What the rollout does when a guard breaks. */
export type GuardAction = "roll-back" | "step-back" | "block" | "warn";

export type LatencyTime = "total" | "ttft" | "tpot";

/** How requests ended: every judged request says one way or the other. */
export const OUTCOME_EVENTS = [
  "errors",
  "incompatible",
  "rate-limited",
  "truncated",
  "timeouts",
  "server-errors",
  "invalid",
] as const;

/** What the gateway sees in a whole answer by itself. */
export const ANSWER_EVENTS = ["refusals", "empty", "cut-off"] as const;

/** What users and clients say of some answers, later. */
export const LABEL_EVENTS = ["acceptance", "rating", "crashes"] as const;

export type OutcomeEvent = (typeof OUTCOME_EVENTS)[number];
export type AnswerEvent = (typeof ANSWER_EVENTS)[number];
export type EventName = OutcomeEvent | AnswerEvent | (typeof LABEL_EVENTS)[number];

export const EVENTS: readonly EventName[] = [...OUTCOME_EVENTS, ...ANSWER_EVENTS, ...LABEL_EVENTS];

export const MEANS = ["input-tokens", "output-tokens", "cost"] as const;
export type MeanName = (typeof MEANS)[number];

/** What both versions ask for their tokens. */
export type ArmPrices = { readonly stable: Prices; readonly candidate: Prices };

export type LatencyMetric = {
  readonly kind: "latency";
  readonly time: LatencyTime;
  /** In (0, 1): 0.99 for P99. */
  readonly quantile: number;
  /** Whether answers are compared with those of like length: what says more is not slower for that. */
  readonly byLength: boolean;
};

/** Counted as n, of which some are bad. */
export type EventMetric =
  | { readonly kind: "events"; readonly event: EventName }
  /** Reports of clients that use more memory than this. */
  | { readonly kind: "memory"; readonly mibMax: number }
  /** A count that clients or scorers deliver by this name. */
  | { readonly kind: "score"; readonly score: string };

/** A number per answered request, judged by its mean. */
export type MeanMetric = {
  readonly kind: "mean";
  readonly of: MeanName;
  /** For cost; null where a version declares none, so that there is nothing to count. */
  readonly prices: ArmPrices | null;
};

export type Metric = LatencyMetric | EventMetric | MeanMetric;

/** What breaks a guard. */
export type GuardComparison =
  /** More than `ratioMax` times stable's. A difference below `differenceMin`, in the metric's unit, breaks nothing. */
  | { readonly kind: "ratio"; readonly ratioMax: number; readonly differenceMin: number }
  /** More than stable's by this: a share of requests. */
  | { readonly kind: "difference"; readonly differenceMax: number }
  /** More than this, whatever stable does: a share, milliseconds, tokens, or dollars. */
  | { readonly kind: "limit"; readonly max: number };

type GuardBase = {
  /** Unique within the policy. */
  readonly id: string;
  readonly action: GuardAction;
  readonly metric: Metric;
  /** A value of the judged dimension that it is confined to; null for all requests. */
  readonly segment: string | null;
  /** The last so many milliseconds of mature evidence: what a threshold judges, and what a test shows. */
  readonly windowMs: number;
  /** The limit is what the candidate's version declares that it will change. */
  readonly declared?: true;
};

/** Compares the arms over its window, again at every look: a quantile's ratio, or a difference of shares. */
export type ThresholdGuard = GuardBase & {
  readonly test: "threshold";
  readonly metric: LatencyMetric | OutcomeMetric;
  readonly comparison: GuardComparison;
  /** Needed on the candidate, and on the stable arm, before the guard says anything. */
  readonly minRequests: number;
};

/** Gathers evidence since the rollout began, with a bounded chance of ever breaking by mistake. */
export type SequentialGuard = GuardBase & {
  readonly test: "sequential";
  readonly comparison: Exclude<GuardComparison, { readonly kind: "difference" }>;
  /** Its part of the chance of a false alarm, in proportion to those of the guards that act as it does. */
  readonly weight: number;
};

export type Guard = ThresholdGuard | SequentialGuard;

export function isSequential(guard: Guard): guard is SequentialGuard {
  return guard.test === "sequential";
}

/** Whether what breaks it takes users off the candidate. */
export function turnsBack({ action }: Guard): boolean {
  return action === "roll-back" || action === "step-back";
}

/** Of a metric that every request has: its outcome, or how long the whole answer took. */
export function isPrimary({ metric }: Pick<Guard, "metric">): boolean {
  if (metric.kind === "latency") return metric.time === "total";
  return isOutcomeMetric(metric);
}

export function isOutcomeEvent(event: EventName): event is OutcomeEvent {
  return OUTCOME_EVENTS.some((known) => known === event);
}

export type OutcomeMetric = { readonly kind: "events"; readonly event: OutcomeEvent };

export function isOutcomeMetric(metric: Metric): metric is OutcomeMetric {
  return metric.kind === "events" && isOutcomeEvent(metric.event);
}

export function isAnswerEvent(event: EventName): event is AnswerEvent {
  return ANSWER_EVENTS.some((known) => known === event);
}

/** Whether a metric rests on what is heard of answers later, and of some of them alone. */
export function isLabel(metric: Metric): boolean {
  if (metric.kind === "memory" || metric.kind === "score") return true;
  return metric.kind === "events" && LABEL_EVENTS.some((known) => known === metric.event);
}

/** Consequences of one kind share one chance of a false alarm: turning back, holding, warning. */
function consequenceOf(guard: Guard): string {
  return turnsBack(guard) ? "turns-back" : guard.action;
}

/** Natural log of the e-value at which a guard breaks, among the guards of its policy. */
export function alarmLogE(
  guard: SequentialGuard,
  policy: { readonly guards: readonly Guard[]; readonly falseAlarmMax: number },
): number {
  const weights = policy.guards.reduce((sum, other) => {
    const shares = isSequential(other) && consequenceOf(other) === consequenceOf(guard);
    return shares ? sum + other.weight : sum;
  }, 0);
  return Math.log(weights / (guard.weight * policy.falseAlarmMax));
}
