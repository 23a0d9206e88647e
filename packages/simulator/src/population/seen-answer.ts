// What became of a request, as the user who sent it saw it; nothing here trusts what the server side counts.

export type ErrorKind =
  /** An HTTP status of 400 or above. */
  | "status"
  /** No connection, or it broke before the head. */
  | "transport"
  /** It broke, or ended, before the answer did: a stream without its end marker. */
  | "truncated"
  /** An error event inside a stream. */
  | "error-event"
  /** 200, and no answer in it. */
  | "garbage"
  /** No end within the client's patience. */
  | "timeout";

export type SeenAnswer = {
  readonly user: string;
  /** Order in which the population sent it. */
  readonly index: number;
  /** From the answer's x-slipway-arm and x-slipway-version; "none" without. */
  readonly arm: string;
  readonly version: string;
  /** From x-slipway-request-id; null without. */
  readonly requestId: string | null;
  /** The arm that had failed before this answer came from another (x-slipway-replayed); null for none. */
  readonly replayedFrom: string | null;
  /** 0 when no head came. */
  readonly status: number;
  readonly error: ErrorKind | null;
  /** When the request was due, on the client's monotonic clock. */
  readonly dueMs: number;
  /** From when the request was due to the answer's first byte; null when none came. */
  readonly ttftMs: number | null;
  /** From when the request was due to its end, whatever that was. */
  readonly totalMs: number;
};
