// The signature of answers' ids: it is HMAC-SHA-256's, whatever the key and the text.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { hmacSigner } from "../src/edge/feedback-key.ts";

function expected(key: string, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64url").slice(0, 16);
}

test("a signature is the beginning of HMAC-SHA-256 over the UTF-8 bytes", () => {
  const keys = ["k".repeat(16), "k".repeat(64), "k".repeat(65), "é".repeat(40)];
  const texts = ["", "a", "é€😀", "x".repeat(4_032), "x".repeat(4_033), "é".repeat(5_000)];
  for (const key of keys) {
    const signer = hmacSigner([key]);
    // Twice: nothing of a longer text may stay behind.
    for (const text of [...texts, ...texts.toReversed()]) {
      assert.equal(signer.sign(text), expected(key, text));
    }
  }
  const wellFormed = fc.string({ unit: "grapheme", maxLength: 200 });
  fc.assert(
    fc.property(wellFormed, wellFormed, (key, text) => {
      assert.equal(hmacSigner([key]).sign(text), expected(key, text));
    }),
  );
});
