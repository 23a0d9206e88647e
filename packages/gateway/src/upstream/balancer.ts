// A version's upstreams: who takes the next request, and who waits when all are busy. It outlives tables, so
// that a new table does not forget what is in flight.

import type { Version } from "@slipway/core";
import type { Limits } from "../limits.ts";
import { type Priority, slotsFor } from "./priority.ts";
import { Replica } from "./replica.ts";
import { WaitingLine } from "./waiting-line.ts";

/** Value of an environment variable; null when it is not set. */
export type Secret = (name: string) => string | null;

export type Waiter = {
  readonly priority: Priority;
  /** Id of the one upstream that will do; any of the version's where absent. */
  readonly only?: string | null;
  /** An upstream has room, and a slot there is the waiter's from now on. */
  readonly granted: (replica: Replica) => void;
};

export type Place =
  | { readonly kind: "replica"; readonly replica: Replica }
  | { readonly kind: "queued" }
  | { readonly kind: "refused"; readonly retryAfterSeconds: number };

const RETRY_AFTER_SECONDS_MAX = 60;
/** Weight of the newest request in the mean time that a slot is held. */
const MEAN_WEIGHT = 0.1;
const AVOIDED_MS = 1_000;

export class Balancer {
  readonly #limits: Limits;
  #version: Version;
  #replicas: readonly Replica[] = [];
  readonly #line = new WaitingLine<Waiter>();
  /** Those who wait for one upstream in particular: they hold up nobody else. */
  readonly #bound = new Set<Waiter>();
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

  get queued(): number {
    return this.#line.size + this.#bound.size;
  }

  queuedOf(priority: Priority): number {
    return this.#line.waiting(priority);
  }

  /** Takes on the version as the newest table has it; upstreams that stay keep their counts. */
  update(version: Version, secret: Secret, nowMs: number): void {
    const known = new Map(this.#replicas.map((replica) => [nameOf(replica.upstream), replica]));
    this.#version = version;
    this.#replicas = version.upstreams.map((upstream) => {
      const key = upstream.keyEnv === null ? null : (secret(upstream.keyEnv) ?? undefined);
      const replica = known.get(nameOf(upstream)) ?? new Replica(upstream, key);
      replica.update(upstream, key);
      return replica;
    });
    this.#serve(nowMs);
  }

  /**
   * A slot at once, a place in the queue, or neither when the wait would be too long. What has the priority `shadow` is
   * never queued, and gets a slot only while nobody waits and half of the upstream's slots are free.
   */
  place(waiter: Waiter, nowMs: number): Place {
    const { priority } = waiter;
    const bound = this.#boundOf(waiter);
    if (bound !== null) return this.#placeBound(waiter, bound);
    const replica = this.#line.mayPass(priority) ? this.#take(priority, nowMs) : null;
    if (replica !== null) {
      this.#line.served(priority);
      return { kind: "replica", replica };
    }
    const waitMs = this.#waitMs(priority);
    const lengthMax = this.#limits.queuePerUpstreamMax * this.#replicas.length;
    if (!this.#line.hasRoom(priority, lengthMax) || waitMs > this.#limits.queueWaitMsMax) {
      return { kind: "refused", retryAfterSeconds: this.retryAfterSeconds(priority) };
    }
    this.#line.add(waiter);
    return { kind: "queued" };
  }

  #placeBound(waiter: Waiter, bound: Replica): Place {
    if (takeSlot(bound, waiter.priority)) return { kind: "replica", replica: bound };
    const isFull = this.#bound.size >= this.#limits.queuePerUpstreamMax * this.#replicas.length;
    if (isFull || waiter.priority === "shadow") {
      return { kind: "refused", retryAfterSeconds: this.retryAfterSeconds(waiter.priority) };
    }
    this.#bound.add(waiter);
    return { kind: "queued" };
  }

  /** Null for who is bound to none; nor is one to an upstream that has left the table. */
  #boundOf({ only }: Waiter): Replica | null {
    if (only == null) return null;
    return this.#replicas.find((replica) => replica.upstream.id === only) ?? null;
  }

  /** Seconds after which those who wait now should have been served. */
  retryAfterSeconds(priority: Priority): number {
    const seconds = Math.ceil(this.#waitMs(priority) / 1_000);
    return Math.min(RETRY_AFTER_SECONDS_MAX, Math.max(1, seconds));
  }

  leave(waiter: Waiter): void {
    if (!this.#bound.delete(waiter)) this.#line.remove(waiter);
  }

  /** Gives a slot back; once per slot. */
  release(replica: Replica, heldMs: number, nowMs: number): void {
    replica.inFlight--;
    this.#heldMsMean += MEAN_WEIGHT * (heldMs - this.#heldMsMean);
    this.#serve(nowMs);
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

  /** How long one more request would wait, were slots held as long as lately. */
  #waitMs(priority: Priority): number {
    const slots = this.#replicas.reduce((sum, replica) => sum + replica.slots, 0);
    return ((this.#line.ahead(priority) + 1) * this.#heldMsMean) / slots;
  }

  /** The upstream with the fewest requests in flight, of those with room; ties take turns. */
  #take(priority: Priority, nowMs: number): Replica | null {
    const replicas = this.#replicas;
    const areAllAvoided = replicas.every((replica) => replica.isAvoided(nowMs));
    let best: Replica | null = null;
    for (let i = 0; i < replicas.length; i++) {
      const replica = replicas[(this.#turn + i) % replicas.length];
      if (replica === undefined) continue;
      if (replica.inFlight >= slotsFor(priority, replica.slots)) continue;
      if (!areAllAvoided && replica.isAvoided(nowMs)) continue;
      if (best === null || replica.inFlight < best.inFlight) best = replica;
    }
    if (best === null) return null;
    this.#turn = (replicas.indexOf(best) + 1) % replicas.length;
    best.inFlight++;
    return best;
  }

  #serve(nowMs: number): void {
    // A granted request may fail at once and give its slot back: the loop below then goes on, not deeper.
    if (this.#serving) return;
    this.#serving = true;
    for (const waiter of this.#bound) this.#serveBound(waiter, nowMs);
    while (this.#serveOne(nowMs));
    this.#serving = false;
  }

  #serveBound(waiter: Waiter, nowMs: number): void {
    const bound = this.#boundOf(waiter);
    const replica = bound ?? this.#take(waiter.priority, nowMs);
    if (replica === null || (bound !== null && !takeSlot(bound, waiter.priority))) return;
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
    const waiter = this.#line.first(priority);
    const replica = waiter === null ? null : this.#take(as, nowMs);
    if (waiter === null || replica === null) return false;
    this.#line.remove(waiter);
    this.#line.served(priority);
    waiter.granted(replica);
    return true;
  }
}

function takeSlot(replica: Replica, priority: Priority): boolean {
  if (replica.inFlight >= slotsFor(priority, replica.slots)) return false;
  replica.inFlight++;
  return true;
}

function nameOf(upstream: Version["upstreams"][number]): string {
  return `${upstream.id}\n${upstream.url}`;
}
