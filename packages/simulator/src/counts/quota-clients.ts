// Clients before a quota, by the size of their requests alone: what is refused they send again, and what passes is none of
// their business. Whoever is to be served behind the quota asks among them.
import {
  type Cancel,
  type Clock,
  createRandom,
  exponential,
  murmur3,
  type Random,
  type ServingArm,
} from "@slipway/core";
import { retryDelayMs } from "../population/retry.ts";
import { Quota, type QuotaOptions } from "../server/quota.ts";

export type ArmDemand = {
  /** Requests per minute that users want. */
  readonly perMinute: number;
  /** What each of the arm's measured answers counts against a quota, in tokens. */
  readonly sizes: Float64Array;
};

/** Who asks for what of a quota. */
export type QuotaDemand = {
  readonly quota: QuotaOptions;
  /** How often a client sends again what was refused. */
  readonly retries: number;
  /** Of the arms that it is before. */
  readonly demands: ReadonlyMap<ServingArm, ArmDemand>;
};

/** How often requests are refused by their size. */
export type BySize = {
  /** Of classes of size, their upper ends in tokens. */
  readonly ends: readonly number[];
  /** Refusals for each request that is wanted, as a part of those of the class that has the most. */
  readonly refused: readonly number[];
};

const CLASSES = 24;
/** In half an hour a full bucket, which holds a minute's worth, is used up where it is by much. */
const SETTLE_MS_MAX = 1_800_000;
/** It is less where more than this would be asked in it. */
const WANTED_MAX = 150_000;
const SEED = 0x9a07;

type Tally = { wanted: number; attempts: number; refused: number };

/** All clients before one quota. They ask from the start on. */
export class QuotaClients {
  readonly #arms: ReadonlyMap<ServingArm, ArmClients>;

  constructor(clock: Clock, { quota, retries, demands }: QuotaDemand) {
    const shared = { clock, quota: new Quota(clock, quota), retries };
    const asking = [...demands].filter(([, { perMinute }]) => perMinute > 0);
    this.#arms = new Map(asking.map(([arm, demand]) => [arm, new ArmClients(shared, demand, arm)]));
  }

  /** Undefined where nobody asks. */
  of(arm: ServingArm): ArmClients | undefined {
    return this.#arms.get(arm);
  }
}

/** Until a quota refuses what it will go on to refuse. */
export function settleMsOf({ demands }: QuotaDemand): number {
  const perMinute = [...demands.values()].reduce((sum, one) => sum + one.perMinute, 0);
  return Math.min(SETTLE_MS_MAX, (WANTED_MAX / Math.max(perMinute, 1e-6)) * 60_000);
}

type Shared = { readonly clock: Clock; readonly quota: Quota; readonly retries: number };

export class ArmClients {
  readonly #shared: Shared;
  readonly #demand: ArmDemand;
  readonly #random: Random;
  readonly #ends: readonly number[];
  readonly #tallies: readonly Tally[];
  #next: Cancel = () => {};
  #isCounted = false;

  constructor(shared: Shared, demand: ArmDemand, arm: ServingArm) {
    this.#shared = shared;
    this.#demand = demand;
    this.#random = createRandom(murmur3(`quota ${arm}`, SEED));
    const sorted = demand.sizes.toSorted();
    this.#ends = Array.from({ length: CLASSES }, (_, index) => {
      const rank = Math.ceil(((index + 1) * sorted.length) / CLASSES) - 1;
      return sorted[rank] ?? Number.POSITIVE_INFINITY;
    });
    this.#tallies = this.#ends.map(() => ({ wanted: 0, attempts: 0, refused: 0 }));
    this.#wait();
  }

  /** Wants nothing more of its own. What was refused is sent again all the same. */
  stop(): void {
    this.#next();
  }

  /** Counts from now on. */
  count(): void {
    this.#isCounted = true;
  }

  /** Asks for a request of so many tokens; `onPass` is called if one of its attempts passes, then. */
  ask(tokens: number, onPass: () => void): void {
    this.#attempt(tokens, 0, onPass);
  }

  /** Requests, with those that were sent again, for each that was wanted. */
  get attempts(): number {
    return this.#sum("attempts") / Math.max(1, this.#sum("wanted"));
  }

  /** Share of the attempts that was refused. */
  get refused(): number {
    return this.#sum("refused") / Math.max(1, this.#sum("attempts"));
  }

  get bySize(): BySize {
    const refused = this.#tallies.map((one) => one.refused / Math.max(1, one.wanted));
    const most = Math.max(...refused);
    return { ends: this.#ends, refused: refused.map((one) => (most > 0 ? one / most : 0)) };
  }

  #sum(of: keyof Tally): number {
    return this.#tallies.reduce((total, one) => total + one[of], 0);
  }

  #wait(): void {
    const { sizes, perMinute } = this.#demand;
    const gapMs = exponential(this.#random, 60_000 / perMinute);
    this.#next = this.#shared.clock.after(gapMs, () => {
      this.#attempt(sizes[Math.floor(this.#random.next() * sizes.length)] ?? 0, 0, () => {});
      this.#wait();
    });
  }

  #attempt(tokens: number, before: number, onPass: () => void): void {
    const { clock, quota, retries } = this.#shared;
    const isRefused = quota.admit(tokens) !== undefined;
    if (this.#isCounted) this.#tell(tokens, before, isRefused);
    if (!isRefused) onPass();
    else if (before < retries) {
      const delayMs = retryDelayMs(before, this.#random);
      clock.after(delayMs, () => this.#attempt(tokens, before + 1, onPass));
    }
  }

  #tell(tokens: number, before: number, isRefused: boolean): void {
    const tally = this.#tallies[classOf(this.#ends, tokens)];
    if (tally === undefined) return;
    if (before === 0) tally.wanted++;
    tally.attempts++;
    if (isRefused) tally.refused++;
  }
}

function classOf(ends: readonly number[], tokens: number): number {
  const found = ends.findIndex((end) => tokens <= end);
  return found < 0 ? ends.length - 1 : found;
}

/** How often a request of so many tokens is refused, as a part of how often any is at the most. */
export function refusedPart({ ends, refused }: BySize, tokens: number): number {
  return refused[classOf(ends, tokens)] ?? 0;
}
