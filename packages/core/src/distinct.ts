// How many different users, mergeable across gateways and ticks: HyperLogLog (Flajolet, Fusy, Gandouet,
// Meunier; AofA 2007) with linear counting for small numbers. Kept sparse, since most rows see few users.

import { murmur3 } from "./murmur3.ts";

const REGISTER_BITS = 11;
const REGISTERS = 2 ** REGISTER_BITS;
const HASH_SEED = 0x51197a;

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

/** What many of them have come to: the rank of every register, in order; none at all for nobody. JSON as it stands. */
export type DistinctSum = readonly number[];

/** With what a row adds. The sum itself where that is nobody new: after a while most ticks bring known users only. */
export function plusDistinct(sum: DistinctSum, source: Distinct): DistinctSum {
  const raised = Object.entries(source).filter(
    ([register, rank]) => rank > (sum[Number(register)] ?? 0),
  );
  if (raised.length === 0) return sum;
  const next = sum.length === 0 ? new Array<number>(REGISTERS).fill(0) : [...sum];
  for (const [register, rank] of raised) next[Number(register)] = rank;
  return next;
}

/** Who is in any of them. */
export function distinctOfAll(sums: readonly DistinctSum[]): DistinctSum {
  const some = sums.filter(({ length }) => length > 0);
  if (some.length === 0) return [];
  return Array.from({ length: REGISTERS }, (_, register) =>
    Math.max(...some.map((sum) => sum[register] ?? 0)),
  );
}

/** The estimated number of different keys, rounded. */
export function distinctCount(distinct: Distinct | DistinctSum): number {
  const ranks: readonly number[] = isSum(distinct) ? distinct : Object.values(distinct);
  let inverse = 0;
  let raised = 0;
  for (const rank of ranks) {
    if (rank <= 0) continue;
    raised++;
    inverse += PARTS[rank] ?? 2 ** -rank;
  }
  const zeros = REGISTERS - raised;
  const alpha = 0.7213 / (1 + 1.079 / REGISTERS);
  const raw = (alpha * REGISTERS * REGISTERS) / (inverse + zeros);
  if (raw <= 2.5 * REGISTERS && zeros > 0)
    return Math.round(REGISTERS * Math.log(REGISTERS / zeros));
  return Math.round(raw);
}

/** What a register of each rank adds. Sums of them are exact, in any order. */
const PARTS: readonly number[] = Array.from({ length: 32 }, (_, rank) => 2 ** -rank);

function isSum(distinct: Distinct | DistinctSum): distinct is DistinctSum {
  return Array.isArray(distinct);
}
