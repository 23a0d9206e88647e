// Engines of many makes, and what their users ask of them: small and large models, chat and completions, few and many
// replicas. None of it is what the forecast assumes: how many tokens an iteration computes, how many a step yields and
// how many sequences a batch takes are what forecasts have to do without.
import { logNormal, type Random } from "@slipway/core";
import type { EngineParameters } from "@slipway/simulator";
import type { Setting } from "./world.ts";

const plain: EngineParameters = {
  baseMs: 20,
  perSequenceMs: 0.2,
  perContextTokenMs: 0.00002,
  perPrefillTokenMs: 0.05,
  iterationMsMin: 0,
  tokensPerStep: 1,
  iterationTokensMax: 2048,
  sequencesMax: 256,
  waitingMax: 100_000,
  blockTokens: 16,
  blocksMax: 1_000_000,
};

const lengths =
  (median: number, sigma: number, max: number) =>
  (random: Random): number =>
    Math.max(1, Math.min(max, Math.round(logNormal(random, median, sigma))));

const chat = { prompt: lengths(500, 0.9, 8_000), output: lengths(200, 0.7, 2_000) };
const completions = { prompt: lengths(1_500, 0.9, 8_000), output: lengths(15, 0.8, 300) };
const documents = { prompt: lengths(4_000, 0.6, 30_000), output: lengths(300, 0.5, 1_500) };

export const SETTINGS: readonly Setting[] = [
  {
    name: "8B, chat",
    engine: { ...plain, baseMs: 8, perSequenceMs: 0.06, perPrefillTokenMs: 0.02 },
    engines: 1,
    ...chat,
    perSecond: 3,
    streamShare: 1,
  },
  { name: "70B, chat", engine: plain, engines: 2, ...chat, perSecond: 1, streamShare: 1 },
  {
    name: "70B, chat, 4 replicas",
    engine: plain,
    engines: 4,
    ...chat,
    perSecond: 1,
    streamShare: 1,
  },
  {
    name: "70B, chat, half of it whole",
    engine: plain,
    engines: 2,
    ...chat,
    perSecond: 1,
    streamShare: 0.5,
  },
  {
    name: "small chunks",
    engine: { ...plain, iterationTokensMax: 512 },
    engines: 2,
    ...chat,
    perSecond: 1,
    streamShare: 1,
  },
  {
    name: "large chunks, long prompts",
    engine: { ...plain, iterationTokensMax: 8192 },
    engines: 2,
    ...documents,
    perSecond: 0.5,
    streamShare: 1,
  },
  {
    name: "completions",
    engine: {
      ...plain,
      baseMs: 5,
      perSequenceMs: 0.1,
      perPrefillTokenMs: 0.015,
      iterationTokensMax: 512,
    },
    engines: 2,
    ...completions,
    perSecond: 6,
    streamShare: 0.6,
  },
  {
    name: "completions, 4 tokens a step",
    engine: {
      ...plain,
      baseMs: 6,
      perSequenceMs: 0.14,
      perPrefillTokenMs: 0.027,
      tokensPerStep: 4,
      iterationTokensMax: 512,
    },
    engines: 2,
    ...completions,
    perSecond: 3,
    streamShare: 0.6,
  },
  {
    name: "chat, 2 tokens a step",
    engine: { ...plain, tokensPerStep: 2, perSequenceMs: 0.5 },
    engines: 2,
    ...chat,
    perSecond: 1,
    streamShare: 1,
  },
  {
    name: "dear sequences",
    engine: { ...plain, baseMs: 12, perSequenceMs: 1.2 },
    engines: 2,
    ...chat,
    perSecond: 0.8,
    streamShare: 1,
  },
  {
    name: "dear contexts",
    engine: { ...plain, baseMs: 15, perContextTokenMs: 0.0004 },
    engines: 2,
    ...documents,
    perSecond: 0.25,
    streamShare: 1,
  },
  {
    name: "batches of 64",
    engine: { ...plain, sequencesMax: 64 },
    engines: 2,
    ...chat,
    perSecond: 1.2,
    streamShare: 1,
  },
];
