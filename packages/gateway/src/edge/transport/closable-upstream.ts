// The upstreams' side of a gateway, whatever code carries it.

import type { Upstream } from "../../ports.ts";

export type ClosableUpstream = Upstream & {
  /** Cuts every connection. */
  readonly close: () => Promise<void>;
};
