// A version's upstreams: who takes the next request, and who waits when all are busy. It outlives tables, so
// that a new table does not forget what is in flight.

import type { Version } from "@slipway/core";
import type { Limits } from "../limits.ts";
import type { TokenCounts } from "./pool.ts";
import { type Priority, slotsFor } from "./priority.ts";
import { Replica, type Surroundings } from "./replica.ts";
import { RetryBudget } from "./retry-budget.ts";
import { WaitingLine } from "./waiting-line.ts";

/** One request that wants a slot, with the tokens that it is expected to use. */
export type Waiter = TokenCounts & {
  readonly priority: Priority;
  /** Id of the one upstream that will do; any of the version's where absent. */
  readonly only?: string | null;
  /** The pool that it must not go to; null for none. */
  readonly shunnedPool: string | null;
  /** An upstream has room, and a slot there is the waiter's from now on. */
  readonly granted: (replica: Replica) => void;
};

/** Why a request got no slot: no place in the queue, too long a wait for a slot, or for its pool's quota. */
export type RefusalReason = "queue-full" | "wait" | "quota";

export type Place =
  | { readonly kind: "replica"; readonly replica: Replica }
  | { readonly kind: "queued" }
  | {
      readonly kind: "refused";
      readonly reason: RefusalReason;
      readonly retryAfterSeconds: number;
    };

/** Weight of the newest request in the mean time that a slot is held. */
const MEAN_WEIGHT = 0.1;
const AVOIDED_MS = 1_000;
/** Requests sent again to the same version, as a share of those sent. */
const RESEND_SHARE = 0.2;

export class Balancer {
  readonly #limits: Limits;
  #version: Version;
  #replicas: readonly Replica[] = [];
  /** Upstreams that the table has no more, with answers that have not ended. */
  #leaving: readonly Replica[] = [];
  readonly #line = new WaitingLine<Waiter>();
  /** Those who wait for one upstream in particular: they hold up nobody else. */
  readonly #bound = new Set<Waiter>();
  readonly #resends = new RetryBudget();
  readonly #refused: { [reason in RefusalReason]: number } = { "queue-full": 0, wait: 0, quota: 0 };
  #turn = 0;
  #heldMsMean = 0;
  #serving = false;

  /** It has no upstreams until its first `update`. */
  constructor(limits: Limits, version: Version) {
    this.#limits = limits;
    this.#version = version;
  }

  get version(): Version {
    return this.#version;
  }

  get inFlight(): number {
    return this.#replicas.reduce((sum, replica) => sum + replica.inFlight, 0);
  }

  /** Something is in flight at an upstream of now or of before, or waits. */
  get isInUse(): boolean {
    return this.queued > 0 || [...this.#replicas, ...this.#leaving].some(isBusy);
  }

  get queued(): number {
    return this.#line.size + this.#bound.size;
  }

  queuedOf(priority: Priority): number {
    return this.#line.waiting(priority);
  }

  /** Requests refused so far, by reason, without those of shadows. */
  get refused(): { readonly [reason in RefusalReason]: number } {
    return this.#refused;
  }

  get replicas(): readonly Replica[] {
    return this.#replicas;
  }

  /** Takes on the version as the newest table has it; upstreams that stay keep their counts. */
  update(version: Version, around: Surroundings, nowMs: number): void {
    const before = [...this.#replicas, ...this.#leaving].map(
      (replica) => [nameOf(replica.upstream), replica] as const,
    );
    const known = new Map(before);
    this.#version = version;
    this.#replicas = version.upstreams.map((upstream) => {
      const replica = known.get(nameOf(upstream)) ?? new Replica(upstream, around, nowMs);
      replica.update(upstream, around, nowMs);
      return replica;
    });
    const stays = new Set(this.#replicas);
    this.#leaving = [...known.values()].filter((one) => !stays.has(one) && isBusy(one));
    this.serve(nowMs);
  }

  /**
   * A slot at once, a place in the queue, or neither when the wait would be too long. What has the priority `shadow` is
   * never queued, and gets a slot only while nobody waits and half of the upstream's slots are free.
   */
  place(waiter: Waiter, nowMs: number): Place {
    const { priority } = waiter;
    if (this.#isBound(waiter)) return this.#placeBound(waiter, nowMs);
    const replica = this.#line.mayPass(priority) ? this.#take(waiter, priority, nowMs) : null;
    if (replica !== null) {
      this.#line.served(priority);
      return { kind: "replica", replica };
    }
    const lengthMax = this.#limits.queuePerUpstreamMax * this.#replicas.length;
    const quotaMs = this.#quotaMs(waiter, nowMs);
    const waitMs = Math.max(quotaMs, this.#slotMs(priority));
    const isLate = waitMs > this.#limits.queueWaitMsMax;
    if (!isLate && this.#line.hasRoom(priority, lengthMax)) {
      this.#line.add(waiter);
      return { kind: "queued" };
    }
    const late = quotaMs > this.#limits.queueWaitMsMax ? "quota" : "wait";
    return this.#refusal(waiter, isLate ? late : "queue-full", waitMs);
  }

  /** Ends the wait of one that waited as long as it may. */
  expire(waiter: Waiter, nowMs: number): Place {
    this.leave(waiter);
    const quotaMs = this.#quotaMs(waiter, nowMs);
    const slotMs = this.#slotMs(waiter.priority);
    return this.#refusal(waiter, quotaMs > slotMs ? "quota" : "wait", Math.max(quotaMs, slotMs));
  }

  #refusal({ priority }: Waiter, reason: RefusalReason, waitMs: number): Place {
    // That a shadow finds no room is as it should be.
    if (priority !== "shadow") this.#refused[reason]++;
    return { kind: "refused", reason, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)) };
  }

  #placeBound(waiter: Waiter, nowMs: number): Place {
    const replica = this.#take(waiter, waiter.priority, nowMs);
    if (replica !== null) return { kind: "replica", replica };
    const waitMs = Math.max(this.#quotaMs(waiter, nowMs), this.#slotMs(waiter.priority));
    const isFull = this.#bound.size >= this.#limits.queuePerUpstreamMax * this.#replicas.length;
    if (isFull || waiter.priority === "shadow") return this.#refusal(waiter, "queue-full", waitMs);
    this.#bound.add(waiter);
    return { kind: "queued" };
  }

  /** Whether it may go to one upstream alone; not when that one has left the table. */
  #isBound({ only }: Waiter): boolean {
    return only != null && this.#replicas.some((replica) => replica.upstream.id === only);
  }

  leave(waiter: Waiter): void {
    if (!this.#bound.delete(waiter)) this.#line.remove(waiter);
  }

  /** Gives a slot back; once per slot. */
  release(replica: Replica, heldMs: number, nowMs: number): void {
    replica.release(heldMs);
    this.#heldMsMean += MEAN_WEIGHT * (heldMs - this.#heldMsMean);
    this.serve(nowMs);
  }

  /**
   * Passes an upstream that could not be reached over for a while: it fails so fast that it would always have the
   * fewest requests in flight. Where all are like that, all stay in use.
   */
  avoid(replica: Replica, nowMs: number): void {
    replica.avoidedUntilMs = nowMs + AVOIDED_MS;
  }

  get upstreams(): number {
    return this.#replicas.length;
  }

  /**
   * Whether one more request may be sent again; counted if so. As many are always allowed as connections can be kept: no
   * more than were in use at once, and not as many as could have been.
   */
  mayResend(nowMs: number): boolean {
    return this.#resends.spend(nowMs, RESEND_SHARE, this.#resends.openMax(nowMs));
  }

  /** Serves whom it can: slots may have come free elsewhere, or a pool's quota. */
  serve(nowMs: number): void {
    // A granted request may fail at once and give its slot back: the loop below then goes on, not deeper.
    if (this.#serving || this.queued === 0) return;
    this.#serving = true;
    for (const waiter of this.#bound) this.#serveBound(waiter, nowMs);
    while (this.#serveOne(nowMs));
    this.#serving = false;
  }

  #slots(): number {
    let slots = 0;
    for (const replica of this.#replicas) slots += replica.slots;
    return slots;
  }

  /** How long one more request would wait for a slot, were slots held as long as lately. */
  #slotMs(priority: Priority): number {
    return ((this.#line.ahead(priority) + 1) * this.#heldMsMean) / this.#slots();
  }

  /** How long it would wait for the quota of some pool. */
  #quotaMs(waiter: Waiter, nowMs: number): number {
    const ahead = this.#line.ahead(waiter.priority);
    let least = Number.POSITIVE_INFINITY;
    const isBound = this.#isBound(waiter);
    for (const { pool, upstream } of this.#replicas) {
      if (pool.name === waiter.shunnedPool || (isBound && upstream.id !== waiter.only)) continue;
      least = Math.min(least, pool.waitMs(waiter, ahead, waiter.priority, nowMs));
    }
    return Number.isFinite(least) ? least : 0;
  }

  /** Of the upstreams with room in the slots of `as`, and quota, the one with the fewest in flight; ties take turns. */
  #take(waiter: Waiter, as: Priority, nowMs: number): Replica | null {
    const replicas = this.#replicas;
    const isBound = this.#isBound(waiter);
    const mayAvoid = !isBound && !replicas.every((replica) => replica.isAvoided(nowMs));
    let best: Replica | null = null;
    for (let i = 0; i < replicas.length; i++) {
      const replica = replicas[(this.#turn + i) % replicas.length];
      if (replica === undefined || (isBound && replica.upstream.id !== waiter.only)) continue;
      if (best !== null && replica.inFlight >= best.inFlight) continue;
      if (mayAvoid && replica.isAvoided(nowMs)) continue;
      if (canTake(replica, waiter, as, nowMs)) best = replica;
    }
    if (best === null) return null;
    this.#turn = (replicas.indexOf(best) + 1) % replicas.length;
    best.inFlight++;
    best.pool.take(waiter);
    this.#resends.request(nowMs, this.inFlight);
    return best;
  }

  #serveBound(waiter: Waiter, nowMs: number): void {
    const replica = this.#take(waiter, waiter.priority, nowMs);
    if (replica === null) return;
    this.#bound.delete(waiter);
    waiter.granted(replica);
  }

  #serveOne(nowMs: number): boolean {
    const line = this.#line;
    if (line.isBackgroundsTurn && this.#grant("background", "interactive", nowMs)) return true;
    return (
      this.#grant("interactive", "interactive", nowMs) ||
      this.#grant("background", "background", nowMs)
    );
  }

  /** Serves the first who waits, in the slots of `as`; false when none waits, or has room. */
  #grant(priority: "interactive" | "background", as: Priority, nowMs: number): boolean {
    for (const waiter of this.#line.of(priority)) {
      const replica = this.#take(waiter, as, nowMs);
      if (replica !== null) {
        this.#line.remove(waiter);
        this.#line.served(priority);
        waiter.granted(replica);
        return true;
      }
      // One that may not go everywhere keeps nobody behind it from going where it may not.
      if (waiter.shunnedPool === null) return false;
    }
    return false;
  }
}

function canTake(replica: Replica, waiter: Waiter, as: Priority, nowMs: number): boolean {
  if (replica.inFlight >= slotsFor(as, replica.slots)) return false;
  if (replica.pool.name === waiter.shunnedPool) return false;
  return replica.pool.waitMs(waiter, 0, as, nowMs) === 0;
}

function isBusy({ inFlight }: Replica): boolean {
  return inFlight > 0;
}

function nameOf(upstream: Version["upstreams"][number]): string {
  return `${upstream.id}\n${upstream.url}`;
}
