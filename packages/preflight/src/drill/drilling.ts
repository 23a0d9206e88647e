// The port to the controller's side of a drill: it keeps the stand-in, the times and what came of it.

import type { DrillFault, Phase } from "@slipway/core";
import type { DrillsView } from "@slipway/wire";

/** What any of them throws is a SlipwayError, as where no controller answers. */
export type Drilling = {
  /**
   * Value of the environment variable that holds the key of a gateway: both come from the controller. Null where it is
   * not set; throws where it may not be sent there.
   */
  readonly key: (name: string, gateway: string) => string | null;
  readonly look: () => Promise<DrillsView>;
  readonly start: (fault: DrillFault) => Promise<DrillsView>;
  /** Where the rollout of the drill is. */
  readonly phase: (rollout: string) => Promise<Phase>;
  readonly fault: () => Promise<DrillsView>;
  /** `because`: what broke it off; null where it came to its end. */
  readonly end: (because: string | null) => Promise<DrillsView>;
};
