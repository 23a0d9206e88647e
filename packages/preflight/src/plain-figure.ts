// A figure that only informs.

import type { Figure } from "@slipway/core";

export function plain(name: string, value: number, unit: string): Figure {
  return { name, value, unit, interval: null, limit: null, holds: null, of: null };
}
