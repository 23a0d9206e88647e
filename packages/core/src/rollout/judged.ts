// What the evidence says of a rollout whatever the time is: how every guard stands, and every trend. A controller decides several
// times a second and learns something new every ten: until then this is kept, beside the evidence.

import type { Evidence } from "../evidence/evidence.ts";
import { standingOf } from "../guards/judge.ts";
import type { Standing } from "../guards/verdict.ts";
import { judgeTrend, type TrendVerdict } from "../trends/judge-trend.ts";
import { fairStandings } from "./common-cause.ts";
import type { Rollout } from "./rollout.ts";

export type Judged = {
  readonly standings: readonly Standing[];
  readonly trends: readonly TrendVerdict[];
};

/** One for each evidence: that of the rollout that was judged last. Neither ever changes. */
const KNOWN = new WeakMap<Evidence, { readonly rollout: Rollout; readonly judged: Judged }>();

export function judgedOf(rollout: Rollout, evidence: Evidence): Judged {
  const known = KNOWN.get(evidence);
  if (known?.rollout === rollout) return known.judged;
  const { guards, trends } = rollout.policy;
  const standings = guards.map((guard) => standingOf(guard, rollout, evidence));
  const judged = {
    standings: fairStandings(rollout, evidence, standings),
    trends: trends.map((trend) => judgeTrend(trend, rollout, evidence)),
  };
  KNOWN.set(evidence, { rollout, judged });
  return judged;
}
