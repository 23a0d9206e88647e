// The first incident of a scenario's rollout in a count-world, with its journal and its ticks as a controller would have
// stored them, and what the analysis makes of it.
import {
  type Analysis,
  addTick,
  analysisOf,
  type Because,
  causeAskOf,
  type Episode,
  episodesOf,
  type Incident,
  incidentOf,
  latencyGuardOf,
  type Policy,
  pagesForHarm,
  type RecordedEvent,
  type RolloutEvent,
  startCounts,
  type Tick,
  tallyOf,
} from "@slipway/core";
import type { CourseTick, Scenario, Trials } from "@slipway/simulator";

export type Analysed = { readonly incident: Incident; readonly analysis: Analysis };

/** After a page, for so long: nothing ends it but that the reason is gone. */
const TICKS_AFTER = 12;

/** Null where the rollout went through its hours without one. */
export function analysedIn(
  trials: Trials,
  scenario: Scenario,
  seed: number,
  policy: Policy,
): Analysed | null {
  const entries: RecordedEvent[] = [];
  const ticks: Tick[] = [];
  let left = Number.POSITIVE_INFINITY;
  let before: Because | null = null;
  for (const seen of trials.ticks(scenario, seed, policy)) {
    ticks.push(tickOf(seen));
    for (const event of eventsOf(seen, before)) {
      entries.push({ sequence: entries.length + 1, event });
    }
    before = seen.judgement?.decision.because ?? before;
    if (left === Number.POSITIVE_INFINITY && opensNow(seen)) left = TICKS_AFTER;
    if (left-- <= 0) break;
  }
  const [episode] = episodesOf(entries);
  return episode === undefined ? null : analysed(policy, entries, episode, ticks);
}

function tickOf({ drawn, rollout }: CourseTick): Tick {
  return {
    rolloutId: rollout.id,
    tick: drawn.tick,
    endMs: drawn.endMs,
    missing: [],
    rows: drawn.rows,
  };
}

function opensNow({ events, judgement }: CourseTick): boolean {
  if (judgement !== null && pagesForHarm(judgement.decision.because)) return true;
  return events.some(
    (event) =>
      event.type === "moved" &&
      (event.move.kind === "roll-back" || event.move.kind === "step-back"),
  );
}

/** With the looks that a controller writes down: with a move, and where its reason to hold has changed. */
function eventsOf(
  { events, judgement, drawn }: CourseTick,
  before: Because | null,
): readonly RolloutEvent[] {
  if (judgement === null) return events;
  const look = { watermark: drawn.tick, stateHash: "", verdicts: judgement.verdicts };
  if (judgement.decision.kind !== "hold") {
    return events.map((event) => (event.type === "moved" ? { ...event, look } : event));
  }
  const { because } = judgement.decision;
  if (because.code === before?.code && because.page === before.page) return events;
  return [...events, { type: "looked", atMs: drawn.endMs, because, look }];
}

function analysed(
  policy: Policy,
  entries: readonly RecordedEvent[],
  episode: Episode,
  ticks: readonly Tick[],
): Analysed | null {
  const first = entries[0]?.event;
  if (first?.type !== "started") return null;
  const { rollout } = first;
  const { tickMs } = policy.evidence;
  const time = latencyGuardOf(policy, episode)?.metric.time ?? "total";
  const own = ticks.map((tick) => tallyOf(tick, tickMs, time));
  const incident = incidentOf({ rollout, entries, episode, ticks: own });
  const counts = startCounts(causeAskOf({ rollout, entries, episode, incident }));
  for (const tick of ticks) addTick(counts, tick);
  return { incident, analysis: analysisOf(incident.id, counts) };
}
