// Fits an engine to a sample of requests, as a gateway saw them. What can be seen from outside is not what an engine
// is made of: requests wait for each other even at low load. So the same regression is made of the sample and of what
// the twin makes of a guess, and the guess is moved until the two agree (indirect inference: Gourieroux, Monfort and
// Renault, 1993).

import { NormalSums } from "../statistics/least-squares.ts";
import { selected } from "../statistics/selected.ts";
import type { Arrivals } from "./arrivals.ts";
import type { Plays } from "./plays.ts";
import { playTwin, type TwinShape } from "./twin.ts";
import type { EngineModel } from "./twin-engine.ts";

/** What is fitted, all of it in milliseconds. */
export type Coefficients = {
  readonly overhead: number;
  /** Per prompt token, its share of an iteration's base included. */
  readonly prompt: number;
  /** Per token of the answer. */
  readonly token: number;
  /** Added to that per token of context. */
  readonly context: number;
  /** Added to that per other request in the engine. */
  readonly other: number;
};

/** What cannot be told from outside, and is assumed. */
export type Assumed = Pick<EngineModel, "chunkTokens" | "sequencesMax" | "tokensPerStep">;

/** The first rounds only bring the guess near. */
const ROUNDS: readonly number[] = [1_000, 1_000, 4_000, 4_000];
/** Of the way that a round's error says, so that a step too far does not swing. */
const STEP = 0.8;
/** No iteration is faster than this, whatever the regression says. */
const TOKEN_MS_MIN = 0.01;

/**
 * The regression of both: the sample's, and the twin's. The columns are those of `Coefficients`, and what others cost the
 * first token. Times spread in proportion to themselves, so the long ones count for less.
 */
export function slopesOf(plays: Plays): Coefficients {
  const { length } = plays;
  const floorMs = selected(plays.totalMs.slice(0, length), length, length >> 1) / 10;
  const sums = new NormalSums(COLUMNS);
  const x = new Float64Array(COLUMNS);
  for (let at = 0; at < length; at++) {
    const isWhole = plays.streamed[at] !== 1;
    const steps = (plays.outputTokens[at] ?? 0) - 1;
    const total = plays.totalMs[at] ?? 0;
    const first = plays.ttftMs[at] ?? 0;
    setColumns(x, plays, at);
    if (isWhole) {
      // Both at once, where nobody saw the first token.
      sums.add(x, total, weightOf(total, floorMs));
      continue;
    }
    sums.addOf(x, OF_FIRST, first, weightOf(first, floorMs));
    if (steps >= 1) sums.addOf(x, OF_REST, total - first, weightOf(total - first, floorMs));
  }
  const [overhead = 0, prompt = 0, token = 0, context = 0, other = 0] = sums.solution();
  return { overhead, prompt, token, context, other };
}

const COLUMNS = 6;
/** The columns of the first token, and of those after it. */
const OF_FIRST = [0, 1, 5] as const;
const OF_REST = [2, 3, 4] as const;

function weightOf(ms: number, floorMs: number): number {
  const scale = ms + floorMs;
  return 1 / (scale * scale);
}

function setColumns(x: Float64Array, plays: Plays, at: number): void {
  const output = plays.outputTokens[at] ?? 0;
  const prompt = plays.promptTokens[at] ?? 0;
  const others = plays.others[at] ?? 0;
  x[0] = 1;
  x[1] = prompt - (plays.cachedTokens[at] ?? 0);
  x[2] = output - 1;
  x[3] = (output - 1) * (prompt + output / 2);
  x[4] = (output - 1) * others;
  x[5] = others;
}

export function engineOf(coefficients: Coefficients, assumed: Assumed): EngineModel {
  const { overhead, prompt, token, context, other } = bounded(coefficients);
  const { tokensPerStep } = assumed;
  return {
    ...assumed,
    overheadMs: overhead,
    baseMs: token * tokensPerStep,
    perContextTokenMs: context * tokensPerStep,
    perSequenceMs: other * tokensPerStep,
    // An iteration is begun for every chunk of a prompt: that is in what a prompt token seems to take.
    perPrefillTokenMs: Math.max(0, prompt - (token * tokensPerStep) / assumed.chunkTokens),
  };
}

/** What an engine can be: nothing takes less than no time, and a batch of two no longer than two batches of one. */
function bounded({ overhead, prompt, token, context, other }: Coefficients): Coefficients {
  const base = Math.max(TOKEN_MS_MIN, token);
  const perPrompt = Math.max(0, prompt);
  return {
    overhead: Math.max(0, overhead),
    prompt: perPrompt,
    token: base,
    context: Math.min(Math.max(0, context), perPrompt),
    other: Math.min(Math.max(0, other), base),
  };
}

/** The coefficients with which the twin, at the load that the sample was taken at, looks like the sample. */
export function fit(
  seen: Coefficients,
  assumed: Assumed,
  shape: TwinShape,
  arrivals: Arrivals,
): Coefficients {
  let guess = bounded(seen);
  for (const requests of ROUNDS) {
    // The same requests in every round: what changes is the guess alone.
    const played = playTwin(engineOf(guess, assumed), shape, arrivals, requests);
    guess = bounded(plus(guess, minus(seen, slopesOf(played)), STEP));
  }
  return guess;
}

export function minus(a: Coefficients, b: Coefficients): Coefficients {
  return plus(a, b, -1);
}

export function plus(a: Coefficients, b: Coefficients, times: number): Coefficients {
  return {
    overhead: a.overhead + times * b.overhead,
    prompt: a.prompt + times * b.prompt,
    token: a.token + times * b.token,
    context: a.context + times * b.context,
    other: a.other + times * b.other,
  };
}
