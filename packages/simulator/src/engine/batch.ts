// The scheduler of an engine: which sequences the next iteration works on, and with how many tokens each.
// Decode steps come first, so a long prompt never stops answers under way; prompts get what is left, in chunks.
import type { KvCache } from "./kv-cache.ts";
import type { EngineParameters, IterationWork } from "./parameters.ts";
import { blocksNeeded, isDecoding, type Sequence, tokensLeft } from "./sequence.ts";

/** The queues of one replica; both oldest first. */
export type Queues = {
  readonly waiting: Sequence[];
  readonly running: Sequence[];
};

export class Batch {
  readonly #engine: EngineParameters;
  readonly #memory: KvCache;
  readonly #queues: Queues;
  #budget = 0;
  #preempted = 0;

  constructor(engine: EngineParameters, memory: KvCache, queues: Queues) {
    this.#engine = engine;
    this.#memory = memory;
    this.#queues = queues;
  }

  /** Sequences that lost their memory so far. */
  get preempted(): number {
    return this.#preempted;
  }

  /** Plans one iteration: sets `scheduled` on the sequences taking part and returns the work they are. */
  plan(): IterationWork {
    const preemptedBefore = this.#preempted;
    this.#budget = this.#engine.iterationTokensMax;
    this.#advance(true);
    this.#advance(false);
    if (this.#preempted === preemptedBefore) this.#admit();
    return this.#work();
  }

  /** Gives back all memory of a sequence; its answer so far is kept and its tokens will be computed again. */
  release(sequence: Sequence): void {
    this.#memory.release(sequence.privateBlocks, sequence.sharedKeys);
    sequence.privateBlocks = 0;
    sequence.sharedKeys.length = 0;
    sequence.offered = 0;
    sequence.computed = 0;
    sequence.scheduled = 0;
  }

  #advance(decoding: boolean): void {
    const { running } = this.#queues;
    // The list shrinks from its end while sequences are preempted, never before `i`.
    for (let i = 0; i < running.length && this.#budget > 0; i++) {
      const sequence = running[i];
      if (sequence === undefined || isDecoding(sequence) !== decoding) continue;
      const tokens = Math.min(tokensLeft(sequence), this.#budget);
      if (!this.#makeRoom(sequence, tokens)) return;
      sequence.scheduled = tokens;
      this.#budget -= tokens;
    }
  }

  /** Claims what the sequence needs, taking it from the youngest if it must; false if it had to yield itself. */
  #makeRoom(sequence: Sequence, tokens: number): boolean {
    while (!this.#claim(sequence, tokens)) {
      const youngest = this.#queues.running.pop();
      if (youngest === undefined) return false;
      this.#budget += youngest.scheduled;
      this.release(youngest);
      youngest.state = "waiting";
      youngest.preemptions++;
      this.#preempted++;
      this.#queues.waiting.unshift(youngest);
      if (youngest === sequence) return false;
    }
    return true;
  }

  #claim(sequence: Sequence, tokens: number): boolean {
    const held = sequence.privateBlocks + sequence.sharedKeys.length;
    const missing = blocksNeeded(sequence, tokens, this.#engine) - held;
    if (missing <= 0) return true;
    if (!this.#memory.claim(missing)) return false;
    sequence.privateBlocks += missing;
    return true;
  }

  #admit(): void {
    const { waiting, running } = this.#queues;
    while (this.#budget > 0 && running.length < this.#engine.sequencesMax) {
      const sequence = waiting[0];
      if (sequence === undefined) return;
      const cached = this.#reusePrefix(sequence);
      const tokens = Math.min(tokensLeft(sequence), this.#budget);
      if (!this.#claim(sequence, tokens)) {
        this.release(sequence);
        return;
      }
      sequence.cachedTokens ??= cached;
      sequence.state = "running";
      sequence.scheduled = tokens;
      this.#budget -= tokens;
      waiting.shift();
      running.push(sequence);
    }
  }

  #reusePrefix(sequence: Sequence): number {
    const { promptTokens, prefixKeys } = sequence.request;
    // At least one token is always computed: the answer's first token comes out of it.
    const blocksMax = Math.floor((promptTokens - 1) / this.#engine.blockTokens);
    const hits = this.#memory.reuse(prefixKeys, blocksMax);
    for (let i = 0; i < hits; i++) sequence.sharedKeys.push(prefixKeys[i] ?? 0);
    sequence.offered = hits;
    sequence.computed = hits * this.#engine.blockTokens;
    return sequence.computed;
  }

  #work(): IterationWork {
    const work: IterationWork = { decodes: 0, prefillTokens: 0, contextTokens: 0 };
    for (const sequence of this.#queues.running) {
      if (sequence.scheduled === 0) continue;
      work.contextTokens += sequence.computed;
      if (isDecoding(sequence)) work.decodes++;
      else work.prefillTokens += sequence.scheduled;
    }
    return work;
  }
}
