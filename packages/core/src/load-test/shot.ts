// A shot: one request of a load test, as it went. Times are on the generator's clock, since the test began, and latency
// counts from when the request was due: whoever had to wait because the one before was slow did wait.

/** Ways in which no whole answer came. `status`: another than 200. */
export type ShotFailure =
  | "status"
  | "timeout"
  | "connection"
  | "broken-off"
  | "unreadable"
  | "too-long";

/** What is to be sent when: made before the test begins. */
export type DueShot = {
  /** Which step it belongs to. */
  readonly step: number;
  readonly dueMs: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** Blocks of text that the prompt begins with, as a trace names them; what has the same has the same beginning. */
  readonly blocks: readonly number[];
};

export type Shot = {
  readonly step: number;
  readonly dueMs: number;
  /** How late the generator was: nothing that the server could help. */
  readonly lagMs: number;
  /** Later than that where all places were taken; null where its time was over before it had one. */
  readonly sentMs: number | null;
  /** The first content of the answer, and its end; null where it did not come so far. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  /** How long, at most, both had been there before the generator read them: it was held up just then. */
  readonly firstLateMs: number;
  readonly lastLateMs: number;
  readonly failure: ShotFailure | null;
  /** Of HTTP; 0 where there was no answer. */
  readonly status: number;
  /** By the answer's own count of tokens; null where it has none. */
  readonly usage: ShotUsage | null;
  /** Pieces that the answer came in; 0 where it came whole. */
  readonly chunks: number;
  /** The longest gap between two of them. */
  readonly stallMs: number;
  /** Requests under way at that replica's address when it was sent, itself included. */
  readonly inFlight: number;
};

export type ShotUsage = {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
};

/** A failure took for ever. */
export function totalMsOf({ dueMs, lastMs, failure }: Shot): number {
  return failure === null && lastMs !== null ? lastMs - dueMs : Number.POSITIVE_INFINITY;
}

export function ttftMsOf({ dueMs, firstMs, failure }: Shot): number {
  return failure === null && firstMs !== null ? firstMs - dueMs : Number.POSITIVE_INFINITY;
}

/** From tokens as the server counts them: a piece may hold several. Null where there is nothing between two tokens. */
export function tpotMsOf({ firstMs, lastMs, failure, usage }: Shot): number | null {
  if (failure !== null) return Number.POSITIVE_INFINITY;
  if (firstMs === null || lastMs === null || usage === null || usage.outputTokens < 2) return null;
  return (lastMs - firstMs) / (usage.outputTokens - 1);
}
