// A lesson: a change to how a model's next rollouts are watched, with the incident that it was learnt from as its reason.
// Accepted ones are merged into the policy that a rollout starts with, which keeps their names, so that every decision
// can say what it owes to which.

import type { Json } from "../../canonical-json.ts";
import { DRILL_FAULT_TEXTS, type DrillFault } from "../../drill/drill-fault.ts";
import type { Guard } from "../../guards/guard.ts";
import type { GateName } from "../../preflight/gate.ts";
import { counted, durationText, percentText } from "../../quantity.ts";
import type { Stage } from "../../stage.ts";

export type LessonChange =
  /** One guard more, under an id of its own, so that it is seen what it catches. */
  | { readonly kind: "guard"; readonly guard: Guard }
  /** One stage more. */
  | { readonly kind: "stage"; readonly stage: Stage }
  /** A gate that a rollout does not start without; one that sends load sends at least this share of the peak. */
  | { readonly kind: "gate"; readonly gate: GateName; readonly shareMin?: number }
  | CasesChange
  /** The way back is rehearsed with a fault like the incident's, every so many days. */
  | { readonly kind: "drill"; readonly fault: DrillFault; readonly days: number };

export type CaseLine = { readonly [key: string]: Json };

/** Cases that a gate asks both versions: lines as its files have them. They are judged by themselves. */
export type CasesChange = {
  readonly kind: "prompt-case" | "benchmark-item";
  /** A case without a text of anybody's: a prompt of so many tokens; null where people write the cases. */
  readonly inputTokens: number | null;
  /** What is in each case that does not say otherwise. */
  readonly template: CaseLine;
  /** None in a proposal: what users asked is not in the record. */
  readonly cases: readonly CaseLine[];
};

export type LessonProposal = {
  /** Unique among the incident's. */
  readonly name: string;
  /** What will be different, and what in the incident says so. */
  readonly what: string;
  readonly why: string;
  readonly change: LessonChange;
};

/** By how much sooner a lesson would have stopped its incident, in milliseconds: the likeliest, and from where to where. */
export type Sooner = { readonly ms: number; readonly leastMs: number; readonly mostMs: number };

export type Lesson = LessonProposal & {
  /** The incident's id and the proposal's name. */
  readonly id: string;
  readonly incidentId: string;
  /** Whose it is from now on, and why it was accepted. */
  readonly owner: string;
  readonly reason: string;
  readonly acceptedAtMs: number;
  /** What its backtest said when it was accepted; null where it could not say. */
  readonly promised: Sooner | null;
  /** Null while it holds. Dropped it is kept, for as long as the model is. */
  readonly dropped: { readonly atMs: number; readonly by: string; readonly reason: string } | null;
  /** Candidates that did not start for it, the oldest first; none where absent. */
  readonly stopped?: readonly StoppedCandidate[];
};

/** A version that a gate found to break a lesson, before any user was on it. */
export type StoppedCandidate = {
  readonly version: string;
  readonly fingerprint: string;
  readonly atMs: number;
  readonly text: string;
};

/** What a policy keeps of a lesson that it was made with. */
export type LessonInForce = Pick<Lesson, "id" | "what" | "owner" | "reason">;

export function lessonId(incidentId: string, name: string): string {
  return `${incidentId}:${name}`;
}

/** Null where it is none. */
export function lessonKey(
  id: string,
): { readonly incidentId: string; readonly name: string } | null {
  const at = id.indexOf(":");
  if (at <= 0 || at === id.length - 1) return null;
  return { incidentId: id.slice(0, at), name: id.slice(at + 1) };
}

export function lessonsInForce(lessons: readonly Lesson[]): readonly Lesson[] {
  return lessons.filter(({ dropped }) => dropped === null);
}

/** The gate that looks whether a lesson is kept; null for what a rollout itself watches. */
export function gateOfChange(change: LessonChange): GateName | null {
  switch (change.kind) {
    case "gate":
      return change.gate;
    case "prompt-case":
      return "prompts";
    case "benchmark-item":
      return "benchmark";
    case "drill":
      return "drill";
    default:
      return null;
  }
}

/** "guard only-timeouts", for lists. */
export function changeText(change: LessonChange): string {
  switch (change.kind) {
    case "guard":
      return `guard ${change.guard.id}`;
    case "stage":
      return `stage of ${percentText(change.stage.percent / 100)}`;
    case "gate":
      return `gate ${change.gate}`;
    case "drill":
      return `drill with ${DRILL_FAULT_TEXTS[change.fault]}`;
    default:
      return `${counted(change.cases.length, "case")} of the gate ${gateOfChange(change)}`;
  }
}

/** Whether two in force of one text would leave one of them without effect. */
export function takesPlace({ kind }: LessonChange): boolean {
  return kind === "guard" || kind === "stage";
}

/** "a stage of 11% for at least 10 min and 500 requests". */
export function stageText({ percent, holdMs, minRequests }: Stage): string {
  return `a stage of ${percentText(percent / 100)} for at least ${durationText(holdMs)} and ${counted(minRequests, "request")}`;
}
