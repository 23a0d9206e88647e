// Commands that set a rollout's controls and move nobody: approve, override, observe, act, acknowledge.

import {
  approvalRefusal,
  type Command,
  type ControlEvent,
  type Controls,
  decide,
  type Freeze,
  nextStageOf,
  type Policy,
} from "@slipway/core";
import type { CommandBody, StartRequest } from "@slipway/wire";
import { openPagesOf } from "../page.ts";
import { notPossible } from "../refusal.ts";
import type { Running } from "../world/world.ts";

const CONTROLS = ["approve", "override", "observe", "act", "acknowledge"] as const;
type ControlCommand = (typeof CONTROLS)[number];

export function isControl(command: Command): command is ControlCommand {
  return (CONTROLS as readonly Command[]).includes(command);
}

/** The event of a command that `can` allows. Throws where this person's word does not count. */
export function controlEventOf(
  running: Running,
  command: ControlCommand,
  { by, reason }: CommandBody,
  atMs: number,
): ControlEvent {
  const { rollout } = running;
  const said = { atMs, by, reason };
  switch (command) {
    case "approve": {
      const refusal = approvalRefusal(rollout, by);
      if (refusal !== null) throw notPossible(`${rollout.id}: ${refusal}`);
      return { type: "approved", stage: nextStageOf(rollout.phase, rollout.policy) ?? 0, ...said };
    }
    case "override":
      return { type: "overrode", ...said };
    case "observe":
      return { type: "observed", on: true, ...said };
    case "act":
      return { type: "observed", on: false, ...said };
    case "acknowledge": {
      const open = openPagesOf(decide(running, atMs).decision, running);
      if (open.length === 0) throw notPossible(`${rollout.id}: no page is open`);
      return { type: "acknowledged", codes: open.map(({ code }) => code), ...said };
    }
  }
}

/** What a rollout starts with: who had it start though its model is frozen, and whether it acts. */
export function controlsAtStart(
  { observe, override, by, reason }: StartRequest,
  policy: Policy,
  freezes: readonly Freeze[],
  atMs: number,
): Controls {
  const overridden = override === undefined ? null : { atMs, by, reason: override };
  const observes = observe ?? policy.mode === "observe";
  return {
    approvals: [],
    freezes: freezes.map((freeze) => ({ ...freeze, overridden })),
    observing: observes ? { atMs, by, reason } : null,
    isReturn: false,
  };
}
