// A request that may be served, before its body has come.

import type { Api } from "../api.ts";
import type { Caller } from "../client/caller.ts";
import type { Exchange } from "../ports.ts";
import type { Routing } from "../table/routing.ts";

export type Admitted = {
  readonly exchange: Exchange;
  readonly id: string;
  readonly api: Api;
  /** What follows `/v1`, query included. */
  readonly path: string;
  readonly routing: Routing;
  /** Whose key it carries; null where everyone may call. */
  readonly caller: Caller | null;
};
