// A volley: what a generator of load is told to send, all of it known beforehand. It crosses to a thread of its own.

import type { DueShot, Shot } from "@slipway/core";
import type { Endpoint } from "../endpoint.ts";
import type { Engines } from "./engines.ts";

export type Volley = {
  /**
   * `open`: each when it is due, until all are answered. `full`: as many at once as may be, and due when there is a place,
   * until the last one is sent.
   */
  readonly kind: "open" | "full";
  /** In the order in which they are due. */
  readonly schedule: readonly DueShot[];
  readonly endpoints: readonly Endpoint[];
  /** Requests under way at each endpoint; what is due beyond that waits, as it would in a gateway. */
  readonly inFlightMax: number;
  /** From when it was due to the end of its answer. */
  readonly timeoutMs: number;
  /** Ends then, with what is under way left out; null for when all is answered. */
  readonly endMs: number | null;
  /** Has the server go on until as many tokens are there as were asked for. */
  readonly ignoreEos: boolean;
  /** Numbers the prompts, so that no two volleys send the same. */
  readonly firstNumber: number;
};

/** All that is due, each when it is due, until all are answered. */
export function openVolley(
  endpoints: readonly Endpoint[],
  { inFlightMax, isHosted }: Engines,
  schedule: readonly DueShot[],
  { timeoutMs, ignoreEos }: { readonly timeoutMs: number; readonly ignoreEos: boolean | null },
): Volley {
  return {
    ...{ kind: "open", schedule, endpoints, inFlightMax, timeoutMs },
    endMs: null,
    // A provider knows no such field.
    ignoreEos: ignoreEos ?? !isHosted,
    firstNumber: 0,
  };
}

export type VolleyWatch = {
  readonly progress: (done: number, of: number) => void;
  readonly signal: AbortSignal;
};

/** Sends a volley from somewhere where nothing else is in its way. */
export type Shoot = (volley: Volley, watch: VolleyWatch) => Promise<readonly Shot[]>;
