// The port to plain HTTP: what is no question to a model, such as an engine's metrics or a team's own service.

import type { Json } from "@slipway/core";

export type HttpCall = {
  readonly method: "GET" | "POST";
  readonly url: string;
  /** Sent as JSON; null for none. */
  readonly body: Json;
  /** PEM file of the authorities that may vouch for it; null for the public ones. */
  readonly caFile: string | null;
  readonly signal: AbortSignal;
};

/** Throws a SlipwayError where no answer comes in time, or it is longer than is read. */
export type Http = (call: HttpCall) => Promise<{ readonly status: number; readonly text: string }>;
