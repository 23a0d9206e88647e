// A gateway worker as the controller sees it: follows tables, keeps to its lease, and reports made-up traffic in
// frames that it sends again, unchanged, until they are acknowledged.

import type { Controller } from "@slipway/controller";
import {
  addDistinct,
  type EvidenceRow,
  emptyRow,
  type MirrorRow,
  record,
  type ServingArm,
  SLOTS,
  type Table,
  type TripReport,
} from "@slipway/core";
import type { Acknowledgement, Frame } from "@slipway/wire";
import type { FakeClock } from "./fake-clock.ts";

/** What a second of traffic is like on the candidate; stable is good, where nothing else is said. */
export type Traffic = {
  readonly requests: number;
  readonly latencyMs: number;
  /** Share of the candidate's requests that fail. */
  readonly errors: number;
  /** Share of stable's requests that fail. */
  readonly stableErrors?: number;
  /** Candidate requests that are still open when the second is reported. */
  readonly open: number;
  /** What else the rows of either arm say. */
  readonly more?: (row: EvidenceRow) => void;
};

export const GOOD: Traffic = { requests: 400, latencyMs: 200, errors: 0, open: 0 };
const STABLE_LATENCY_MS = 200;

export class FakeGateway {
  readonly name: string;
  readonly incarnation: string;
  table: Table | null = null;
  leaseEndMs = 0;
  inFlight: { [rolloutId: string]: number } = {};
  /** Rows that its spool had no room for, to be told with the next frame. */
  dropped = 0;
  /** Rollouts whose candidate it left by itself. */
  tripped: readonly TripReport[] = [];
  /** What providers told it of pools. */
  told: Frame["told"];
  /** What it saw of mirrored requests, told with the next frame. */
  readonly mirrored: MirrorRow[] = [];
  endedAtMs: { [rolloutId: string]: number } = {};
  /** Neither hears tables nor reaches the controller. */
  isCutOff = false;
  /** Hears no tables, but its frames arrive. */
  isDeaf = false;
  /** Its frames arrive, but no acknowledgement of them comes back: it sends the same one again and again. */
  losesAcks = false;
  readonly #clock: FakeClock;
  #sequence = 0;
  #unsent: EvidenceRow[] = [];
  #frame: Frame | null = null;

  constructor(name: string, clock: FakeClock, incarnation = `incarnation-${name}`) {
    this.name = name;
    this.incarnation = incarnation;
    this.#clock = clock;
  }

  hear(table: Table): void {
    if (this.isCutOff || this.isDeaf) return;
    if (this.table === null || table.number > this.table.number) this.table = table;
  }

  get isLeased(): boolean {
    return this.#clock.mono() < this.leaseEndMs;
  }

  /** Serves a second of traffic that ends now. */
  serve(traffic: Traffic): void {
    const split = this.table?.routes.find((route) => route.split !== null)?.split;
    if (split === null || split === undefined || this.table === null) return;
    const share = this.isLeased ? split.candidateSlots / SLOTS : 0;
    const candidate = Math.round(traffic.requests * share);
    const row = (arm: ServingArm, n: number): EvidenceRow =>
      madeRow(
        {
          rolloutId: split.rolloutId,
          table: this.table?.number ?? 0,
          arm,
          via: "split",
          segment: "all",
        },
        Math.floor(this.#clock.wall() / 1000) - 1,
        n,
        traffic,
      );
    this.#unsent.push(row("stable", traffic.requests - candidate));
    if (candidate > 0) {
      this.#unsent.push(row("candidate", candidate));
      this.endedAtMs[split.rolloutId] = this.#clock.wall();
    }
  }

  /** The frame to be sent: the one that is not acknowledged yet, or a new one. */
  frame(goodbye = false): Frame {
    if (this.#frame !== null) return this.#frame;
    this.#sequence++;
    this.#frame = {
      member: { incarnation: this.incarnation, gateway: this.name, worker: 0 },
      sequence: this.#sequence,
      asOfMs: this.#clock.wall(),
      confirmedTable: this.table?.number ?? null,
      storeId: this.table?.storeId ?? null,
      candidateInFlight: { ...this.inFlight },
      candidateEndedAtMs: { ...this.endedAtMs },
      diverted: [],
      tripped: this.tripped,
      ...(this.told === undefined ? {} : { told: this.told }),
      mirrored: this.mirrored.splice(0),
      rowsDropped: this.dropped,
      rows: this.#unsent,
      goodbye,
    };
    this.#unsent = [];
    this.dropped = 0;
    return this.#frame;
  }

  /** What a worker does with an acknowledgement of the frame that it sent at `sentMs`. */
  acknowledged(ack: Acknowledgement, sentMs: number): void {
    if (this.#frame !== null && ack.sequence >= this.#frame.sequence) this.#frame = null;
    if (ack.leaseMs > 0) this.leaseEndMs = Math.max(this.leaseEndMs, sentMs + ack.leaseMs);
  }

  async report(controller: Controller): Promise<void> {
    if (this.isCutOff) return;
    const sentMs = this.#clock.mono();
    const ack = await controller.acceptFrame(this.frame());
    if (!this.losesAcks) this.acknowledged(ack, sentMs);
  }

  /** Its newest requests, as rows that no frame holds yet. */
  add(...rows: readonly EvidenceRow[]): void {
    this.#unsent.push(...rows);
  }
}

export function madeRow(
  key:
    | Omit<EvidenceRow, "tick">
    | Pick<EvidenceRow, "rolloutId" | "table" | "arm" | "via" | "segment">,
  tick: number,
  n: number,
  traffic: Traffic,
): EvidenceRow {
  const row = emptyRow({ ...key, tick });
  const isCandidate = key.arm === "candidate";
  const open = isCandidate ? Math.min(n, traffic.open) : 0;
  const judged = n - open;
  const errorRate = isCandidate ? traffic.errors : (traffic.stableErrors ?? 0);
  const errors = Math.round(judged * errorRate);
  row.arrivals = n;
  row.judged = judged;
  row.outcomes = { ok: judged - errors, server_error: errors };
  for (let i = 0; i < judged - errors; i++) {
    record(row.latency.total, isCandidate ? traffic.latencyMs : STABLE_LATENCY_MS);
  }
  for (let i = 0; i < n; i++) addDistinct(row.users, `${key.arm}-${i}`);
  traffic.more?.(row);
  return row;
}
