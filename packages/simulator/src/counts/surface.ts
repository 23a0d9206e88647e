// How a version answers at any load: its response measured once at a few loads, and drawn from the two around the one
// that is asked for. Measured lazily, since most rollouts see few of them.
import { createRandom, type Random } from "@slipway/core";
import type { Lengths } from "../population/lengths.ts";
import type { UsersOptions } from "../population/users.ts";
import type { SimulatedVersion } from "../version.ts";
import { AnswerPool } from "./answer-pool.ts";
import type { Behind } from "./demand.ts";
import { measureResponse } from "./response.ts";

export type SurfaceOptions = {
  readonly version: SimulatedVersion;
  readonly users: UsersOptions;
  /** The load that the grid is made for: all of these users, on an ordinary minute. */
  readonly perSecond: number;
  /** Answers measured at each load. */
  readonly answers: number;
  readonly seed: number;
  readonly lengths: Lengths;
  /** The quota before it; null where none is. */
  readonly behind: Behind | null;
};

/** Parts of the ordinary load; beyond the last one a version is as at the last one. */
const GRID: readonly number[] = [0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1, 1.15, 1.4, 1.8, 2.5];

/** Where the whole load is in it. */
const ORDINARY = GRID.indexOf(1);

/** From which a quantile is read. */
const DRAWS = 5_000;

/** Answers of the two measured loads around one: from `high` with this chance, else from `low`. */
export type Mixture = {
  readonly low: AnswerPool;
  readonly high: AnswerPool;
  readonly nearHigh: number;
};

export class Surface {
  readonly #options: SurfaceOptions;
  readonly #pools = new Map<number, AnswerPool>();

  constructor(options: SurfaceOptions) {
    this.#options = options;
  }

  /** The two measured loads around `perSecond`, the nearer one more often: of what is wanted, of which quotas refuse some. */
  mixtureAt(perSecond: number): Mixture {
    const part = perSecond / this.#options.perSecond;
    const above = GRID.findIndex((load) => load >= part);
    if (above <= 0) return only(this.#pool(above < 0 ? GRID.length - 1 : 0));
    const [low, high] = [GRID[above - 1] ?? 0, GRID[above] ?? 1];
    const nearHigh = (part - low) / (high - low);
    // Not measured unless it can be drawn from.
    if (nearHigh >= 1) return only(this.#pool(above));
    return { low: this.#pool(above - 1), high: this.#pool(above), nearHigh };
  }

  /** What requests count against a quota. */
  quotaTokens(): Float64Array {
    return this.#pool(ORDINARY).quotaTokens;
  }

  /** A quantile of the latency of good answers at a load, in milliseconds. */
  quantileMs(perSecond: number, q: number): number {
    const mixture = this.mixtureAt(perSecond);
    const random = createRandom(1);
    const values = Float64Array.from({ length: DRAWS }, () => {
      const pool = poolOf(mixture, random);
      return pool.totalMs[pool.place(random)] ?? Number.NaN;
    });
    return values.sort()[Math.floor(q * DRAWS)] ?? Number.NaN;
  }

  #pool(index: number): AnswerPool {
    const known = this.#pools.get(index);
    if (known !== undefined) return known;
    const { version, users, perSecond, answers, seed, lengths, behind } = this.#options;
    const measured = measureResponse({
      version,
      users,
      perSecond: perSecond * (GRID[index] ?? 1),
      answers,
      seed,
      lengths,
      ...(behind === null ? {} : { behind }),
    });
    if (measured.length === 0) throw new RangeError("no answer was measured at this load");
    const pool = new AnswerPool(measured);
    this.#pools.set(index, pool);
    return pool;
  }
}

function only(pool: AnswerPool): Mixture {
  return { low: pool, high: pool, nearHigh: 1 };
}

export function poolOf({ low, high, nearHigh }: Mixture, random: Random): AnswerPool {
  return nearHigh >= 1 || random.next() < nearHigh ? high : low;
}
