// What the capacity gate makes of cards, measurements and what is provisioned.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CapacityQuestion, judgeCapacity, judgeHosted, type ModelCard } from "@slipway/core";

const CARD: ModelCard = {
  layers: 32,
  kvHeads: 8,
  headDim: 128,
  kvBytes: 2,
  tensorParallel: 2,
  gpuMemoryGiB: 40,
  utilisation: 0.9,
  weightsGiB: 15,
  overheadGiB: 2,
};

const QUESTION: CapacityQuestion = {
  perSecond: 30,
  tokens: { mean: 1_500, deviation: 800 },
  latencyMs: 8_000,
  perReplica: { perSecond: 6, by: "measured" },
  candidate: { version: "v2", card: CARD, replicas: 9 },
  stable: { version: "v1", card: CARD, replicas: 10 },
  gpus: { count: 40, by: "declared" },
};

test("enough replicas, and GPUs for both versions, pass", () => {
  const { outcome, because, figures } = judgeCapacity(QUESTION);
  assert.equal(outcome, "pass");
  assert.match(
    because,
    /^30\/s take 9 replicas of the 9 that are there: 6\/s each, as the load gate measured/,
  );
  assert.equal(figures.find(({ name }) => name === "GPUs for both versions")?.value, 38);
});

test("too few replicas by the measurement are caught by their number", () => {
  const { outcome, because, figures } = judgeCapacity({
    ...QUESTION,
    perReplica: { perSecond: 5, by: "measured" },
  });
  assert.equal(outcome, "fail");
  assert.match(because, /^30\/s take 10 replicas of v2, and 9 are there: 5\/s each/);
  const needed = figures.find(({ name }) => name === "replicas needed");
  assert.deepEqual([needed?.value, needed?.limit, needed?.holds], [10, 9, false]);
});

test("too few replicas by the card alone are caught too", () => {
  const { outcome, because } = judgeCapacity({
    ...QUESTION,
    perReplica: null,
    candidate: { ...QUESTION.candidate, replicas: 2 },
    perSecond: 60,
  });
  assert.equal(outcome, "fail");
  assert.match(because, /replicas of v2, and 2 are there: .* by what its memory holds/);
});

test("memory says what a replica cannot do, and never what it can", () => {
  const { outcome, because } = judgeCapacity({ ...QUESTION, perReplica: null, perSecond: 1 });
  assert.equal(outcome, "inconclusive");
  assert.match(
    because,
    /^nothing says what a replica of v2 can do, only that its memory holds .*\/s at most: run the load gate/,
  );
});

test("weights that do not fit are told before anything else", () => {
  const card = { ...CARD, weightsGiB: 80 };
  const { outcome, because, figures } = judgeCapacity({
    ...QUESTION,
    perReplica: null,
    candidate: { ...QUESTION.candidate, card },
  });
  assert.equal(outcome, "fail");
  assert.ok(figures.every(({ value }) => Number.isFinite(value)));
  assert.match(
    because,
    /^the weights do not fit: 40 GiB of them, and 2 GiB beside them, on a GPU that gives 36 GiB$/,
  );
});

test("what is declared counts no more than what the memory holds", () => {
  const { because } = judgeCapacity({
    ...QUESTION,
    perReplica: { perSecond: 1_000, by: "declared" },
  });
  assert.match(because, /by what its memory holds/);
});

test("both versions together may not take more GPUs than there are", () => {
  const { outcome, because } = judgeCapacity({ ...QUESTION, gpus: { count: 37, by: "asked" } });
  assert.equal(outcome, "fail");
  assert.match(because, /take 38 GPUs while the rollout is under way, and 37 are provisioned/);
});

test("where nothing says what a replica can do, or how many there are, it cannot tell", () => {
  const candidate = { ...QUESTION.candidate, card: null };
  const blind = judgeCapacity({ ...QUESTION, perReplica: null, candidate });
  assert.equal(blind.outcome, "inconclusive");
  assert.match(blind.because, /nothing says what a replica of v2 can do/);
  const uncounted = judgeCapacity({
    ...QUESTION,
    gpus: null,
    candidate: { ...candidate, replicas: null },
  });
  assert.equal(uncounted.outcome, "inconclusive");
  assert.match(uncounted.because, /nothing says how many replicas of v2 there are/);
});

test("a provider's quota is held against the peak with what is sent twice", () => {
  const demands = [{ pool: "api", requestsPerMinute: 950, tokensPerMinute: 900_000 }];
  const limits = (requests: number) => [
    {
      pool: "api",
      requestsPerMinute: requests,
      tokensPerMinute: 2_000_000,
      source: "declared" as const,
    },
  ];
  assert.equal(judgeHosted({ demands, limits: limits(2_000) }).outcome, "pass");
  const over = judgeHosted({ demands, limits: limits(1_000) });
  assert.equal(over.outcome, "fail");
  assert.match(over.because, /^950 requests a minute at peak, .* and api allows 1,000/);
  const nobody = judgeHosted({ demands, limits: [] });
  assert.equal(nobody.outcome, "inconclusive");
  assert.match(nobody.because, /nobody says what api may be asked for/);
});
