// The port to the controller's side of watches for drift: it keeps baselines, counts looks, and says which have drifted.

import type { DriftBaselineRequest, DriftLookRequest, DriftView } from "@slipway/wire";

/** What any of them throws is a SlipwayError, as where no controller answers. */
export type Drifting = {
  readonly view: () => Promise<DriftView>;
  readonly takeBaseline: (request: Omit<DriftBaselineRequest, "by">) => Promise<DriftView>;
  readonly look: (request: Omit<DriftLookRequest, "by">) => Promise<DriftView>;
};
