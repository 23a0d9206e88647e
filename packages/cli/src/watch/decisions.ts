// The newest entries of the journal that say something: when, what, why.

import { type EventText, eventText } from "@slipway/core";
import type { JournalEntry, RolloutView } from "@slipway/wire";
import { ageText } from "../text/rollout-text.ts";
import { ink, type Line, padded, type Style } from "./ink.ts";

const DECISIONS_MAX = 6;

export function decisions(view: RolloutView, nowMs: number): readonly Line[] {
  return view.recent
    .toReversed()
    .filter(isTelling)
    .slice(0, DECISIONS_MAX)
    .map((entry) => decision(entry, eventText(entry.event, view.policy), nowMs));
}

/** Looks that only wait for time to pass are told while they are the news, and not afterwards. */
function isTelling({ event }: JournalEntry, age: number): boolean {
  if (event.type !== "looked" || age === 0) return true;
  return !["hold", "confirmed", "requests"].includes(event.because.code);
}

function decision(entry: JournalEntry, { what, why }: EventText, nowMs: number): Line {
  return [
    ink(`  ${padded(ageText(nowMs - entry.event.atMs), 8, "right")}  `, "dim"),
    ink(padded(what, 20), styleOf(entry)),
    ink(` ${why}`),
  ];
}

function styleOf({ event }: JournalEntry): Style {
  if (event.type === "tripped") return "red";
  if (event.type !== "moved") return event.type === "looked" ? "dim" : "plain";
  switch (event.move.kind) {
    case "roll-back":
      return "red";
    case "step-back":
    case "pause":
      return "yellow";
    default:
      return "green";
  }
}
