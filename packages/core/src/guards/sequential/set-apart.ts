// The key bucket of a heavy user, where one is set apart: evidence that lets a stage be left never counts it, and an alarm that
// it alone carries is a person's to judge. One user is no sample: whether that one is worse off for the version, or as ever,
// no other user tells.

import { isOutcomeMetric, type SequentialGuard } from "../guard.ts";
import { emptyGuardEvidence, type GuardEvidence, type SetApart } from "./guard-evidence.ts";
import type { GuardTick } from "./guard-tick.ts";
import type { Stratum } from "./strata.ts";
import { type Added, isCarried, logEWithout, NO_TEST, testAfter } from "./test-without.ts";

/** Without the heavy bucket all begins anew: with it, what was known until then says too little, or too much. */
export function withSetApart(
  before: GuardEvidence,
  guard: SequentialGuard,
  { heavy }: Pick<GuardTick, "heavy">,
): GuardEvidence {
  if (heavy === null || before.setApart !== null) return before;
  if (!isOutcomeMetric(guard.metric) || guard.comparison.kind !== "ratio") return before;
  const { hypotheses, apart } = emptyGuardEvidence(guard);
  return { ...before, hypotheses, apart, setApart: { ...heavy, without: NO_TEST } };
}

/** `others`: a tick's strata without the bucket, of which some are telling. */
export function withOthers(
  setApart: SetApart | null,
  others: readonly Stratum[],
  telling: readonly Stratum[],
  added: Added,
): SetApart | null {
  if (setApart === null) return null;
  const without = testAfter(setApart.without, { ...added, strata: others, telling });
  return { ...setApart, without };
}

/** Whether an alarm of this evidence would be none without who is set apart. */
export function isCarriedBySetApart(
  evidence: GuardEvidence,
  planned: number,
  logNeeded: number,
): boolean {
  const { setApart } = evidence;
  if (setApart === null) return false;
  return isCarried(logEWithout(setApart.without, evidence, planned), logNeeded);
}
