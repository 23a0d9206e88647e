// What a model's rollouts need to have been proven before they start.

import type { GateName } from "./gate.ts";

export type PreflightPolicy = {
  /** Gates that a rollout does not start without. */
  readonly required: readonly GateName[];
  /** Older evidence counts for nothing. */
  readonly evidenceAgeMsMax: number;
};
