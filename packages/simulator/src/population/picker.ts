// Draws an index with given weights: a table says where in the sums of weights to look, and it is a step or two from there.
import type { Random } from "@slipway/core";

export type Picker = (random: Random) => number;

export function createPicker(weights: readonly number[]): Picker {
  let total = 0;
  const upTo = Float64Array.from(weights, (weight) => {
    total += weight;
    return total;
  });
  const last = upTo.length - 1;
  /** Of each part of all weights, as many as there are weights, the index in which it begins. */
  const begins = new Int32Array(weights.length);
  let index = 0;
  for (let part = 0; part < begins.length; part++) {
    const from = (part / begins.length) * total;
    while (index < last && (upTo[index] ?? 0) <= from) index++;
    begins[part] = index;
  }
  return (random) => {
    const drawn = random.next();
    const weight = drawn * total;
    let at = begins[Math.floor(drawn * begins.length)] ?? 0;
    // Rounding may have begun one too far.
    while (at > 0 && (upTo[at - 1] ?? 0) > weight) at--;
    while (at < last && (upTo[at] ?? 0) <= weight) at++;
    return at;
  };
}
