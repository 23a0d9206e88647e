// Pairs of answers compared: each way to end badly, another form, and what a judge prefers, told from chance; length and
// time as ratios. What stable does when it answers the same request twice is the yardstick.

import {
  comparisonsOf,
  type Figure,
  type ItemComparison,
  type ItemPair,
  type PairedVerdict,
  pairedVerdict,
  type Random,
  ratioOf,
  surelyWithin,
} from "@slipway/core";
import type { ShadowGate } from "@slipway/wire/config";
import { plain } from "../plain-figure.ts";
import { BAD_FORMS, type BadForm, type Form } from "./form.ts";
import type { ShadowPair } from "./kept-pairs.ts";

export type JudgedPair = {
  readonly pair: ShadowPair;
  readonly stable: Form;
  readonly candidate: Form;
  /** Null where stable answered once. */
  readonly again: Form | null;
  /** Who is no worse as the judge sees it; null where nobody asked, or it said nothing readable. */
  readonly byJudge: { readonly stable: boolean; readonly candidate: boolean } | null;
};

type Trait = BadForm | "bad" | "in another form" | "worse to the judge";

export type TraitVerdict = {
  readonly trait: Trait;
  readonly verdict: PairedVerdict;
  /** Of the requests that stable answered twice, those on which its two answers differ so. */
  readonly noise: { readonly differ: number; readonly of: number };
};

export type Comparison = {
  readonly traits: readonly TraitVerdict[];
  readonly length: Figure | null;
  readonly time: Figure | null;
  readonly figures: readonly Figure[];
};

type Limits = Pick<ShadowGate, "margin" | "alpha" | "lengthRatioMax" | "slowerMax">;

export function comparisonOf(
  judged: readonly JudgedPair[],
  limits: Limits,
  random: Random,
): Comparison {
  const sorts = traitItems(judged);
  const traits = sorts.map(([trait, items]): TraitVerdict => {
    const noise = noiseOf(trait, judged);
    return { trait, verdict: verdictOf(items, sorts.length, limits, random), noise };
  });
  const length = lengthFigure(judged, limits, random);
  const times = timeFigures(judged, limits, random);
  return {
    traits,
    length,
    time: times[0] ?? null,
    figures: [
      ...traits.flatMap((trait) => traitFigures(trait, limits.margin)),
      ...[length, lengthNoise(judged, limits, random), ...times].filter((one) => one !== null),
    ],
  };
}

/** What is compared, and on which pairs: an item is right where it has not the trait. */
function traitItems(
  judged: readonly JudgedPair[],
): readonly (readonly [Trait, readonly ItemPair[]])[] {
  const items = (
    read: (one: JudgedPair) => { readonly stable: boolean; readonly candidate: boolean } | null,
  ): readonly ItemPair[] =>
    judged.flatMap((one) => {
      const sides = read(one);
      const { id, segment } = one.pair;
      return sides === null ? [] : [{ id, family: null, tags: [segment], ...sides }];
    });
  return [
    ["bad", items(({ stable, candidate }) => without(stable, candidate, null))],
    ...BAD_FORMS.map(
      (form) => [form, items(({ stable, candidate }) => without(stable, candidate, form))] as const,
    ),
    // Whose answer has stable's form: the candidate's, or stable's own second one.
    [
      "in another form",
      items(({ stable, candidate, again }) =>
        again === null
          ? null
          : { stable: again.kind === stable.kind, candidate: candidate.kind === stable.kind },
      ),
    ],
    ...(judged.some(({ byJudge }) => byJudge !== null)
      ? [["worse to the judge", items(({ byJudge }) => byJudge)] as const]
      : []),
  ];
}

function without(
  stable: Form,
  candidate: Form,
  form: BadForm | null,
): { readonly stable: boolean; readonly candidate: boolean } {
  const has = ({ bad }: Form): boolean => (form === null ? bad !== null : bad === form);
  return { stable: !has(stable), candidate: !has(candidate) };
}

/** With several traits looked at, each must be so much less likely by chance. */
function verdictOf(
  items: readonly ItemPair[],
  sorts: number,
  { alpha, margin }: Limits,
  random: Random,
): PairedVerdict {
  const design = { alpha, margin, power: 0.9, discordance: 0.1 };
  const raised = (comparison: ItemComparison): ItemComparison => ({
    ...comparison,
    harmChance: Math.min(1, comparison.harmChance * sorts),
  });
  const [whole, ...segments] = comparisonsOf(items, design, random);
  return pairedVerdict([raised(whole), ...segments.map(raised)], design);
}

function noiseOf(trait: Trait, judged: readonly JudgedPair[]): TraitVerdict["noise"] {
  const twice = judged.flatMap(({ stable, again }) => (again === null ? [] : [{ stable, again }]));
  const differs = (stable: Form, again: Form): boolean => {
    if (trait === "worse to the judge") return false;
    if (trait === "in another form") return stable.kind !== again.kind;
    const sides = without(stable, again, trait === "bad" ? null : trait);
    return sides.stable !== sides.candidate;
  };
  const differ = twice.filter(({ stable, again }) => differs(stable, again)).length;
  return { differ, of: twice.length };
}

function traitFigures({ trait, verdict, noise }: TraitVerdict, margin: number): readonly Figure[] {
  const { by, kind } = verdict;
  if (by.items === 0) return [];
  const more: Figure = {
    name: `more ${trait}`,
    value: -by.difference.mean,
    unit: "share",
    interval: [-by.difference.high, -by.difference.low],
    limit: margin,
    holds: { "no-worse": true, worse: false, "cannot-tell": null }[kind],
    of: by.of,
  };
  if (noise.differ === 0) return [more];
  const itself = plain(`${trait}, stable against itself`, noise.differ / noise.of, "share");
  return [more, itself];
}

type Measure = (one: JudgedPair) => { readonly stable: number; readonly candidate: number } | null;

function ratio(
  name: string,
  judged: readonly JudgedPair[],
  measure: Measure,
  { alpha }: Limits,
  random: Random,
): Figure | null {
  const pairs = judged.flatMap((one) => {
    const sides = measure(one);
    return sides === null ? [] : [{ family: null, ...sides }];
  });
  const found = ratioOf(pairs, alpha, random);
  if (found === null) return null;
  return { ...plain(name, found.mean, "x"), interval: [found.low, found.high] };
}

function lengthFigure(
  judged: readonly JudgedPair[],
  limits: Limits,
  random: Random,
): Figure | null {
  const name = "characters of an answer, candidate to stable";
  const whole = judged.filter(({ stable, candidate }) => isWhole(stable) && isWhole(candidate));
  const figure = ratio(
    name,
    whole,
    ({ pair }) => ({ stable: pair.stable.answer.length, candidate: pair.candidate.answer.length }),
    limits,
    random,
  );
  if (figure === null || figure.interval === null) return null;
  const [low, high] = figure.interval;
  const limit = limits.lengthRatioMax;
  // Shorter by as much is as far away.
  const holds =
    low >= 1 / limit && high <= limit ? true : low > limit || high < 1 / limit ? false : null;
  return { ...figure, limit, holds };
}

/**
 * Stable's first answer was somebody's turn, the second may find its prompt in a cache: the candidate's copy is held against
 * the slower of them. Both are told.
 */
function timeFigures(
  judged: readonly JudgedPair[],
  limits: Limits,
  random: Random,
): readonly Figure[] {
  const whole = judged.filter(({ candidate }) => isWhole(candidate));
  const against = (name: string, sides: Measure): Figure | null =>
    ratio(`whole answer, ${name}`, whole, sides, limits, random);
  const first = against("candidate to stable", ({ pair, stable }) =>
    isWhole(stable) ? { stable: pair.stable.totalMs, candidate: pair.candidate.totalMs } : null,
  );
  const second = against("candidate to stable's second", ({ pair, again }) =>
    again !== null && pair.again !== null && isWhole(again)
      ? { stable: pair.again.totalMs, candidate: pair.candidate.totalMs }
      : null,
  );
  const both = [first, second].filter((one) => one !== null);
  const [decides, ...others] = both.toSorted((a, b) => a.value - b.value);
  if (decides?.interval == null) return [];
  const [low, high] = decides.interval;
  const limit = limits.slowerMax;
  return [{ ...decides, limit, holds: surelyWithin({ low, high }, limit) }, ...others];
}

/** Stable against itself, of the same request. */
function lengthNoise(judged: readonly JudgedPair[], limits: Limits, random: Random): Figure | null {
  return ratio(
    "characters of an answer, stable's second to its first",
    judged,
    ({ pair, stable, again }) =>
      pair.again !== null && again !== null && isWhole(stable) && isWhole(again)
        ? { stable: pair.stable.answer.length, candidate: pair.again.answer.length }
        : null,
    limits,
    random,
  );
}

/** It came to its end: what is cut off, refused or failed has no length of its own. */
function isWhole({ bad }: Form): boolean {
  return bad === null || bad === "malformed";
}
