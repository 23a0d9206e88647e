// What the gateway reads in a request's body: the few top-level fields that decide where it goes. The body
// itself travels on as the bytes it came in; where a field stands twice, the last one counts, as in JSON.parse.

import { JsonCursor } from "./json-cursor.ts";
import { type ToolUse, toolUseOf } from "./tools.ts";

/** Start and end of a value in the body. */
export type Span = { readonly start: number; readonly end: number };

/** No answer has more tokens; what asks for more must not empty a pool. */
const OUTPUT_TOKENS_MAX = 1_000_000;
/** Longer keys than any that is looked for are not even decoded. An escape takes six bytes a letter. */
const KEY_BYTES_MAX = 6 * "max_completion_tokens".length;

export type Conversation = {
  readonly key: string;
  /** The body holds more than the user's opening: an answer was given before. */
  readonly isContinued: boolean;
};

export class BodyScan {
  readonly cursor: JsonCursor;
  model: string | null = null;
  /** Every top-level `model` value, to be replaced together. */
  readonly modelSpans: Span[] = [];
  stream = false;
  user: string | null = null;
  metadataUser: string | null = null;
  promptCacheKey: string | null = null;
  serviceTier: string | null = null;
  /** The most tokens that the answer may have, as the request says; null where it does not. */
  outputTokensMax: number | null = null;
  /** Opening parts of a conversation, as far as they are there. */
  messages: Span | null = null;
  input: Span | null = null;
  system: Span | null = null;
  instructions: Span | null = null;
  prompt: Span | null = null;
  /** The requests of a batch. */
  requests: Span | null = null;
  /** The object of an earlier answer that this request goes on from. */
  earlierObject: string | null = null;
  /** Null when it says nothing. */
  store: boolean | null = null;
  /** Kept by whoever reads it; undefined until then. */
  conversation: Conversation | null | undefined = undefined;
  #background = false;
  /** What the upstream does by itself for the tools that come with the request. */
  toolUse: ToolUse = "nothing";
  #hostedServers = false;

  constructor(bytes: Uint8Array) {
    this.cursor = new JsonCursor(bytes);
  }

  /** Serving it twice would do something twice: it is never replayed once it may have been seen. */
  get hasSideEffects(): boolean {
    return (
      this.store === true || this.#background || this.toolUse === "action" || this.#hostedServers
    );
  }

  /** A text in the body, by the names that lead to it; null when there is none. */
  text(path: readonly string[]): string | null {
    const { cursor } = this;
    let at: Span | null = { start: cursor.space(0), end: cursor.bytes.length };
    for (const name of path) {
      const parent: Span = at;
      at = null;
      cursor.members(parent.start, (keyStart, keyEnd, start, end) => {
        if (cursor.key(keyStart, keyEnd) === name) at = { start, end };
      });
      if (at === null) return null;
    }
    return cursor.string(at.start, at.end);
  }

  take(key: string, start: number, end: number): void {
    const { cursor } = this;
    switch (key) {
      case "model":
        this.model = cursor.string(start, end);
        this.modelSpans.push({ start, end });
        break;
      case "stream":
        this.stream = cursor.isTrue(start);
        break;
      case "user":
        this.user = cursor.string(start, end);
        break;
      case "metadata":
        this.metadataUser = userOf(cursor, start);
        break;
      case "prompt_cache_key":
        this.promptCacheKey = cursor.string(start, end);
        break;
      case "service_tier":
        this.serviceTier = cursor.string(start, end);
        break;
      case "previous_response_id":
      case "input_file_id":
        this.earlierObject = cursor.string(start, end) ?? this.earlierObject;
        break;
      case "conversation":
        this.earlierObject ??= cursor.string(start, end) ?? idOf(cursor, start);
        break;
      case "max_tokens":
      case "max_completion_tokens":
      case "max_output_tokens":
        this.outputTokensMax = tokensIn(cursor.raw(start, end)) ?? this.outputTokensMax;
        break;
      default:
        this.#takeOpening(key, { start, end });
        this.#takeSideEffect(key, start);
    }
  }

  #takeOpening(key: string, span: Span): void {
    switch (key) {
      case "messages":
        this.messages = span;
        break;
      case "input":
        this.input = span;
        break;
      case "system":
        this.system = span;
        break;
      case "instructions":
        this.instructions = span;
        break;
      case "prompt":
        this.prompt = span;
        break;
      case "requests":
        this.requests = span;
        break;
      default:
    }
  }

  #takeSideEffect(key: string, start: number): void {
    const { cursor } = this;
    switch (key) {
      case "store":
        this.store = cursor.isNull(start) ? null : cursor.isTrue(start);
        break;
      case "background":
        this.#background = cursor.isTrue(start);
        break;
      case "tools":
        this.toolUse = toolUseOf(cursor, start);
        break;
      case "mcp_servers":
        this.#hostedServers = hasElement(cursor, start);
        break;
      default:
    }
  }
}

/** The fields of a body; null when it is no JSON object. */
export function scanBody(bytes: Uint8Array): BodyScan | null {
  const scan = new BodyScan(bytes);
  const { cursor } = scan;
  const end = cursor.members(cursor.space(0), (keyStart, keyEnd, start, valueEnd) => {
    if (keyEnd - keyStart > KEY_BYTES_MAX) return;
    scan.take(cursor.key(keyStart, keyEnd), start, valueEnd);
  });
  if (end === -1 || cursor.space(end) !== bytes.length) return null;
  return scan;
}

function tokensIn(text: string): number | null {
  const tokens = Number(text);
  return Number.isInteger(tokens) && tokens > 0 ? Math.min(tokens, OUTPUT_TOKENS_MAX) : null;
}

function userOf(cursor: JsonCursor, start: number): string | null {
  return memberOf(cursor, start, "user_id");
}

function idOf(cursor: JsonCursor, start: number): string | null {
  return memberOf(cursor, start, "id");
}

function memberOf(cursor: JsonCursor, start: number, name: string): string | null {
  let value: string | null = null;
  cursor.members(start, (keyStart, keyEnd, valueStart, valueEnd) => {
    if (cursor.key(keyStart, keyEnd) === name) value = cursor.string(valueStart, valueEnd);
  });
  return value;
}

function hasElement(cursor: JsonCursor, start: number): boolean {
  let has = false;
  cursor.elements(start, () => {
    has = true;
    return false;
  });
  return has;
}
