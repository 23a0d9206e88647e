// What a version is served by, as far as slipway.yaml says: its own engines, or somebody else's.

import type { Served } from "../endpoint.ts";

export type Engines = {
  /** Whether a provider serves it: whoever serves it himself says how many replicas there are. */
  readonly isHosted: boolean;
  /** One for each address where they come and go with the load. */
  readonly replicas: number;
  readonly isElastic: boolean;
  readonly perUpstream: number;
  /** Requests at once at each address, as gateways let through. */
  readonly inFlightMax: number;
};

/** Connections of a generator to one address. */
const IN_FLIGHT_MAX = 1_000;

export function enginesOf({ version, endpoints }: Served): Engines {
  const { upstreams } = version;
  const declared = upstreams.map(({ replicas }) => (typeof replicas === "number" ? replicas : 1));
  const replicas = declared.reduce((sum, n) => sum + n, 0);
  const limits = upstreams.map(({ inFlightMax }) => inFlightMax);
  return {
    isHosted: upstreams.every((upstream) => upstream.replicas === undefined),
    isElastic: upstreams.some((upstream) => upstream.replicas === "elastic"),
    replicas,
    perUpstream: replicas / endpoints.length,
    inFlightMax: Math.min(IN_FLIGHT_MAX, ...limits),
  };
}
