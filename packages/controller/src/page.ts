// Pages: decisions that a person must look at now. Until something carries them further they are in the view of the
// rollout, in the log at the level of errors, and in the metrics.

import type { Because, Decision } from "@slipway/core";
import type { JournalEntry } from "@slipway/wire";
import type { JournalTail } from "./journal-tail.ts";
import type { Log } from "./ports.ts";

/** The page that is open: of what is decided now or, until an operator moves the rollout, of what last moved it. */
export function openPageOf(decision: Decision, tail: JournalTail): Because | null {
  const { because } = decision;
  if (because.page === true) return because;
  return tail.because?.page === true ? tail.because : null;
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
