// What is remembered of a model's watches: who took which baseline and why, and which alarms there were. Alarms outlive their
// baselines: what gates had found before one is void.

import type { DriftBook, DriftEntry, DriftRound, DriftWatch } from "./drift.ts";
import { afterLook } from "./watch.ts";

/** Of one model; the oldest are forgotten first. */
const ENTRIES_MAX = 200;
const WATCHES_MAX = 20;

export function watchOf({ watches }: DriftBook, fingerprint: string): DriftWatch | null {
  return watches.find((watch) => watch.fingerprint === fingerprint) ?? null;
}

/** A baseline in place of the one that there was, and of its alarm. */
export function withBaselineTaken(book: DriftBook, watch: DriftWatch): DriftBook {
  const { version, fingerprint, baseline } = watch;
  const { atMs, by, reason } = baseline;
  const entry: DriftEntry = {
    ...{ kind: "baseline", version, fingerprint, atMs, by, text: reason },
  };
  return { watches: put(book, watch), entries: added(book, entry) };
}

/** After a look at a version; null where it is not watched. */
export function withLook(
  book: DriftBook,
  fingerprint: string,
  round: DriftRound,
  of: { readonly atMs: number; readonly by: string },
): DriftBook | null {
  const before = watchOf(book, fingerprint);
  if (before === null) return null;
  const watch = afterLook(before, round, of);
  const { version, alarm } = watch;
  if (alarm === null || before.alarm !== null) return { ...book, watches: put(book, watch) };
  const entry: DriftEntry = {
    ...{ kind: "alarm", version, fingerprint, atMs: alarm.atMs, by: of.by, text: alarm.because },
  };
  return { watches: put(book, watch), entries: added(book, entry) };
}

function put({ watches }: DriftBook, watch: DriftWatch): readonly DriftWatch[] {
  const all = [...watches.filter(({ fingerprint }) => fingerprint !== watch.fingerprint), watch];
  if (all.length <= WATCHES_MAX) return all;
  // An alarm that nobody has answered yet is forgotten last.
  const quiet = all.find(({ alarm, fingerprint }) => {
    return alarm === null && fingerprint !== watch.fingerprint;
  });
  const left = quiet ?? all[0];
  return all.filter((one) => one !== left);
}

function added({ entries }: DriftBook, entry: DriftEntry): readonly DriftEntry[] {
  return [...entries, entry].slice(-ENTRIES_MAX);
}
