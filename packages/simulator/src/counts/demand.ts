// What a quota leaves of the requests that users want, and what clients make of it: measured on the quota that simulated
// servers have, with requests of the size that they are, since it refuses large ones far more often than small ones.
import { createRandom, exponential, murmur3, type Random } from "@slipway/core";
import { retryDelayMs } from "../population/retry.ts";
import { isDuring, type Scenario, type ScenarioFault } from "../scenario/scenario.ts";
import { Quota } from "../server/quota.ts";
import { VirtualClock } from "../virtual/clock.ts";

type Arm = "stable" | "candidate";

type ArmDemand = {
  /** Requests per minute that users want. */
  readonly perMinute: number;
  /** What each of the arm's measured answers counts against a quota, in tokens. */
  readonly sizes: Float64Array;
};

export type Demands = { readonly [arm in Arm]: ArmDemand };

/** What becomes of an arm's requests. */
export type Met = {
  /** Requests, with those that were sent again, for each that is wanted. */
  readonly attempts: number;
  /** Share of the attempts that is refused. */
  readonly refused: number;
  /** By size; null where no quota is. */
  readonly bySize: BySize | null;
};

/** Classes of size, by their upper ends in tokens. */
type BySize = {
  readonly ends: readonly number[];
  readonly attempts: readonly number[];
  readonly refused: readonly number[];
  readonly attemptsMax: number;
};

const ALL: Met = { attempts: 1, refused: 0, bySize: null };
const CLASSES = 24;
/** In half an hour a full bucket, which holds a minute's worth, is used up where it is by much; half an hour is then measured. */
const HALF_MS_MAX = 1_800_000;
/** Both are shorter where more than this would be asked in them. */
const WANTED_MAX = 300_000;
/** Rates that are nearer each other than this are one. */
const STEP = 0.02;
const KNOWN_MAX = 1_000;
const SEED = 0x9a07;

type MetByArm = { readonly [arm in Arm]: Met };

export class Demand {
  readonly #known = new Map<string, MetByArm>();

  /** For both arms, under the worse of several quotas. One on both is shared: who asks for more leaves less to the other. */
  metAt(scenario: Scenario, atMs: number, demandsOf: () => Demands): MetByArm {
    const { faults, traffic } = scenario;
    const quotas = faults.filter((one) => one.fault.kind === "quota" && isDuring(one, atMs));
    if (quotas.length === 0) return { stable: ALL, candidate: ALL };
    const { stable, candidate } = demandsOf();
    const demands = { stable: stepped(stable), candidate: stepped(candidate) };
    const all = quotas.map((quota) => this.#metUnder(quota, demands, traffic.retries));
    const worst = (arm: Arm): Met =>
      all.map((met) => met[arm]).reduce((a, b) => (b.refused > a.refused ? b : a), ALL);
    return { stable: worst("stable"), candidate: worst("candidate") };
  }

  #metUnder(quota: ScenarioFault, demands: Demands, retries: number): MetByArm {
    const asked = ({ perMinute, sizes }: ArmDemand) => [perMinute, sizes.length, sizes[0]];
    const { on, fault } = quota;
    const name = JSON.stringify([
      on,
      fault,
      retries,
      asked(demands.stable),
      asked(demands.candidate),
    ]);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const made = measured(quota, demands, retries);
    if (this.#known.size < KNOWN_MAX) this.#known.set(name, made);
    return made;
  }
}

/** At a rate near its own, which others share: what is measured does not depend on whose came first. */
function stepped({ perMinute, sizes }: ArmDemand): ArmDemand {
  if (perMinute <= 0) return { perMinute: 0, sizes };
  return { perMinute: Math.exp(Math.round(Math.log(perMinute) / STEP) * STEP), sizes };
}

type Tally = { wanted: number; attempts: number; refused: number };

function measured({ on, fault }: ScenarioFault, demands: Demands, retries: number): MetByArm {
  if (fault.kind !== "quota") return { stable: ALL, candidate: ALL };
  const clock = new VirtualClock();
  const quota = new Quota(clock, fault);
  const arms = (["stable", "candidate"] as const).filter((arm) => on === "both" || on === arm);
  const wanted = arms.reduce((sum, arm) => sum + demands[arm].perMinute, 0);
  const wholeMs = Math.min(2 * HALF_MS_MAX, (WANTED_MAX / Math.max(wanted, 1e-6)) * 60_000);
  const options = { clock, quota, retries, fromMs: wholeMs / 2 };
  const asking = arms
    .filter((arm) => demands[arm].perMinute > 0)
    .map((arm) => new Asking(options, demands[arm], arm));
  for (const one of asking) one.start();
  clock.run(wholeMs);
  const met = (arm: Arm): Met => asking.find((one) => one.arm === arm)?.met ?? ALL;
  return { stable: met("stable"), candidate: met("candidate") };
}

type AskingOptions = {
  readonly clock: VirtualClock;
  readonly quota: Quota;
  readonly retries: number;
  /** From when on it counts. */
  readonly fromMs: number;
};

/** An arm's clients before a quota. */
class Asking {
  readonly arm: Arm;
  readonly #options: AskingOptions;
  readonly #demand: ArmDemand;
  readonly #random: Random;
  readonly #ends: readonly number[];
  readonly #tallies: readonly Tally[];

  constructor(options: AskingOptions, demand: ArmDemand, arm: Arm) {
    this.arm = arm;
    this.#options = options;
    this.#demand = demand;
    this.#random = createRandom(murmur3(`quota ${arm}`, SEED));
    const sorted = demand.sizes.toSorted();
    this.#ends = Array.from({ length: CLASSES }, (_, index) => {
      const rank = Math.ceil(((index + 1) * sorted.length) / CLASSES) - 1;
      return sorted[rank] ?? Number.POSITIVE_INFINITY;
    });
    this.#tallies = this.#ends.map(() => ({ wanted: 0, attempts: 0, refused: 0 }));
  }

  start(): void {
    const gapMs = exponential(this.#random, 60_000 / this.#demand.perMinute);
    this.#options.clock.after(gapMs, () => {
      const { sizes } = this.#demand;
      this.#attempt(sizes[Math.floor(this.#random.next() * sizes.length)] ?? 0, 0);
      this.start();
    });
  }

  get met(): Met {
    const sum = (of: (tally: Tally) => number): number =>
      this.#tallies.reduce((total, one) => total + of(one), 0);
    const attemptsOf = ({ attempts, wanted }: Tally): number =>
      wanted > 0 ? attempts / wanted : 1;
    const attempts = this.#tallies.map(attemptsOf);
    return {
      attempts:
        sum((one) => one.attempts) /
        Math.max(
          1,
          sum(({ wanted }) => wanted),
        ),
      refused:
        sum(({ refused }) => refused) /
        Math.max(
          1,
          sum((one) => one.attempts),
        ),
      bySize: {
        ends: this.#ends,
        attempts,
        refused: this.#tallies.map((one) => one.refused / Math.max(1, one.attempts)),
        attemptsMax: Math.max(...attempts),
      },
    };
  }

  #attempt(size: number, before: number): void {
    const { clock, quota, retries, fromMs } = this.#options;
    const isRefused = quota.admit(size) !== undefined;
    if (clock.mono() >= fromMs) this.#count(size, before, isRefused);
    if (!isRefused || before >= retries) return;
    clock.after(retryDelayMs(before, this.#random), () => this.#attempt(size, before + 1));
  }

  #count(size: number, before: number, isRefused: boolean): void {
    const tally = this.#tallies[classOf(this.#ends, size)];
    if (tally === undefined) return;
    if (before === 0) tally.wanted++;
    tally.attempts++;
    if (isRefused) tally.refused++;
  }
}

function classOf(ends: readonly number[], size: number): number {
  const found = ends.findIndex((end) => size <= end);
  return found < 0 ? ends.length - 1 : found;
}

/** How often a request of this size is sent, as a part of how often any is at the most. */
export function attemptsPart({ ends, attempts, attemptsMax }: BySize, size: number): number {
  return (attempts[classOf(ends, size)] ?? 1) / attemptsMax;
}

/** With which chance an attempt of this size is refused. */
export function refusedPart({ ends, refused }: BySize, size: number): number {
  return refused[classOf(ends, size)] ?? 0;
}
