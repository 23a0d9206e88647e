// What happened, in order: the journal's entries that tell the story of an incident, and between them the moment in which
// the evidence first shows the harm. Names of people are beside the sentences, not in them.

import type { Policy } from "../policy.ts";
import type { RolloutEvent } from "../rollout/event.ts";
import { eventText } from "../rollout/event-text.ts";
import { isForwards } from "../rollout/restraint.ts";
import type { Episode, RecordedEvent } from "./episode.ts";

/** `evidence`: told from the ticks, and not from the journal. */
export type TimelineWho = "slipway" | "operator" | "gateway" | "evidence";

export type TimelineItem = {
  readonly atMs: number;
  /** The journal's entry; null where it is told from the ticks. */
  readonly sequence: number | null;
  readonly who: TimelineWho;
  /** What an operator calls themselves; null for others. */
  readonly by: string | null;
  readonly what: string;
  readonly why: string;
};

export function timelineOf(
  entries: readonly RecordedEvent[],
  policy: Policy,
  episode: Episode,
  began: { readonly atMs: number; readonly text: string } | null,
): readonly TimelineItem[] {
  const told = entries.filter((_, index) => isTold(entries, index, episode));
  const items = told.map((entry) => itemOf(entry, policy));
  const start: TimelineItem[] =
    began === null
      ? []
      : [
          {
            atMs: began.atMs,
            sequence: null,
            who: "evidence",
            by: null,
            what: "harm began",
            why: began.text,
          },
        ];
  // Of the same moment: what the evidence shows was there before anybody decided.
  return [...start, ...items].sort((a, b) => a.atMs - b.atMs);
}

/** Looks are told where they found something, forecasts where the stage that they were of was entered. */
function isTold(entries: readonly RecordedEvent[], index: number, episode: Episode): boolean {
  const entry = entries[index];
  if (entry === undefined) return false;
  const { event, sequence } = entry;
  if (sequence > episode.lastSequence) return false;
  switch (event.type) {
    case "looked":
      return isFinding(event) || datesEpisode(event, episode);
    case "forecasted": {
      const next = entries
        .slice(index + 1)
        .find(({ event: { type } }) => type === "moved" || type === "forecasted");
      return next?.event.type === "moved" && isForwards(next.event.move);
    }
    case "forecast-scored":
      return false;
    default:
      return true;
  }
}

const WOULD_BACK: ReadonlySet<string> = new Set(["would-roll-back", "would-step-back"]);

type Looked = Extract<RolloutEvent, { type: "looked" }>;

function isFinding({ because }: Looked): boolean {
  return because.page === true || WOULD_BACK.has(because.code) || because.code === "guard";
}

/** What the detection, or the end, is dated by. */
function datesEpisode({ atMs }: Looked, { detectedAtMs, mitigated }: Episode): boolean {
  return atMs === detectedAtMs || (mitigated?.how === "recovered" && atMs === mitigated.atMs);
}

function itemOf({ sequence, event }: RecordedEvent, policy: Policy): TimelineItem {
  const by = byOf(event);
  const { what, why } = eventText(event, policy, () => "an operator");
  return { atMs: event.atMs, sequence, who: whoOf(event, by), by, what, why };
}

function whoOf({ type }: RolloutEvent, by: string | null): TimelineWho {
  if (by !== null) return "operator";
  return type === "tripped" || type === "confirmed" || type === "drained" ? "gateway" : "slipway";
}

function byOf(event: RolloutEvent): string | null {
  switch (event.type) {
    case "started":
      return event.rollout.startedBy;
    case "moved":
      return event.cause.kind === "operator" ? event.cause.by : null;
    case "approved":
    case "observed":
    case "overrode":
    case "acknowledged":
      return event.by;
    case "froze":
      return event.freeze.by;
    case "thawed":
      return event.ended?.by ?? null;
    default:
      return null;
  }
}
