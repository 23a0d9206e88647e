// What a model card says of memory, against published figures.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  cacheTokens,
  concurrencyOf,
  kvBytesPerToken,
  type ModelCard,
  replicasFor,
} from "@slipway/core";
import fc from "fast-check";

const LLAMA_8B: ModelCard = {
  layers: 32,
  kvHeads: 8,
  headDim: 128,
  kvBytes: 2,
  tensorParallel: 1,
  gpuMemoryGiB: 39.5,
  utilisation: 0.9,
  weightsGiB: 14.96,
  overheadGiB: 0.1 + 9.37,
};
const LLAMA_70B = { layers: 80, kvHeads: 8, headDim: 128, kvBytes: 2, tensorParallel: 1 };

test("keys and values of a token take what is published for two models", () => {
  assert.equal(kvBytesPerToken(LLAMA_8B), 131_072);
  assert.equal(kvBytesPerToken(LLAMA_70B), 327_680);
});

test("heads are spread over GPUs, and a GPU has one whole head at least", () => {
  assert.equal(kvBytesPerToken({ ...LLAMA_70B, tensorParallel: 4 }), 327_680 / 4);
  assert.equal(kvBytesPerToken({ ...LLAMA_70B, tensorParallel: 16 }), 327_680 / 8);
});

test("the cache holds what vLLM reported for this card, within a block or two", () => {
  // 5691 blocks of 16 tokens (vllm-project/vllm#12330).
  assert.ok(Math.abs(cacheTokens(LLAMA_8B) - 5_691 * 16) < 64, `${cacheTokens(LLAMA_8B)}`);
});

test("weights that do not fit leave no tokens, and no requests", () => {
  const tokens = cacheTokens({ ...LLAMA_8B, gpuMemoryGiB: 16 });
  assert.equal(tokens, 0);
  assert.equal(concurrencyOf(tokens, { mean: 1_000, deviation: 500 }), 0);
});

test("so many requests fit at once, and one more does not", () => {
  assert.equal(concurrencyOf(91_095, { mean: 8_192, deviation: 0 }), 11);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000_000 }),
      fc.double({ min: 1, max: 100_000, noNaN: true }),
      fc.double({ min: 0, max: 50_000, noNaN: true }),
      (tokens, mean, deviation) => {
        const n = concurrencyOf(tokens, { mean, deviation });
        const needs = (count: number): number =>
          count * mean + 1.645 * Math.sqrt(count) * deviation;
        assert.ok(needs(n) <= tokens * (1 + 1e-12));
        assert.ok(needs(n + 1) > tokens * (1 - 1e-12));
      },
    ),
  );
});

test("replicas for a peak leave three tenths of each, and one that may be gone", () => {
  assert.equal(replicasFor(30, 6), 9);
  assert.equal(replicasFor(4.2, 6), 2);
});
