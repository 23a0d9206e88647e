// The accepted baseline in a model's policy: its limits as guards of the next rollout.

import type { SequentialGuard } from "../guards/guard.ts";
import type { Model } from "../model.ts";
import type { Baseline, BaselineLimit } from "./baseline.ts";

const WINDOW_MS = 300_000;

/** The model as its next rollout finds it. */
export function withBaseline(model: Model, baseline: Baseline | null): Model {
  if (baseline === null) return model;
  const { policy } = model;
  const { rolloutId, version, atMs, by, reason } = baseline;
  const own = baseline.limits
    .map((limit) => guardOf(limit, policy.guards[0]?.windowMs ?? WINDOW_MS))
    .filter(({ id }) => !policy.guards.some((guard) => guard.id === id));
  return {
    ...model,
    policy: {
      ...policy,
      guards: [...policy.guards, ...own],
      baseline: { rolloutId, version, atMs, by, reason },
    },
  };
}

/**
 * It holds the rollout and asks, and turns nobody back: a limit knows nothing of the other version, and on a bad day both
 * are over it.
 */
function guardOf({ name, metric, max }: BaselineLimit, windowMs: number): SequentialGuard {
  return {
    id: `slo-${name}`,
    test: "sequential",
    action: "block",
    segment: null,
    metric,
    weight: 1,
    windowMs,
    comparison: { kind: "limit", max },
  };
}
