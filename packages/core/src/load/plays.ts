// Requests as a twin played them, or as gateways sampled them, in columns: a forecast plays hundreds of thousands of them,
// and an object for each costs more than the playing.

/** What one request asks of an engine. */
export type Work = {
  readonly promptTokens: number;
  /** Of the prompt, those that are not computed because the cache has them. */
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** Whether the first token can be seen before the last. */
  readonly streamed: boolean;
};

/** One request as it went. Times in milliseconds. */
export type Played = Work & {
  readonly ttftMs: number;
  readonly totalMs: number;
  /** Requests in its engine, or the mean over engines that share an address, when it was sent. */
  readonly others: number;
};

export class Works {
  length = 0;
  readonly promptTokens: Float64Array;
  readonly cachedTokens: Float64Array;
  readonly outputTokens: Float64Array;
  /** 1 where it is. */
  readonly streamed: Uint8Array;

  constructor(capacity: number) {
    this.promptTokens = new Float64Array(capacity);
    this.cachedTokens = new Float64Array(capacity);
    this.outputTokens = new Float64Array(capacity);
    this.streamed = new Uint8Array(capacity);
  }

  static of(works: readonly Work[]): Works {
    const all = new Works(works.length);
    for (const work of works) all.addWork(work);
    return all;
  }

  addWork({ promptTokens, cachedTokens, outputTokens, streamed }: Work): number {
    const at = this.length++;
    this.promptTokens[at] = promptTokens;
    this.cachedTokens[at] = cachedTokens;
    this.outputTokens[at] = outputTokens;
    this.streamed[at] = streamed ? 1 : 0;
    return at;
  }

  /** Another's work as it stands there. */
  copyWork(from: Works, index: number): number {
    const at = this.length++;
    this.promptTokens[at] = from.promptTokens[index] ?? 0;
    this.cachedTokens[at] = from.cachedTokens[index] ?? 0;
    this.outputTokens[at] = from.outputTokens[index] ?? 0;
    this.streamed[at] = from.streamed[index] ?? 0;
    return at;
  }
}

export class Plays extends Works {
  readonly ttftMs: Float64Array;
  readonly totalMs: Float64Array;
  readonly others: Float64Array;

  constructor(capacity: number) {
    super(capacity);
    this.ttftMs = new Float64Array(capacity);
    this.totalMs = new Float64Array(capacity);
    this.others = new Float64Array(capacity);
  }

  add(one: Played): void {
    this.#time(this.addWork(one), one.ttftMs, one.totalMs, one.others);
  }

  /** A work of `works` as it went. */
  addPlayed(works: Works, index: number, ttftMs: number, totalMs: number, others: number): void {
    this.#time(this.copyWork(works, index), ttftMs, totalMs, others);
  }

  copy(from: Plays, index: number): void {
    const { ttftMs, totalMs, others } = from;
    this.addPlayed(from, index, ttftMs[index] ?? 0, totalMs[index] ?? 0, others[index] ?? 0);
  }

  clear(): void {
    this.length = 0;
  }

  /** One by one, as objects. */
  list(): readonly Played[] {
    return Array.from({ length: this.length }, (_, at) => ({
      promptTokens: this.promptTokens[at] ?? 0,
      cachedTokens: this.cachedTokens[at] ?? 0,
      outputTokens: this.outputTokens[at] ?? 0,
      streamed: this.streamed[at] === 1,
      ttftMs: this.ttftMs[at] ?? 0,
      totalMs: this.totalMs[at] ?? 0,
      others: this.others[at] ?? 0,
    }));
  }

  #time(at: number, ttftMs: number, totalMs: number, others: number): void {
    this.ttftMs[at] = ttftMs;
    this.totalMs[at] = totalMs;
    this.others[at] = others;
  }
}
