// The keys that answers' ids are signed with: from SLIPWAY_FEEDBACK_KEY, which gateways on several machines share, or
// from a file of this gateway, so that its workers and its restarts agree with nothing configured.

import {
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { SlipwayError } from "@slipway/wire";
import type { Signer } from "../ports.ts";
import { readIfThere } from "./atomic-file.ts";

const VARIABLE = "SLIPWAY_FEEDBACK_KEY";
const KEY_LENGTH_MIN = 16;
const KEY_BYTES = 32;
/** 96 bits in base64url: one in 2^96 forgeries gets through. */
const MAC_LENGTH = 16;

/** The first key signs, each verifies. Throws SlipwayError `bad_feedback_key`, `file_read`, `file_write`. */
export function feedbackKeys(directory: string, variable: string | null): readonly string[] {
  if (variable === null) return [keyInFile(join(directory, "feedback-key"))];
  const keys = variable.split(",").map((key) => key.trim());
  if (keys.every((key) => key.length >= KEY_LENGTH_MIN)) return keys;
  throw new SlipwayError({
    code: "bad_feedback_key",
    status: 400,
    message: `a key in ${VARIABLE} has fewer than ${KEY_LENGTH_MIN} characters`,
    fix: "Take a long random text, the same on every gateway; two with a comma between them while one replaces the other.",
  });
}

export function hmacSigner(keys: readonly string[]): Signer {
  const secrets = keys.map((key) => createSecretKey(Buffer.from(key, "utf8")));
  const [first] = secrets;
  if (first === undefined) throw new Error("there is no key to sign with");
  return {
    sign: (text) => macOf(first, text),
    verifies: (text, mac) => secrets.some((secret) => isSame(macOf(secret, text), mac)),
  };
}

function macOf(secret: KeyObject, text: string): string {
  return createHmac("sha256", secret).update(text).digest("base64url").slice(0, MAC_LENGTH);
}

function isSame(mac: string, given: string): boolean {
  const [a, b] = [Buffer.from(mac), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Made by whoever comes first; the others read it. */
function keyInFile(path: string): string {
  const known = readIfThere(path)?.trim();
  if (known !== undefined && known !== "") return known;
  const key = randomBytes(KEY_BYTES).toString("base64url");
  try {
    writeFileSync(path, `${key}\n`, { flag: "wx", mode: 0o600 });
    return key;
  } catch (error) {
    const written = readIfThere(path)?.trim();
    if (written !== undefined && written !== "") return written;
    throw new SlipwayError({
      code: "file_write",
      status: 500,
      message: `cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`,
      fix: `Check that the data directory is writable, or set ${VARIABLE}.`,
    });
  }
}
