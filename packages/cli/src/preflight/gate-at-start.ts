// What a rollout started with, of a gate that it needed, as people read it.

import type { GateAtStart } from "@slipway/core";
import { momentText } from "../text/rollout-text.ts";
import { OUTCOME_WORDS } from "./outcome-words.ts";

export function gateAtStartText(gate: GateAtStart): string {
  const { outcome, because, atMs, overridden } = gate;
  const when = atMs === null ? "" : `, ${momentText(atMs)}`;
  const what = outcome === null ? because : `${OUTCOME_WORDS[outcome]}${when}: ${because}`;
  const who =
    overridden === null ? "" : `; started all the same by ${overridden.by}: ${overridden.reason}`;
  return `${gate.gate}: ${what}${who}`;
}
