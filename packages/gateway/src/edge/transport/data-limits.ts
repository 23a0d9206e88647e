// What a client's connection may take before its request has a model: every limit named, with its default.

export type DataLimits = {
  /** Connections of one worker; one more is closed as it comes. */
  readonly connectionsMax: number;
  /** Request line and headers together; more gets 431. */
  readonly headBytesMax: number;
  /** More header fields get 431. */
  readonly headersMax: number;
  /** A longer target gets 414. */
  readonly targetLengthMax: number;
  /** A request's head must come within this, and all of it within the other, or it gets 408. */
  readonly headMsMax: number;
  readonly requestMsMax: number;
  /** How long an idle connection is kept. Longer than load balancers do, so that it is they who close it. */
  readonly keepAliveMsMax: number;
  /**
   * A gateway that stops leaves idle connections open for so long: whoever asks something meanwhile is answered, and told
   * that the connection ends.
   */
  readonly idleGraceMs: number;
};

export const DEFAULT_DATA_LIMITS: DataLimits = {
  connectionsMax: 10_000,
  headBytesMax: 16 * 2 ** 10,
  headersMax: 200,
  targetLengthMax: 8 * 2 ** 10,
  headMsMax: 30_000,
  requestMsMax: 300_000,
  keepAliveMsMax: 75_000,
  idleGraceMs: 2_000,
};

/** How often connections are looked at for the times above. */
const CHECKS_PER_LIMIT = 4;
const CHECK_EVERY_MS_MAX = 5_000;

export function checkEveryMs({ headMsMax, requestMsMax }: DataLimits): number {
  return Math.min(CHECK_EVERY_MS_MAX, Math.min(headMsMax, requestMsMax) / CHECKS_PER_LIMIT);
}
