// The keys that answers' ids are signed with: from SLIPWAY_FEEDBACK_KEY, which gateways on several machines share, or
// from a file of this gateway, so that its workers and its restarts agree with nothing configured.

import { hash, randomBytes, timingSafeEqual } from "node:crypto";
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
  const macs = keys.map(macWith);
  const [first] = macs;
  if (first === undefined) throw new Error("there is no key to sign with");
  return {
    sign: (text) => first(text).slice(0, MAC_LENGTH),
    verifies: (text, mac) => macs.some((macOf) => isSame(macOf(text).slice(0, MAC_LENGTH), mac)),
  };
}

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
const SCRATCH_BYTES = 4_096;

/**
 * HMAC-SHA-256 (RFC 2104) in base64url, in two calls: every answer is signed, and an Hmac object for each costs more than
 * what it computes.
 */
function macWith(key: string): (text: string) => string {
  const long = Buffer.from(key, "utf8");
  const block = Buffer.alloc(BLOCK_BYTES);
  block.set(long.length > BLOCK_BYTES ? hash("sha256", long, "buffer") : long);
  const inner = Buffer.alloc(
    SCRATCH_BYTES,
    block.map((byte) => byte ^ 0x36),
  );
  const outer = Buffer.alloc(
    BLOCK_BYTES + HASH_BYTES,
    block.map((byte) => byte ^ 0x5c),
  );
  return (text) => {
    const bytes = Buffer.byteLength(text);
    let message: Uint8Array;
    if (BLOCK_BYTES + bytes <= SCRATCH_BYTES) {
      inner.write(text, BLOCK_BYTES, "utf8");
      message = inner.subarray(0, BLOCK_BYTES + bytes);
    } else {
      message = Buffer.concat([inner.subarray(0, BLOCK_BYTES), Buffer.from(text, "utf8")]);
    }
    outer.write(hash("sha256", message, "binary"), BLOCK_BYTES, "latin1");
    return hash("sha256", outer, "base64url");
  };
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
