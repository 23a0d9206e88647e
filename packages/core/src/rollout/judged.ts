// What the evidence says of a rollout whatever the time is: every verdict, and every trend. A controller decides several
// times a second and learns something new every ten: until then this is kept, beside the evidence.

import type { Evidence } from "../evidence/evidence.ts";
import { judge } from "../guards/judge.ts";
import type { Verdict } from "../guards/verdict.ts";
import { judgeTrend, type TrendVerdict } from "../trends/judge-trend.ts";
import { fairVerdicts } from "./common-cause.ts";
import type { Rollout } from "./rollout.ts";

export type Judged = {
  readonly verdicts: readonly Verdict[];
  readonly trends: readonly TrendVerdict[];
};

/** One for each evidence: that of the rollout that was judged last. Neither ever changes. */
const KNOWN = new WeakMap<Evidence, { readonly rollout: Rollout; readonly judged: Judged }>();

export function judgedOf(rollout: Rollout, evidence: Evidence): Judged {
  const known = KNOWN.get(evidence);
  if (known?.rollout === rollout) return known.judged;
  const { guards, trends } = rollout.policy;
  const verdicts = guards.map((guard) => judge(guard, rollout, evidence));
  const judged = {
    verdicts: fairVerdicts(rollout, evidence, verdicts),
    trends: trends.map((trend) => judgeTrend(trend, rollout, evidence)),
  };
  KNOWN.set(evidence, { rollout, judged });
  return judged;
}
