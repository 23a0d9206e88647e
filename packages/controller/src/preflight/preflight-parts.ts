// The controller's face towards preflights: who runs gates, and what they found.

import type { GateEvidence, PreflightLease } from "@slipway/core";
import type { EvidenceRequest, LeaseRequest } from "@slipway/wire";
import type { Keeper } from "../world/keeper.ts";
import { keepEvidence, knownEvidence } from "./preflight.ts";
import { endLease, knownLease, renewLease, takeLease } from "./preflight-lease.ts";

export type PreflightParts = {
  /** Keeps what gates found of a model's versions. */
  readonly keepEvidence: (
    model: string,
    request: EvidenceRequest,
  ) => Promise<readonly GateEvidence[]>;
  /** What gates have found of a model's versions, the oldest first. */
  readonly evidence: (model: string) => readonly GateEvidence[];
  /** Who runs the gates of a model, or did last; null where nobody ever did. */
  readonly preflightLease: (model: string) => PreflightLease | null;
  readonly takeLease: (model: string, request: LeaseRequest) => Promise<PreflightLease>;
  readonly renewLease: (model: string, number: number) => Promise<PreflightLease>;
  readonly endLease: (model: string, number: number) => Promise<PreflightLease | null>;
};

export function preflightParts(keeper: Keeper): PreflightParts {
  return {
    keepEvidence: (model, request) =>
      keeper.change((draft) => keepEvidence(draft, model, request, keeper.nowMs())),
    evidence: (model) => knownEvidence(keeper.world(), model),
    preflightLease: (model) => knownLease(keeper.world(), model),
    takeLease: (model, request) =>
      keeper.change((draft) => takeLease(draft, model, request, keeper.nowMs())),
    renewLease: (model, number) =>
      keeper.change((draft) => renewLease(draft, model, number, keeper.nowMs())),
    endLease: (model, number) =>
      keeper.change((draft) => endLease(draft, model, number, keeper.nowMs())),
  };
}
