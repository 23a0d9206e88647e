// Has a judge compare both versions' answers: it is not told whose they are, and chance says which is first.

import type { Random } from "@slipway/core";
import {
  type JudgedPair,
  type Judgement,
  judgedScores,
  judgeMessages,
  judgementOf,
  type Score,
} from "@slipway/scorers";
import { SlipwayError } from "@slipway/wire";
import type { JudgeModel } from "@slipway/wire/config";
import { outcomeText } from "../ask.ts";
import type { Endpoint } from "../endpoint.ts";
import type { GateContext } from "../gate.ts";

const VERDICT_TOKENS_MAX = 1_024;

export type Judging = {
  readonly scores: { readonly stable: Score; readonly candidate: Score };
  readonly judgement: Judgement;
};

export function judgeEndpoint(
  { url, model, keyEnv }: JudgeModel,
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
  answers: Omit<JudgedPair, "first">,
  judge: Endpoint,
  timeoutMs: number,
  { ask, signal }: Pick<GateContext<unknown>, "ask" | "signal">,
  random: Random,
): Promise<Judging> {
  const first = random.next() < 0.5 ? "stable" : "candidate";
  const outcome = await ask({
    endpoint: judge,
    body: {
      messages: [...judgeMessages({ ...answers, first })],
      max_tokens: VERDICT_TOKENS_MAX,
      temperature: 0,
    },
    stream: false,
    timeoutMs,
    signal,
  });
  const judgement: Judgement =
    outcome.kind === "answer"
      ? judgementOf(outcome.text, first)
      : { kind: "unreadable", because: `the judge did not answer: ${outcomeText(outcome)}` };
  return { scores: judgedScores(judgement), judgement };
}
