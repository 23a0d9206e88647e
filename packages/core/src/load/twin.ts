// A twin of an inference engine with continuous batching, small enough to be run a hundred times: requests join the
// batch between iterations, prompts are computed in chunks beside the answers under way, and an iteration takes as
// long as the work in it. Time is what the sums say; nothing is drawn here but what `Traffic` draws.

import { exponential, type Random } from "../random.ts";

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

/** What one request asks of an engine. */
export type Work = {
  readonly promptTokens: number;
  /** Of the prompt, those that are not computed because the cache has them. */
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** Whether the first token can be seen before the last. */
  readonly streamed: boolean;
};

/** One request as it went. */
export type Played = Work & {
  readonly ttftMs: number;
  readonly totalMs: number;
  /** Requests in its engine, or the mean over engines that share an address, when it was sent. */
  readonly others: number;
};

export type TwinTraffic = {
  readonly works: readonly Work[];
  /** Requests a millisecond at each engine, on average. */
  readonly perMs: number;
  /** How the rate went, slice by slice, in multiples of its mean; played in order, over and over. */
  readonly course: readonly number[];
  readonly sliceMs: number;
};

export type TwinShape = {
  readonly engines: number;
  /** Whether the engines are behind one address, so that nobody outside sees which one a request got. */
  readonly hidden: boolean;
};

type Sequence = {
  readonly work: Work;
  readonly atMs: number;
  readonly others: number;
  /** Prompt tokens still to compute. */
  left: number;
  ttftMs: number;
  /** Iteration after which its last token is there. */
  endsAfter: number;
};

/** Iterations taken at one step while nothing changes but the length of the contexts. */
const STRIDE_MAX = 64;
const FORGOTTEN_AT_ONCE = 1_000;

class TwinEngine {
  readonly #model: EngineModel;
  readonly #played: Played[];
  readonly #waiting: Sequence[] = [];
  #waitingFrom = 0;
  readonly #prompts: Sequence[] = [];
  /** The soonest to end last. */
  readonly #decoding: Sequence[] = [];
  #context = 0;
  #iteration = 0;
  /** When the next iteration can begin. */
  #freeMs = 0;

  constructor(model: EngineModel, played: Played[]) {
    this.#model = model;
    this.#played = played;
  }

  get load(): number {
    return this.#waiting.length - this.#waitingFrom + this.#prompts.length + this.#decoding.length;
  }

  submit(work: Work, atMs: number, others: number): void {
    const left = Math.max(1, work.promptTokens - work.cachedTokens);
    if (this.load === 0) this.#freeMs = Math.max(this.#freeMs, atMs);
    this.#waiting.push({ work, atMs, others, left, ttftMs: 0, endsAfter: 0 });
  }

  /** Begins every iteration that can begin before this moment. */
  advance(untilMs: number): void {
    while (this.#freeMs < untilMs && this.load > 0) {
      this.#admit();
      if (this.#prompts.length > 0) this.#mixed();
      else this.#stride(untilMs);
    }
  }

  #admit(): void {
    while (
      this.#waitingFrom < this.#waiting.length &&
      this.#prompts.length + this.#decoding.length < this.#model.sequencesMax
    ) {
      const next = this.#waiting[this.#waitingFrom++];
      if (next !== undefined) this.#prompts.push(next);
    }
    // Forgets those that are in, now and then, so that the line does not grow for ever.
    if (this.#waitingFrom < FORGOTTEN_AT_ONCE) return;
    this.#waiting.splice(0, this.#waitingFrom);
    this.#waitingFrom = 0;
  }

  /** One iteration: a token for every answer under way, and prompts with what is left of the budget. */
  #mixed(): void {
    const { baseMs, perSequenceMs, perContextTokenMs, perPrefillTokenMs, chunkTokens } =
      this.#model;
    let budget = Math.max(1, chunkTokens - this.#decoding.length);
    let computed = 0;
    let context = this.#context;
    let done = 0;
    for (const sequence of this.#prompts) {
      if (budget <= 0) break;
      const tokens = Math.min(sequence.left, budget);
      context += sequence.work.promptTokens - sequence.left;
      sequence.left -= tokens;
      budget -= tokens;
      computed += tokens;
      if (sequence.left === 0) done++;
    }
    const decoders = this.#decoding.length;
    this.#freeMs +=
      baseMs +
      perSequenceMs * decoders +
      perContextTokenMs * context +
      perPrefillTokenMs * computed;
    this.#pass(1);
    for (const sequence of this.#prompts.splice(0, done)) this.#begin(sequence);
  }

  /** As many iterations as are the same but for their contexts. */
  #stride(untilMs: number): void {
    const { baseMs, perSequenceMs, perContextTokenMs, tokensPerStep } = this.#model;
    const n = this.#decoding.length;
    const oneMs = baseMs + perSequenceMs * n + perContextTokenMs * this.#context;
    const toEnd = (this.#decoding.at(-1)?.endsAfter ?? this.#iteration + 1) - this.#iteration;
    const toArrival = Math.ceil((untilMs - this.#freeMs) / oneMs);
    const steps = Math.max(1, Math.min(toEnd, toArrival, STRIDE_MAX));
    this.#freeMs +=
      steps * oneMs + (perContextTokenMs * n * tokensPerStep * steps * (steps - 1)) / 2;
    this.#pass(steps);
  }

  #pass(iterations: number): void {
    this.#iteration += iterations;
    this.#context += this.#decoding.length * this.#model.tokensPerStep * iterations;
    for (;;) {
      const soonest = this.#decoding.at(-1);
      if (soonest === undefined || soonest.endsAfter > this.#iteration) return;
      this.#decoding.pop();
      this.#context -= contextAtEnd(soonest.work, this.#model);
      this.#end(soonest);
    }
  }

  #begin(sequence: Sequence): void {
    const { work } = sequence;
    sequence.ttftMs = this.#freeMs - sequence.atMs + this.#model.overheadMs;
    if (work.outputTokens <= 1) {
      this.#end(sequence);
      return;
    }
    sequence.endsAfter = this.#iteration + stepsOf(work, this.#model);
    this.#context += work.promptTokens + 1;
    let [low, high] = [0, this.#decoding.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#decoding[middle]?.endsAfter ?? 0) > sequence.endsAfter) low = middle + 1;
      else high = middle;
    }
    this.#decoding.splice(low, 0, sequence);
  }

  #end({ work, atMs, others, ttftMs }: Sequence): void {
    const totalMs = this.#freeMs - atMs + this.#model.overheadMs;
    this.#played.push({ ...work, ttftMs, totalMs, others });
  }
}

function stepsOf({ outputTokens }: Work, { tokensPerStep }: EngineModel): number {
  return Math.ceil((outputTokens - 1) / tokensPerStep);
}

function contextAtEnd(work: Work, model: EngineModel): number {
  return work.promptTokens + 1 + stepsOf(work, model) * model.tokensPerStep;
}

/** Plays so many requests; each goes to the engine with the least to do. The first tenth is left out: queues fill. */
export function playTwin(
  model: EngineModel,
  shape: TwinShape,
  traffic: TwinTraffic,
  requests: number,
  random: Random,
): readonly Played[] {
  const played: Played[] = [];
  const warming: Played[] = [];
  const warmUp = Math.floor(requests / 10);
  const engines = Array.from({ length: shape.engines }, () => new TwinEngine(model, played));
  const nextMs = arrivalTimes(traffic, shape.engines, random);
  for (let i = 0; i < requests; i++) {
    const atMs = nextMs();
    for (const engine of engines) engine.advance(atMs);
    const work = traffic.works[Math.floor(random.next() * traffic.works.length)];
    const engine = leastLoaded(engines);
    if (work === undefined || engine === undefined) return played;
    const mean = engines.reduce((sum, { load }) => sum + load, 0) / engines.length;
    engine.submit(work, atMs, shape.hidden ? mean : engine.load);
    if (i === warmUp) warming.push(...played.splice(0));
  }
  for (const engine of engines) engine.advance(Number.POSITIVE_INFINITY);
  return played;
}

/** Requests a millisecond that one engine gets done when there is always a next one. */
export function capacityPerMs(
  model: EngineModel,
  works: readonly Work[],
  requests: number,
  random: Random,
): number {
  const played: Played[] = [];
  const engine = new TwinEngine(model, played);
  for (let i = 0; i < requests; i++) {
    const work = works[Math.floor(random.next() * works.length)];
    if (work !== undefined) engine.submit(work, 0, 0);
  }
  engine.advance(Number.POSITIVE_INFINITY);
  // The last tenth is left out: an engine that runs empty is not full.
  const ends = played.map(({ totalMs }) => totalMs - model.overheadMs).sort((a, b) => a - b);
  const last = Math.floor(0.9 * (ends.length - 1));
  const endMs = ends[last] ?? 0;
  return endMs === 0 ? 0 : (last + 1) / endMs;
}

function leastLoaded(engines: readonly TwinEngine[]): TwinEngine | undefined {
  let best = engines[0];
  for (const engine of engines) {
    if (best === undefined || engine.load < best.load) best = engine;
  }
  return best;
}

function arrivalTimes(traffic: TwinTraffic, engines: number, random: Random): () => number {
  const { course, sliceMs } = traffic;
  const perMs = traffic.perMs * engines;
  let slice = Math.floor(random.next() * course.length);
  let sliceEndMs = sliceMs;
  let nowMs = 0;
  return () => {
    for (;;) {
      const rate = perMs * (course[slice % course.length] ?? 1);
      const next = rate > 0 ? nowMs + exponential(random, 1 / rate) : sliceEndMs;
      if (rate > 0 && next < sliceEndMs) {
        nowMs = next;
        return nowMs;
      }
      // Without memory: what is left of the gap is drawn again at the next slice's rate.
      nowMs = sliceEndMs;
      sliceEndMs += sliceMs;
      slice++;
    }
  };
}
