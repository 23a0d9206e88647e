// What a quota leaves of the requests that users want, and what clients make of it: measured on the quota that simulated
// servers have, with requests of the size that they are, since it refuses large ones far more often than small ones.
import { createRandom, exponential, murmur3 } from "@slipway/core";
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
/** A full bucket, which holds a minute's worth, is used up by then where it ever is. */
const SETTLED_MS = 1_800_000;
const MEASURED_MS = 1_800_000;
/** Rates that are nearer each other than this are one. */
const STEP = 0.02;
const KNOWN_MAX = 1_000;
const SEED = 0x9a07;

export class Demand {
  readonly #known = new Map<string, { readonly [arm in Arm]: Met }>();

  /** For both arms. A quota on both is shared: who asks for more leaves less to the other. */
  metAt(
    scenario: Scenario,
    atMs: number,
    demandsOf: () => Demands,
  ): { readonly [arm in Arm]: Met } {
    const quotas = scenario.faults.filter(
      (one) => one.fault.kind === "quota" && isDuring(one, atMs),
    );
    const [quota] = quotas;
    if (quota === undefined) return { stable: ALL, candidate: ALL };
    const demands = demandsOf();
    const step = ({ perMinute, sizes }: ArmDemand): string =>
      `${Math.round(Math.log(Math.max(1e-6, perMinute)) / STEP)} ${sizes.length} ${sizes[0]}`;
    const name = `${scenario.name} ${scenario.faults.indexOf(quota)} ${step(demands.stable)} ${step(demands.candidate)}`;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const made = measured(quota, demands, scenario.traffic.retries);
    if (this.#known.size < KNOWN_MAX) this.#known.set(name, made);
    return made;
  }
}

type Tally = { wanted: number; attempts: number; refused: number };

function measured(
  { on, fault }: ScenarioFault,
  demands: Demands,
  retries: number,
): { readonly [arm in Arm]: Met } {
  if (fault.kind !== "quota") return { stable: ALL, candidate: ALL };
  const clock = new VirtualClock();
  const quota = new Quota(clock, fault);
  const arms = (["stable", "candidate"] as const).filter((arm) => on === "both" || on === arm);
  const asking = arms
    .filter((arm) => demands[arm].perMinute > 0)
    .map((arm) => new Asking(clock, quota, demands[arm], retries, arm));
  for (const one of asking) one.start();
  clock.run(SETTLED_MS + MEASURED_MS);
  const met = (arm: Arm): Met => asking.find((one) => one.arm === arm)?.met ?? ALL;
  return { stable: met("stable"), candidate: met("candidate") };
}

/** An arm's clients before a quota. */
class Asking {
  readonly arm: Arm;
  readonly #clock: VirtualClock;
  readonly #quota: Quota;
  readonly #demand: ArmDemand;
  readonly #retries: number;
  readonly #random;
  readonly #ends: readonly number[];
  readonly #tallies: readonly Tally[];

  constructor(clock: VirtualClock, quota: Quota, demand: ArmDemand, retries: number, arm: Arm) {
    this.arm = arm;
    this.#clock = clock;
    this.#quota = quota;
    this.#demand = demand;
    this.#retries = retries;
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
    this.#clock.after(gapMs, () => {
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
    const isRefused = this.#quota.admit(size) !== undefined;
    if (this.#clock.mono() >= SETTLED_MS) this.#count(size, before, isRefused);
    if (!isRefused || before >= this.#retries) return;
    this.#clock.after(retryDelayMs(before, this.#random), () => this.#attempt(size, before + 1));
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
