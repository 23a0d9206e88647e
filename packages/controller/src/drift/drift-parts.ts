// The controller's face towards watches for drift.

import type { DriftBaselineRequest, DriftLookRequest, DriftMiss, DriftView } from "@slipway/wire";
import type { Keeper } from "../world/keeper.ts";
import { driftView, lookForDrift, missDriftLook, takeDriftBaseline } from "./drift.ts";

export type DriftParts = {
  readonly drift: (model: string) => DriftView;
  readonly takeDriftBaseline: (model: string, request: DriftBaselineRequest) => Promise<DriftView>;
  /** Counts what a look found; an alarm calls whoever is to be called. */
  readonly lookForDrift: (model: string, request: DriftLookRequest) => Promise<DriftView>;
  /** Nobody could look. */
  readonly missDriftLook: (model: string, miss: DriftMiss) => Promise<DriftView>;
};

export function driftParts(keeper: Keeper): DriftParts {
  return {
    drift: (model) => driftView(keeper.world(), model),
    takeDriftBaseline: (model, request) =>
      keeper.change((draft) => takeDriftBaseline(draft, model, request, keeper.nowMs())),
    lookForDrift: (model, request) =>
      keeper.change((draft) => lookForDrift(draft, model, request, keeper.nowMs())),
    missDriftLook: (model, miss) =>
      keeper.change((draft) => missDriftLook(draft, model, miss, keeper.nowMs())),
  };
}
