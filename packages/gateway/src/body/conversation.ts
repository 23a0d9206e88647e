// The conversation as a key of last resort: requests that open with the same system prompt and the same first
// message of the user belong together. Only texts count, so marks that clients move around do not matter.

import { murmur3BytesTwice } from "@slipway/core";
import type { BodyScan, Conversation, Span } from "./body-scan.ts";

/** Of each text so many bytes are hashed, and its length. */
const TEXT_BYTES_MAX = 2_048;
const FIRST_SEED = 0x5eed;
const SECOND_SEED = 0xc0de;

/** A key for the conversation; null when the body holds none. */
export function conversationKey(scan: BodyScan): string | null {
  return conversationOf(scan)?.key ?? null;
}

/** The conversation of a body; null when it holds none. Read once, however often it is asked for. */
export function conversationOf(scan: BodyScan): Conversation | null {
  if (scan.conversation === undefined) scan.conversation = readConversation(scan);
  return scan.conversation;
}

function readConversation(scan: BodyScan): Conversation | null {
  const opening = new Opening(scan);
  opening.add(scan.system);
  opening.add(scan.instructions);
  opening.addMessages(scan.messages ?? scan.input);
  if (!opening.hasUser) return null;
  return { key: `conversation:${opening.hash}`, isContinued: opening.isContinued };
}

/** Whose messages may stand before the first answer. */
const ASKING_ROLES: ReadonlySet<string> = new Set(["user", "system", "developer"]);

/** Of all texts of an opening so far: each is hashed with what those before it came to as its seed. */
const hashes = new Uint32Array(2);

/** One at a time: it is read without a pause. */
class Opening {
  readonly #scan: BodyScan;
  hasUser = false;
  isContinued = false;

  constructor(scan: BodyScan) {
    this.#scan = scan;
    hashes[0] = FIRST_SEED;
    hashes[1] = SECOND_SEED;
  }

  get hash(): string {
    const [first = 0, second = 0] = hashes;
    return `${first.toString(36)}-${second.toString(36)}`;
  }

  add(content: Span | null): void {
    if (content === null) return;
    const { cursor } = this.#scan;
    if (!cursor.isArray(content.start)) {
      this.#addText(content.start, content.end);
      return;
    }
    cursor.elements(content.start, (start) => {
      cursor.members(start, (keyStart, keyEnd, valueStart, valueEnd) => {
        if (cursor.key(keyStart, keyEnd) === "text") this.#addText(valueStart, valueEnd);
      });
      return true;
    });
  }

  /** What was said before the user's first message, and that message. A bare string is one. */
  addMessages(messages: Span | null): void {
    if (messages === null) return;
    const { cursor } = this.#scan;
    if (!cursor.isArray(messages.start)) {
      this.hasUser = cursor.string(messages.start, messages.end) !== null;
      this.add(messages);
      return;
    }
    cursor.elements(messages.start, (start) => {
      if (!this.hasUser) this.#addMessage(start);
      else this.isContinued = !this.#isAsking(start);
      return !this.isContinued;
    });
  }

  #addMessage(start: number): void {
    const { cursor } = this.#scan;
    let content: Span | null = null;
    cursor.members(start, (keyStart, keyEnd, valueStart, valueEnd) => {
      const key = cursor.key(keyStart, keyEnd);
      if (key === "content") content = { start: valueStart, end: valueEnd };
      if (key === "role") this.hasUser = cursor.string(valueStart, valueEnd) === "user";
    });
    this.add(content);
  }

  #isAsking(start: number): boolean {
    const { cursor } = this.#scan;
    let isAsking = false;
    cursor.members(start, (keyStart, keyEnd, valueStart, valueEnd) => {
      if (cursor.key(keyStart, keyEnd) !== "role") return;
      isAsking = ASKING_ROLES.has(cursor.string(valueStart, valueEnd) ?? "");
    });
    return isAsking;
  }

  #addText(start: number, end: number): void {
    const cut = Math.min(end, start + TEXT_BYTES_MAX);
    const { bytes } = this.#scan.cursor;
    hashes[0] = (hashes[0] ?? 0) ^ (end - start);
    hashes[1] = (hashes[1] ?? 0) ^ (end - start);
    murmur3BytesTwice(bytes, start, cut, hashes);
  }
}
