// What an experimentation tool without sequential statistics does: a z-test on all requests so far, looked at every
// minute as if each look were the only one.
import { binOf } from "@slipway/core";
import { slowerThan, together } from "./arm-minute.ts";
import type { ArmMinute, Baseline, Minute, Rule } from "./rule.ts";

export type ZTestSettings = {
  readonly name: string;
  readonly holdMinutes: number;
  readonly baseline: Baseline;
};

/** One-sided 5%. */
const Z = 1.644_854;

type Bad = { readonly n: number; readonly bad: number };

export function zTest({ name, holdMinutes, baseline }: ZTestSettings): Rule {
  const slowBin = binOf(baseline.p99Ms);
  return {
    name,
    settings: `every minute at 5%, on failures and on answers slower than ${Math.round(baseline.p99Ms)} ms, ${holdMinutes}m a stage`,
    begin: () => {
      let all: Minute | null = null;
      let at = { stage: -1, minutes: 0 };
      return (minute, stage) => {
        all = all === null ? minute : plus(all, minute);
        at = { stage, minutes: at.stage === stage ? at.minutes + 1 : 1 };
        const { candidate, stable } = all;
        const isWorse =
          isHigher(failures(candidate), failures(stable)) ||
          isHigher(slowerThan(candidate, slowBin), slowerThan(stable, slowBin));
        if (isWorse) return "roll-back";
        return at.minutes >= holdMinutes ? "advance" : "hold";
      };
    },
  };
}

function plus(all: Minute, minute: Minute): Minute {
  return {
    candidate: together([all.candidate, minute.candidate]),
    stable: together([all.stable, minute.stable]),
  };
}

function failures({ requests, failures: bad }: ArmMinute): Bad {
  return { n: requests, bad };
}

/** Two proportions, pooled variance. */
function isHigher(candidate: Bad, stable: Bad): boolean {
  if (candidate.n === 0 || stable.n === 0) return false;
  const pooled = (candidate.bad + stable.bad) / (candidate.n + stable.n);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / candidate.n + 1 / stable.n));
  if (error === 0) return false;
  return (candidate.bad / candidate.n - stable.bad / stable.n) / error > Z;
}
