// Flagger's rule: fixed limits checked every interval, a count of failed checks that only ever grows, and a step
// forward after every check that passes.
//
// As its scheduler does it (fluxcd/flagger, pkg/controller/scheduler.go): the count is compared with the threshold
// before the interval's analysis, so that a canary goes back one interval after the check that was one too many; a
// metric without a value is a failed check.
import { errorRateOf, p99MsOf } from "./arm-minute.ts";
import type { ArmMinute, Rule } from "./rule.ts";

export type FlaggerSettings = {
  readonly name: string;
  /** Failed checks in all before it rolls back. */
  readonly threshold: number;
  /** Of the candidate. */
  readonly errorRateMax: number;
  readonly p99MsMax: number;
};

export function flagger({ name, threshold, errorRateMax, p99MsMax }: FlaggerSettings): Rule {
  const passes = (candidate: ArmMinute): boolean => {
    const errorRate = errorRateOf(candidate);
    const p99Ms = p99MsOf(candidate);
    if (errorRate === null || p99Ms === null) return false;
    return errorRate <= errorRateMax && p99Ms <= p99MsMax;
  };
  return {
    name,
    settings:
      `interval 1m, threshold ${threshold}, errors at most ${errorRateMax * 100}%, ` +
      `P99 at most ${Math.round(p99MsMax)} ms`,
    begin: () => {
      let failedChecks = 0;
      return ({ candidate }) => {
        if (failedChecks >= threshold) return "roll-back";
        if (passes(candidate)) return "advance";
        failedChecks++;
        return "hold";
      };
    },
  };
}
