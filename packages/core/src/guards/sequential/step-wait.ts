// Why a guard that is not broken, and has passed or need not pass, holds a stage all the same: nobody else gets a version that
// is under suspicion, nor one of which users are just saying what they think.

import type { Evidence } from "../../evidence/evidence.ts";
import type { Policy } from "../../policy.ts";
import { durationText, evidenceText } from "../../quantity.ts";
import type { Rollout } from "../../rollout/rollout.ts";
import { type Guard, isLabel, isSequential, type SequentialGuard } from "../guard.ts";
import { choosesTest } from "./count-test.ts";
import type { Weighed } from "./finding-outcome.ts";
import type { GuardEvidence } from "./guard-evidence.ts";

/** Chance, per guard, that a healthy candidate ever comes under suspicion. It waits then until that has faded. */
const SUSPICION_MAX = 0.1;
/** The part of the stage's limit that feedback is waited for. */
const FEEDBACK_PART = 0.25;

export type StepWait = {
  readonly kind: "suspicion" | "feedback";
  /** Ends the guard's sentence. */
  readonly text: string;
};

/** Until so long after its beginning a stage waits for feedback, at most. */
export function feedbackWaitMsMax({ stageLimitMs }: Pick<Policy, "stageLimitMs">): number {
  return stageLimitMs * FEEDBACK_PART;
}

/** Whether it may have a stage wait for feedback; whether it does depends on how much users say. */
export function canWaitForFeedback(guard: Guard): guard is SequentialGuard {
  return (
    isSequential(guard) && guard.action !== "warn" && isLabel(guard.metric) && choosesTest(guard)
  );
}

type Looked = {
  readonly own: GuardEvidence;
  readonly weighed: Pick<Weighed, "logE" | "logNeeded" | "going">;
  /** Whether the difference is as large as it must be for the guard to break. */
  readonly matters: () => boolean;
};

/** Null where the guard lets the stage pass. */
export function stepWaitOf(
  guard: SequentialGuard,
  { own, weighed, matters }: Looked,
  rollout: Rollout,
  evidence: Pick<Evidence, "endMs">,
): StepWait | null {
  if (guard.action === "warn") return null;
  const { logE, logNeeded, going } = weighed;
  if (logE >= Math.log(1 / SUSPICION_MAX) && matters()) {
    const sofar = `${evidenceText(logE)} of ${evidenceText(logNeeded)}`;
    return {
      kind: "suspicion",
      text: `, but evidence of harm is ${sofar}: nobody else gets it until that grows or fades`,
    };
  }
  // Only what many users say can be told within a stage: of rare events it would take hours.
  if (!canWaitForFeedback(guard) || own.common !== true || going.logE >= going.logNeeded)
    return null;
  const limitMs = feedbackWaitMsMax(rollout.policy);
  if (stageAgeMs(rollout, evidence) >= limitMs) return null;
  return { kind: "feedback", text: `; feedback is waited for ${durationText(limitMs)} at most` };
}

/** How much of its stage is mature. */
function stageAgeMs({ phase }: Rollout, { endMs }: Pick<Evidence, "endMs">): number {
  if (phase.kind !== "stage" && phase.kind !== "bake") return 0;
  return Math.max(0, (endMs ?? 0) - (phase.confirmedAtMs ?? Number.POSITIVE_INFINITY));
}
