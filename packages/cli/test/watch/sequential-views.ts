// Hand-made views of rollouts with sequential guards, for golden pictures of `rollout watch`.

import type { Finding, Guard, Verdict } from "@slipway/core";
import type { RolloutView } from "@slipway/wire";

const guards: readonly Guard[] = [
  {
    id: "p99-latency",
    test: "sequential",
    segment: null,
    weight: 1,
    metric: { kind: "latency", time: "total", quantile: 0.99, byLength: false },
    comparison: { kind: "ratio", ratioMax: 2, differenceMin: 0 },
    action: "roll-back",
    windowMs: 300_000,
  },
  {
    id: "errors",
    test: "sequential",
    segment: null,
    weight: 1,
    metric: { kind: "events", event: "errors" },
    comparison: { kind: "ratio", ratioMax: 1, differenceMin: 0.005 },
    action: "roll-back",
    windowMs: 300_000,
  },
];

const needed = Math.log(200);
const going = { margin: 1.5, difference: null, logNeeded: Math.log(20) };

function latency(status: Verdict["status"], finding: Finding): Verdict {
  return {
    guard: "p99-latency",
    unit: "ms",
    comparison: "ratio",
    action: "roll-back",
    holds: true,
    status,
    measured: 1.07,
    limit: 2,
    candidate: { value: 1_262, over: false, n: 812 },
    stable: { value: 1_180, over: false, n: 2_411 },
    baseline: "concurrent",
    interval: null,
    text: "P99 latency ratio 0.84x to 1.41x (99%) (1.26 s against 1.18 s)",
    finding,
  };
}

function errors(status: Verdict["status"], share: number, finding: Finding): Verdict {
  return {
    guard: "errors",
    unit: "share",
    comparison: "ratio",
    action: "roll-back",
    holds: true,
    status,
    measured: share / 0.01,
    limit: 1,
    candidate: { value: share, over: false, n: 815 },
    stable: { value: 0.01, over: false, n: 2_420 },
    baseline: "concurrent",
    interval: null,
    text: "error ratio at least 1.68x (99%), limit 1x; evidence 342 of 200 (3.1% against 1%)",
    finding,
  };
}

const calm = latency("pass", {
  logE: Math.log(0.02),
  logNeeded: needed,
  low: 0.84,
  high: 1.41,
  odds: false,
  segment: null,
  replica: null,
  byHeavyUser: false,
  byFewUsers: false,
  late: null,
  going: { ...going, logE: Math.log(43_000), excluded: 1.25 },
});

const waiting = errors("wait", 0.012, {
  logE: Math.log(3.4),
  logNeeded: needed,
  low: 0.71,
  high: null,
  odds: false,
  segment: null,
  replica: null,
  byHeavyUser: false,
  byFewUsers: false,
  late: null,
  going: { ...going, logE: Math.log(4.2), excluded: 1.68 },
});

const alarmed = errors("fail", 0.031, {
  logE: Math.log(342),
  logNeeded: needed,
  low: 1.68,
  high: 5.66,
  odds: false,
  segment: null,
  replica: null,
  byHeavyUser: false,
  byFewUsers: false,
  late: null,
  going: { ...going, logE: Math.log(1e-8), excluded: 4.76 },
});

const unheard = latency("wait", {
  logE: 0,
  logNeeded: needed,
  low: null,
  high: null,
  odds: false,
  segment: null,
  replica: null,
  byHeavyUser: false,
  byFewUsers: false,
  late: null,
  going: { ...going, logE: 0, excluded: null },
});

/** Sequential guards in what a rollout with thresholds otherwise looks like. */
export function sequentialViews(base: RolloutView): { readonly [name: string]: RolloutView } {
  const view = { ...base, policy: { ...base.policy, guards } };
  const text =
    "after 4 h the evidence does not suffice (errors: up to 1.68x is not excluded (95%), below 1.5x is needed); promote it, or roll it back";
  return {
    "sequential-waiting": { ...view, verdicts: [calm, waiting] },
    "sequential-alarm": { ...view, verdicts: [unheard, alarmed] },
    "sequential-asking": {
      ...view,
      verdicts: [calm, waiting],
      decision: { kind: "hold", because: { code: "ask", text } },
    },
  };
}
