// What became of a prompt at one version: fine, or the first of several ways not to be.

import { refusalOf } from "@slipway/scorers";
import { isBusy, type Outcome, outcomeText } from "../ask.ts";
import { malformation } from "./format.ts";
import type { Prompt } from "./prompt.ts";

/** The worst first. */
export const BAD_ENDINGS = [
  "rejected",
  "unanswered",
  "refused",
  "empty",
  "truncated",
  "malformed",
] as const;
export type BadEnding = (typeof BAD_ENDINGS)[number];

export type Ending = {
  readonly kind: BadEnding | "fine";
  readonly because: string;
};

export function endingOf(prompt: Prompt, outcome: Outcome): Ending {
  if (outcome.kind === "failure") return { kind: "unanswered", because: outcomeText(outcome) };
  if (outcome.kind === "rejection") {
    const { status } = outcome;
    const rejected = status >= 400 && status < 500 && !isBusy(outcome);
    return { kind: rejected ? "rejected" : "unanswered", because: outcomeText(outcome) };
  }
  const refusal = refusalOf(outcome);
  if (refusal.refused) return { kind: "refused", because: refusal.because };
  if (outcome.text.trim() === "" && outcome.toolCalls.length === 0) {
    return { kind: "empty", because: "says nothing" };
  }
  if (outcome.finishReason === "length" && !prompt.expect.finish.includes("length")) {
    return { kind: "truncated", because: "ended at its length limit" };
  }
  const wrong = malformation(prompt, outcome);
  return wrong === null ? { kind: "fine", because: "" } : { kind: "malformed", because: wrong };
}
