// The hash decides which users see a candidate: it must equal the published function, for good.
import assert from "node:assert/strict";
import { test } from "node:test";
import { murmur3, murmur3BytesTwice } from "@slipway/core";

const VECTORS: readonly (readonly [text: string, seed: number, hash: number])[] = [
  ["", 0, 0],
  ["", 1, 0x514e28b7],
  ["", 0xffffffff, 0x81f16f39],
  ["a", 0x9747b28c, 0x7fa09ea6],
  ["aa", 0x9747b28c, 0x5d211726],
  ["aaa", 0x9747b28c, 0x283e0130],
  ["aaaa", 0x9747b28c, 0x5a97808a],
  ["test", 0, 0xba6bd213],
  ["Hello, world!", 0, 0xc0363e43],
  ["Hello, world!", 0x9747b28c, 0x24884cba],
  ["ππππππππ", 0x9747b28c, 0xd58063c1],
  ["The quick brown fox jumps over the lazy dog", 0x9747b28c, 0x2fa826cd],
];

for (const [text, seed, hash] of VECTORS) {
  test(`murmur3 of "${text}" with seed ${seed} is the published value`, () => {
    assert.equal(murmur3(text, seed), hash);
  });
}

test("a lone surrogate hashes as the replacement character, as UTF-8 encoders write it", () => {
  assert.equal(murmur3("a\ud800b"), murmur3("a\ufffdb"));
});

test("the hash of a text is that of its UTF-8 bytes, wherever its letters stop being ASCII", () => {
  const encoder = new TextEncoder();
  for (const text of ["", "a", "abcd", "abcdé", "abcdefgπhij", "πabcdefgh", "a😀bcdefghi😀"]) {
    const bytes = encoder.encode(`x${text}x`);
    const hashes = Uint32Array.of(7, 0x9747b28c);
    murmur3BytesTwice(bytes, 1, bytes.length - 1, hashes);
    assert.deepEqual([...hashes], [murmur3(text, 7), murmur3(text, 0x9747b28c)], text);
  }
});
