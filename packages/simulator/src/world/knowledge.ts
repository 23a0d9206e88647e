// What each worker may know, and what the store holds, worked out from what the network delivered and the disk took:
// the independent account that checkers hold the gateways and the controller against.
import {
  apply,
  type Rollout,
  type RolloutEvent,
  type Route,
  type ServingArm,
  slotOf,
  type Table,
} from "@slipway/core";
import type { Frame } from "@slipway/wire";
import type { Worker, WorldEvent } from "./event.ts";
import type { Checker } from "./record.ts";

/** What the store holds about a member. */
export type StoredMember = {
  readonly sequence: number;
  readonly leaseMs: number;
  readonly expiredAtMs: number | null;
  readonly leftAtMs: number | null;
};

/** Where a request must turn up as evidence. */
export type Sample = {
  readonly rolloutId: string;
  readonly table: number;
  readonly arm: ServingArm;
};

/** The controller's time as a worker takes it, in milliseconds since the epoch. */
export type TimeRange = { readonly earliestMs: number; readonly latestMs: number };

type Exchange = { readonly tookMs: number; readonly offsetMs: number };

/** A worker learns the controller's time from the quickest of so many exchanges. */
const EXCHANGES_KEPT = 8;

/** One incarnation of a worker. */
export class KnownWorker {
  readonly worker: Worker;
  /** The table with the highest number that reached it. */
  table: Table | null;
  /** On its own monotonic clock: from sending the frame whose acknowledgement arrived. */
  leaseEndMs: number = Number.NEGATIVE_INFINITY;
  /** As `leaseEndMs`, had every acknowledgement arrived that the controller gave. */
  grantedEndMs: number = Number.NEGATIVE_INFINITY;
  isDiverted = false;
  /** Rollouts whose candidate it left by itself. */
  readonly tripped: Set<string> = new Set();
  isAlive = true;
  /** It has said, or is saying, that it serves nothing any more. */
  hasLeft = false;
  readonly #exchanges: Exchange[] = [];
  #earliestMs = Number.NEGATIVE_INFINITY;
  #latestMs = Number.NEGATIVE_INFINITY;

  constructor(worker: Worker, table: Table | null) {
    this.worker = worker;
    this.table = table;
  }

  get route(): Route | null {
    return this.table?.routes[0] ?? null;
  }

  /** Whether it left the candidate of its table by itself. */
  get hasTripped(): boolean {
    const split = this.route?.split ?? null;
    return split !== null && this.tripped.has(split.rolloutId);
  }

  get isLeased(): boolean {
    return this.worker.clock.mono() < this.leaseEndMs;
  }

  /** Whether its policy lets it go on without a lease. */
  get keepsLapsed(): boolean {
    return this.route?.lease.onLapse === "keep";
  }

  /** Whether it knows the controller's time, without which it cannot put a request into a tick. */
  get knowsTime(): boolean {
    return this.#exchanges.length > 0;
  }

  /** What the controller's clock says more than its own monotonic one, as far as it can tell. */
  get offsetMs(): number {
    if (this.#exchanges.length === 0) return 0;
    return this.#exchanges.reduce((a, b) => (b.tookMs <= a.tookMs ? b : a)).offsetMs;
  }

  /**
   * The controller's time as this worker takes it. It never goes back, so it depends on when the worker last looked:
   * at the latest when it learnt something, at the earliest when it assigned a request.
   */
  timeMs(): TimeRange {
    const nowMs = this.worker.clock.mono() + this.offsetMs;
    this.#earliestMs = Math.max(this.#earliestMs, nowMs);
    this.#latestMs = Math.max(this.#latestMs, nowMs);
    return { earliestMs: this.#earliestMs, latestMs: this.#latestMs };
  }

  learn(sentMs: number, nowMs: number): void {
    if (this.knowsTime) {
      this.#latestMs = Math.max(this.#latestMs, this.worker.clock.mono() + this.offsetMs);
    }
    const tookMs = this.worker.clock.mono() - sentMs;
    this.#exchanges.push({ tookMs, offsetMs: nowMs - (sentMs + tookMs / 2) });
    if (this.#exchanges.length > EXCHANGES_KEPT) this.#exchanges.shift();
  }

  /** Whether a key belongs to the candidate by its table; false without a split. */
  isInSlots(key: string): boolean {
    const split = this.route?.split ?? null;
    return split !== null && slotOf(split.rolloutId, key) < split.candidateSlots;
  }

  /** Whether a URL is that of the split's candidate. */
  isCandidate(url: string): boolean {
    return this.route?.split?.candidate.upstreams.some((upstream) => upstream.url === url) === true;
  }

  isStable(url: string): boolean {
    return this.route?.stable.upstreams.some((upstream) => upstream.url === url) === true;
  }

  /** What an assignment is evidence of; null where it is none: no split, no time, or diverted from the candidate. */
  sampleOf(key: string, url: string): Sample | null {
    const split = this.route?.split ?? null;
    if (split === null || this.table === null || !this.knowsTime) return null;
    const arm = this.isCandidate(url) ? "candidate" : "stable";
    if (arm === "stable" && this.isInSlots(key)) return null;
    return { rolloutId: split.rolloutId, table: this.table.number, arm };
  }
}

export class Knowledge implements Checker {
  readonly name = "knowledge";
  readonly workers: Map<string, KnownWorker> = new Map();
  /** As stored. */
  readonly members: Map<string, StoredMember> = new Map();
  readonly rollouts: Map<string, Rollout> = new Map();
  /** The stored text of every table, by its number. */
  readonly tables: Map<number, string> = new Map();
  /** Every frame that was sent, by incarnation and sequence. */
  readonly frames: Map<string, Map<number, Frame>> = new Map();
  /** The frames that the commit heard of last has stored. */
  justStored: readonly Frame[] = [];

  of(worker: Worker): KnownWorker {
    const known = this.workers.get(worker.incarnation);
    if (known === undefined) throw new RangeError(`nothing is known of ${worker.incarnation}`);
    return known;
  }

  on(event: WorldEvent): void {
    switch (event.kind) {
      case "worker-started":
        this.workers.set(event.worker.incarnation, new KnownWorker(event.worker, event.table));
        return;
      case "worker-stopped":
        this.of(event.worker).isAlive = false;
        return;
      case "diverted":
        this.of(event.worker).isDiverted = event.on;
        return;
      case "tripped":
        this.of(event.worker).tripped.add(event.rolloutId);
        return;
      case "table-delivered":
        this.#take(this.of(event.worker), event.table);
        return;
      case "ack-issued":
      case "ack-delivered":
        this.#renew(event);
        return;
      case "frame-sent":
        this.#keep(event.frame);
        return;
      case "committed":
        this.justStored = [];
        for (const change of event.changes) this.#store(change);
        return;
      default:
        return;
    }
  }

  #take(known: KnownWorker, table: Table): void {
    if (table.number > (known.table?.number ?? 0)) known.table = table;
  }

  #renew(event: Extract<WorldEvent, { kind: "ack-issued" | "ack-delivered" }>): void {
    const { worker, frame, ack, sentMs } = event;
    const known = this.of(worker);
    if (ack.sequence < frame.sequence) return;
    const endMs = ack.leaseMs > 0 ? sentMs + ack.leaseMs : Number.NEGATIVE_INFINITY;
    if (event.kind === "ack-issued") {
      known.grantedEndMs = Math.max(known.grantedEndMs, endMs);
      return;
    }
    known.leaseEndMs = Math.max(known.leaseEndMs, endMs);
    known.learn(sentMs, ack.nowMs);
  }

  #keep(frame: Frame): void {
    const { incarnation } = frame.member;
    const frames = this.frames.get(incarnation) ?? new Map<number, Frame>();
    frames.set(frame.sequence, frame);
    const known = this.workers.get(incarnation);
    if (known !== undefined && frame.goodbye) known.hasLeft = true;
    this.frames.set(incarnation, frames);
  }

  #storeMember(incarnation: string, member: StoredMember): void {
    const last = this.members.get(incarnation)?.sequence ?? member.sequence - 1;
    this.members.set(incarnation, member);
    const frames = this.frames.get(incarnation);
    for (let sequence = last + 1; sequence <= member.sequence; sequence++) {
      const frame = frames?.get(sequence);
      if (frame !== undefined) this.justStored = [...this.justStored, frame];
    }
  }

  #store(change: Extract<WorldEvent, { kind: "committed" }>["changes"][number]): void {
    switch (change.kind) {
      case "put-table":
        this.tables.set(change.number, change.text);
        return;
      case "put-member":
        this.#storeMember(change.incarnation, JSON.parse(change.text) as StoredMember);
        return;
      case "delete-member":
        this.members.delete(change.incarnation);
        return;
      case "append": {
        const before = this.rollouts.get(change.rolloutId) ?? null;
        const event = JSON.parse(change.text) as RolloutEvent;
        this.rollouts.set(change.rolloutId, apply(before, event));
        return;
      }
      default:
        return;
    }
  }
}
