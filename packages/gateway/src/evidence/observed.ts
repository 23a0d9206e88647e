// One request as evidence: the row it belongs to, from its arrival until it is judged, once.

import type { RowKey } from "@slipway/core";
import type { Slice } from "../segment/segments-of.ts";

/** A request that continues a conversation, by whether this worker knows where that was before. */
export type Turn = "known" | "unknown";

export type Observed = {
  readonly key: RowKey;
  /** `rowKeyText(key)`. */
  readonly name: string;
  /** Which of the key-hash buckets its user falls into; null without a user. */
  readonly bucket: number | null;
  /** Controller time. */
  readonly arrivedMs: number;
  readonly horizonMs: number;
  readonly streamed: boolean;
  /** Of its input, by its size. */
  readonly estimatedTokens: number;
  /** The dimensions beside its segment. */
  readonly slices: readonly Slice[];
  judged: boolean;
};
