// Who else uses the pools that something new would use: rollouts under way and mirrors, of all models.

import {
  isFinished,
  type Model,
  type Neighbour,
  neighboursOf,
  type PoolUser,
  type Version,
  versionsNamed,
} from "@slipway/core";
import type { World } from "../world/world.ts";

type Users = Pick<World, "models" | "running">;

/** Rollouts of other models, and mirrors that copy other models' requests, in a pool of these versions. */
export function besideRollout(
  users: Users,
  model: Model,
  ids: readonly string[],
): readonly Neighbour[] {
  const versions = versionsNamed(model, ids);
  return neighboursOf(versions, [...rolloutsOf(users, model), ...mirrorsOf(users, model)]);
}

/** Rollouts of other models in a pool of this version. */
export function besideMirror(
  users: Users,
  model: Model,
  version: Version["id"],
): readonly Neighbour[] {
  return neighboursOf(versionsNamed(model, [version]), rolloutsOf(users, model));
}

/** A model has one rollout at most; that of the model itself is refused for another reason. */
function rolloutsOf({ models, running }: Users, { name }: Model): readonly PoolUser[] {
  return [...running.values()].flatMap(({ rollout }) => {
    const known = models.get(rollout.model)?.model;
    if (rollout.model === name || isFinished(rollout.phase) || known === undefined) return [];
    // A drill sends what is next to nothing, and must keep nobody from a rollout.
    if (rollout.drill === true) return [];
    const versions = versionsNamed(known, [rollout.from, rollout.to]);
    return [{ kind: "rollout" as const, id: rollout.id, model: rollout.model, versions }];
  });
}

/** Those of the model itself copy what its own users send: whoever started them meant to. */
function mirrorsOf({ models }: Users, { name }: Model): readonly PoolUser[] {
  return [...models.values()].flatMap(({ model, mirror }) => {
    if (model.name === name || mirror === null || mirror.stopped !== null) return [];
    const versions = versionsNamed(model, [mirror.order.to]);
    return [{ kind: "mirror" as const, id: mirror.order.id, model: model.name, versions }];
  });
}
