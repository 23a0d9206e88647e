// Two versions on the same items: who was right where, whether the candidate is worse, and by how much at most.

import type { Random } from "../random.ts";
import { holmAdjusted } from "../statistics/holm.ts";
import { type Discordant, mcnemarWorse } from "../statistics/mcnemar.ts";
import { normalQuantile } from "../statistics/normal-quantile.ts";
import { bootstrapMean, familiesOf } from "../statistics/paired-bootstrap.ts";
import type { PairedDesign } from "../statistics/paired-size.ts";
import { tangoInterval } from "../statistics/tango.ts";

/** An item that both answered, and that could be scored for both. */
export type ItemPair = {
  readonly id: string;
  readonly family: string | null;
  readonly tags: readonly string[];
  readonly stable: boolean;
  readonly candidate: boolean;
};

export type BenchmarkDesign = PairedDesign & {
  /** The share of right answers that the candidate may have less, and is still no worse. */
  readonly margin: number;
};

export type ItemComparison = Discordant & {
  /** A tag; null for all items. */
  readonly of: string | null;
  readonly items: number;
  /** Share of right answers. */
  readonly stable: number;
  readonly candidate: number;
  /** Candidate less stable; `alpha` of the design is left out at each end. */
  readonly difference: { readonly mean: number; readonly low: number; readonly high: number };
  /** Of so many losses where the candidate is no worse; adjusted for how many comparisons there are. */
  readonly harmChance: number;
};

/** All items first, then each tag, in the order in which tags appear. */
export type Comparisons = readonly [whole: ItemComparison, ...tags: ItemComparison[]];

/** Looked at by themselves; more would drown each other. */
const TAGS_MAX = 50;

/** Resamples of families, as BCa intervals need them. */
const RESAMPLES = 10_000;

export function comparisonsOf(
  pairs: readonly ItemPair[],
  design: PairedDesign,
  random: Random,
): Comparisons {
  const tags = tagsOf(pairs);
  const whole = comparisonOf(null, pairs, design, random);
  const parts = tags.map((tag) => {
    const tagged = pairs.filter((pair) => pair.tags.includes(tag));
    return comparisonOf(tag, tagged, design, random);
  });
  const chances = [whole, ...parts].map(({ harmChance }) => harmChance);
  const [ofWhole = 1, ...ofParts] = holmAdjusted(chances);
  return [
    { ...whole, harmChance: ofWhole },
    ...parts.map((part, index) => ({ ...part, harmChance: ofParts[index] ?? 1 })),
  ];
}

/** Those that tell items apart, in the order in which they appear. */
function tagsOf(pairs: readonly ItemPair[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const tag of pairs.flatMap(({ tags }) => tags)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  const telling = [...counts].filter(([, count]) => count < pairs.length);
  return telling.slice(0, TAGS_MAX).map(([tag]) => tag);
}

function comparisonOf(
  of: string | null,
  pairs: readonly ItemPair[],
  { alpha }: PairedDesign,
  random: Random,
): ItemComparison {
  const items = pairs.length;
  const wins = pairs.filter((pair) => pair.candidate && !pair.stable).length;
  const losses = pairs.filter((pair) => pair.stable && !pair.candidate).length;
  const differences = pairs.map((pair) => ({
    family: pair.family,
    difference: Number(pair.candidate) - Number(pair.stable),
  }));
  const families = familiesOf(differences);
  const byItem = tangoInterval({ wins, losses }, items, normalQuantile(1 - alpha));
  // Items of one family stand and fall together, so that fewer of them are news than there are.
  const byFamily =
    families.length < items ? bootstrapMean(families, alpha, RESAMPLES, random) : null;
  return {
    of,
    items,
    wins,
    losses,
    stable: shareOf(pairs, (pair) => pair.stable),
    candidate: shareOf(pairs, (pair) => pair.candidate),
    difference: {
      mean: items === 0 ? 0 : (wins - losses) / items,
      low: Math.min(byItem.low, byFamily?.low ?? byItem.low),
      high: Math.max(byItem.high, byFamily?.high ?? byItem.high),
    },
    harmChance: mcnemarWorse({
      wins: families.filter(({ sum }) => sum > 0).length,
      losses: families.filter(({ sum }) => sum < 0).length,
    }),
  };
}

function shareOf(pairs: readonly ItemPair[], counts: (pair: ItemPair) => boolean): number {
  return pairs.length === 0 ? 0 : pairs.filter(counts).length / pairs.length;
}

export type PairedVerdict = {
  readonly kind: "no-worse" | "worse" | "cannot-tell";
  /** The comparison that decided. */
  readonly by: ItemComparison;
};

/**
 * Worse: harm that is hardly chance, overall or of a tag, and more than the margin cannot be excluded. No worse: more
 * than the margin is excluded overall. Otherwise there are too few items.
 */
export function pairedVerdict(
  comparisons: Comparisons,
  { alpha, margin }: BenchmarkDesign,
): PairedVerdict {
  const [whole] = comparisons;
  const harmed = comparisons
    .filter(({ harmChance, difference }) => harmChance <= alpha && difference.low <= -margin)
    .toSorted((a, b) => a.harmChance - b.harmChance);
  const [worst] = harmed.some(({ of }) => of === null) ? [whole] : harmed;
  if (worst !== undefined) return { kind: "worse", by: worst };
  return { kind: whole.difference.low > -margin ? "no-worse" : "cannot-tell", by: whole };
}
