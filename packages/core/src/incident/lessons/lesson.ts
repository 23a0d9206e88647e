// A lesson: a change to how a model's next rollouts are watched, with the incident that it was learnt from as its reason.
// Accepted ones are merged into the policy that a rollout starts with, which keeps their names, so that every decision
// can say what it owes to which.

import type { Guard } from "../../guards/guard.ts";
import type { GateName } from "../../preflight/gate.ts";
import { counted, durationText, percentText } from "../../quantity.ts";
import type { Stage } from "../../stage.ts";

export type LessonChange =
  /** One guard more, under an id of its own, so that it is seen what it catches. */
  | { readonly kind: "guard"; readonly guard: Guard }
  /** One stage more. */
  | { readonly kind: "stage"; readonly stage: Stage }
  /** A gate that a rollout does not start without. */
  | { readonly kind: "gate"; readonly gate: GateName };

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

/** "a guard", for lists. */
export function changeText(change: LessonChange): string {
  switch (change.kind) {
    case "guard":
      return `guard ${change.guard.id}`;
    case "stage":
      return `stage of ${percentText(change.stage.percent / 100)}`;
    default:
      return `gate ${change.gate}`;
  }
}

/** "a stage of 11% for at least 10 min and 500 requests". */
export function stageText({ percent, holdMs, minRequests }: Stage): string {
  return `a stage of ${percentText(percent / 100)} for at least ${durationText(holdMs)} and ${counted(minRequests, "request")}`;
}
