// rateLimitsOf(headers) → what an answer says about its provider's limits, in OpenAI's words and in Anthropic's.

import { headerOf } from "../headers.ts";
import type { RawHeaders } from "../ports.ts";

export const QUOTAS = ["requests", "tokens", "input-tokens", "output-tokens"] as const;
export type QuotaName = (typeof QUOTAS)[number];

type QuotaReading = {
  limit: number | null;
  remaining: number | null;
  /** Until all of it is back. */
  resetMs: number | null;
};

export type RateLimits = {
  quotas: { [name in QuotaName]?: QuotaReading };
  /** Null when the answer does not say when to come back. */
  retryAfterMs: number | null;
};

type Field = "limit" | "remaining" | "reset";
type Known = { readonly quota: QuotaName; readonly field: Field };

const FIELDS: readonly Field[] = ["limit", "remaining", "reset"];
const RETRY_AFTER = "retry-after";
const RETRY_AFTER_MS = "retry-after-ms";

const KNOWN: ReadonlyMap<string, Known> = new Map(
  QUOTAS.flatMap((quota) =>
    FIELDS.flatMap((field): [string, Known][] => [
      [`x-ratelimit-${field}-${quota}`, { quota, field }],
      [`anthropic-ratelimit-${quota}-${field}`, { quota, field }],
    ]),
  ),
);

/** The letters that a known name may begin with, in lower case: most headers are told apart by their first. */
const FIRST_LETTERS: ReadonlySet<number> = new Set([0x61, 0x72, 0x78]);
const LOWER_CASE = 0x20;

/** Null when it says nothing. `wallMs`: the time now, for what is given as a date without one of its own. */
export function rateLimitsOf(headers: RawHeaders, wallMs: () => number): RateLimits | null {
  let limits: RateLimits | null = null;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? "";
    if (name.length < RETRY_AFTER.length) continue;
    if (!FIRST_LETTERS.has(name.charCodeAt(0) | LOWER_CASE)) continue;
    const lower = name.toLowerCase();
    const known = KNOWN.get(lower);
    if (known === undefined && lower !== RETRY_AFTER && lower !== RETRY_AFTER_MS) continue;
    limits ??= { quotas: {}, retryAfterMs: null };
    const value = (headers[i + 1] ?? "").trim();
    if (known !== undefined) readQuota(limits, known, value, headers, wallMs);
    else readRetryAfter(limits, lower, value, headers, wallMs);
  }
  return limits;
}

function readQuota(
  limits: RateLimits,
  { quota, field }: Known,
  value: string,
  headers: RawHeaders,
  wallMs: () => number,
): void {
  const reading = limits.quotas[quota] ?? { limit: null, remaining: null, resetMs: null };
  limits.quotas[quota] = reading;
  if (field === "reset") reading.resetMs = spanMsOf(value, headers, wallMs);
  else reading[field] = amountOf(value);
}

function readRetryAfter(
  limits: RateLimits,
  name: string,
  value: string,
  headers: RawHeaders,
  wallMs: () => number,
): void {
  // Of the two, the one in milliseconds is the exact one, whichever comes first.
  if (name === RETRY_AFTER_MS) limits.retryAfterMs = amountOf(value);
  else limits.retryAfterMs ??= spanMsOf(value, headers, wallMs);
}

function amountOf(text: string): number | null {
  return /^\d+(\.\d+)?$/.test(text) ? finite(Number(text)) : null;
}

/** Digits can say more than a number can hold: that says nothing. */
function finite(amount: number): number | null {
  return Number.isFinite(amount) ? amount : null;
}

const UNIT_MS: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const DATE = /^([A-Z][a-z]{2}, \d|\d{4}-\d\d-\d\dT)/;
const SPAN = /^(\d+(\.\d+)?(ms|s|m|h|d))+$/;

/** "2" and "2.5" (seconds), "6m0s", "20ms", or a date: HTTP's, or RFC 3339's. */
export function spanMsOf(text: string, headers: RawHeaders, wallMs: () => number): number | null {
  const seconds = amountOf(text);
  if (seconds !== null) return seconds * 1_000;
  if (SPAN.test(text)) {
    const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g);
    return finite(
      [...parts].reduce((sum, [, n, unit]) => sum + Number(n) * (UNIT_MS[unit ?? ""] ?? 0), 0),
    );
  }
  const atMs = DATE.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) return null;
  // By the clock that wrote it, where that is told: its own may be off.
  const saidAtMs = Date.parse(headerOf(headers, "date") ?? "");
  return Math.max(0, atMs - (Number.isNaN(saidAtMs) ? wallMs() : saidAtMs));
}
