// Token usage as answers report it, in the words of three APIs. Read where it happens to stand; never asked for.

import type { JsonCursor } from "../body/json-cursor.ts";

export type Usage = {
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
};

/** Members under which an event or an answer may keep the `usage` that is not at its top. */
const HOLDERS: ReadonlySet<string> = new Set(["response", "message"]);
/** The longest key that is looked for. */
const KEY_BYTES_MAX = "response".length;
const USAGE_BYTES_MAX = 4_096;
/** No request has more; what claims to must not make the sums of a row too large to be exact. */
const TOKENS_MAX = 2 ** 32;

/** The usage in the object at `start`, or in its `response` or `message`; null when it has none. */
export function usageIn(cursor: JsonCursor, start: number): Usage | null {
  let usage: Usage | null = null;
  cursor.members(start, (keyStart, keyEnd, valueStart, valueEnd) => {
    if (keyEnd - keyStart > KEY_BYTES_MAX) return;
    const key = cursor.key(keyStart, keyEnd);
    if (key === "usage") usage = usageAt(cursor, valueStart, valueEnd) ?? usage;
    if (HOLDERS.has(key)) usage ??= topUsage(cursor, valueStart);
  });
  return usage;
}

/** The usage of the object at `start` itself. What it holds is not followed down: it may go deeper than any stack. */
export function topUsage(cursor: JsonCursor, start: number): Usage | null {
  let usage: Usage | null = null;
  cursor.members(start, (keyStart, keyEnd, valueStart, valueEnd) => {
    if (keyEnd - keyStart > KEY_BYTES_MAX || cursor.key(keyStart, keyEnd) !== "usage") return;
    usage = usageAt(cursor, valueStart, valueEnd) ?? usage;
  });
  return usage;
}

function usageAt(cursor: JsonCursor, start: number, end: number): Usage | null {
  if (!cursor.isObject(start) || end - start > USAGE_BYTES_MAX) return null;
  try {
    return usageOf(JSON.parse(cursor.letters(start, end)));
  } catch {
    return null; // Usage that is no JSON says nothing; the answer as a whole is judged elsewhere.
  }
}

/** The counts in a parsed `usage` object. */
export function usageOf(value: unknown): Usage | null {
  if (!isRecord(value)) return null;
  const details = value["prompt_tokens_details"] ?? value["input_tokens_details"];
  const cached = isRecord(details) ? details["cached_tokens"] : value["cache_read_input_tokens"];
  return {
    inputTokens: count(value["prompt_tokens"] ?? value["input_tokens"]),
    cachedTokens: count(cached),
    outputTokens: count(value["completion_tokens"] ?? value["output_tokens"]),
  };
}

/** A stream may report its input at its start and its output at its end. */
export function laterUsage(earlier: Usage | null, later: Usage): Usage {
  return {
    inputTokens: later.inputTokens || (earlier?.inputTokens ?? 0),
    cachedTokens: later.cachedTokens || (earlier?.cachedTokens ?? 0),
    outputTokens: later.outputTokens || (earlier?.outputTokens ?? 0),
  };
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null;
}

function count(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value <= 0) return 0;
  return Math.min(value, TOKENS_MAX);
}
