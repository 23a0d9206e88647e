// Who shares a pool with whom: two rollouts on one account or one set of machines would each be taken for the cause of
// what the other does, and together they may ask for more than there is.

import type { Model, Version } from "../model.ts";

/** What else uses a pool that a rollout needs. */
export type Neighbour = {
  readonly kind: "rollout" | "mirror";
  /** Id of the rollout, or of the mirror. */
  readonly id: string;
  readonly model: string;
  readonly pool: string;
};

/** What a rollout under way, or a mirror, sends requests to. */
export type PoolUser = Omit<Neighbour, "pool"> & { readonly versions: readonly Version[] };

/** Sorted, each once. */
export function poolsOf(versions: readonly Version[]): readonly string[] {
  const pools = versions.flatMap(({ upstreams }) => upstreams.map(({ pool }) => pool));
  return [...new Set(pools)].sort();
}

/** Pools that both versions have upstreams in. */
export function sharedPoolsOf(one: Version, other: Version): readonly string[] {
  const others = new Set(poolsOf([other]));
  return poolsOf([one]).filter((pool) => others.has(pool));
}

/** Who of `users` has upstreams in a pool of these versions, by its first such pool. */
export function neighboursOf(
  versions: readonly Version[],
  users: readonly PoolUser[],
): readonly Neighbour[] {
  const pools = new Set(poolsOf(versions));
  return users.flatMap(({ kind, id, model, versions: used }) => {
    const pool = poolsOf(used).find((name) => pools.has(name));
    return pool === undefined ? [] : [{ kind, id, model, pool }];
  });
}

/** Those of a model's versions that have one of these ids. */
export function versionsNamed(
  { versions }: Pick<Model, "versions">,
  ids: readonly string[],
): readonly Version[] {
  return versions.filter(({ id }) => ids.includes(id));
}

/** "rollout k2v8 of chat (pool openai)". */
export function neighbourText({ kind, id, model, pool }: Neighbour): string {
  return kind === "rollout"
    ? `rollout ${id} of ${model} (pool ${pool})`
    : `the mirror of ${model} (pool ${pool})`;
}
