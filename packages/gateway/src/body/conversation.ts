// The conversation as a key of last resort: requests that open with the same system prompt and the same first
// message of the user belong together. Only texts count, so marks that clients move around do not matter.

import { murmur3 } from "@slipway/core";
import type { BodyScan, Span } from "./body-scan.ts";

/** Of each text so many bytes are hashed, and its length. */
const TEXT_BYTES_MAX = 2_048;
const SEEDS = [0x5eed, 0xc0de] as const;

/** A key for the conversation; null when the body holds none. */
export function conversationKey(scan: BodyScan): string | null {
  const opening = new Opening(scan);
  opening.add(scan.system);
  opening.add(scan.instructions);
  opening.addMessages(scan.messages ?? scan.input);
  if (!opening.hasUser) return null;
  const text = opening.texts.join("\u0000");
  return `conversation:${SEEDS.map((seed) => murmur3(text, seed).toString(36)).join("-")}`;
}

class Opening {
  readonly #scan: BodyScan;
  readonly texts: string[] = [];
  hasUser = false;

  constructor(scan: BodyScan) {
    this.#scan = scan;
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
      this.#addMessage(start);
      return !this.hasUser;
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

  #addText(start: number, end: number): void {
    const cut = Math.min(end, start + TEXT_BYTES_MAX);
    this.texts.push(`${end - start}:${this.#scan.cursor.raw(start, cut)}`);
  }
}
