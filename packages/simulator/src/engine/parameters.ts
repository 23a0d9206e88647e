// What one replica of an inference engine is made of, and how long one iteration of it takes. Every figure
// is a property of hardware and weights, so that latency under load follows from them and is never drawn.

export type EngineParameters = {
  /** Time of an iteration that does nothing: reading the weights, launching kernels. */
  readonly baseMs: number;
  /** Added per sequence that decodes. */
  readonly perSequenceMs: number;
  /** Added per token of context that the scheduled sequences attend to. */
  readonly perContextTokenMs: number;
  /** Added per prompt token computed. */
  readonly perPrefillTokenMs: number;
  /** No iteration is shorter; keeps a real-time fleet from waking for every fraction of a millisecond. */
  readonly iterationMsMin: number;
  /** Tokens that one decode step yields: 1, or more with speculative decoding (a mean, kept exactly). */
  readonly tokensPerStep: number;
  /** Tokens one iteration may compute, decode steps first, chunks of prompts with what is left. */
  readonly iterationTokensMax: number;
  /** Sequences that may be in a batch. */
  readonly sequencesMax: number;
  /** Requests that may wait for a place; one more is rejected. */
  readonly waitingMax: number;
  /** Tokens per block of the KV cache. */
  readonly blockTokens: number;
  /** Blocks that the memory left beside the weights holds. */
  readonly blocksMax: number;
};

/** What one iteration computes. */
export type IterationWork = {
  decodes: number;
  prefillTokens: number;
  contextTokens: number;
};

/** The iteration's duration in milliseconds, before any planted slowdown. */
export function iterationMs(engine: EngineParameters, work: IterationWork): number {
  const ms =
    engine.baseMs +
    engine.perSequenceMs * work.decodes +
    engine.perContextTokenMs * work.contextTokens +
    engine.perPrefillTokenMs * work.prefillTokens;
  return Math.max(engine.iterationMsMin, ms);
}
