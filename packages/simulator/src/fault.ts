// Faults that can be planted in a version, each one a way in which model servers are known to fail.

/** When a fault is active, in milliseconds since its server started; both ends open when left out. */
export type FaultTime = {
  readonly fromMs?: number;
  readonly untilMs?: number;
};

export type Fault = FaultTime & FaultKind;

/** `rate` is the probability, per request, that a fault strikes it. */
export type FaultKind =
  /** Every iteration takes `factor` times as long, on the first `replicas` replicas or on all. */
  | { readonly kind: "slowdown"; readonly factor: number; readonly replicas?: number }
  /** A share of the requests waits before the engine sees it: P99 moves, the median does not. */
  | { readonly kind: "slow-tail"; readonly rate: number; readonly extraMs: number }
  /** Answers `status` with an error envelope. */
  | { readonly kind: "errors"; readonly rate: number; readonly status: number }
  /** Falls silent after so many tokens (0: before the head) and never ends the answer. */
  | { readonly kind: "hang"; readonly rate: number; readonly afterTokens?: number }
  /** Breaks the connection after so many tokens; 0 or not streaming: before the head. */
  | { readonly kind: "cut"; readonly rate: number; readonly afterTokens: number }
  /** Answers 200 with this body (empty by default) and a proper end. */
  | { readonly kind: "garbage"; readonly rate: number; readonly body?: string }
  /** Sends an error event inside a stream after so many tokens; not streaming: a 500. */
  | { readonly kind: "error-event"; readonly rate: number; readonly afterTokens: number }
  /** Answers 400 to requests that carry this body parameter. */
  | { readonly kind: "rejects"; readonly parameter: string }
  /** A provider's quota: 429 with Retry-After past it, and x-ratelimit-* headers on every answer. */
  | {
      readonly kind: "quota";
      readonly requestsPerMinute: number;
      readonly tokensPerMinute: number;
    }
  /** Each request leaves so much memory behind that is never given back. */
  | { readonly kind: "leak"; readonly bytesPerRequest: number }
  /** The process is gone: what was inside breaks off, and no connection is accepted. */
  | { readonly kind: "crash" };

export function isActive(fault: Fault, sinceStartMs: number): boolean {
  return (
    sinceStartMs >= (fault.fromMs ?? 0) &&
    sinceStartMs < (fault.untilMs ?? Number.POSITIVE_INFINITY)
  );
}
