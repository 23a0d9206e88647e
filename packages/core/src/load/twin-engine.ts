// One engine of a twin: requests join the batch between iterations, prompts are computed in chunks beside the answers
// under way, and an iteration takes as long as the work in it.

import type { Arrivals } from "./arrivals.ts";
import { Plays, type Works } from "./plays.ts";

/** How long an engine takes; times in milliseconds. */
export type EngineModel = {
  /** Of an iteration that does nothing. */
  readonly baseMs: number;
  /** Added per sequence that decodes. */
  readonly perSequenceMs: number;
  /** Added per token of context that is attended to. */
  readonly perContextTokenMs: number;
  /** Added per prompt token computed. */
  readonly perPrefillTokenMs: number;
  /** Of every request, outside the engine: the network and the gateway. */
  readonly overheadMs: number;
  /** Tokens that an iteration computes at most. */
  readonly chunkTokens: number;
  /** Sequences in a batch at most; the rest wait. */
  readonly sequencesMax: number;
  /** Tokens that an iteration adds to an answer: more than one where they are guessed and checked together. */
  readonly tokensPerStep: number;
};

/** Iterations taken at one step while nothing changes but the length of the contexts. */
const STRIDE_MAX = 64;

/** The requests of a run, by the order in which they were sent: what all its engines know of them. */
export class Run {
  readonly works: Works;
  readonly played: Plays;
  /** Index into `works`. */
  readonly work: Int32Array;
  readonly atMs: Float64Array;
  readonly others: Float64Array;
  /** Prompt tokens still to compute. */
  readonly left: Float64Array;
  readonly ttftMs: Float64Array;
  /** Iteration after which its last token is there. */
  readonly endsAfter: Float64Array;

  constructor({ works, work, atMs }: Arrivals, requests: number) {
    this.works = works;
    this.work = work;
    this.atMs = atMs;
    this.played = new Plays(requests);
    this.others = new Float64Array(requests);
    this.left = new Float64Array(requests);
    this.ttftMs = new Float64Array(requests);
    this.endsAfter = new Float64Array(requests);
  }
}

/** Elements of the columns are there by construction: `?? 0` is for the compiler alone. */
export class TwinEngine {
  /** Requests that it has. */
  load = 0;
  readonly #model: EngineModel;
  readonly #run: Run;
  /** Requests by their number in the run, in order; those before `#waitingFrom` are in. */
  readonly #waiting: Int32Array;
  #waitingFrom = 0;
  #waitingTo = 0;
  readonly #prompts: Int32Array;
  #promptsTo = 0;
  /** The soonest to end last. */
  readonly #decoding: Int32Array;
  #decodingTo = 0;
  #context = 0;
  #iteration = 0;
  /** When the next iteration can begin. */
  #freeMs = 0;

  constructor(model: EngineModel, run: Run) {
    this.#model = model;
    this.#run = run;
    this.#waiting = new Int32Array(run.left.length);
    this.#prompts = new Int32Array(model.sequencesMax);
    this.#decoding = new Int32Array(model.sequencesMax);
  }

  /** The run's request of this number. */
  submit(request: number, others: number): void {
    const run = this.#run;
    const { promptTokens, cachedTokens } = run.works;
    const work = run.work[request] ?? 0;
    run.others[request] = others;
    run.left[request] = Math.max(1, (promptTokens[work] ?? 0) - (cachedTokens[work] ?? 0));
    if (this.load === 0) this.#freeMs = Math.max(this.#freeMs, run.atMs[request] ?? 0);
    this.#waiting[this.#waitingTo++] = request;
    this.load++;
  }

  /** Begins every iteration that can begin before this moment. */
  advance(untilMs: number): void {
    while (this.#freeMs < untilMs && this.load > 0) {
      this.#admit();
      if (this.#promptsTo > 0) this.#mixed();
      else this.#stride(untilMs);
    }
  }

  #admit(): void {
    const { sequencesMax } = this.#model;
    while (
      this.#waitingFrom < this.#waitingTo &&
      this.#promptsTo + this.#decodingTo < sequencesMax
    ) {
      this.#prompts[this.#promptsTo++] = this.#waiting[this.#waitingFrom++] ?? 0;
    }
  }

  /** One iteration: a token for every answer under way, and prompts with what is left of the budget. */
  #mixed(): void {
    const { baseMs, perSequenceMs, perContextTokenMs, perPrefillTokenMs, chunkTokens } =
      this.#model;
    const { left, work, works } = this.#run;
    const prompts = this.#prompts;
    const decoders = this.#decodingTo;
    let budget = Math.max(1, chunkTokens - decoders);
    let computed = 0;
    let context = this.#context;
    let done = 0;
    for (let at = 0; at < this.#promptsTo && budget > 0; at++) {
      const request = prompts[at] ?? 0;
      const open = left[request] ?? 0;
      const tokens = Math.min(open, budget);
      context += (works.promptTokens[work[request] ?? 0] ?? 0) - open;
      left[request] = open - tokens;
      budget -= tokens;
      computed += tokens;
      if (open === tokens) done++;
    }
    this.#freeMs +=
      baseMs +
      perSequenceMs * decoders +
      perContextTokenMs * context +
      perPrefillTokenMs * computed;
    this.#pass(1);
    for (let at = 0; at < done; at++) this.#begin(prompts[at] ?? 0);
    // One by one: they are few, and a call costs more than they do.
    for (let at = done; at < this.#promptsTo; at++) prompts[at - done] = prompts[at] ?? 0;
    this.#promptsTo -= done;
  }

  /** As many iterations as are the same but for their contexts. */
  #stride(untilMs: number): void {
    const { baseMs, perSequenceMs, perContextTokenMs, tokensPerStep } = this.#model;
    const n = this.#decodingTo;
    const oneMs = baseMs + perSequenceMs * n + perContextTokenMs * this.#context;
    const soonest = this.#decoding[n - 1] ?? 0;
    const toEnd = n === 0 ? 1 : (this.#run.endsAfter[soonest] ?? 0) - this.#iteration;
    const toArrival = Math.ceil((untilMs - this.#freeMs) / oneMs);
    const steps = Math.max(1, Math.min(toEnd, toArrival, STRIDE_MAX));
    this.#freeMs +=
      steps * oneMs + (perContextTokenMs * n * tokensPerStep * steps * (steps - 1)) / 2;
    this.#pass(steps);
  }

  #pass(iterations: number): void {
    const { endsAfter } = this.#run;
    this.#iteration += iterations;
    this.#context += this.#decodingTo * this.#model.tokensPerStep * iterations;
    while (this.#decodingTo > 0) {
      const soonest = this.#decoding[this.#decodingTo - 1] ?? 0;
      if ((endsAfter[soonest] ?? 0) > this.#iteration) return;
      this.#decodingTo--;
      this.#context -= this.#contextAtEnd(soonest);
      this.#end(soonest);
    }
  }

  #begin(request: number): void {
    const { works, work, atMs, ttftMs, endsAfter } = this.#run;
    const own = work[request] ?? 0;
    ttftMs[request] = this.#freeMs - (atMs[request] ?? 0) + this.#model.overheadMs;
    if ((works.outputTokens[own] ?? 0) <= 1) {
      this.#end(request);
      return;
    }
    const ends = this.#iteration + this.#stepsOf(own);
    endsAfter[request] = ends;
    this.#context += (works.promptTokens[own] ?? 0) + 1;
    const decoding = this.#decoding;
    let at = this.#decodingTo++;
    // Behind those that end later, and at once before those that end as soon.
    for (; at > 0; at--) {
      const before = decoding[at - 1] ?? 0;
      if ((endsAfter[before] ?? 0) > ends) break;
      decoding[at] = before;
    }
    decoding[at] = request;
  }

  #end(request: number): void {
    const { played, works, work, atMs, ttftMs, others } = this.#run;
    const totalMs = this.#freeMs - (atMs[request] ?? 0) + this.#model.overheadMs;
    this.load--;
    played.addPlayed(
      works,
      work[request] ?? 0,
      ttftMs[request] ?? 0,
      totalMs,
      others[request] ?? 0,
    );
  }

  #stepsOf(work: number): number {
    const outputTokens = this.#run.works.outputTokens[work] ?? 0;
    return Math.ceil((outputTokens - 1) / this.#model.tokensPerStep);
  }

  #contextAtEnd(request: number): number {
    const work = this.#run.work[request] ?? 0;
    const prompt = this.#run.works.promptTokens[work] ?? 0;
    return prompt + 1 + this.#stepsOf(work) * this.#model.tokensPerStep;
  }
}
