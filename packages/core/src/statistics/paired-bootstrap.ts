// The interval of a mean of paired differences whose items come in families: what one family's items do they do
// together, so whole families are drawn again, not items. Corrected for bias and for skew.
//
// Source: Efron 1987, Better bootstrap confidence intervals (BCa); families as in Davison and Hinkley 1997, 3.8.

import type { Random } from "../random.ts";
import { normalBelow } from "./normal.ts";
import { normalQuantile } from "./normal-quantile.ts";
import { selected } from "./selected.ts";

export type Family = { readonly sum: number; readonly items: number };

export type MeanDifference = { readonly mean: number; readonly low: number; readonly high: number };

/** Families of differences, by name; an item without one is a family of its own. */
export function familiesOf(
  differences: readonly { readonly family: string | null; readonly difference: number }[],
): readonly Family[] {
  const named = new Map<string, Family>();
  const alone: Family[] = [];
  for (const { family, difference } of differences) {
    if (family === null) alone.push({ sum: difference, items: 1 });
    else {
      const before = named.get(family) ?? { sum: 0, items: 0 };
      named.set(family, { sum: before.sum + difference, items: before.items + 1 });
    }
  }
  return [...named.values(), ...alone];
}

/** `alpha` is left out at each end. Null for fewer than two families, which say nothing about any other. */
export function bootstrapMean(
  families: readonly Family[],
  alpha: number,
  resamples: number,
  random: Random,
): MeanDifference | null {
  if (families.length < 2) return null;
  const mean = ratioOf(families);
  const drawn = new Float64Array(resamples);
  for (let at = 0; at < resamples; at++) drawn[at] = drawnMean(families, random);
  const bias = normalQuantile(inside(shareBelow(drawn, mean), resamples));
  const skew = accelerationOf(families);
  const at = (z: number): number => {
    const share = normalBelow(bias + (bias + z) / (1 - skew * (bias + z)));
    const place = Math.round(share * resamples - 0.5);
    return selected(drawn, resamples, Math.min(resamples - 1, Math.max(0, place)));
  };
  const z = normalQuantile(1 - alpha);
  return { mean, low: at(-z), high: at(z) };
}

function ratioOf(families: readonly Family[]): number {
  const sum = families.reduce((total, family) => total + family.sum, 0);
  return sum / families.reduce((total, family) => total + family.items, 0);
}

function drawnMean(families: readonly Family[], random: Random): number {
  let [sum, items] = [0, 0];
  for (let left = families.length; left > 0; left--) {
    const family = families[Math.floor(random.next() * families.length)];
    sum += family?.sum ?? 0;
    items += family?.items ?? 0;
  }
  return sum / items;
}

/** Equal ones count half: with few families many are, and counting none of them would look like bias. */
function shareBelow(drawn: Float64Array, mean: number): number {
  let twice = 0;
  for (const value of drawn) twice += value < mean ? 2 : value === mean ? 1 : 0;
  return twice / 2 / drawn.length;
}

/** Away from 0 and 1, where no quantile is. */
function inside(share: number, resamples: number): number {
  return Math.min(1 - 0.5 / resamples, Math.max(0.5 / resamples, share));
}

/** From the means without each of the families in turn. */
function accelerationOf(families: readonly Family[]): number {
  const sum = families.reduce((total, family) => total + family.sum, 0);
  const items = families.reduce((total, family) => total + family.items, 0);
  const without = families.map((family) => (sum - family.sum) / (items - family.items));
  const middle = without.reduce((total, value) => total + value, 0) / without.length;
  const square = without.reduce((total, value) => total + (middle - value) ** 2, 0);
  const cube = without.reduce((total, value) => total + (middle - value) ** 3, 0);
  return square === 0 ? 0 : cube / (6 * square ** 1.5);
}
