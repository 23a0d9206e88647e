// The error guard: the candidate's error rate minus stable's at the same time.

import type { ArmSum } from "../evidence/window.ts";
import type { ErrorGuard } from "../policy.ts";
import { percentText } from "../quantity.ts";
import { type Comparison, waitForData } from "./comparison.ts";
import { type Bad, differenceInterval } from "./interval.ts";
import type { ArmMeasure, Verdict } from "./verdict.ts";

export function judgeErrors(guard: ErrorGuard, comparison: Comparison): Verdict {
  const candidate = measureErrors(comparison.candidate);
  const stable = measureErrors(comparison.stable);
  const base = {
    guard: guard.id,
    kind: guard.kind,
    limit: guard.differenceMax,
    candidate,
    stable,
    baseline: comparison.baseline,
    interval: differenceInterval(countsOf(comparison.candidate), countsOf(comparison.stable)),
  };
  const waiting = waitForData(guard, comparison);
  if (waiting !== null) return { ...base, status: "wait", measured: null, text: waiting };
  const difference = (candidate.value ?? 0) - (stable.value ?? 0);
  return {
    ...base,
    status: difference > guard.differenceMax ? "fail" : "pass",
    measured: difference,
    text: `error rate ${percentText(candidate.value ?? 0)} against stable's ${percentText(stable.value ?? 0)} (limit +${percentText(guard.differenceMax)}, ${candidate.n} and ${stable.n} requests)`,
  };
}

function countsOf({ counted, bad }: ArmSum): Bad {
  return { n: counted, bad };
}

export function measureErrors(sum: ArmSum): ArmMeasure {
  return { value: sum.counted === 0 ? null : sum.bad / sum.counted, over: false, n: sum.counted };
}
