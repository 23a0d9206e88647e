// Whose key it is. A table's keys are hashes, so a key is hashed when it is first seen; those that were found are
// remembered as long as the table, and there can be no more of them than the table has.

import type { Caller } from "./caller.ts";

/** SHA-256 of a text, in hex. */
export type Digest = (text: string) => string;

/** Longer ones are nobody's, and not worth hashing. */
const KEY_LENGTH_MAX = 512;

export class Directory {
  readonly #digest: Digest;
  readonly #byHash = new Map<string, Caller>();
  readonly #byKey = new Map<string, Caller>();

  constructor(callers: readonly Caller[], digest: Digest) {
    this.#digest = digest;
    for (const caller of callers) {
      for (const hash of caller.client.keyHashes) this.#byHash.set(hash, caller);
    }
  }

  /** Null when it is nobody's. */
  find(key: string): Caller | null {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    if (key.length > KEY_LENGTH_MAX) return null;
    // Looked up by its hash: how long that takes tells nothing that would help to find a key.
    const caller = this.#byHash.get(this.#digest(key));
    if (caller === undefined) return null;
    this.#byKey.set(key, caller);
    return caller;
  }
}
