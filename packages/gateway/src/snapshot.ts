// A gateway worker as it stands: for health checks, gauges and `status`.

import type { Member } from "@slipway/wire";
import type { Context } from "./path/context.ts";
import type { Balancer, RefusalReason } from "./upstream/balancer.ts";
import type { PoolState } from "./upstream/pool.ts";

/** A version on this worker. */
export type VersionState = {
  readonly model: string;
  readonly version: string;
  readonly inFlight: number;
  /** Requests that wait for a slot, of every priority. */
  readonly queued: number;
  readonly queuedBackground: number;
  /** Requests refused since the worker started to serve the version, by reason. */
  readonly refused: { readonly [reason in RefusalReason]: number };
  readonly upstreams: readonly UpstreamState[];
};

export type UpstreamState = {
  readonly upstream: string;
  readonly inFlight: number;
  /** This worker's limit of requests in flight, at present. */
  readonly limit: number;
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
  /** Clients are declared: whoever has no key is a stranger. */
  readonly hasClients: boolean;
  readonly versions: readonly VersionState[];
  readonly pools: readonly PoolState[];
  readonly isClosed: boolean;
};

export function snapshotOf(
  context: Context,
  member: Member,
  pools: readonly PoolState[],
): GatewaySnapshot {
  const routing = context.routing();
  const versions: VersionState[] = [];
  for (const destination of routing?.destinations.values() ?? []) {
    const { candidate, shadow, stable } = destination;
    // A mirror may go to the candidate.
    for (const balancer of new Set([stable, candidate, shadow])) {
      if (balancer === null) continue;
      versions.push(versionState(destination.route.model, balancer));
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
    hasClients: (routing?.directory ?? null) !== null,
    models: [...(routing?.destinations.keys() ?? [])],
    versions,
    pools,
    isClosed: context.isClosed(),
  };
}

function versionState(model: string, balancer: Balancer): VersionState {
  const { inFlight, queued, refused, replicas, version } = balancer;
  return {
    model,
    version: version.id,
    inFlight,
    queued,
    queuedBackground: balancer.queuedOf("background"),
    refused: { ...refused },
    upstreams: replicas.map((replica) => ({
      upstream: replica.upstream.id,
      inFlight: replica.inFlight,
      limit: replica.slots,
    })),
  };
}
