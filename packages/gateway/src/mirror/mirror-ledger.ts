// What happened to mirrored requests since the last frame: one row a mirror.

import {
  type Ending,
  emptyMirrorRow,
  type MirrorRow,
  type MirrorSide,
  type Outcome,
  record,
} from "@slipway/core";
import type { Usage } from "../answer/usage.ts";

/** Mirrors that the table no longer has may still be counted, up to so many. */
const ROWS_MAX = 600;

export class MirrorLedger {
  #rows = new Map<string, MirrorRow>();

  row(mirrorId: string): MirrorRow {
    const known = this.#rows.get(mirrorId);
    if (known !== undefined) return known;
    const row = emptyMirrorRow(mirrorId);
    if (this.#rows.size < ROWS_MAX) this.#rows.set(mirrorId, row);
    return row;
  }

  /** They are the caller's from now on. */
  take(): readonly MirrorRow[] {
    const rows = [...this.#rows.values()];
    this.#rows = new Map();
    return rows;
  }
}

export type MirrorAnswer = {
  readonly outcome: Outcome;
  readonly totalMs: number;
  readonly ttftMs: number | null;
  readonly usage: Usage | null;
  /** Null where the answer is not read, or did not come whole. */
  readonly ending: Ending | null;
};

export function addAnswer(
  side: MirrorSide,
  { outcome, totalMs, ttftMs, usage }: MirrorAnswer,
  streamed: boolean,
): void {
  side.outcomes[outcome] = (side.outcomes[outcome] ?? 0) + 1;
  if (outcome !== "ok") return;
  record(side.latency.total, totalMs);
  if (streamed && ttftMs !== null) record(side.latency.ttft, ttftMs);
  if (usage === null) return;
  side.tokens.input += usage.inputTokens;
  side.tokens.cached += usage.cachedTokens;
  side.tokens.output += usage.outputTokens;
}
