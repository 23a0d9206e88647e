// One request inside an engine: what it asked for, how far it has come, and which memory it holds.
import type { EngineParameters } from "./parameters.ts";

/** What a caller submits. */
export type EngineRequest = {
  readonly promptTokens: number;
  /** Tokens that the answer will have; the simulation knows in advance. */
  readonly outputTokens: number;
  /** One key per full block of the prompt; a key names the whole prefix up to that block's end. */
  readonly prefixKeys: readonly number[];
};

export type EngineUsage = {
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** Prompt tokens that the prefix cache had when the request was first admitted. */
  readonly cachedTokens: number;
  /** How often the request lost its memory to older ones and was computed again. */
  readonly preemptions: number;
};

/** A request ends with exactly one of onDone, onRejected or onError, or by its own abort and none of them. */
export type EngineEvents = {
  /** `index` counts output tokens from 0. */
  readonly onToken?: (index: number) => void;
  readonly onDone: (usage: EngineUsage) => void;
  /** The waiting queue is full. Comes before `submit` returns. */
  readonly onRejected: () => void;
  /** The request can never fit (before `submit` returns), or the replica crashed. */
  readonly onError: (reason: EngineFailure) => void;
};

export type EngineFailure = "too-large" | "crashed";

export type Sequence = {
  readonly request: EngineRequest;
  readonly events: EngineEvents;
  state: "waiting" | "running" | "ended";
  /** Tokens whose keys and values are in memory. */
  computed: number;
  generated: number;
  /** Decode steps made; with tokensPerStep it says how many tokens a step yields. */
  steps: number;
  /** Tokens that the current iteration computes for this sequence. */
  scheduled: number;
  privateBlocks: number;
  readonly sharedKeys: number[];
  /** Prompt blocks reused from the cache or offered to it so far. */
  offered: number;
  /** Undefined until first admitted. */
  cachedTokens: number | undefined;
  preemptions: number;
};

export function createSequence(request: EngineRequest, events: EngineEvents): Sequence {
  return {
    request,
    events,
    state: "waiting",
    computed: 0,
    generated: 0,
    steps: 0,
    scheduled: 0,
    privateBlocks: 0,
    sharedKeys: [],
    offered: 0,
    cachedTokens: undefined,
    preemptions: 0,
  };
}

/** Tokens known but not yet in memory: the rest of the prompt, or the last token generated. */
export function tokensLeft(sequence: Sequence): number {
  return sequence.request.promptTokens + sequence.generated - sequence.computed;
}

export function isDecoding(sequence: Sequence): boolean {
  return sequence.generated > 0 && tokensLeft(sequence) === 1;
}

/** Output tokens that the iteration just computed yields: none before the prompt's end, then one or a step's. */
export function tokensYielded(sequence: Sequence, tokensPerStep: number): number {
  if (tokensLeft(sequence) > sequence.scheduled) return 0;
  const rest = sequence.request.outputTokens - sequence.generated;
  if (!isDecoding(sequence)) return Math.min(1, rest);
  const step = sequence.steps;
  return Math.min(rest, Math.floor((step + 1) * tokensPerStep) - Math.floor(step * tokensPerStep));
}

/** Blocks the sequence must hold to compute `tokens` more. */
export function blocksNeeded(sequence: Sequence, tokens: number, engine: EngineParameters): number {
  const ahead = isDecoding(sequence) ? Math.ceil(engine.tokensPerStep) - 1 : 0;
  return Math.ceil((sequence.computed + tokens + ahead) / engine.blockTokens);
}

/** Blocks of its whole life; a request for which this exceeds the memory can never finish. */
export function blocksAtEnd(request: EngineRequest, engine: EngineParameters): number {
  const ahead = Math.ceil(engine.tokensPerStep) - 1;
  return Math.ceil((request.promptTokens + request.outputTokens + ahead) / engine.blockTokens);
}
