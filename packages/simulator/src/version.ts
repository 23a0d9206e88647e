// The parameters of a simulated version: the engine that runs it, how it counts and answers, and its faults.
import type { EngineParameters } from "./engine/parameters.ts";
import type { Fault } from "./fault.ts";

export type SimulatedVersion = {
  /** The upstream model id that it answers to. */
  readonly model: string;
  readonly engine: EngineParameters;
  /** Replicas that are warm. */
  readonly replicas: number;
  /** The tokenizer: fewer characters per token means more tokens for the same text. */
  readonly charactersPerToken: number;
  /** Prompt and answer together; longer requests get 400. */
  readonly contextTokensMax: number;
  /** Length of its answers, as a multiple of what the request hints at. */
  readonly outputFactor: number;
  /** Share of requests it refuses, by language; "*" is for all other languages. */
  readonly refusals: { readonly [language: string]: number };
  /** It answers with code: the share of answers in which that does not parse, by language; "*" is for all others. */
  readonly brokenCode?: { readonly [language: string]: number };
  /** Bearer key that requests must carry; any, or none, will do when left out. */
  readonly apiKey?: string;
  readonly faults: readonly Fault[];
};

/** Hints about length count by this tokenizer, which is also that of the recorded traces. */
export const REFERENCE_CHARACTERS_PER_TOKEN = 4;

/** What a version makes of a number of reference tokens. */
export function tokensOf(version: SimulatedVersion, referenceTokens: number): number {
  const tokens = (referenceTokens * REFERENCE_CHARACTERS_PER_TOKEN) / version.charactersPerToken;
  return Math.max(1, Math.round(tokens));
}
