// The replicas of one version behind a balancer. Requests with the same beginning go to the same replica,
// whose cache has it, unless that one already carries more than its share.
import type { Cancel, Clock } from "@slipway/core";
import { Engine, type EngineStats } from "./engine.ts";
import type { EngineParameters } from "./parameters.ts";
import type { EngineEvents, EngineRequest } from "./sequence.ts";

// No replica may carry more than this times the mean ("consistent hashing with bounded loads").
const SHARE_MAX = 1.5;

export class EnginePool {
  readonly #engines: readonly Engine[];
  #turn = 0;

  constructor(clock: Clock, parameters: EngineParameters, replicas: number) {
    this.#engines = Array.from({ length: replicas }, () => new Engine(clock, parameters));
  }

  get replicas(): number {
    return this.#engines.length;
  }

  /** Requests inside, over all replicas. */
  get load(): number {
    return this.#engines.reduce((sum, engine) => sum + engine.load, 0);
  }

  get stats(): readonly EngineStats[] {
    return this.#engines.map((engine) => engine.stats);
  }

  /** The replica for a request; `affinity` is undefined when its prompt has no cacheable beginning. */
  choose(affinity: number | undefined): number {
    const loadMax = Math.ceil((SHARE_MAX * (this.load + 1)) / this.#engines.length);
    const first = affinity ?? this.#turn++;
    for (let i = 0; i < this.#engines.length; i++) {
      const replica = (first + i) % this.#engines.length;
      if ((this.#engines[replica]?.load ?? 0) < loadMax) return replica;
    }
    return first % this.#engines.length;
  }

  submit(replica: number, request: EngineRequest, events: EngineEvents): Cancel {
    const engine = this.#engines[replica];
    if (engine === undefined) throw new RangeError(`there is no replica ${replica}`);
    return engine.submit(request, events);
  }

  /** Sets the pace of one replica (see Engine.setPace). */
  setPace(replica: number, factor: number): void {
    this.#engines[replica]?.setPace(factor);
  }

  crash(): void {
    for (const engine of this.#engines) engine.crash();
  }
}
