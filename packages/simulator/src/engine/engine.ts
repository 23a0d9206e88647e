// One replica of an inference engine with continuous batching, driven by a clock and by nothing else: slow
// because it is loaded, never because a number was drawn. One timer per iteration, none while idle.
import type { Cancel, Clock } from "@slipway/core";
import { Batch, type Queues } from "./batch.ts";
import { KvCache } from "./kv-cache.ts";
import { type EngineParameters, type IterationWork, iterationMs } from "./parameters.ts";
import {
  blocksAtEnd,
  createSequence,
  type EngineEvents,
  type EngineRequest,
  type Sequence,
  tokensYielded,
} from "./sequence.ts";

export type EngineStats = {
  readonly running: number;
  readonly waiting: number;
  readonly blocksHeld: number;
  readonly blocksFilled: number;
  readonly iterations: number;
  readonly busyMs: number;
  readonly prefillTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  readonly preemptions: number;
};

// A timer that comes late in real time is caught up with, but a process that stood still does not make its
// replicas run faster than their hardware for longer than this afterwards.
const CATCH_UP_MS_MAX = 20;

export class Engine {
  readonly #clock: Clock;
  readonly #parameters: EngineParameters;
  readonly #memory: KvCache;
  readonly #queues: Queues = { waiting: [], running: [] };
  readonly #batch: Batch;
  #timer: Cancel | undefined;
  #iterating = false;
  #endsMs = 0;
  #pace = 1;
  #iterations = 0;
  #busyMs = 0;
  #prefillTokens = 0;
  #outputTokens = 0;
  #cachedTokens = 0;

  constructor(clock: Clock, parameters: EngineParameters) {
    this.#clock = clock;
    this.#parameters = parameters;
    this.#memory = new KvCache(parameters.blocksMax);
    this.#batch = new Batch(parameters, this.#memory, this.#queues);
  }

  /** Requests inside, waiting or running. */
  get load(): number {
    return this.#queues.waiting.length + this.#queues.running.length;
  }

  get stats(): EngineStats {
    return {
      running: this.#queues.running.length,
      waiting: this.#queues.waiting.length,
      blocksHeld: this.#memory.held,
      blocksFilled: this.#memory.filled,
      iterations: this.#iterations,
      busyMs: this.#busyMs,
      prefillTokens: this.#prefillTokens,
      outputTokens: this.#outputTokens,
      cachedTokens: this.#cachedTokens,
      preemptions: this.#batch.preempted,
    };
  }

  /** Multiplies the duration of iterations from the next one on; 1 is the engine's own pace. */
  setPace(factor: number): void {
    this.#pace = factor;
  }

  /** Takes a request in; the answer comes through `events`. Calling the result frees its slot and memory. */
  submit(request: EngineRequest, events: EngineEvents): Cancel {
    if (request.promptTokens < 1 || request.outputTokens < 1) {
      throw new RangeError("a request has at least one prompt token and one output token");
    }
    if (blocksAtEnd(request, this.#parameters) > this.#parameters.blocksMax) {
      events.onError("too-large");
      return () => {};
    }
    if (this.#queues.waiting.length >= this.#parameters.waitingMax) {
      events.onRejected();
      return () => {};
    }
    const sequence = createSequence(request, events);
    this.#queues.waiting.push(sequence);
    if (!this.#iterating) this.#begin(this.#clock.mono());
    return () => this.#leave(sequence);
  }

  /** Everything inside fails and the prefix cache is gone; the replica takes requests again at once. */
  crash(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#iterating = false;
    const inside = [...this.#queues.running, ...this.#queues.waiting];
    for (const sequence of inside) this.#leave(sequence);
    this.#memory.clear();
    for (const sequence of inside) sequence.events.onError("crashed");
  }

  #begin(startMs: number): void {
    const work = this.#batch.plan();
    if (this.#queues.running.length === 0) {
      this.#iterating = false;
      return;
    }
    this.#iterating = true;
    const durationMs = iterationMs(this.#parameters, work) * this.#pace;
    this.#count(work, durationMs);
    const nowMs = this.#clock.mono();
    this.#endsMs = Math.max(startMs, nowMs - CATCH_UP_MS_MAX) + durationMs;
    this.#timer = this.#clock.after(Math.max(0, this.#endsMs - nowMs), () => this.#finish());
  }

  #count(work: IterationWork, durationMs: number): void {
    this.#iterations++;
    this.#busyMs += durationMs;
    this.#prefillTokens += work.prefillTokens;
  }

  #finish(): void {
    const timer = this.#timer;
    // A copy, because events may abort sequences and submit new ones while this loop runs.
    for (const sequence of [...this.#queues.running]) {
      if (sequence.state === "running" && sequence.scheduled > 0) this.#progress(sequence);
    }
    // A crash inside one of those events has ended this iteration, and perhaps begun another.
    if (this.#timer === timer) this.#begin(this.#endsMs);
  }

  #progress(sequence: Sequence): void {
    const yielded = tokensYielded(sequence, this.#parameters.tokensPerStep);
    const firstIndex = sequence.generated;
    if (firstIndex > 0 && yielded > 0) sequence.steps++;
    sequence.computed += sequence.scheduled + Math.max(0, yielded - 1);
    sequence.scheduled = 0;
    sequence.generated += yielded;
    this.#outputTokens += yielded;
    this.#offerPrefix(sequence);
    const { onToken } = sequence.events;
    if (onToken !== undefined) {
      for (let i = firstIndex; i < sequence.generated && sequence.state === "running"; i++) {
        onToken(i);
      }
    }
    const complete = sequence.generated >= sequence.request.outputTokens;
    if (complete && sequence.state === "running") this.#complete(sequence);
  }

  #complete(sequence: Sequence): void {
    const { promptTokens, outputTokens } = sequence.request;
    const cachedTokens = sequence.cachedTokens ?? 0;
    this.#cachedTokens += cachedTokens;
    this.#leave(sequence);
    sequence.events.onDone({
      promptTokens,
      outputTokens,
      cachedTokens,
      preemptions: sequence.preemptions,
    });
  }

  /** Prompt blocks that are now complete become available to requests with the same beginning. */
  #offerPrefix(sequence: Sequence): void {
    const { prefixKeys, promptTokens } = sequence.request;
    const full = Math.floor(
      Math.min(sequence.computed, promptTokens) / this.#parameters.blockTokens,
    );
    const limit = Math.min(full, prefixKeys.length);
    for (; sequence.offered < limit; sequence.offered++) {
      const key = prefixKeys[sequence.offered] ?? 0;
      if (!this.#memory.publish(key)) continue;
      sequence.privateBlocks--;
      sequence.sharedKeys.push(key);
    }
  }

  #leave(sequence: Sequence): void {
    if (sequence.state === "ended") return;
    const queue = sequence.state === "waiting" ? this.#queues.waiting : this.#queues.running;
    const place = queue.indexOf(sequence);
    if (place >= 0) queue.splice(place, 1);
    sequence.state = "ended";
    this.#batch.release(sequence);
  }
}
