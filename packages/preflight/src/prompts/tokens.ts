// What the candidate's tokenizer makes of the same prompts, and how much of its context window that leaves.

import { type Amounts, type Figure, ratioOfSums } from "@slipway/core";
import type { AskedPrompt, Side } from "./asked.ts";

/** Of the prompts that both answered; with more that nobody counted, the rest says little. */
const UNCOUNTED_SHARE_MAX = 0.1;
/** What a version declares nothing about may grow by. */
const RATIO_MAX_DEFAULT = 1.2;
const WINDOW_QUANTILE = 0.99;

export type TokenLimits = {
  /** Null for the default. */
  readonly ratioMax: number | null;
  readonly headroomMin: number;
  /** The candidate's context window; null where nobody has declared it. */
  readonly windowTokens: number | null;
};

export type TokenFindings = {
  readonly figures: readonly Figure[];
  /** What it could not tell, as a clause; null where it could. */
  readonly unknown: string | null;
};

export function promptTokensOf({ outcome }: Side): number | null {
  return outcome.kind === "answer" ? (outcome.usage?.promptTokens ?? null) : null;
}

export function tokenFindings(asked: readonly AskedPrompt[], limits: TokenLimits): TokenFindings {
  const counted = asked.flatMap((one): Amounts[] => {
    const stable = promptTokensOf(one.stable);
    const candidate = promptTokensOf(one.candidate);
    return stable === null || candidate === null ? [] : [{ stable, candidate }];
  });
  const found = ratioOfSums(counted);
  if (found === null)
    return { figures: [], unknown: "no answer of both says how many tokens it is" };
  const answered = asked.filter(
    ({ stable, candidate }) =>
      stable.outcome.kind === "answer" && candidate.outcome.kind === "answer",
  ).length;
  const limit = limits.ratioMax ?? RATIO_MAX_DEFAULT;
  const ratio: Figure = {
    name: "tokens for the same prompts",
    value: found.ratio,
    unit: "x",
    interval: found.interval,
    limit,
    holds: found.ratio <= limit,
    of: null,
  };
  return {
    figures: [ratio, ...windowFigures(asked, found.ratio, limits)],
    unknown:
      counted.length < (1 - UNCOUNTED_SHARE_MAX) * answered
        ? `only ${counted.length} of ${answered} prompts have answers that say how many tokens they are`
        : null,
  };
}

function windowFigures(
  asked: readonly AskedPrompt[],
  ratio: number,
  { windowTokens, headroomMin }: TokenLimits,
): readonly Figure[] {
  const needs = asked.flatMap((one) => neededBy(one, ratio)).sort((a, b) => a - b);
  const needed = needs[Math.max(0, Math.ceil(needs.length * WINDOW_QUANTILE) - 1)];
  if (needed === undefined) return [];
  const limit = windowTokens === null ? null : Math.floor(windowTokens * (1 - headroomMin));
  return [
    {
      name: "p99 of prompt and longest answer",
      value: needed,
      unit: "tokens",
      interval: null,
      limit,
      holds: limit === null ? null : needed <= limit,
      of: null,
    },
  ];
}

/** A prompt that the candidate does not take at all needs what stable counts, by the candidate's tokenizer. */
function neededBy({ prompt, stable, candidate }: AskedPrompt, ratio: number): readonly number[] {
  const ofStable = promptTokensOf(stable);
  const estimate = ofStable === null ? null : Math.ceil(ofStable * ratio);
  const tokens = promptTokensOf(candidate) ?? estimate;
  if (tokens === null) return [];
  const { outcome } = candidate;
  const answered = outcome.kind === "answer" ? (outcome.usage?.completionTokens ?? 0) : 0;
  return [tokens + (prompt.outputTokensMax ?? answered)];
}
