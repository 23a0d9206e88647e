// Fits an engine to a sample of requests, as a gateway saw them. What can be seen from outside is not what an engine
// is made of: requests wait for each other even at low load. So the same regression is made of the sample and of what
// the twin makes of a guess, and the guess is moved until the two agree (indirect inference: Gourieroux, Monfort and
// Renault, 1993).

import { createRandom } from "../random.ts";
import { type Equation, leastSquares } from "../statistics/least-squares.ts";
import {
  type EngineModel,
  type Played,
  playTwin,
  type TwinShape,
  type TwinTraffic,
} from "./twin.ts";

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

const ROUNDS = 5;
const REQUESTS = 4_000;
/** Of the way that a round's error says, so that a step too far does not swing. */
const STEP = 0.8;
/** No iteration is faster than this, whatever the regression says. */
const TOKEN_MS_MIN = 0.01;

/** The regression of both: the sample's, and the twin's. */
export function slopesOf(played: readonly Played[]): Coefficients {
  const typicalMs = middle(played.map(({ totalMs }) => totalMs));
  const equations = played.flatMap((one) => equationsOf(one, typicalMs));
  const [overhead = 0, prompt = 0, token = 0, context = 0, other = 0] = leastSquares(equations);
  return { overhead, prompt, token, context, other };
}

/** Times spread in proportion to themselves, so the long ones count for less. */
function equationsOf(one: Played, typicalMs: number): readonly Equation[] {
  const { promptTokens, cachedTokens, outputTokens, ttftMs, totalMs, others, streamed } = one;
  const steps = outputTokens - 1;
  const first = [1, promptTokens - cachedTokens, 0, 0, 0, others];
  const rest = [0, 0, steps, steps * (promptTokens + outputTokens / 2), steps * others, 0];
  const equation = (x: readonly number[], y: number): Equation => ({
    x,
    y,
    weight: 1 / (y + typicalMs / 10) ** 2,
  });
  if (!streamed)
    return [
      equation(
        first.map((value, i) => value + (rest[i] ?? 0)),
        totalMs,
      ),
    ];
  return steps < 1
    ? [equation(first, ttftMs)]
    : [equation(first, ttftMs), equation(rest, totalMs - ttftMs)];
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
  traffic: TwinTraffic,
  seed: number,
): Coefficients {
  let guess = bounded(seen);
  for (let round = 0; round < ROUNDS; round++) {
    // The same draws in every round: what changes is the guess alone.
    const played = playTwin(engineOf(guess, assumed), shape, traffic, REQUESTS, createRandom(seed));
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

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
