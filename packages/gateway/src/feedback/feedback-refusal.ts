// Why feedback is not taken, in words for whoever sends it.

import type { Refusal } from "../refusal.ts";

type Kind = Pick<Refusal, "status" | "code" | "message">;

function refusal(kind: Kind, param: string | null): Refusal {
  return { ...kind, type: "invalid_request_error", param, retryAfterSeconds: null };
}

const ID = "request_id";

export function invalidFeedback(message: string, param: string | null): Refusal {
  return refusal(
    { status: 400, code: "invalid_feedback", message: `Feedback: ${message}.` },
    param,
  );
}

export const unknownAnswer: Refusal = refusal(
  {
    status: 400,
    code: "invalid_request_id",
    message:
      "This is not the x-slipway-request-id of an answer: send the whole header of the answer that the feedback is about.",
  },
  ID,
);

export const forgedAnswer: Refusal = refusal(
  {
    status: 403,
    code: "unknown_request_id",
    message:
      "This request id was not signed here: it was changed on its way, or comes from a gateway with another SLIPWAY_FEEDBACK_KEY.",
  },
  ID,
);

export const expiredAnswer: Refusal = refusal(
  {
    status: 410,
    code: "expired_request_id",
    message: "This answer is more than 24 hours old: feedback about it is not counted any more.",
  },
  ID,
);

export function feedbackLimited(retryAfterSeconds: number): Refusal {
  return {
    status: 429,
    type: "rate_limit_error",
    code: "too_much_feedback",
    message: `This sender gives more feedback than is taken here. Try again in ${retryAfterSeconds} s.`,
    param: null,
    retryAfterSeconds,
  };
}
