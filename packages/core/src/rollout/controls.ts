// What operators and the calendar have set on a rollout: who has approved its next stage, what freezes it, and whether
// it acts by itself. All of it comes from the journal, so that decisions can be made again.

import type { Freeze, Said } from "../freeze/freeze.ts";
import type { Policy } from "../policy.ts";
import type { StageApproval } from "../stage.ts";
import { isFinished, type Phase } from "./phase.ts";

/** A freeze in effect, and who lets this rollout go on all the same. */
export type Frozen = Freeze & { readonly overridden: Said | null };

export type Controls = {
  /** Of the next stage alone: used up when it begins, withdrawn when the rollout moves back. */
  readonly approvals: readonly Said[];
  readonly freezes: readonly Frozen[];
  /** Who had it only say what it would do; null while it acts by itself. */
  readonly observing: Said | null;
  /** The way back to a version that was replaced: nothing freezes it. */
  readonly isReturn: boolean;
};

export const NO_CONTROLS: Controls = {
  approvals: [],
  freezes: [],
  observing: null,
  isReturn: false,
};

/** Of a rollout, what its controls concern. */
type Controlled = { readonly phase: Phase; readonly policy: Policy; readonly controls: Controls };

type Asked = StageApproval & {
  readonly stage: number;
  readonly percent: number;
  readonly given: readonly Said[];
};

/** The freeze that keeps the rollout from moving forwards; null for none. */
export function holdingFreeze({ freezes, isReturn }: Controls): Frozen | null {
  if (isReturn) return null;
  return freezes.find(({ overridden }) => overridden === null) ?? null;
}

/** The stage that would be next on the ladder; null before bake and after it. */
export function nextStageOf(phase: Phase, policy: Policy): number | null {
  const stage =
    phase.kind === "preflight"
      ? 0
      : phase.kind === "stage"
        ? phase.stage + 1
        : phase.kind === "paused" && phase.at !== "bake"
          ? phase.at + 1
          : null;
  return stage !== null && stage < policy.stages.length ? stage : null;
}

/** The approval that the next stage needs, with what was given of it; null where it needs none. */
export function askedApproval({ phase, policy, controls }: Controlled): Asked | null {
  const stage = nextStageOf(phase, policy);
  const next = stage === null ? undefined : policy.stages[stage];
  if (stage === null || next?.approval === undefined) return null;
  return { ...next.approval, stage, percent: next.percent, given: controls.approvals };
}

export function isApproved({ given, needed }: Asked): boolean {
  return given.length >= needed;
}

/** Whether a person's approval of the next stage would count; else why not. */
export function approvalRefusal(rollout: Controlled, by: string): string | null {
  const asked = askedApproval(rollout);
  if (asked === null) return null;
  if (asked.by.length > 0 && !asked.by.includes(by)) {
    return `${asked.percent}% may be approved by ${namesText(asked.by)}, not by ${by}`;
  }
  if (asked.given.some((said) => said.by === by)) {
    return `${by} has approved ${asked.percent}% already`;
  }
  return null;
}

export function namesText(names: readonly string[]): string {
  return names.length < 2
    ? names.join("")
    : `${names.slice(0, -1).join(", ")} or ${names.at(-1) ?? ""}`;
}

export type ControlEvent =
  | ({ readonly type: "approved"; readonly stage: number } & Said)
  /** Only say what it would do, or act again. */
  | ({ readonly type: "observed"; readonly on: boolean } & Said)
  | { readonly type: "froze"; readonly atMs: number; readonly freeze: Freeze }
  | {
      readonly type: "thawed";
      readonly atMs: number;
      readonly key: string;
      /** Who ended it; null where its time was over. */
      readonly ended: Said | null;
    }
  /** The rollout goes on although it is frozen, for as long as these freezes last. */
  | ({ readonly type: "overrode" } & Said)
  /** Somebody looks at the pages that are open, by code. It changes nothing for the rollout. */
  | ({ readonly type: "acknowledged"; readonly codes: readonly string[] } & Said);

export function controlsAfter(
  { controls, phase }: Pick<Controlled, "controls" | "phase">,
  event: ControlEvent,
): Controls {
  if (isFinished(phase)) return controls;
  switch (event.type) {
    case "approved":
      return { ...controls, approvals: [...controls.approvals, saidOf(event)] };
    case "observed":
      return { ...controls, observing: event.on ? saidOf(event) : null };
    case "froze":
      return { ...controls, freezes: withFreeze(controls.freezes, event.freeze) };
    case "thawed":
      return { ...controls, freezes: controls.freezes.filter(({ key }) => key !== event.key) };
    case "overrode":
      return {
        ...controls,
        freezes: controls.freezes.map((freeze) => ({
          ...freeze,
          overridden: freeze.overridden ?? saidOf(event),
        })),
      };
    case "acknowledged":
      return controls;
  }
}

export function saidOf({ atMs, by, reason }: Said): Said {
  return { atMs, by, reason };
}

/** One whose end has changed stays as overridden as it was. */
function withFreeze(freezes: readonly Frozen[], freeze: Freeze): readonly Frozen[] {
  const before = freezes.find(({ key }) => key === freeze.key);
  const others = freezes.filter(({ key }) => key !== freeze.key);
  return [...others, { ...freeze, overridden: before?.overridden ?? null }];
}
