// The routes of a routing table, minted from the models and the rollouts under way. Pure: the same inputs
// give the same table, so a controller that restarts mints nothing new.

import type { Mirror, MirrorOrder } from "./mirror.ts";
import type { Model, Version } from "./model.ts";
import { candidateSlotsOf, isFinished } from "./rollout/phase.ts";
import type { Rollout } from "./rollout/rollout.ts";
import { poolsOf, versionsNamed } from "./rollout/shared-pools.ts";
import type { Route, Split } from "./table.ts";

/** One route a model, sorted by name. At most one unfinished rollout a model. */
export function routesOf(
  models: readonly Model[],
  rollouts: readonly Rollout[],
  /** By model: those that are under way. */
  mirrors: ReadonlyMap<string, MirrorOrder> = new Map(),
): readonly Route[] {
  const strained = strainedPools(models, rollouts);
  return [...models]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((model) => {
      const rollout = rollouts.find((r) => r.model === model.name && !isFinished(r.phase));
      const policy = rollout?.policy ?? model.policy;
      return {
        model: model.name,
        stable: versionOf(model, rollout?.from ?? model.stable),
        split: rollout === undefined ? null : splitOf(model, rollout),
        keys: policy.keys,
        audience: policy.audience,
        evidence: policy.evidence,
        replay: policy.replay,
        ...(policy.onRollback === undefined ? {} : { onRollback: policy.onRollback }),
        trip: policy.trip,
        answers: policy.answers,
        lease: policy.lease,
        priority: policy.priority,
        deadlineMs: policy.deadlineMs,
        ...(model.drillOf === undefined ? {} : { drill: true as const }),
        ...(rollout?.shed === undefined ? {} : { shed: rollout.shed }),
        mirror: sparedMirror(mirrorOf(model, mirrors.get(model.name)), strained),
      };
    });
}

/** Pools of rollouts whose stable version may not be able to take everybody. */
function strainedPools(
  models: readonly Model[],
  rollouts: readonly Rollout[],
): ReadonlySet<string> {
  const versions = rollouts
    .filter(({ phase, shed }) => shed !== undefined && !isFinished(phase))
    .flatMap(({ model: name, from, to }) => {
      const model = models.find((one) => one.name === name);
      return model === undefined ? [] : versionsNamed(model, [from, to]);
    });
  return new Set(poolsOf(versions));
}

/** Copies are the first that a strained pool is spared. The mirror stays ordered, and goes on afterwards. */
function sparedMirror(mirror: Mirror | null, strained: ReadonlySet<string>): Mirror | null {
  if (mirror === null || !poolsOf([mirror.to]).some((pool) => strained.has(pool))) return mirror;
  return null;
}

function splitOf(model: Model, rollout: Rollout): Split {
  return {
    rolloutId: rollout.id,
    candidate: versionOf(model, rollout.to),
    candidateSlots: candidateSlotsOf(rollout.phase, rollout.policy),
  };
}

function mirrorOf(model: Model, order: MirrorOrder | undefined): Mirror | null {
  return order === undefined ? null : { ...order, to: versionOf(model, order.to) };
}

function versionOf(model: Model, id: string): Version {
  const version = model.versions.find((v) => v.id === id);
  if (version === undefined) throw new RangeError(`model ${model.name} has no version ${id}`);
  return version;
}
