// What the evidence says of a rollout whatever the time is: how every guard stands, and every trend. A controller decides several
// times a second and learns something new every ten: until then this is kept, beside the evidence.

import type { Evidence } from "../evidence/evidence.ts";
import { standingOf } from "../guards/judge.ts";
import type { Standing } from "../guards/verdict.ts";
import type { Policy } from "../policy.ts";
import { judgeTrend, type TrendVerdict } from "../trends/judge-trend.ts";
import { fairStandings } from "./common-cause.ts";
import type { Rollout } from "./rollout.ts";

export type Judged = {
  readonly standings: readonly Standing[];
  readonly trends: readonly TrendVerdict[];
};

type Known = { readonly evidence: Evidence; readonly rollout: Rollout; readonly judged: Judged };

/** Of each policy what was judged last: a rollout keeps its policy, and its old evidence is of no use to anybody. */
const KNOWN = new WeakMap<Policy, Known>();

export function judgedOf(rollout: Rollout, evidence: Evidence): Judged {
  const known = KNOWN.get(rollout.policy);
  if (known?.evidence === evidence && known.rollout === rollout) return known.judged;
  const { guards, trends } = rollout.policy;
  const standings = guards.map((guard) => standingOf(guard, rollout, evidence));
  const judged = {
    standings: fairStandings(rollout, evidence, standings),
    trends: trends.map((trend) => judgeTrend(trend, rollout, evidence)),
  };
  KNOWN.set(rollout.policy, { evidence, rollout, judged });
  return judged;
}
