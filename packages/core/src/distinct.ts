// How many different users, mergeable across gateways and ticks: HyperLogLog (Flajolet, Fusy, Gandouet,
// Meunier; AofA 2007) with linear counting for small numbers. Kept sparse, since most rows see few users.

import { murmur3 } from "./murmur3.ts";

const REGISTER_BITS = 11;
const REGISTERS = 2 ** REGISTER_BITS;
const HASH_SEED = 0x51197a;

export const DISTINCT_REGISTERS: number = REGISTERS;

/** Relative standard error of `distinctCount`: 1.04 / sqrt(2048), about 2.3%. */
export const DISTINCT_ERROR: number = 1.04 / Math.sqrt(REGISTERS);

const RANK_BITS = 5;
const RANK_MASK = 2 ** RANK_BITS - 1;

/** No mark is as high. */
export const MARK_END: number = REGISTERS * 2 ** RANK_BITS;

/** Marks, each a register and its rank in one number (`register * 32 + rank`): ascending, one a register. JSON as it stands. */
export type Distinct = number[];

/** What a key raises its register to. */
export function markOf(key: string): number {
  const hash = murmur3(key, HASH_SEED);
  const register = hash >>> (32 - REGISTER_BITS);
  const rest = (hash << REGISTER_BITS) >>> 0;
  return (register << RANK_BITS) + Math.min(Math.clz32(rest), 32 - REGISTER_BITS) + 1;
}

export function registerOf(mark: number): number {
  return mark >> RANK_BITS;
}

function rankOf(mark: number): number {
  return mark & RANK_MASK;
}

export function addDistinct(distinct: Distinct, key: string): void {
  addMark(distinct, markOf(key));
}

/** Its register is at least so high. */
export function addMark(distinct: Distinct, mark: number): void {
  const register = registerOf(mark);
  const at = placeOf(distinct, register);
  const known = distinct[at];
  if (known === undefined || registerOf(known) !== register) distinct.splice(at, 0, mark);
  else if (mark > known) distinct[at] = mark;
}

/** Of the first mark whose register is not lower. */
function placeOf(distinct: Distinct, register: number): number {
  let low = 0;
  let high = distinct.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (registerOf(distinct[middle] ?? 0) < register) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function mergeDistinctInto(target: Distinct, source: Distinct): void {
  for (const mark of source) addMark(target, mark);
}

/** What many of them have come to. JSON as it stands. */
export type DistinctSum = {
  /** The rank of every register, in order, one character each; none at all for nobody. */
  readonly ranks: string;
  /** Registers above zero, and what they add up to: kept, so that an estimate need not look at all of them. */
  readonly raised: number;
  readonly inverse: number;
};

export const NO_USERS: DistinctSum = { ranks: "", raised: 0, inverse: 0 };

/** The character of rank 0; that of rank n is n further on. */
const ZERO = "0".charCodeAt(0);
const ALL_ZERO = "0".repeat(REGISTERS);

/** With what a row adds. The sum itself where that is nobody new: after a while most ticks bring known users only. */
export function plusDistinct(sum: DistinctSum, source: Distinct): DistinctSum {
  return plusAllDistinct(sum, [source]);
}

/** The same with what several rows add, put together first: a sum is a long text. */
export function plusAllDistinct(sum: DistinctSum, sources: readonly Distinct[]): DistinctSum {
  const before = sum.ranks === "" ? ALL_ZERO : sum.ranks;
  const higher: Distinct = [];
  for (const source of sources) {
    for (const mark of source) {
      if (rankOf(mark) > before.charCodeAt(registerOf(mark)) - ZERO) addMark(higher, mark);
    }
  }
  return higher.length === 0 ? sum : withHigher(sum, before, higher);
}

/** `before`: all ranks of the sum. */
function withHigher(sum: DistinctSum, before: string, higher: Distinct): DistinctSum {
  let { raised, inverse } = sum;
  let ranks = "";
  let copied = 0;
  for (const mark of higher) {
    const register = registerOf(mark);
    const rank = rankOf(mark);
    const known = before.charCodeAt(register) - ZERO;
    ranks += before.slice(copied, register) + String.fromCharCode(ZERO + rank);
    copied = register + 1;
    if (known === 0) raised++;
    inverse += partOf(rank) - (known === 0 ? 0 : partOf(known));
  }
  return { ranks: ranks + before.slice(copied), raised, inverse };
}

/** Who is in any of them. */
export function distinctOfAll(sums: readonly DistinctSum[]): DistinctSum {
  return sums.reduce(plusSum, NO_USERS);
}

function plusSum(a: DistinctSum, b: DistinctSum): DistinctSum {
  if (a.raised === 0 || b.raised === 0) return a.raised === 0 ? b : a;
  const codes = Array.from({ length: REGISTERS }, (_, register) =>
    Math.max(a.ranks.charCodeAt(register), b.ranks.charCodeAt(register)),
  );
  return { ranks: String.fromCharCode(...codes), ...sumsOf(codes.map((code) => code - ZERO)) };
}

/** The estimated number of different keys, rounded. */
export function distinctCount(distinct: Distinct | DistinctSum): number {
  const { raised, inverse } = Array.isArray(distinct) ? sumsOf(distinct.map(rankOf)) : distinct;
  const zeros = REGISTERS - raised;
  const alpha = 0.7213 / (1 + 1.079 / REGISTERS);
  const raw = (alpha * REGISTERS * REGISTERS) / (inverse + zeros);
  if (raw <= 2.5 * REGISTERS && zeros > 0)
    return Math.round(REGISTERS * Math.log(REGISTERS / zeros));
  return Math.round(raw);
}

function sumsOf(ranks: readonly number[]): Pick<DistinctSum, "raised" | "inverse"> {
  const above = ranks.filter((rank) => rank > 0);
  return {
    raised: above.length,
    inverse: above.reduce((inverse, rank) => inverse + partOf(rank), 0),
  };
}

/** What a register of each rank adds. Sums of them are exact, in any order. */
const PARTS: readonly number[] = Array.from({ length: 32 }, (_, rank) => 2 ** -rank);

function partOf(rank: number): number {
  return PARTS[rank] ?? 2 ** -rank;
}
