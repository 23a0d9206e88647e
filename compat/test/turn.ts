// What a model server of these tests says next, and how it is written down.

import type { ServerResponse } from "node:http";

export const JSON_TYPE = { "content-type": "application/json" };

export type Json = { readonly [field: string]: unknown };

/** What an answer is to be. */
export type Turn =
  | { readonly kind: "say"; readonly words: readonly string[] }
  | { readonly kind: "call"; readonly id: string; readonly tool: string; readonly input: Json }
  /** The first word of a stream, and then nothing; of a whole answer nothing at all. */
  | { readonly kind: "stall"; readonly words: readonly string[] };

/** Words as a stream carries them: each but the first with the space before it. */
export function pieces(words: readonly string[]): readonly string[] {
  return words.map((word, i) => (i === 0 ? word : ` ${word}`));
}

export function json(response: ServerResponse, body: Json, status = 200): void {
  response.writeHead(status, JSON_TYPE);
  response.end(JSON.stringify(body));
}
