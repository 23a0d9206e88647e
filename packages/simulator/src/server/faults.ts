// The faults of one server: which are active now, what they do to a request, and when the lasting ones
// (slowdown, crash) take hold and let go.
import type { Cancel, Clock, Random } from "@slipway/core";
import type { EnginePool } from "../engine/pool.ts";
import { type Fault, isActive } from "../fault.ts";
import { Quota } from "./quota.ts";

/** What the planted faults have in store for one request. */
export type Affliction = {
  readonly delayMs: number;
  readonly errorStatus?: number;
  /** The body of a 200 that holds no answer. */
  readonly garbage?: string;
  readonly breakage?: Breakage;
};

export type Breakage = {
  readonly kind: "hang" | "cut" | "error-event";
  readonly afterTokens: number;
};

/** Faults that strike some requests and spare others. */
type RandomFault = Extract<Fault, { readonly rate: number }>;

type Mutable = { -readonly [field in keyof Affliction]: Affliction[field] };

type Planted = {
  readonly fault: Fault;
  readonly sinceMs: number;
  readonly quota: Quota | undefined;
};

export class Faults {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #pool: EnginePool;
  readonly #planted = new Set<Planted>();

  constructor(clock: Clock, random: Random, pool: EnginePool) {
    this.#clock = clock;
    this.#random = random;
    this.#pool = pool;
  }

  /** Plants a fault; its times count from now. Calling the result takes it out. */
  plant(fault: Fault): Cancel {
    const planted: Planted = { fault, sinceMs: this.#clock.mono(), quota: this.#quotaOf(fault) };
    this.#planted.add(planted);
    const turn = (): void => this.#turn(planted);
    const timers: Cancel[] = [];
    if (fault.kind === "slowdown" || fault.kind === "crash") {
      turn();
      for (const delayMs of [fault.fromMs, fault.untilMs]) {
        if (delayMs !== undefined && delayMs > 0) timers.push(this.#clock.after(delayMs, turn));
      }
    }
    return () => {
      this.#planted.delete(planted);
      for (const cancel of timers) cancel();
      turn();
    };
  }

  get crashed(): boolean {
    return this.#active().some((one) => one.fault.kind === "crash");
  }

  /** Memory that one request leaves behind. */
  get leakedBytes(): number {
    return this.#active().reduce(
      (sum, { fault }) => sum + (fault.kind === "leak" ? fault.bytesPerRequest : 0),
      0,
    );
  }

  /** Quotas in force. */
  get quotas(): readonly Quota[] {
    return this.#active().flatMap((one) => (one.quota === undefined ? [] : [one.quota]));
  }

  /** The first of these parameters that a fault rejects. */
  rejected(parameters: readonly string[]): string | undefined {
    for (const { fault } of this.#active()) {
      if (fault.kind === "rejects" && parameters.includes(fault.parameter)) return fault.parameter;
    }
    return undefined;
  }

  /** Draws what happens to one request. */
  afflict(): Affliction {
    const affliction: Mutable = { delayMs: 0 };
    for (const { fault } of this.#active()) {
      if ("rate" in fault && this.#random.next() < fault.rate) strike(affliction, fault);
    }
    return affliction;
  }

  #active(): Planted[] {
    const nowMs = this.#clock.mono();
    return [...this.#planted].filter(({ fault, sinceMs }) => isActive(fault, nowMs - sinceMs));
  }

  #quotaOf(fault: Fault): Quota | undefined {
    if (fault.kind !== "quota") return undefined;
    return new Quota(this.#clock, fault);
  }

  #turn(planted: Planted): void {
    if (planted.fault.kind === "crash") {
      if (this.crashed) this.#pool.crash();
      return;
    }
    for (let replica = 0; replica < this.#pool.replicas; replica++) {
      this.#pool.setPace(replica, this.#pace(replica));
    }
  }

  #pace(replica: number): number {
    let pace = 1;
    for (const { fault } of this.#active()) {
      if (fault.kind === "slowdown" && replica < (fault.replicas ?? this.#pool.replicas)) {
        pace *= fault.factor;
      }
    }
    return pace;
  }
}

/** Of several faults of a kind the first that strikes counts; delays add up. */
function strike(affliction: Mutable, fault: RandomFault): void {
  switch (fault.kind) {
    case "slow-tail":
      affliction.delayMs += fault.extraMs;
      return;
    case "errors":
      affliction.errorStatus ??= fault.status;
      return;
    case "garbage":
      affliction.garbage ??= fault.body ?? "";
      return;
    case "hang":
    case "cut":
    case "error-event":
      affliction.breakage ??= { kind: fault.kind, afterTokens: fault.afterTokens ?? 0 };
      return;
  }
}
