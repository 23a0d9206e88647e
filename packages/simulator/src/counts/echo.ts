// What users and their clients say of answers in a count-world, some time after they had them: counted in the tick in
// which it is heard, for the arm and the table that the answer belonged to.
import {
  addHeard,
  type EvidenceRow,
  emptyFeedback,
  exponential,
  type Heard,
  logNormal,
  type Random,
  type ServingArm,
} from "@slipway/core";
import type { ArmFeedback, ScenarioFeedback } from "../scenario/scenario.ts";

const MIB = 2 ** 20;
const HOUR_MS = 3_600_000;
/** Clients differ in what they hold in memory by about a quarter. */
const MEMORY_SIGMA = 0.25;
/** More than are ever waited for in a world that ends. */
const WAITING_MAX = 2_000_000;

type Said = {
  readonly arm: ServingArm;
  readonly segment: string;
  readonly table: number;
  readonly bucket: number | null;
  readonly heard: Heard;
};

/** Where a piece of feedback is counted. */
export type RowFor = (arm: ServingArm, segment: string, table: number) => EvidenceRow;

export class Echo {
  readonly #options: ScenarioFeedback;
  readonly #tickMs: number;
  readonly #byTick = new Map<number, Said[]>();
  #waiting = 0;

  constructor(options: ScenarioFeedback, tickMs: number) {
    this.#options = options;
    this.#tickMs = tickMs;
  }

  /** A good answer: its user may say something of it later. */
  answered(row: EvidenceRow, bucket: number | null, random: Random): void {
    if (random.next() >= this.#options.share || this.#waiting >= WAITING_MAX) return;
    const atMs = row.tick * this.#tickMs;
    const tick = Math.floor((atMs + exponential(random, this.#options.delayMs)) / this.#tickMs);
    const { arm, segment, table } = row;
    const heard = heardOf(this.#options[arm], atMs, random);
    const said = { arm, segment, table, bucket, heard };
    const known = this.#byTick.get(tick);
    if (known === undefined) this.#byTick.set(tick, [said]);
    else known.push(said);
    this.#waiting++;
  }

  /** What is heard in a tick; asked once its requests are drawn. */
  hear(tick: number, rowFor: RowFor): void {
    for (const { arm, segment, table, bucket, heard } of this.#byTick.get(tick) ?? []) {
      const row = rowFor(arm, segment, table);
      row.feedback ??= emptyFeedback();
      addHeard(row.feedback, heard, bucket);
      this.#waiting--;
    }
    this.#byTick.delete(tick);
  }
}

function heardOf(arm: ArmFeedback, atMs: number, random: Random): Heard {
  const mib = arm.memoryMib + (arm.memoryMibPerHour * atMs) / HOUR_MS;
  return {
    accepted: random.next() < arm.acceptance,
    rating: null,
    reason: null,
    scores: {},
    health: {
      memoryBytes: Math.round(logNormal(random, mib, MEMORY_SIGMA) * MIB),
      crashes: random.next() < arm.crashRate ? 1 : 0,
      version: null,
      uiP95Ms: null,
    },
  };
}
