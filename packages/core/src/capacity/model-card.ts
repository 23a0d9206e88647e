// What a model card says of memory: how many tokens a replica's caches hold, and how many requests at once.
//
// Source: the size of a transformer's keys and values; checked against what vLLM reports (vllm-project/vllm#12330).

export type ModelCard = {
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Of one value in the cache of keys and values: 2 for bf16 and fp16, 1 for fp8. */
  readonly kvBytes: number;
  /** GPUs that one replica is spread over. */
  readonly tensorParallel: number;
  /** Of each GPU, and the share of it that the engine may use. */
  readonly gpuMemoryGiB: number;
  readonly utilisation: number;
  /** Of the whole model. */
  readonly weightsGiB: number;
  /** Of each GPU: activations, graphs, what the runtime takes. */
  readonly overheadGiB: number;
};

const GIB = 2 ** 30;

/** Bytes of each GPU for one token. A GPU has at least one head of the cache, whole. */
export function kvBytesPerToken(
  card: Pick<ModelCard, "layers" | "kvHeads" | "headDim" | "kvBytes" | "tensorParallel">,
): number {
  const { layers, kvHeads, headDim, kvBytes, tensorParallel } = card;
  return 2 * layers * Math.ceil(kvHeads / tensorParallel) * headDim * kvBytes;
}

/** What is left of each GPU for the cache; below 0 where the weights do not even fit. */
export function cacheGiB(card: ModelCard): number {
  const { gpuMemoryGiB, utilisation, weightsGiB, tensorParallel, overheadGiB } = card;
  return utilisation * gpuMemoryGiB - weightsGiB / tensorParallel - overheadGiB;
}

/** Tokens that the caches of one replica hold. */
export function cacheTokens(card: ModelCard): number {
  return Math.max(0, Math.floor((cacheGiB(card) * GIB) / kvBytesPerToken(card)));
}

/** Tokens of a request, prompt and answer together. */
export type RequestTokens = { readonly mean: number; readonly deviation: number };

/** One in twenty sets of so many requests would be longer. */
const LONG_Z = 1.645;

/** The largest N with N·mean + 1.645·√N·deviation ≤ tokens. */
export function concurrencyOf(tokens: number, { mean, deviation }: RequestTokens): number {
  if (mean <= 0) return 0;
  const spread = LONG_Z * deviation;
  const root = (Math.sqrt(spread * spread + 4 * mean * tokens) - spread) / (2 * mean);
  const n = Math.floor(root * root);
  // The root is rounded: the whole number above may fit exactly.
  return fits(n + 1) ? n + 1 : n;

  function fits(count: number): boolean {
    return count * mean + spread * Math.sqrt(count) <= tokens;
  }
}

/** Of what a replica can serve, what is planned for: bursts and a slow minute want the rest. */
const PLANNED = 0.7;

/** Replicas for a peak, with one that may be gone. Both in requests a second. */
export function replicasFor(peak: number, perReplica: number): number {
  return Math.ceil(peak / (PLANNED * perReplica) - 1e-9) + 1;
}
