// A notice as the body of a webhook in the form of Standard Webhooks, and what counts as received.

import type { Answer, Notice } from "@slipway/core";
import { type Posted, refused } from "../posted.ts";

export function webhookBody(notice: Notice, pageUrl: string | null): string {
  const { occasion, atMs, thread, call, urgency, model, title, text, facts } = notice;
  return JSON.stringify({
    type: occasion,
    timestamp: new Date(atMs).toISOString(),
    data: { title, text, urgency, model, thread, call, facts, status_page: pageUrl },
  });
}

/** Any 2xx whose answer came whole; what it says is nobody's business. */
export function webhookAnswer(posted: Posted): Answer {
  const isTaken = posted.kind === "answered" && posted.status >= 200 && posted.status < 300;
  return isTaken ? { ok: true, said: `${posted.status}` } : refused(posted, null);
}
