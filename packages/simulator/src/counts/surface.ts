// How a version answers at any load: its response measured once at a few loads, and drawn from the two around the one
// that is asked for. Measured lazily, since most rollouts see few of them.
import { createRandom, type Random } from "@slipway/core";
import type { Lengths } from "../population/lengths.ts";
import type { UsersOptions } from "../population/users.ts";
import type { SimulatedVersion } from "../version.ts";
import { type Answer, measureResponse } from "./response.ts";

export type SurfaceOptions = {
  readonly version: SimulatedVersion;
  readonly users: UsersOptions;
  /** The load that the grid is made for: everybody, on an ordinary minute. */
  readonly perSecond: number;
  /** Answers measured at each load. */
  readonly answers: number;
  readonly seed: number;
  readonly lengths: Lengths;
};

/** Parts of the ordinary load; beyond the last one a version is as at the last one. */
const GRID: readonly number[] = [0.01, 0.05, 0.15, 0.25, 0.4, 0.5, 0.75, 1, 1.3, 1.7, 2.5];

/** From which a quantile is read. */
const DRAWS = 5_000;

export class Surface {
  readonly #options: SurfaceOptions;
  readonly #pools = new Map<number, readonly Answer[]>();

  constructor(options: SurfaceOptions) {
    this.#options = options;
  }

  /** Draws from one of the two measured loads around `perSecond`, the nearer one more often. */
  drawAt(perSecond: number): (random: Random) => Answer {
    const part = perSecond / this.#options.perSecond;
    const above = GRID.findIndex((load) => load >= part);
    if (above <= 0) return drawFrom(this.#pool(above < 0 ? GRID.length - 1 : 0));
    const [low, high] = [GRID[above - 1] ?? 0, GRID[above] ?? 1];
    const nearHigh = (part - low) / (high - low);
    // Not measured unless it can be drawn from.
    const fromHigh = drawFrom(this.#pool(above));
    if (nearHigh >= 1) return fromHigh;
    const fromLow = drawFrom(this.#pool(above - 1));
    return (random) => (random.next() < nearHigh ? fromHigh(random) : fromLow(random));
  }

  /** What a request counts against a quota on average: its prompt and its answer. */
  tokensMean(): number {
    const pool = this.#pool(0);
    const sum = pool.reduce((all, one) => all + one.inputTokens + one.outputTokens, 0);
    return sum / Math.max(1, pool.length);
  }

  /** A quantile of the latency of good answers at a load, in milliseconds. */
  quantileMs(perSecond: number, q: number): number {
    const draw = this.drawAt(perSecond);
    const random = createRandom(1);
    const values = Array.from({ length: DRAWS }, () => draw(random).totalMs);
    values.sort((a, b) => a - b);
    return values[Math.floor(q * DRAWS)] ?? Number.NaN;
  }

  #pool(index: number): readonly Answer[] {
    const known = this.#pools.get(index);
    if (known !== undefined) return known;
    const { version, users, perSecond, answers, seed, lengths } = this.#options;
    const measured = measureResponse({
      version,
      users,
      perSecond: perSecond * (GRID[index] ?? 1),
      answers,
      seed,
      lengths,
    });
    this.#pools.set(index, measured);
    return measured;
  }
}

function drawFrom(pool: readonly Answer[]): (random: Random) => Answer {
  return (random) => {
    const answer = pool[Math.floor(random.next() * pool.length)];
    if (answer === undefined) throw new RangeError("no answer was measured at this load");
    return answer;
  };
}
