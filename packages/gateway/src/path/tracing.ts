// Traces of requests, where an operator wants them: what the path says, and a tracer hears. Null where it is off, so that
// nothing is made for it.

import type { RawHeaders } from "../ports.ts";
import type { Observation } from "./observe.ts";

type RequestFacts = {
  readonly operation: string;
  readonly model: string;
  readonly headers: RawHeaders;
};

type AttemptFacts = {
  readonly operation: string;
  /** Model id that the upstream knows. */
  readonly model: string;
  readonly baseUrl: string;
  readonly arm: string;
  readonly version: string;
};

/** One try to have a request answered: a span of its own. */
export type AttemptTrace = {
  /** `traceparent`, and `tracestate` where the client sent one that counts: name, value, … */
  readonly headers: readonly string[];
  /** `status` is 0 where none came; `error` is null where it went well. */
  readonly end: (status: number, error: string | null) => void;
};

export type RequestTrace = {
  readonly attempt: (facts: AttemptFacts) => AttemptTrace;
  /** `status` is 0 where Slipway itself answered, or nobody. */
  readonly end: (observation: Observation, rolloutId: string | null, status: number) => void;
};

export type Tracing = { readonly begin: (facts: RequestFacts) => RequestTrace };

/** The headers that a trace has of its own. */
export function isTraceHeader(name: string): boolean {
  return name === "traceparent" || name === "tracestate";
}
