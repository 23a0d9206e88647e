// Prompt by prompt, what is different at the candidate: the worst first.

import type { Json } from "@slipway/core";
import { ratioText } from "@slipway/core";
import type { AskedPrompt, Side } from "./asked.ts";
import { BAD_ENDINGS, type Ending } from "./ending.ts";
import { promptTokensOf } from "./tokens.ts";

const DIFFERENCES_MAX = 200;
const EXCERPT_LENGTH_MAX = 200;
/** More tokens for the same prompt than this are worth a line. */
const TOKENS_NOTED = 1.2;

export type Difference = {
  /** The prompt. */
  readonly of: string;
  readonly what: string;
  readonly worse: boolean;
  readonly stable: Json;
  readonly candidate: Json;
};

export function differencesOf(asked: readonly AskedPrompt[]): readonly Difference[] {
  return asked
    .flatMap((one) => differenceOf(one) ?? [])
    .sort((a, b) => b.weight - a.weight)
    .slice(0, DIFFERENCES_MAX)
    .map(({ difference }) => difference);
}

type Weighed = { readonly weight: number; readonly difference: Difference };

function differenceOf(asked: AskedPrompt): Weighed | null {
  const { prompt, stable, candidate } = asked;
  const weight = gravityOf(candidate.ending) - gravityOf(stable.ending);
  const ratio = ratioOf(asked);
  const what = [
    stable.ending.kind === candidate.ending.kind
      ? null
      : endingsText(stable.ending, candidate.ending),
    ratio > TOKENS_NOTED ? `${ratioText(ratio)} the tokens` : null,
  ].filter((part) => part !== null);
  if (what.length === 0) return null;
  return {
    // Tokens decide among those that end alike.
    weight: weight + Math.min(0.9, ratio / 100),
    difference: {
      of: prompt.id,
      what: what.join("; "),
      worse: weight > 0,
      stable: sideOf(stable),
      candidate: sideOf(candidate),
    },
  };
}

function endingsText(stable: Ending, candidate: Ending): string {
  const text = ({ kind, because }: Ending): string =>
    because === "" ? kind : `${kind} (${because})`;
  return candidate.kind === "fine"
    ? `fine, where stable was ${text(stable)}`
    : stable.kind === "fine"
      ? text(candidate)
      : `${text(candidate)}, where stable was ${text(stable)}`;
}

/** Zero for fine; the more, the worse. */
function gravityOf({ kind }: Ending): number {
  return kind === "fine" ? 0 : BAD_ENDINGS.length - BAD_ENDINGS.indexOf(kind);
}

function ratioOf({ stable, candidate }: AskedPrompt): number {
  const before = promptTokensOf(stable);
  const after = promptTokensOf(candidate);
  return before === null || after === null || before === 0 ? 0 : after / before;
}

function sideOf(side: Side): Json {
  const { outcome, ending } = side;
  const common = { ending: ending.kind, promptTokens: promptTokensOf(side) };
  if (outcome.kind !== "answer") return common;
  return {
    ...common,
    finishReason: outcome.finishReason,
    completionTokens: outcome.usage?.completionTokens ?? null,
    excerpt: (outcome.refusal ?? outcome.text).slice(0, EXCERPT_LENGTH_MAX),
  };
}
