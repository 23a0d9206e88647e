// How long prompts and answers are: the quantiles of the public Azure code-completion trace (CC-BY), drawn
// from by interpolation. In that trace the two are uncorrelated (r = -0.004 of their logarithms).
import type { Random } from "@slipway/core";

/** Of requests that were recorded; each is as likely as the others. */
export type Lengths = readonly {
  readonly promptTokens: number;
  readonly outputTokens: number;
}[];

/** Probability and value, both rising. */
type Quantiles = readonly (readonly [number, number])[];

const PROMPT_TOKENS: Quantiles = [
  [0, 3],
  [0.01, 17],
  [0.02, 35],
  [0.05, 75],
  [0.1, 147],
  [0.2, 385],
  [0.25, 578],
  [0.3, 770],
  [0.4, 1075],
  [0.5, 1469],
  [0.6, 1909],
  [0.7, 2433],
  [0.75, 2744],
  [0.8, 3192],
  [0.85, 3919],
  [0.9, 5186],
  [0.95, 7302],
  [0.98, 7436],
  [1, 7437],
];

const OUTPUT_TOKENS: Quantiles = [
  [0, 6],
  [0.05, 6],
  [0.1, 7],
  [0.25, 9],
  [0.4, 11],
  [0.5, 13],
  [0.6, 16],
  [0.7, 20],
  [0.75, 24],
  [0.8, 29],
  [0.85, 39],
  [0.9, 55],
  [0.95, 90],
  [0.98, 169],
  [0.99, 249],
  [0.995, 343],
  [0.999, 824],
  [1, 1899],
];

export function drawPromptTokens(random: Random): number {
  return interpolate(PROMPT_TOKENS, random.next());
}

export function drawOutputTokens(random: Random): number {
  return interpolate(OUTPUT_TOKENS, random.next());
}

function interpolate(quantiles: Quantiles, probability: number): number {
  const above = quantiles.findIndex(([p]) => p > probability);
  const [lowP, low] = quantiles[above - 1] ?? [0, 1];
  const [highP, high] = quantiles[above] ?? [1, low];
  return Math.round(low + ((high - low) * (probability - lowP)) / (highP - lowP));
}
