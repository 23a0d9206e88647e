// Has a judge compare both versions' answers to an item: it is not told whose they are, and chance says which is first.

import type { BenchmarkItem, Random } from "@slipway/core";
import {
  type Judgement,
  judgedScores,
  judgeMessages,
  judgementOf,
  type Score,
} from "@slipway/scorers";
import { SlipwayError } from "@slipway/wire";
import type { BenchmarkGate, BenchmarkJudge } from "@slipway/wire/config";
import { type Answer, outcomeText } from "../ask.ts";
import type { Endpoint, GateContext } from "../gate.ts";

const VERDICT_TOKENS_MAX = 1_024;

export type Judging = {
  readonly scores: { readonly stable: Score; readonly candidate: Score };
  readonly judgement: Judgement;
};

export function judgeEndpoint(
  { url, model, keyEnv }: BenchmarkJudge,
  secret: GateContext<unknown>["secret"],
): Endpoint {
  const key = keyEnv === null ? null : secret(keyEnv);
  if (keyEnv !== null && (key === null || key === "")) {
    throw new SlipwayError({
      code: "key_missing",
      status: 400,
      message: `${keyEnv}, the key of the judge at ${url}, is not set`,
      fix: "set it in this shell",
    });
  }
  const headers = key === null ? {} : { authorization: `Bearer ${key}` };
  return { id: "judge", baseUrl: url, model, headers, caFile: null };
}

export async function judged(
  { messages, expect }: BenchmarkItem,
  stable: Answer,
  candidate: Answer,
  judge: Endpoint,
  { ask, settings, signal }: GateContext<BenchmarkGate>,
  random: Random,
): Promise<Judging> {
  const first = random.next() < 0.5 ? "stable" : "candidate";
  const pair = {
    question: messages.map(({ role, content }) => `${role}: ${content}`).join("\n"),
    criterion: expect.judge?.criterion ?? "",
    stable: stable.text,
    candidate: candidate.text,
    first,
  } as const;
  const outcome = await ask({
    endpoint: judge,
    body: { messages: [...judgeMessages(pair)], max_tokens: VERDICT_TOKENS_MAX, temperature: 0 },
    stream: false,
    timeoutMs: settings.timeoutMs,
    signal,
  });
  const judgement: Judgement =
    outcome.kind === "answer"
      ? judgementOf(outcome.text, first)
      : { kind: "unreadable", because: `the judge did not answer: ${outcomeText(outcome)}` };
  return { scores: judgedScores(judgement), judgement };
}
