// A table made ready for the request path: routes by model, each with the balancers of its versions. Immutable;
// a request keeps the one it was assigned by.

import type { Route, Table, Version } from "@slipway/core";
import type { Limits } from "../limits.ts";
import { Balancer, type Secret } from "../upstream/balancer.ts";
import { ReplayBudget } from "../upstream/replay-budget.ts";

export type Destination = {
  readonly route: Route;
  readonly stable: Balancer;
  /** Null when the route has no split. */
  readonly candidate: Balancer | null;
  readonly replayBudget: ReplayBudget;
};

export type Routing = {
  readonly table: Table;
  readonly destinations: ReadonlyMap<string, Destination>;
  /** The destination of what names no model, when there is exactly one. */
  readonly only: Destination | null;
};

/** Builds the routing of one table after another, and keeps what lasts between them. */
export class RoutingBuilder {
  readonly #limits: Limits;
  readonly #secret: Secret;
  #balancers = new Map<string, Balancer>();
  #budgets = new Map<string, ReplayBudget>();

  constructor(limits: Limits, secret: Secret) {
    this.#limits = limits;
    this.#secret = secret;
  }

  build(table: Table, nowMs: number): Routing {
    const balancers = new Map<string, Balancer>();
    const budgets = new Map<string, ReplayBudget>();
    const balancerOf = (model: string, version: Version): Balancer => {
      const name = `${model}\n${version.id}`;
      const balancer =
        balancers.get(name) ?? this.#balancers.get(name) ?? new Balancer(this.#limits, version);
      balancer.update(version, this.#secret, nowMs);
      balancers.set(name, balancer);
      return balancer;
    };
    const destinations = new Map<string, Destination>();
    for (const route of table.routes) {
      const budget = this.#budgets.get(route.model) ?? new ReplayBudget();
      budgets.set(route.model, budget);
      destinations.set(route.model, {
        route,
        stable: balancerOf(route.model, route.stable),
        candidate: route.split === null ? null : balancerOf(route.model, route.split.candidate),
        replayBudget: budget,
      });
    }
    this.#balancers = balancers;
    this.#budgets = budgets;
    const [first, ...others] = destinations.values();
    return { table, destinations, only: others.length === 0 ? (first ?? null) : null };
  }
}
