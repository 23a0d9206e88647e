// A look: what a decision was made from, so that it can be made again from the journal and the consumed ticks.

import {
  canonicalJson,
  type Evidence,
  type Judgement,
  type Look,
  type Rollout,
} from "@slipway/core";
import type { Digest } from "../ports.ts";

type Looked = { readonly rollout: Rollout; readonly evidence: Evidence };

/** Computed only for what goes into the journal: the state of a long rollout is large. */
export function lookOf({ rollout, evidence }: Looked, judgement: Judgement, digest: Digest): Look {
  return {
    watermark: evidence.watermark,
    stateHash: stateHashOf({ rollout, evidence }, digest),
    verdicts: judgement.verdicts,
  };
}

export function stateHashOf({ rollout, evidence }: Looked, digest: Digest): string {
  return digest(canonicalJson({ rollout, evidence }));
}
