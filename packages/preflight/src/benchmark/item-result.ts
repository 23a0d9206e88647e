// What came of one item for both versions, and whether the two can be compared by it.

import type { BenchmarkItem, ItemPair } from "@slipway/core";
import type { Said } from "@slipway/scorers";
import { type Judged, judgedOf, type Result } from "./scores.ts";

export type ItemResult = {
  readonly item: BenchmarkItem;
  readonly stable: Result;
  readonly candidate: Result;
  /** Which of the two a judge preferred, by its place; null where no judge was read. */
  readonly judgeSaid: Said | null;
};

/** Why an item compares nothing. */
type Unpaired = "stable-silent" | "busy" | "cut-off" | "scorer-failed";

export type Pairing =
  | { readonly kind: "pair"; readonly pair: ItemPair }
  | { readonly kind: "unpaired"; readonly cause: Unpaired; readonly because: string };

/**
 * A candidate that gives no answer where stable gives one is wrong; stable's own silence is nobody's fault here, and a
 * server that is busy says nothing about its answers.
 */
export function pairingOf({ item, stable, candidate }: ItemResult): Pairing {
  const [ofStable, ofCandidate] = [judgedOf(stable), judgedOf(candidate)];
  for (const judged of [ofStable, ofCandidate]) {
    const { cause } = judged;
    if (cause === "busy" || cause === "scorer-failed" || cause === "cut-off") {
      return unpaired(cause, judged);
    }
  }
  if (ofStable.cause === "no-answer") return unpaired("stable-silent", ofStable);
  const { id, family, tags } = item;
  const right = { stable: ofStable.passed === true, candidate: ofCandidate.passed === true };
  return { kind: "pair", pair: { id, family, tags, ...right } };
}

function unpaired(cause: Unpaired, { because }: Judged): Pairing {
  return { kind: "unpaired", cause, because };
}
