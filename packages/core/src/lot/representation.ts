// Whether the candidate's users are like everybody: its mix of languages, clients, lengths and what else requests are
// told apart by, against stable's. What a canary without one group of users says, it does not say for that group.

import type { Evidence } from "../evidence/evidence.ts";
import { percentText } from "../quantity.ts";
import type { Rollout } from "../rollout/rollout.ts";
import type { Slices } from "../segment.ts";
import { populationStability } from "../statistics/population-stability.ts";
import { spreadOf } from "./spread.ts";

type Counts = { readonly arrivals: number; readonly bad: number };

export type ValueMix = {
  readonly value: string;
  /** Shares of each arm's requests. */
  readonly candidate: number;
  readonly stable: number;
};

export type DimensionMix = {
  readonly dimension: string;
  /** Population stability index. */
  readonly index: number;
  /** The chance of such a difference, were the users the same. */
  readonly chance: number;
  /** Unlike enough to matter, and surely so. */
  readonly isOff: boolean;
  /** Values that stable has, and the candidate none or nearly none of. */
  readonly missing: readonly ValueMix[];
  /** What differs most, at most `TOLD_MAX`. */
  readonly told: readonly ValueMix[];
  /** The candidate's share of failures, and what it were with everybody's mix; null where that is nearly the same. */
  readonly errors: { readonly raw: number; readonly reweighted: number } | null;
};

export type Representation = {
  /** In the order of the policy; those with too few requests to tell are left out. */
  readonly dimensions: readonly DimensionMix[];
  readonly isOff: boolean;
  readonly text: string;
};

const INDEX_MAX = 0.1;
const CHANCE_MAX = 0.001;
/** A value is missed where stable has at least this share of it, … */
const SHARE_MIN = 0.01;
/** … the candidate would have so many requests, if users sent evenly, … */
const EXPECTED_MIN = 15;
/** … and it has no more than this part of them. */
const NEARLY_NONE = 0.1;
/** Values that the candidate would have fewer requests of are looked at together. */
const RARE_BELOW = 5;
const TOLD_MAX = 3;
/** Reweighted failures are told where they differ by so much: of all requests, and of the figure itself. */
const ERRORS_POINTS = 0.001;
const ERRORS_PART = 0.1;

/** Null where requests are not told apart, or nothing was split in this stage. */
export function representationOf(rollout: Rollout, evidence: Evidence): Representation | null {
  const { lot } = evidence;
  if (lot.stageTable !== rollout.stageTable) return null;
  const spread = spreadOf(evidence);
  const dimensions = rollout.policy.evidence.segments.flatMap(({ name }) =>
    mixOf(name, valuesOf(lot.candidate.mix, name), valuesOf(lot.stable.mix, name), spread),
  );
  if (dimensions.length === 0) return null;
  const off = dimensions.filter(({ isOff, missing }) => isOff || missing.length > 0);
  const names = dimensions.map(({ dimension }) => dimension).join(", ");
  return {
    dimensions,
    isOff: off.length > 0,
    text:
      off.length === 0
        ? `the candidate's requests are like stable's by ${names}`
        : off.map(offText).join("; "),
  };
}

function valuesOf(mix: Slices, dimension: string): ReadonlyMap<string, Counts> {
  return new Map(Object.hasOwn(mix, dimension) ? Object.entries(mix[dimension] ?? {}) : []);
}

type Values = ReadonlyMap<string, Counts>;

function mixOf(
  dimension: string,
  candidate: Values,
  stable: Values,
  spread: number,
): readonly DimensionMix[] {
  const sums = { candidate: sumOf(candidate), stable: sumOf(stable) };
  if (sums.candidate === 0 || sums.stable === 0) return [];
  const values = [...new Set([...stable.keys(), ...candidate.keys()])].sort();
  const mixes = values.map((value) => ({
    value,
    candidate: (candidate.get(value)?.arrivals ?? 0) / sums.candidate,
    stable: (stable.get(value)?.arrivals ?? 0) / sums.stable,
  }));
  const stability = populationStability(pairsOf(mixes, sums, spread), spread);
  if (stability === null) return [];
  const { index, chance } = stability;
  const isUnlike = chance < CHANCE_MAX;
  return [
    {
      dimension,
      index,
      chance,
      isOff: isUnlike && index > INDEX_MAX,
      missing: mixes.filter((mix) => isMissing(mix, sums.candidate / spread)),
      told: mixes.toSorted((a, b) => weightOf(b) - weightOf(a)).slice(0, TOLD_MAX),
      errors: isUnlike ? reweightedErrors(candidate, stable) : null,
    },
  ];
}

function sumOf(values: Values): number {
  return [...values.values()].reduce((sum, { arrivals }) => sum + arrivals, 0);
}

/** Counts per value, those of rare values together. */
function pairsOf(
  mixes: readonly ValueMix[],
  sums: { readonly candidate: number; readonly stable: number },
  spread: number,
): readonly { readonly candidate: number; readonly stable: number }[] {
  const counts = mixes.map((mix) => ({
    isRare: ((mix.stable + mix.candidate) / 2) * sums.candidate < RARE_BELOW * spread,
    candidate: mix.candidate * sums.candidate,
    stable: mix.stable * sums.stable,
  }));
  const rare = counts.filter(({ isRare }) => isRare);
  const often = counts.filter(({ isRare }) => !isRare);
  if (rare.length === 0) return often;
  const rest = rare.reduce(
    (sum, { candidate, stable }) => ({
      candidate: sum.candidate + candidate,
      stable: sum.stable + stable,
    }),
    { candidate: 0, stable: 0 },
  );
  return [...often, rest];
}

function isMissing({ candidate, stable }: ValueMix, draws: number): boolean {
  return stable >= SHARE_MIN && stable * draws >= EXPECTED_MIN && candidate <= NEARLY_NONE * stable;
}

/** What a value adds to the index; one that is there on one side alone counts as nearly absent. */
function weightOf({ candidate, stable }: ValueMix): number {
  const least = 1e-6;
  return (candidate - stable) * Math.log((candidate + least) / (stable + least));
}

/** With everybody's shares of the values that the candidate has at all. */
function reweightedErrors(candidate: Values, stable: Values): DimensionMix["errors"] {
  let all = 0;
  let failing = 0;
  for (const [value, { arrivals, bad }] of candidate) {
    const everybody = arrivals + (stable.get(value)?.arrivals ?? 0);
    all += everybody;
    failing += arrivals === 0 ? 0 : (everybody * bad) / arrivals;
  }
  const bad = [...candidate.values()].reduce((sum, counts) => sum + counts.bad, 0);
  const raw = bad / sumOf(candidate);
  const reweighted = failing / all;
  const least = Math.max(ERRORS_POINTS, ERRORS_PART * raw);
  return Math.abs(reweighted - raw) < least ? null : { raw, reweighted };
}

function offText({ dimension, missing, told, errors }: DimensionMix): string {
  const gone = missing.map(
    ({ value, candidate, stable }) =>
      `canary without ${dimension} ${value} (${percentText(candidate)} of its requests, ${percentText(stable)} of stable's)`,
  );
  const unlike = told.map(
    ({ value, candidate, stable }) =>
      `${value} ${percentText(candidate)} of its requests, ${percentText(stable)} of stable's`,
  );
  const what =
    gone.length > 0
      ? gone.join(", ")
      : `canary unlike stable by ${dimension}: ${unlike.join(", ")}`;
  return `${what}${errorsText(errors)}`;
}

export function errorsText(errors: DimensionMix["errors"]): string {
  if (errors === null) return "";
  return `; with everybody's mix ${percentText(errors.reweighted)} of its requests would fail, not ${percentText(errors.raw)}`;
}
