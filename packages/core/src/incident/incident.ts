// An incident of a rollout: derived from its journal and its ticks whenever it is asked for, so that it is there without
// anybody having opened it, and cannot say anything else than what is stored.

import type { Guard, LatencyMetric } from "../guards/guard.ts";
import { countOf, emptyHistogram, mergeInto, quantile } from "../histogram.ts";
import type { Policy } from "../policy.ts";
import { counted, durationText, evidenceText, percentText } from "../quantity.ts";
import { eventText } from "../rollout/event-text.ts";
import type { Rollout } from "../rollout/rollout.ts";
import {
  type Episode,
  isOnwards,
  type Mitigation,
  type Opening,
  type RecordedEvent,
} from "./episode.ts";
import { type Impact, impactOf, slowIn } from "./impact.ts";
import { changeIn, type HarmPoint } from "./onset.ts";
import { type Severity, severityOf } from "./severity.ts";
import type { HarmTally, Tallies, TickTally } from "./tally.ts";
import { type TimelineItem, timelineOf } from "./timeline.ts";

/** Times in milliseconds since the epoch. */
export type Incident = {
  /** The rollout's id and the journal's entry that opened it. */
  readonly id: string;
  readonly rolloutId: string;
  readonly model: string;
  readonly from: string;
  readonly to: string;
  readonly status: "open" | "mitigated";
  readonly severity: Severity;
  readonly opening: Opening;
  readonly openedAtMs: number;
  readonly detectedAtMs: number;
  /** The first tick in which the harm shows, and how that was told; null where the counts do not show it. */
  readonly began: { readonly atMs: number; readonly text: string } | null;
  /** When the candidate last got more users before it, and how much later the harm shows; null where it never did. */
  readonly trigger: {
    readonly atMs: number;
    readonly what: string;
    /** Negative where it shows before; null where it is not known when. */
    readonly delayMs: number | null;
  } | null;
  readonly mitigated: Mitigation | null;
  readonly impact: Impact;
  readonly timeline: readonly TimelineItem[];
};

export type IncidentFacts = {
  readonly rollout: Pick<Rollout, "id" | "model" | "from" | "to" | "policy">;
  readonly entries: readonly RecordedEvent[];
  readonly episode: Episode;
  /** From `sinceMs` of the episode, or as far back as is kept, until it was mitigated; made with `latencyOf(…)`'s time. */
  readonly ticks: readonly TickTally[];
};

/** What holds for both arms: comparing them would hide it. */
const OF_BOTH: ReadonlySet<string> = new Set(["shared-pool", "outage"]);

export function incidentId(rolloutId: string, sequence: number): string {
  return `${rolloutId}-${sequence}`;
}

/** Null where it is none. */
export function incidentKey(
  id: string,
): { readonly rolloutId: string; readonly sequence: number } | null {
  const found = /^(.+)-([1-9]\d{0,8})$/.exec(id);
  const [, rolloutId, sequence] = found ?? [];
  return rolloutId === undefined ? null : { rolloutId, sequence: Number(sequence) };
}

export function incidentOf({ rollout, entries, episode, ticks }: IncidentFacts): Incident {
  const { opening, detectedAtMs, mitigated, stageSinceMs } = episode;
  const against = OF_BOTH.has(opening.because.code) ? "before" : "stable";
  const { tickMs } = rollout.policy.evidence;
  const slowerThanMs = slowerThan(rollout.policy, episode, against, ticks);
  const began = beganAt(episode, against, slowerThanMs, ticks);
  const fromMs = began?.atMs ?? Math.floor(stageSinceMs / tickMs) * tickMs;
  const toMs = mitigated?.atMs ?? ticks.at(-1)?.endMs ?? opening.atMs;
  const impact = impactOf({
    fromMs,
    toMs: Math.max(fromMs, toMs),
    tickMs,
    against,
    slowerThanMs,
    before: ticks.filter(({ startMs }) => startMs < fromMs),
    during: ticks.filter(({ startMs }) => startMs >= fromMs && startMs < toMs),
  });
  return {
    id: incidentId(rollout.id, opening.sequence),
    rolloutId: rollout.id,
    model: rollout.model,
    from: rollout.from,
    to: rollout.to,
    status: mitigated === null ? "open" : "mitigated",
    severity: severityOf(harmedIn(impact), requestsIn(impact)),
    opening,
    openedAtMs: opening.atMs,
    detectedAtMs,
    began,
    trigger: triggerOf(rollout.policy, entries, opening, began),
    mitigated,
    impact,
    timeline: timelineOf(entries, rollout.policy, episode, began),
  };
}

function triggerOf(
  policy: Policy,
  entries: readonly RecordedEvent[],
  opening: Opening,
  began: Incident["began"],
): Incident["trigger"] {
  const last = entries.findLast(
    ({ sequence, event }) => sequence < opening.sequence && isOnwards(event),
  );
  if (last === undefined) return null;
  const { atMs } = last.event;
  const { what } = eventText(last.event, policy);
  if (began === null) return { atMs, what, delayMs: null };
  // Within one tick nobody can tell which came first.
  const isBefore = began.atMs + policy.evidence.tickMs <= atMs;
  return { atMs, what, delayMs: isBefore ? began.atMs - atMs : Math.max(0, began.atMs - atMs) };
}

/** Requests that users saw harmed, beyond what there would have been. */
export function harmedIn({ candidate, stable }: Impact): number {
  return (candidate.beyond?.harmed ?? 0) + (stable.beyond?.harmed ?? 0);
}

/** Of the model while it lasted. */
export function requestsIn({ candidate, stable }: Impact): number {
  return candidate.requests + stable.requests;
}

/** The guard of a latency that says what slow is: the one that opened it, else the policy's first of whole answers. */
export function latencyGuardOf({ guards }: Policy, { opening }: Episode): LatencyGuard | null {
  const timed = guards.flatMap((guard) => {
    const { metric } = guard;
    return metric.kind === "latency" ? [{ guard, metric }] : [];
  });
  return (
    timed.find(({ guard }) => guard.id === opening.because.guard) ??
    timed.find(({ metric }) => metric.time === "total") ??
    timed[0] ??
    null
  );
}

type LatencyGuard = { readonly guard: Guard; readonly metric: LatencyMetric };

/** Stable's quantile times what the guard allows, or the guard's own limit. */
function slowerThan(
  policy: Policy,
  episode: Episode,
  against: Impact["against"],
  ticks: readonly TickTally[],
): number | null {
  const found = latencyGuardOf(policy, episode);
  if (found === null) return null;
  const { comparison } = found.guard;
  if (comparison.kind === "limit") return comparison.max;
  if (comparison.kind === "difference") return null;
  const { stageSinceMs, opening } = episode;
  const isLately = ({ startMs }: TickTally): boolean =>
    against === "before"
      ? startMs < stageSinceMs
      : startMs >= stageSinceMs && startMs < opening.atMs;
  const usual = quantileOf(ticks.filter(isLately), found.metric) ?? quantileOf(ticks, found.metric);
  if (usual === null) return null;
  return Math.max(comparison.ratioMax * usual, usual + comparison.differenceMin);
}

/** Values without which there is no quantile to speak of. */
const TIMED_MIN = 50;

function quantileOf(ticks: readonly TickTally[], metric: LatencyMetric): number | null {
  const times = emptyHistogram();
  for (const { baseline } of ticks) {
    for (const tally of Object.values(baseline)) mergeInto(times, tally.times);
  }
  const value = countOf(times) < TIMED_MIN ? null : quantile(times, metric.quantile);
  return value === null || !Number.isFinite(value) ? null : value;
}

function beganAt(
  episode: Episode,
  against: Impact["against"],
  slowerThanMs: number | null,
  ticks: readonly TickTally[],
): Incident["began"] {
  const until = ticks.filter(({ startMs }) => startMs < episode.opening.atMs);
  const stable = until
    .map(({ baseline }) => pointOf([baseline], slowerThanMs))
    .reduce(plus, NOBODY);
  const points = until.map((tick) => pointIn(tick, against, slowerThanMs));
  const reference = against === "before" ? null : (stable.bad + 0.5) / (stable.n + 1);
  const change = changeIn(points, reference);
  const tick = change === null ? undefined : until[change.index];
  if (change === null || tick === undefined) return null;
  const { n, bad } = points.slice(change.index).reduce(plus);
  const who = against === "before" ? "the model's" : "the candidate's";
  const to = against === "before" ? "than before" : `than stable's ${percentText(reference ?? 0)}`;
  const kinds =
    slowerThanMs === null
      ? "failed or went unanswered"
      : `failed, went unanswered, or took over ${durationText(slowerThanMs)}`;
  const text = `from here until it opened ${bad.toLocaleString("en-US")} of ${who} ${counted(n, "request")} ${kinds} (${percentText(bad / n)}), more ${to}; a change here is ${evidenceText(change.logRatio)} times likelier than none`;
  return { atMs: tick.startMs, text };
}

function pointIn(
  tick: TickTally,
  against: Impact["against"],
  slowerThanMs: number | null,
): HarmPoint {
  const { candidate, stable } = tick.arms;
  const arms: readonly Tallies[] = against === "before" ? [candidate, stable] : [candidate];
  return pointOf(arms, slowerThanMs);
}

const NOBODY: HarmPoint = { n: 0, bad: 0 };

/** An answer that is none may be slow too, and counts once. */
function pointOf(all: readonly Tallies[], slowerThanMs: number | null): HarmPoint {
  const tallies = all.flatMap((one) => Object.values(one));
  return tallies.map((tally) => pointOfTally(tally, slowerThanMs)).reduce(plus, NOBODY);
}

function pointOfTally(tally: HarmTally, slowerThanMs: number | null): HarmPoint {
  const poor = Math.max(slowIn(tally, slowerThanMs), tally.unanswered);
  return { n: tally.counted, bad: Math.min(tally.counted, tally.failed + poor) };
}

function plus(a: HarmPoint, b: HarmPoint): HarmPoint {
  return { n: a.n + b.n, bad: a.bad + b.bad };
}
