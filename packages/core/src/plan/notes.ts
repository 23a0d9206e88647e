// A plan in sentences: what should be mended before the rollout starts, what is assumed, and what it will not show.

import { isSequential } from "../guards/guard.ts";
import { differenceMinOf, ratioMaxOf } from "../guards/sequential/hypothesis.ts";
import type { Policy } from "../policy.ts";
import { durationText, percentText, ratioText } from "../quantity.ts";
import { isForeseen, isLatencyKnown } from "./harm.ts";
import type { PlannedStage, RolloutPlan } from "./planned.ts";
import { requestsInWindow } from "./threshold.ts";
import type { Traffic } from "./traffic.ts";

/** A chance below this is not worth a warning. */
const CHANCE_TOLD = 0.02;
const FEW_REQUESTS = 1_000;

export function notesOn(
  policy: Policy,
  traffic: Traffic,
  stages: readonly PlannedStage[],
): Pick<RolloutPlan, "warnings" | "assumed" | "unseen"> {
  return {
    warnings: stages.flatMap((stage) => warningsOn(policy, traffic, stage)),
    assumed: assumptions(policy, traffic),
    unseen: blindSpots(policy, traffic, stages),
  };
}

function warningsOn(policy: Policy, traffic: Traffic, stage: PlannedStage): readonly string[] {
  const at = `stage ${stage.percent}%`;
  const thresholds = stage.guards.flatMap((planned): readonly string[] => {
    if (planned.test !== "threshold") return [];
    const guard = policy.guards.find(({ id }) => id === planned.guard);
    if (guard === undefined || isSequential(guard)) return [];
    if (!planned.fed) {
      const have = Math.round(requestsInWindow(guard, traffic, stage.percent));
      const then = guard.action === "warn" ? "it never says anything" : "the stage never ends";
      return [
        `${at}: ${guard.id} needs ${guard.minRequests} requests of each arm in ${durationText(guard.windowMs)} and gets about ${have}: ${then}; make its window longer, or take test: sequential`,
      ];
    }
    if (planned.falseBreak < CHANCE_TOLD) return [];
    return [
      `${at}: a candidate that is no worse breaks ${guard.id} with a chance of at least ${percentText(planned.falseBreak)}; take test: sequential`,
    ];
  });
  const asks =
    stage.asks < CHANCE_TOLD
      ? []
      : [
          `${at}: ${percentText(stage.asks)} of healthy candidates reach the stage limit of ${durationText(policy.stageLimitMs)} first, and ask an operator`,
        ];
  return [...thresholds, ...asks];
}

function assumptions(policy: Policy, traffic: Traffic): readonly string[] {
  const unknown = policy.guards
    .filter(isSequential)
    .filter((guard) => !isLatencyKnown(guard, traffic))
    .map(({ id }) => id);
  const { requests } = traffic;
  return [
    "traffic stays as it is, night and weekend too",
    "requests are related to each other no more than the evidence showed",
    ...(unknown.length === 0
      ? []
      : [
          `latencies are not known: a P99 of 6.4 times the median is taken for ${unknown.join(", ")}`,
        ]),
    ...(requests !== null && requests < FEW_REQUESTS
      ? [`the figures rest on ${requests} requests only`]
      : []),
  ];
}

function blindSpots(
  policy: Policy,
  traffic: Traffic,
  stages: readonly PlannedStage[],
): readonly string[] {
  const guards = policy.guards.filter(isSequential).filter(isForeseen);
  const rates = guards.flatMap((guard) => {
    const differenceMin = differenceMinOf(guard);
    if (guard.metric.kind === "latency" || differenceMin === 0) return [];
    const most = traffic.errorRate + differenceMin;
    return [
      `${guard.id}: a failure rate that grows from ${percentText(traffic.errorRate)} to less than ${percentText(most)} breaks nothing, by policy`,
    ];
  });
  const never = stages.flatMap((stage) =>
    stage.guards.flatMap((planned) => {
      if (planned.test !== "sequential") return [];
      return planned.seen
        .filter(({ byStageEnd }) => byStageEnd.half === null)
        .map(({ segment }) => {
          const where = segment === null ? "" : ` in ${segment}`;
          return `stage ${stage.percent}%: ${planned.guard} sees no harm of any size${where} by its end`;
        });
    }),
  );
  const least = guards
    .filter(({ metric }) => metric.kind === "latency")
    .map(
      (guard) =>
        `${guard.id}: latencies up to ${ratioText(ratioMaxOf(guard))} stable's break nothing, by policy`,
    );
  const first = stages[0]?.percent ?? 0;
  return [
    ...rates,
    ...least,
    ...never,
    ...heldBackText(policy),
    `what only shows under load: at ${first}% the candidate is not as busy as it will be`,
    "what takes longer than the rollout, and what no guard measures",
  ];
}

function heldBackText({ holdbackPercent }: Policy): readonly string[] {
  if (holdbackPercent === undefined) return [];
  return [
    `what the last ${holdbackPercent}% bring: they are held back as a control, also at 100%, and get the candidate when the rollout completes and no guard looks any more`,
  ];
}
