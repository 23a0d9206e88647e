// What is remembered of a rollout's journal without reading it again: its end, and what the next entry depends on.

import {
  type Because,
  NOTHING_TOLD,
  type RolloutEvent,
  type Standing,
  type Told,
  toldAfter,
} from "@slipway/core";
import type { JournalEntry } from "@slipway/wire";

const RECENT_ENTRIES = 20;

export type JournalTail = {
  /** Hash of the last entry; the empty text before the first. */
  readonly hash: string;
  readonly recent: readonly JournalEntry[];
  /** What the last look since the last move said, see `lookText`; null for none. */
  readonly looked: string | null;
  /** Why it last moved. */
  readonly because: Because | null;
  /** When it was told to roll back; null unless it was. */
  readonly rolledBackAtMs: number | null;
  /** What notices were made of. */
  readonly told: Told;
};

export const EMPTY_TAIL: JournalTail = {
  hash: "",
  recent: [],
  looked: null,
  because: null,
  rolledBackAtMs: null,
  told: NOTHING_TOLD,
};

/** What must change before a look is worth an entry: the reason's code, whether it pages, and every guard's status. */
export function lookText(
  { code, page }: Because,
  guards: readonly Pick<Standing, "guard" | "status">[],
): string {
  const reason = page === true ? `${code} (page)` : code;
  return [reason, ...guards.map(({ guard, status }) => `${guard}=${status}`)].join(" ");
}

export function tailAfter(tail: JournalTail, entry: JournalEntry): JournalTail {
  const next = {
    ...tail,
    hash: entry.hash,
    recent: [...tail.recent, entry].slice(-RECENT_ENTRIES),
    told: toldAfter(tail.told, entry.event),
  };
  return { ...next, ...changesBy(entry.event) };
}

function changesBy(event: RolloutEvent): Partial<JournalTail> {
  switch (event.type) {
    case "looked":
      return { looked: lookText(event.because, event.look.verdicts) };
    case "moved":
      return {
        looked: null,
        because: event.cause.because,
        ...(event.move.kind === "roll-back" ? { rolledBackAtMs: event.atMs } : {}),
      };
    default:
      return {};
  }
}
