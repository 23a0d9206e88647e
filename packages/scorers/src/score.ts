// What every scorer is given and answers with. A scorer that cannot tell says so: that is no wrong answer, and no right one.

import type { Json } from "@slipway/core";

/** What a model answered, as far as a scorer looks at it. */
export type ScoredAnswer = {
  readonly text: string;
  /** What the provider itself calls a refusal; null for none. */
  readonly refusal: string | null;
  readonly finishReason: string | null;
};

export type Score =
  | {
      readonly kind: "scored";
      readonly passed: boolean;
      readonly because: string;
      /** What the scorer measured on the way, for figures of their own. */
      readonly measured?: { readonly [name: string]: number };
    }
  | {
      readonly kind: "unscored";
      /** `cut-off`: the answer ended at its length limit, so that its end says nothing about its author. */
      readonly cause: "cut-off" | "scorer-failed";
      readonly because: string;
      readonly measured?: { readonly [name: string]: number };
    };

export const SCORERS = [
  "exact",
  "contains",
  "pattern",
  "schema",
  "refusal",
  "parse",
  "names",
  "tests",
  "judge",
] as const;
export type ScorerName = (typeof SCORERS)[number];

export function isCutOff({ finishReason }: ScoredAnswer): boolean {
  return finishReason === "length";
}

export type JsonSchema = { readonly [key: string]: Json };
