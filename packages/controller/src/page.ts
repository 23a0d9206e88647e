// Pages: decisions that a person must look at now. They are in the view of the rollout with whoever has taken them, in the log
// at the level of errors, in the metrics, and in what targets are told. A drill has none of them anywhere.

import type { Because, Decision } from "@slipway/core";
import type { JournalEntry, OpenPage } from "@slipway/wire";
import type { Log } from "./ports.ts";
import type { Running } from "./world/world.ts";

/**
 * The pages that are open: of what is decided now and, until an operator moves the rollout, of what last moved it.
 * Neither hides the other: an outage that follows a step back does not say why users were moved. None of a drill: whoever
 * rehearses looks on, and its users are nobody.
 */
export function openPagesOf(
  { because }: Decision,
  { rollout, tail }: Pick<Running, "rollout" | "tail">,
): readonly OpenPage[] {
  if (rollout.drill === true) return [];
  const {
    because: moved,
    told: { taken },
  } = tail;
  const now = because.page === true ? [because] : [];
  const open = moved?.page === true && moved.code !== now[0]?.code ? [...now, moved] : now;
  return open.map((page) => ({ ...page, acknowledged: taken[page.code] ?? null }));
}

/** The page that an entry of the journal opens; null for none. */
export function pageIn({ event }: JournalEntry): Because | null {
  if (event.type !== "looked" && event.type !== "moved") return null;
  const because = event.type === "looked" ? event.because : event.cause.because;
  return because.page === true ? because : null;
}

export function logPage(entry: JournalEntry, log: Log): void {
  const because = pageIn(entry);
  if (because === null) return;
  const { rolloutId: rollout, sequence } = entry;
  log.error({ rollout, sequence, code: because.code, page: true }, because.text);
}
