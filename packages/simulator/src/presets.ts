// The versions of the demonstration. gpt-5.3 is 40% larger than gpt-5.0 and has two warm replicas: while few
// use it, its documents stay cached and speculative decoding makes it the faster one; at a quarter of the
// users both are gone. gpt-5.3-scaled is the same model on as much hardware as it needs.
import type { SimulatedVersion } from "./version.ts";

const gpt50: SimulatedVersion = {
  model: "gpt-5.0",
  engine: {
    baseMs: 5,
    perSequenceMs: 0.1,
    perContextTokenMs: 0.00002,
    perPrefillTokenMs: 0.015,
    iterationMsMin: 4,
    tokensPerStep: 2,
    iterationTokensMax: 512,
    sequencesMax: 64,
    waitingMax: 128,
    blockTokens: 32,
    blocksMax: 10_000,
  },
  replicas: 10,
  charactersPerToken: 4,
  contextTokensMax: 32_768,
  outputFactor: 1,
  refusals: {},
  faults: [],
};

const gpt53: SimulatedVersion = {
  ...gpt50,
  model: "gpt-5.3",
  engine: {
    ...gpt50.engine,
    baseMs: 6,
    // Verifying four drafted tokens costs more per sequence than one step of a plain decoder.
    perSequenceMs: 0.14,
    perContextTokenMs: 0.000028,
    perPrefillTokenMs: 0.027,
    tokensPerStep: 4,
    // The larger weights leave less than a third of the memory.
    blocksMax: 3000,
  },
  replicas: 2,
  charactersPerToken: 3.8,
};

const gpt53Scaled: SimulatedVersion = { ...gpt53, replicas: 24 };

export type PresetName = "gpt-5.0" | "gpt-5.3" | "gpt-5.3-scaled";

export const presets: { readonly [name in PresetName]: SimulatedVersion } = {
  "gpt-5.0": gpt50,
  "gpt-5.3": gpt53,
  "gpt-5.3-scaled": gpt53Scaled,
};
