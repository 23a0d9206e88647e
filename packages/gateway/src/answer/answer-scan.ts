// What an answer's body turned out to be, once it has ended cleanly, and how far it had come when it has not.

import type { Ending, Outcome } from "@slipway/core";
import type { Usage } from "./usage.ts";

/** Looks at an answer's bytes as they pass, and says at the end whether it was a whole one. */
export type AnswerScan = {
  readonly push: (chunk: Uint8Array) => void;
  /** The API's own terminal marker has passed: whatever happens now, the answer is whole. */
  readonly isComplete: () => boolean;
  /** In a stream: what has passed ends with a whole event, so that another may follow. */
  readonly isBetweenEvents: () => boolean;
  /** The outcome when the body ended cleanly. */
  readonly outcome: () => Outcome;
  readonly usage: () => Usage | null;
  /** What it turned out to be, when it came whole; null where it cannot be read. */
  readonly ending: () => Ending | null;
  /** Output tokens, or the nearest that can be counted; 0 when unknown. */
  readonly outputCount: () => number;
};
