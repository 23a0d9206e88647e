// What a model's rollouts need to have been proven before they start.

import type { GateName } from "./gate.ts";

export type PreflightPolicy = {
  /** Gates that a rollout does not start without. */
  readonly required: readonly GateName[];
  /** Older evidence counts for nothing. */
  readonly evidenceAgeMsMax: number;
  /** How those gates are set up, and what is in the files that they read: a hash each; not held against where absent. */
  readonly settings?: { readonly [gate in GateName]?: string };
  /** Ids of the lessons in force that those gates look after; none where absent. */
  readonly lessons?: { readonly [gate in GateName]?: readonly string[] };
};
