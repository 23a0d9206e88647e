// What came of posting something: an answer, bounded, or none. What a receiver wrote is never shown: it may be anything,
// and may hold what it was sent.

import type { Answer } from "@slipway/core";

export type Posted =
  | {
      readonly kind: "answered";
      readonly status: number;
      /** As the header has it; null where there is none. */
      readonly retryAfter: string | null;
      readonly contentType: string | null;
      /** At most so much as is needed to recognise an answer. */
      readonly body: string;
      readonly bytes: number;
      readonly atMs: number;
    }
  /** No answer, or one that broke off. */
  | { readonly kind: "lost"; readonly why: string };

export function bodyText(posted: Posted): string {
  return posted.kind === "answered" ? posted.body : "";
}

/** What concerns one message alone: the next may be taken. */
const OF_MESSAGE: ReadonlySet<number> = new Set([400, 409, 413, 415, 422]);

/** Of these, what would be refused whenever it is sent: the message itself is not taken. */
const FOR_GOOD: ReadonlySet<number> = new Set([400, 413, 415, 422]);

/** `remark`: what is known of it besides; null for nothing. */
export function refused(posted: Posted, remark: string | null): Answer {
  if (posted.kind === "lost") {
    return { ok: false, said: posted.why, isOfReceiver: true, isFinal: false, retryAfterMs: null };
  }
  const { status } = posted;
  const isRedirect = status >= 300 && status < 400;
  const why = isRedirect ? "redirects are not followed" : remark;
  return {
    ok: false,
    said: [`${status}`, why, sizeText(posted)].filter((part) => part !== null).join(", "),
    isOfReceiver: !OF_MESSAGE.has(status),
    isFinal: FOR_GOOD.has(status),
    retryAfterMs: retryAfterMs(posted),
  };
}

function sizeText({ bytes, contentType }: Extract<Posted, { kind: "answered" }>): string {
  const type = /^[\w.+-]{1,40}\/[\w.+-]{1,60}/.exec(contentType ?? "")?.[0];
  return bytes === 0 ? "no body" : `${bytes} bytes${type === undefined ? "" : ` of ${type}`}`;
}

/** Seconds, or a date, as RFC 9110 has them. */
function retryAfterMs({ retryAfter, atMs }: Extract<Posted, { kind: "answered" }>): number | null {
  if (retryAfter === null) return null;
  if (/^\d{1,9}$/.test(retryAfter.trim())) return Number(retryAfter) * 1_000;
  const dateMs = Date.parse(retryAfter);
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - atMs);
}
