// A table made ready for the request path: routes by model, each with the balancers of its versions. Immutable;
// a request keeps the one it was assigned by.

import { Audience, type Route, type Table, type Version } from "@slipway/core";
import { Caller } from "../client/caller.ts";
import { type Digest, Directory } from "../client/directory.ts";
import type { Limits } from "../limits.ts";
import { Balancer } from "../upstream/balancer.ts";
import type { FleetShare } from "../upstream/fleet-share.ts";
import { Pool } from "../upstream/pool.ts";
import type { Secret, Surroundings } from "../upstream/replica.ts";
import { RetryBudget } from "../upstream/retry-budget.ts";

export type Destination = {
  readonly route: Route;
  readonly audience: Audience;
  readonly stable: Balancer;
  /** Null when the route has no split. */
  readonly candidate: Balancer | null;
  /** Null when nothing is mirrored. */
  readonly shadow: Balancer | null;
  readonly replayBudget: RetryBudget;
};

export type Routing = {
  readonly table: Table;
  readonly destinations: ReadonlyMap<string, Destination>;
  /** The destination of what names no model, when there is exactly one. */
  readonly only: Destination | null;
  /** Who may call; null lets everyone in. */
  readonly directory: Directory | null;
};

export type RoutingOptions = {
  readonly limits: Limits;
  readonly secret: Secret;
  readonly digest: Digest;
  /** This worker's share of what is limited for all gateways together. */
  readonly share: FleetShare;
};

/** Builds the routing of one table after another, and keeps what lasts between them. */
export class RoutingBuilder {
  readonly #options: RoutingOptions;
  readonly #around: Surroundings;
  #pools = new Map<string, Pool>();
  #balancers = new Map<string, Balancer>();
  #budgets = new Map<string, RetryBudget>();
  #callers = new Map<string, Caller>();

  constructor(options: RoutingOptions) {
    this.#options = options;
    const { secret, share } = options;
    this.#around = { secret, share, pool: (name) => this.#pool(name) };
  }

  /** Pools in use, by name. */
  get pools(): ReadonlyMap<string, Pool> {
    return this.#pools;
  }

  /** The number of live workers has changed, perhaps, and this worker's shares with it. */
  reshare(members: number, rank: number, nowMs: number): void {
    this.#options.share.learn(members, rank);
    for (const pool of this.#pools.values()) pool.reshare(nowMs);
    for (const caller of this.#callers.values()) caller.reshare(nowMs);
  }

  /** Serves whoever waits, where there is room again. */
  serve(nowMs: number): void {
    for (const balancer of this.#balancers.values()) balancer.serve(nowMs);
  }

  build(table: Table, nowMs: number): Routing {
    const { limits } = this.#options;
    this.#declare(table, nowMs);
    const balancers = new Map<string, Balancer>();
    const budgets = new Map<string, RetryBudget>();
    const balancerOf = (model: string, version: Version): Balancer => {
      const name = `${model}\n${version.id}`;
      const balancer =
        balancers.get(name) ?? this.#balancers.get(name) ?? new Balancer(limits, version);
      balancer.update(version, this.#around, nowMs);
      balancers.set(name, balancer);
      return balancer;
    };
    const destinations = new Map<string, Destination>();
    for (const route of table.routes) {
      const budget = this.#budgets.get(route.model) ?? new RetryBudget();
      budgets.set(route.model, budget);
      destinations.set(route.model, {
        route,
        audience: new Audience(route.audience),
        stable: balancerOf(route.model, route.stable),
        candidate: route.split === null ? null : balancerOf(route.model, route.split.candidate),
        shadow: route.mirror === null ? null : balancerOf(route.model, route.mirror.to),
        replayBudget: budget,
      });
    }
    // A version may be back before its last answers have ended: their slots are taken still.
    for (const [name, balancer] of this.#balancers) {
      if (!balancers.has(name) && balancer.isInUse) balancers.set(name, balancer);
    }
    this.#balancers = balancers;
    this.#budgets = budgets;
    // A drill's stand-in is nobody's model: where there is one model, there is one all the same.
    const [first, ...others] = [...destinations.values()].filter(({ route }) => !route.drill);
    const only = others.length === 0 ? (first ?? null) : null;
    return { table, destinations, only, directory: this.#directory(table, nowMs) };
  }

  /** One who was removed and comes back begins anew. */
  #directory({ clients }: Table, nowMs: number): Directory | null {
    const { digest, share } = this.#options;
    const callers = new Map<string, Caller>();
    for (const client of clients ?? []) {
      const caller = this.#callers.get(client.name) ?? new Caller(client, share);
      caller.update(client, nowMs);
      callers.set(client.name, caller);
    }
    this.#callers = callers;
    return clients === null ? null : new Directory([...callers.values()], digest);
  }

  /** Those that nobody names any more are forgotten; the others keep what they know. */
  #declare(table: Table, nowMs: number): void {
    const versions = table.routes.flatMap(({ mirror, split, stable }) => [
      stable,
      ...(split === null ? [] : [split.candidate]),
      ...(mirror === null ? [] : [mirror.to]),
    ]);
    const named = new Set(versions.flatMap(({ upstreams }) => upstreams.map(({ pool }) => pool)));
    for (const name of this.#pools.keys()) if (!named.has(name)) this.#pools.delete(name);
    for (const name of named) {
      this.#pool(name).update(table.pools.find((pool) => pool.name === name) ?? null, nowMs);
    }
  }

  #pool(name: string): Pool {
    const pool = this.#pools.get(name) ?? new Pool(name, this.#options.share);
    this.#pools.set(name, pool);
    return pool;
  }
}
