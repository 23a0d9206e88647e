// A new key for a client: printed once, and kept by nobody but its owner.

import { hash, randomBytes } from "node:crypto";

const KEY_BYTES = 32;
/** So that scanners of repositories and logs know one when they see it. */
const PREFIX = "slipway_";

export type NewKey = {
  readonly key: string;
  /** SHA-256 of it, in hex. It is random enough that nothing slower is needed. */
  readonly hash: string;
};

export function newKey(): NewKey {
  const key = `${PREFIX}${randomBytes(KEY_BYTES).toString("base64url")}`;
  return { key, hash: hash("sha256", key, "hex") };
}
