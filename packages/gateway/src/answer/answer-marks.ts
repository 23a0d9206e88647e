// What an answer says of itself, read off its bytes without parsing: whether it has any content, whether the model or a
// filter refused, whether it was cut off. Names of JSON stand in quotes; in text their quotes would be escaped.

import type { Ending } from "@slipway/core";
import type { Api } from "../api.ts";
import { startsWith } from "./starts-with.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const SPACE = 0x20;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
/** Longer words than the longest that means something are not read. */
const WORD_BYTES_MAX = 32;

/** Why an answer ended, in the words of three APIs. */
const ENDS: { readonly [word: string]: "refused" | "cut-off" } = {
  content_filter: "refused",
  refusal: "refused",
  length: "cut-off",
  max_tokens: "cut-off",
  max_output_tokens: "cut-off",
  model_context_window_exceeded: "cut-off",
};

type Meaning =
  /** A word of `ENDS` follows. */
  | "end"
  /** Text follows: a refusal's own words. */
  | "refusal"
  /** Text follows: there is something in the answer, where it is not empty. */
  | "content"
  /** A list or a mapping of calls follows. */
  | "calls"
  /** The kind of a part follows: some are calls. */
  | "type";

/** By name, with its closing quote. */
const NAMES: readonly (readonly [name: string, meaning: Meaning])[] = [
  ["finish_reason", "end"],
  ["stop_reason", "end"],
  ["reason", "end"],
  ["refusal", "refusal"],
  ["content", "content"],
  ["text", "content"],
  ["delta", "content"],
  ["tool_calls", "calls"],
  ["function_call", "calls"],
  ["audio", "calls"],
  ["type", "type"],
];

/** `tool_use`, `function_call`, `web_search_call`: whoever calls a tool has answered. */
const CALL_TYPE = /(?:^|_)(?:tool_use|call)$/;

/** These are looked at to the end; the others only until there is content. */
const SAYS_HOW: ReadonlySet<Meaning> = new Set(["end", "refusal"]);

type Name = { readonly bytes: readonly number[]; readonly meaning: Meaning };

const encoder = new TextEncoder();
const BY_FIRST: ReadonlyMap<number, readonly Name[]> = Map.groupBy(
  NAMES.map(([name, meaning]): Name => ({ bytes: [...encoder.encode(`${name}"`)], meaning })),
  ({ bytes }) => bytes[0] ?? 0,
);

const READABLE: ReadonlySet<Api> = new Set([
  "chat.completions",
  "completions",
  "responses",
  "messages",
]);

export class AnswerMarks {
  readonly #isReadable: boolean;
  #hasContent = false;
  #isRefused = false;
  #isCutOff = false;

  constructor(api: Api) {
    this.#isReadable = READABLE.has(api);
  }

  /** Looks at a name whose opening quote is at `quote`. */
  name(bytes: Uint8Array, quote: number, end: number): void {
    if (!this.#isReadable) return;
    const names = BY_FIRST.get(bytes[quote + 1] ?? 0);
    if (names === undefined) return;
    for (const { bytes: own, meaning } of names) {
      if (this.#hasContent && !SAYS_HOW.has(meaning)) continue;
      if (!startsWith(bytes, quote + 1, end, own)) continue;
      const value = valueAfter(bytes, quote + 1 + own.length, end);
      if (value !== -1) this.#value(meaning, bytes, value, end);
      return;
    }
  }

  /** All names in a range. */
  names(bytes: Uint8Array, start: number, end: number): void {
    if (!this.#isReadable) return;
    for (let at = start; at < end; at++) if (bytes[at] === QUOTE) this.name(bytes, at, end);
  }

  /** Of an answer that came whole; null where it could not be read. */
  ending(): Ending | null {
    if (!this.#isReadable) return null;
    if (this.#isRefused) return "refused";
    if (this.#isCutOff) return "cut-off";
    return this.#hasContent ? "answered" : "empty";
  }

  #value(meaning: Meaning, bytes: Uint8Array, at: number, end: number): void {
    if (meaning === "calls") {
      this.#hasContent = isFilled(bytes, at, end);
      return;
    }
    if (bytes[at] !== QUOTE) return;
    switch (meaning) {
      case "content":
        this.#hasContent = !isEmptyText(bytes, at);
        break;
      case "type":
        this.#hasContent = CALL_TYPE.test(wordAt(bytes, at + 1, end));
        break;
      case "refusal":
        this.#isRefused ||= !isEmptyText(bytes, at);
        break;
      default:
        this.#ended(ENDS[wordAt(bytes, at + 1, end)]);
    }
  }

  #ended(how: "refused" | "cut-off" | undefined): void {
    if (how === "refused") this.#isRefused = true;
    if (how === "cut-off") this.#isCutOff = true;
  }
}

/** Where the value of a name begins whose closing quote has been passed; -1 where it was no name. */
function valueAfter(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] === SPACE) at++;
  if (bytes[at] !== COLON) return -1;
  at++;
  while (at < end && (bytes[at] ?? 0) <= SPACE) at++;
  return at < end ? at : -1;
}

function isEmptyText(bytes: Uint8Array, quote: number): boolean {
  return bytes[quote + 1] === QUOTE;
}

/** A list or a mapping with something in it. */
function isFilled(bytes: Uint8Array, at: number, end: number): boolean {
  const first = bytes[at];
  if (first !== OPEN_BRACKET && first !== OPEN_BRACE) return false;
  for (let next = at + 1; next < end; next++) {
    const byte = bytes[next] ?? 0;
    if (byte > SPACE) return byte !== 0x5d && byte !== 0x7d;
  }
  return false;
}

/** A plain word up to its closing quote; nothing for a longer one, or one with escapes. */
function wordAt(bytes: Uint8Array, from: number, end: number): string {
  let word = "";
  for (let at = from; at < end && word.length <= WORD_BYTES_MAX; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) return word;
    if (byte === BACKSLASH) return "";
    word += String.fromCharCode(byte);
  }
  return "";
}
