// How many different users, mergeable across gateways and ticks: HyperLogLog (Flajolet, Fusy, Gandouet,
// Meunier; AofA 2007) with linear counting for small numbers. Kept sparse, since most rows see few users.

import { murmur3 } from "./murmur3.ts";

const REGISTER_BITS = 11;
const REGISTERS = 2 ** REGISTER_BITS;
const HASH_SEED = 0x51197a;

export const DISTINCT_REGISTERS: number = REGISTERS;

/** Relative standard error of `distinctCount`: 1.04 / sqrt(2048), about 2.3%. */
export const DISTINCT_ERROR: number = 1.04 / Math.sqrt(REGISTERS);

/** Register number to rank, only those above zero. JSON as it stands. */
export type Distinct = { [register: string]: number };

export function addDistinct(distinct: Distinct, key: string): void {
  const hash = murmur3(key, HASH_SEED);
  const register = hash >>> (32 - REGISTER_BITS);
  const rest = (hash << REGISTER_BITS) >>> 0;
  const rank = Math.min(Math.clz32(rest), 32 - REGISTER_BITS) + 1;
  if (rank > (distinct[register] ?? 0)) distinct[register] = rank;
}

export function mergeDistinctInto(target: Distinct, source: Distinct): void {
  for (const [register, rank] of Object.entries(source)) {
    if (rank > (target[register] ?? 0)) target[register] = rank;
  }
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
  let higher: Distinct | null = null;
  for (const source of sources) {
    const registers = registersOf(source);
    for (let at = 0; at < registers.length; at += 2) {
      const register = registers[at] ?? 0;
      const rank = registers[at + 1] ?? 0;
      if (rank <= before.charCodeAt(register) - ZERO) continue;
      higher ??= {};
      if (rank > (higher[register] ?? 0)) higher[register] = rank;
    }
  }
  return higher === null ? sum : withHigher(sum, before, higher);
}

/** `before`: all ranks of the sum. */
function withHigher(sum: DistinctSum, before: string, higher: Distinct): DistinctSum {
  let { raised, inverse } = sum;
  let ranks = "";
  let copied = 0;
  const registers = listOf(higher);
  for (let at = 0; at < registers.length; at += 2) {
    const register = registers[at] ?? 0;
    const rank = registers[at + 1] ?? 0;
    const known = before.charCodeAt(register) - ZERO;
    ranks += before.slice(copied, register) + String.fromCharCode(ZERO + rank);
    copied = register + 1;
    if (known === 0) raised++;
    inverse += partOf(rank) - (known === 0 ? 0 : partOf(known));
  }
  return { ranks: ranks + before.slice(copied), raised, inverse };
}

/** A row is added to several sums, and is not changed any more by then. */
const REGISTERS_OF = new WeakMap<Distinct, readonly number[]>();

function registersOf(source: Distinct): readonly number[] {
  const known = REGISTERS_OF.get(source);
  if (known !== undefined) return known;
  const registers = listOf(source);
  REGISTERS_OF.set(source, registers);
  return registers;
}

/** Each register, and its rank behind it; in ascending order: so come names that are numbers. */
function listOf(source: Distinct): readonly number[] {
  const list: number[] = [];
  for (const name in source) list.push(Number(name), source[name] ?? 0);
  return list;
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
  const { raised, inverse } = isSum(distinct) ? distinct : sumsOf(Object.values(distinct));
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

function isSum(distinct: Distinct | DistinctSum): distinct is DistinctSum {
  return typeof distinct["ranks"] === "string";
}
