// How stable's latest requests at one worker went, by when they arrived: what a burst of the candidate's is held against.

/** The latest so many results are remembered. */
const RESULTS_MAX = 512;

export class StableResults {
  readonly #arrivedMs = new Float64Array(RESULTS_MAX);
  readonly #failed = new Uint8Array(RESULTS_MAX);
  #count = 0;

  add(arrivedMs: number, failed: boolean): void {
    const place = this.#count++ % RESULTS_MAX;
    this.#arrivedMs[place] = arrivedMs;
    this.#failed[place] = failed ? 1 : 0;
  }

  /** Of the requests that arrived then or later. */
  since(fromMs: number): { readonly failures: number; readonly successes: number } {
    const counts = { failures: 0, successes: 0 };
    for (let place = 0; place < Math.min(this.#count, RESULTS_MAX); place++) {
      if ((this.#arrivedMs[place] ?? 0) < fromMs) continue;
      if (this.#failed[place] === 1) counts.failures++;
      else counts.successes++;
    }
    return counts;
  }
}
