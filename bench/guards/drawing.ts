// The requests of one rollout, drawn tick by tick: who sends each, whether it fails, and the bins that its times count in.
// Times are drawn by bin, not by value: nothing that decides can tell the difference.
import {
  BIN_MAX,
  BIN_MIN,
  binOf,
  candidateSlotsOf,
  type EvidenceRow,
  emptyRow,
  GAMMA,
  KEY_BUCKETS,
  poisson,
  type Random,
  type Rollout,
  type ServingArm,
  SLOTS,
  type Tick,
} from "@slipway/core";
import { createPicker, type Picker, pourInto } from "@slipway/simulator";
import type { ArmBehaviour, Tail, World } from "./behaviour.ts";

const SIGMA = 0.8;
/** Quantile of the standard normal at 99%. */
const Z_P99 = 2.3263;
/** With an error rate of 1% the failures of two requests of one user correlate by 0.05. */
const TROUBLED_ONE_IN = 6;
const BINS_AT_FIRST = 256;
const NO_TAIL: Tail = { share: 0, moreMs: 0 };

type Sender = {
  slot: number;
  bucket: number;
  /** Multiplies the arm's error rate. */
  trouble: number;
};

/** A row, and its bins until the tick is over. */
type Gathering = { readonly row: EvidenceRow; total: Column; ttft: Column };

type Column = { bins: Int32Array; length: number };

type Times = { readonly first: number; readonly pick: Picker };

export class Drawing {
  readonly #world: World;
  readonly #random: Random;
  readonly #crowd: readonly Sender[] | null;
  readonly #segments: readonly string[];
  readonly #anyone: Sender = { slot: 0, bucket: 0, trouble: 1 };
  /** By the bin of the P99 that they have without a tail, and the tail. */
  readonly #times = new Map<string, Times>();

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
    const { users, segments } = world;
    this.#crowd = users === null ? null : crowdOf(users, random);
    this.#segments = Array.from({ length: segments }, (_, segment) => `s${segment}`);
  }

  /** `isLikeStable`: the candidate behaves like stable still. */
  tick(rollout: Rollout, tick: number, isLikeStable: boolean): Tick {
    const { policy, perMinute, stable, candidate } = this.#world;
    const { demand = () => 1, slowness = () => 1 } = this.#world;
    const { tickMs } = policy.evidence;
    const random = this.#random;
    const slots = candidateSlotsOf(rollout.phase, policy);
    const slow = slowness(tick * tickMs);
    const arms = {
      stable: this.#arm("stable", stable, slow),
      candidate: this.#arm("candidate", isLikeStable ? stable : candidate, slow),
    };
    const due = poisson(random, (perMinute * demand(tick * tickMs) * tickMs) / 60_000);
    for (let i = 0; i < due; i++) {
      const sender = this.#sender();
      const segment = Math.floor(random.next() * this.#segments.length);
      const arm = sender.slot < slots ? arms.candidate : arms.stable;
      this.#request(arm, segment, sender, { rollout, tick });
    }
    const rows = [...arms.stable.rows, ...arms.candidate.rows].flatMap((one) => one ?? []);
    for (const { row, total, ttft } of rows) {
      pourInto(row.latency.total, total.bins, total.length);
      pourInto(row.latency.ttft, ttft.bins, ttft.length);
    }
    const endMs = (tick + 1) * tickMs;
    return { rolloutId: "r", tick, endMs, missing: [], rows: rows.map(({ row }) => row) };
  }

  #arm(arm: ServingArm, behaviour: ArmBehaviour, slow: number): Arm {
    const { p99Ms, p99TtftMs, tail = NO_TAIL } = behaviour;
    return {
      arm,
      behaviour,
      total: this.#timesOf(p99Ms * slow, tail),
      ttft: p99TtftMs === null ? null : this.#timesOf(p99TtftMs * slow, NO_TAIL),
      rows: new Array<Gathering | undefined>(this.#segments.length).fill(undefined),
    };
  }

  #timesOf(p99Ms: number, tail: Tail): Times {
    // A swing has as many values as ticks: so near each other, they are one.
    const bin = binOf(p99Ms);
    const key = `${bin} ${tail.share} ${tail.moreMs}`;
    const known = this.#times.get(key);
    if (known !== undefined) return known;
    const made = timesOf(GAMMA ** bin, tail);
    this.#times.set(key, made);
    return made;
  }

  #sender(): Sender {
    const random = this.#random;
    if (this.#crowd !== null) {
      return this.#crowd[Math.floor(random.next() * this.#crowd.length)] ?? this.#anyone;
    }
    const anyone = this.#anyone;
    anyone.slot = Math.floor(random.next() * SLOTS);
    anyone.bucket = Math.floor(random.next() * KEY_BUCKETS);
    return anyone;
  }

  #request(
    { arm, behaviour, total, ttft, rows }: Arm,
    segment: number,
    { bucket, trouble }: Sender,
    where: { readonly rollout: Rollout; readonly tick: number },
  ): void {
    const random = this.#random;
    const into = rows[segment] ?? gathering(arm, this.#segments[segment] ?? "", where);
    rows[segment] = into;
    const { row } = into;
    const isBad = random.next() < behaviour.errorRate(segment) * trouble;
    const outcome = isBad ? "server_error" : "ok";
    row.arrivals++;
    row.judged++;
    row.outcomes[outcome] = (row.outcomes[outcome] ?? 0) + 1;
    const { arrivals, bad } = row.buckets;
    arrivals[bucket] = (arrivals[bucket] ?? 0) + 1;
    if (isBad) {
      bad[bucket] = (bad[bucket] ?? 0) + 1;
      return;
    }
    push(into.total, total.first + total.pick(random));
    if (ttft !== null) push(into.ttft, ttft.first + ttft.pick(random));
  }
}

type Arm = {
  readonly arm: ServingArm;
  readonly behaviour: ArmBehaviour;
  readonly total: Times;
  readonly ttft: Times | null;
  /** By segment; none where it had no request in the tick. */
  readonly rows: (Gathering | undefined)[];
};

function gathering(
  arm: ServingArm,
  segment: string,
  { rollout, tick }: { readonly rollout: Rollout; readonly tick: number },
): Gathering {
  const { table } = rollout;
  return {
    row: emptyRow({ rolloutId: "r", table, tick, arm, via: "split", segment }),
    total: { bins: new Int32Array(BINS_AT_FIRST), length: 0 },
    ttft: { bins: new Int32Array(BINS_AT_FIRST), length: 0 },
  };
}

function push(column: Column, bin: number): void {
  if (column.length === column.bins.length) {
    const grown = new Int32Array(2 * column.bins.length);
    grown.set(column.bins);
    column.bins = grown;
  }
  column.bins[column.length++] = bin;
}

function crowdOf(users: number, random: Random): readonly Sender[] {
  return Array.from({ length: users }, () => ({
    slot: Math.floor(random.next() * SLOTS),
    bucket: Math.floor(random.next() * KEY_BUCKETS),
    trouble: random.next() < 1 / TROUBLED_ONE_IN ? TROUBLED_ONE_IN : 0,
  }));
}

/** Log-normal with a tail, by the chance of every bin. */
function timesOf(p99Ms: number, { share, moreMs }: Tail): Times {
  const median = p99Ms / Math.exp(Z_P99 * SIGMA);
  const within = (ms: number): number => (ms <= 0 ? 0 : normalUpTo(Math.log(ms / median) / SIGMA));
  const upTo = (bin: number): number =>
    (1 - share) * within(GAMMA ** bin) + share * within(GAMMA ** bin - moreMs);
  const weights: number[] = [];
  for (let bin = BIN_MIN; bin <= BIN_MAX; bin++) weights.push(upTo(bin) - upTo(bin - 1));
  return { first: BIN_MIN, pick: createPicker(weights.map((weight) => Math.max(0, weight))) };
}

/** The standard normal's distribution, to 1.5e-7 (Abramowitz and Stegun, 26.2.17 by way of 7.1.26). */
function normalUpTo(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const tail =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) *
    Math.exp(-x * x);
  return z >= 0 ? 1 - tail / 2 : tail / 2;
}
