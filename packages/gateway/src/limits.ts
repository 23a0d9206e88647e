// Every limit of a gateway worker that is not the policy of a model, with its default.

export type Limits = {
  /** A larger request body gets 413. */
  readonly bodyBytesMax: number;
  /** While the bodies kept at once would be more, a request gets 503. */
  readonly bodyBytesOpenMax: number;
  /** Requests that wait for an upstream of a version, per upstream it has. */
  readonly queuePerUpstreamMax: number;
  /** A request that would wait longer for an upstream, or has, gets 429. */
  readonly queueWaitMsMax: number;
  /** How long a shutdown waits for open requests. */
  readonly drainMsMax: number;
  /** How long the goodbye may take. */
  readonly goodbyeMsMax: number;
};

export const DEFAULT_LIMITS: Limits = {
  bodyBytesMax: 32 * 2 ** 20,
  bodyBytesOpenMax: 512 * 2 ** 20,
  queuePerUpstreamMax: 256,
  queueWaitMsMax: 5_000,
  drainMsMax: 30_000,
  goodbyeMsMax: 3_000,
};
