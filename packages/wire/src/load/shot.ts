// One request of another tool's load run, as Slipway would have noted it.

import type { EvidenceGrade, ImportedRun, Shot } from "@slipway/core";

export type Sent = {
  /** Milliseconds since the run began. Null for when it was due: nobody says. */
  readonly dueMs: number | null;
  readonly sentMs: number;
  readonly firstMs: number | null;
  /** Null for what failed. */
  readonly lastMs: number | null;
  readonly promptTokens: number;
  /** Null where nobody counted. */
  readonly outputTokens: number | null;
};

function shotOf({ dueMs, sentMs, firstMs, lastMs, promptTokens, outputTokens }: Sent): Shot {
  const due = dueMs ?? sentMs;
  return {
    step: 0,
    dueMs: due,
    lagMs: Math.max(0, sentMs - due),
    sentMs,
    firstMs,
    lastMs,
    firstLateMs: 0,
    lastLateMs: 0,
    failure: lastMs === null ? "status" : null,
    status: lastMs === null ? 0 : 200,
    usage: outputTokens === null ? null : { promptTokens, cachedTokens: 0, outputTokens },
    // How many pieces it came in is not told; that it was streamed is.
    chunks: firstMs === null ? 0 : 1,
    stallMs: 0,
    inFlight: 0,
  };
}

const FROM_SENDING = "latencies count from when a request was sent, and not from when it was due";

/** `perSecond`: as the tool was told; null for what requests themselves show. */
export function runOf(tool: string, sent: readonly Sent[], perSecond: number | null): ImportedRun {
  const shots = sent.map(shotOf);
  const found = { kind: "shots", shots } as const;
  const isDue = sent.every(({ dueMs }) => dueMs !== null);
  const grade: EvidenceGrade = isDue ? "A" : "B";
  const because = isDue ? null : FROM_SENDING;
  return { tool, perSecond: perSecond ?? rateOf(shots), grade, because, found };
}

function rateOf(shots: readonly Shot[]): number | null {
  const dueMs = shots.map((shot) => shot.dueMs);
  const spanMs =
    dueMs.reduce((a, b) => Math.max(a, b), 0) -
    dueMs.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  return spanMs > 0 ? (1_000 * (dueMs.length - 1)) / spanMs : null;
}
