// What the controller remembers of freezes.

import type { FreezeOrder, FreezeWindow } from "@slipway/core";

/** What freezes all models, and what operators have ordered. A model's own windows are with the model. */
export type FreezeBook = {
  readonly windows: readonly FreezeWindow[];
  /** The oldest first. */
  readonly orders: readonly FreezeOrder[];
};

export const NO_FREEZES: FreezeBook = { windows: [], orders: [] };
