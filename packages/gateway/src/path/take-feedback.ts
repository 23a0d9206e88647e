// POST /v1/feedback: what a user or a client says about an answer, counted with the arm and segment that gave it.

import { feedbackBodySchema, heardOf } from "@slipway/wire";
import type { Caller } from "../client/caller.ts";
import { readAnswerId } from "../feedback/answer-id.ts";
import { countHeard } from "../feedback/count-heard.ts";
import {
  expiredAnswer,
  feedbackLimited,
  forgedAnswer,
  invalidFeedback,
  unknownAnswer,
} from "../feedback/feedback-refusal.ts";
import type { Exchange } from "../ports.ts";
import { invalidBody, type Refusal, unknownPath } from "../refusal.ts";
import type { Routing } from "../table/routing.ts";
import type { Context } from "./context.ts";
import { answerJson, refuse } from "./own-answer.ts";
import { read } from "./read.ts";

export const FEEDBACK_PATH = "/feedback";
const BODY_BYTES_MAX = 16 * 1_024;
const decoder = new TextDecoder();

type Sent = {
  readonly exchange: Exchange;
  readonly id: string;
  readonly routing: Routing;
  readonly caller: Caller | null;
};

export function takeFeedback(context: Context, sent: Sent): void {
  const { caller, exchange } = sent;
  if (exchange.method !== "POST") {
    refused(context, sent, unknownPath(exchange.path));
    return;
  }
  const sender = caller?.client.name ?? exchange.peer ?? "";
  const waitMs = context.feedback.admit(sender, context.ports.clock.mono());
  if (waitMs > 0) {
    refused(context, sent, feedbackLimited(Math.ceil(waitMs / 1_000)));
    return;
  }
  read(
    context,
    sent,
    (body) => {
      context.bodies.giveBack(body.length);
      const answer = answerOf(context, body);
      if (typeof answer === "object") refused(context, sent, answer);
      else answerJson(exchange, 200, ["x-slipway-request-id", sent.id], answer);
    },
    BODY_BYTES_MAX,
  );
}

/** The JSON of the answer, or why there is none. */
function answerOf(context: Context, body: Uint8Array): string | Refusal {
  const value = parsed(body);
  if (typeof value !== "object" || value === null) return invalidBody;
  const checked = feedbackBodySchema.safeParse(value);
  if (!checked.success) {
    const { message, path } = checked.error.issues[0] ?? { message: "", path: [] };
    return invalidFeedback(message, path.length === 0 ? null : path.join("."));
  }
  const { signer, clock } = context.ports;
  const { request_id } = checked.data;
  const answered = readAnswerId(signer, request_id, clock.wall());
  if (answered === "malformed") return unknownAnswer;
  if (answered === "forged") return forgedAnswer;
  if (answered === "expired") return expiredAnswer;
  const heard = context.feedback.fresh(answered.id, heardOf(checked.data));
  if (heard !== null) {
    context.observe.heard(answered, heard);
    countHeard(context, answered, heard);
  }
  return JSON.stringify({ object: "feedback", request_id, counted: heard !== null });
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(body));
  } catch {
    return null; // Not JSON: the client is told so.
  }
}

function refused(context: Context, { caller, exchange, id }: Sent, refusal: Refusal): void {
  context.observe.refused(refusal.code, caller?.client.name ?? null);
  refuse(exchange, id, refusal);
}
