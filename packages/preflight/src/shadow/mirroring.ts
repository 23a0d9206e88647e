// The port to the mirror of the model: copies of its real requests, which gateways make by the controller's order.

import type { MirrorRequest, MirrorView } from "@slipway/wire";

export type MirrorAsked = Omit<MirrorRequest, "by">;

/** What any of them throws is a SlipwayError, as where no controller answers, or another mirror is under way. */
export type Mirroring = {
  readonly start: (asked: MirrorAsked) => Promise<MirrorView>;
  /** The mirror as it is now. */
  readonly look: () => Promise<MirrorView>;
  readonly stop: (reason: string) => Promise<MirrorView>;
};
