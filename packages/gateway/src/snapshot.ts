// A gateway worker as it stands: for health checks, gauges and `status`.

import type { Member } from "@slipway/wire";
import type { Context } from "./path/context.ts";

export type ReplicaState = {
  readonly model: string;
  readonly version: string;
  readonly inFlight: number;
  readonly queued: number;
};

export type GatewaySnapshot = {
  readonly member: Member;
  /** Null before the first table. */
  readonly table: { readonly storeId: string; readonly number: number } | null;
  /** Milliseconds that the lease still lasts; 0 without one. */
  readonly leaseMs: number;
  readonly openRequests: number;
  /** Objects of earlier answers whose upstream is known. */
  readonly objectsKnown: number;
  readonly diverted: readonly string[];
  /** Rollouts whose candidate this worker left by itself, or after another. */
  readonly tripped: readonly string[];
  readonly models: readonly string[];
  readonly versions: readonly ReplicaState[];
  readonly isClosed: boolean;
};

export function snapshotOf(context: Context, member: Member): GatewaySnapshot {
  const routing = context.routing();
  const versions: ReplicaState[] = [];
  for (const destination of routing?.destinations.values() ?? []) {
    for (const balancer of [destination.stable, destination.candidate]) {
      if (balancer === null) continue;
      const { inFlight, queued } = balancer;
      const model = destination.route.model;
      versions.push({ model, version: balancer.version.id, inFlight, queued });
    }
  }
  const table = routing?.table;
  return {
    member,
    table: table === undefined ? null : { storeId: table.storeId, number: table.number },
    leaseMs: context.lease.remainingMs(context.ports.clock.mono()),
    openRequests: context.open.size,
    objectsKnown: context.objects.size,
    diverted: context.diverted.list(),
    tripped: context.trips.list(),
    models: [...(routing?.destinations.keys() ?? [])],
    versions,
    isClosed: context.isClosed(),
  };
}
