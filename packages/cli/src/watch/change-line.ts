// Watching without a terminal: one line per entry of the journal, and nothing in between.

import { eventText } from "@slipway/core";
import type { JournalEntry, RolloutView } from "@slipway/wire";

/** Lines for the journal entries after `sequence`. */
export function changeLines(view: RolloutView, sequence: number): readonly string[] {
  return view.recent
    .filter((entry) => entry.sequence > sequence)
    .map((entry) => changeLine(view, entry));
}

function changeLine(view: RolloutView, entry: JournalEntry): string {
  const { what, why } = eventText(entry.event, view.policy);
  const at = new Date(entry.event.atMs).toISOString();
  return `${at} ${view.id} ${view.model} ${view.from} → ${view.to}: ${what}: ${oneLine(why)}`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
