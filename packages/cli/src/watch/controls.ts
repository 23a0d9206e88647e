// What operators and the calendar have set on a rollout, where it is not the usual: a freeze, who lets it go on all the
// same, and that it only observes, each with the command that changes it; and the gates that it started without.

import { type Frozen, freezeText } from "@slipway/core";
import type { RolloutView } from "@slipway/wire";
import { gateAtStartText } from "../preflight/gate-at-start.ts";
import { ink, type Line } from "./ink.ts";

export function controls({ id, phase, controls: set, gates }: RolloutView): readonly Line[] {
  if (["rolling-back", "rolled-back", "completed"].includes(phase.kind)) return [];
  const { observing, freezes, isReturn } = set;
  const observes =
    observing === null
      ? []
      : lines(`only observes: ${observing.reason} (${observing.by})`, `slipway rollout act ${id}`);
  const overridden = (gates ?? []).filter((gate) => gate.overridden !== null);
  return [
    ...observes,
    ...overridden.map((gate): Line => [ink("  "), ink(gateAtStartText(gate), "yellow")]),
    ...(isReturn ? [] : freezes.flatMap((freeze) => frozen(freeze, id))),
  ];
}

function frozen(freeze: Frozen, id: string): readonly Line[] {
  const { overridden } = freeze;
  if (overridden === null) return lines(freezeText(freeze), `slipway rollout override ${id}`);
  const all = `goes on all the same: ${overridden.reason} (${overridden.by})`;
  return lines(freezeText(freeze), all);
}

function lines(text: string, hint: string): readonly Line[] {
  return [[ink("  "), ink(text, "yellow")], [ink(`    ${hint}`, "dim")]];
}
