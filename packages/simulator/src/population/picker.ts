// Draws an index with given weights, in logarithmic time.
import type { Random } from "@slipway/core";

export type Picker = (random: Random) => number;

export function createPicker(weights: readonly number[]): Picker {
  let total = 0;
  const upTo = Float64Array.from(weights, (weight) => {
    total += weight;
    return total;
  });
  return (random) => {
    const drawn = random.next() * total;
    let low = 0;
    let high = upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((upTo[middle] ?? 0) > drawn) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
