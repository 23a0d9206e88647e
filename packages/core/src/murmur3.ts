// MurmurHash3 x86 32-bit (Austin Appleby, public domain reference), over the UTF-8 bytes of a string.
// It decides which users see a candidate, so its output must never change between releases.

const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

function mixBlock(hash: number, block: number): number {
  const k = Math.imul(block, C1);
  const mixed = hash ^ Math.imul((k << 15) | (k >>> 17), C2);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number, tail: number, length: number): number {
  let h = hash;
  if (tail !== 0) {
    const k = Math.imul(tail, C1);
    h ^= Math.imul((k << 15) | (k >>> 17), C2);
  }
  h ^= length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The hash as an unsigned 32-bit integer. Lone surrogates hash as U+FFFD, as in UTF-8 encoders. */
export function murmur3(text: string, seed = 0): number {
  let hash = seed | 0;
  let length = 0;
  // Nearly all of what is hashed is ASCII, four letters a block.
  for (; length + 4 <= text.length; length += 4) {
    const first = text.charCodeAt(length);
    const second = text.charCodeAt(length + 1);
    const third = text.charCodeAt(length + 2);
    const fourth = text.charCodeAt(length + 3);
    if ((first | second | third | fourth) >= 0x80) break;
    hash = mixBlock(hash, first | (second << 8) | (third << 16) | (fourth << 24));
  }
  let block = 0;
  for (let i = length; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) return ofWide(text, length, hash);
    block |= unit << ((i & 3) * 8);
  }
  return finish(hash, block, text.length);
}

/** The hash of a text whose first letters, `ascii` of them, came to `hashed`. */
function ofWide(text: string, ascii: number, hashed: number): number {
  let hash = hashed;
  let block = 0;
  let length = ascii;
  const push = (byte: number): void => {
    block |= byte << ((length & 3) * 8);
    length++;
    if ((length & 3) === 0) {
      hash = mixBlock(hash, block);
      block = 0;
    }
  };
  for (let i = ascii; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      push(unit);
      continue;
    }
    const point = text.codePointAt(i) ?? 0xfffd;
    if (point > 0xffff) i++;
    pushWide(push, point >= 0xd800 && point <= 0xdfff ? 0xfffd : point);
  }
  return finish(hash, block, length);
}

/**
 * Two hashes of the bytes from `start` up to `end`, in one pass: `hashes` has their seeds, and then them. Reading bytes
 * costs as much as mixing them.
 */
export function murmur3BytesTwice(
  bytes: Uint8Array,
  start: number,
  end: number,
  hashes: Uint32Array,
): void {
  let first = (hashes[0] ?? 0) | 0;
  let second = (hashes[1] ?? 0) | 0;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const low = byteAt(bytes, i) | (byteAt(bytes, i + 1) << 8);
    const block = low | ((byteAt(bytes, i + 2) | (byteAt(bytes, i + 3) << 8)) << 16);
    first = mixBlock(first, block);
    second = mixBlock(second, block);
  }
  let tail = 0;
  for (let shift = 0; i < end; i++, shift += 8) tail |= byteAt(bytes, i) << shift;
  hashes[0] = finish(first, tail, end - start);
  hashes[1] = finish(second, tail, end - start);
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function pushWide(push: (byte: number) => void, point: number): void {
  if (point < 0x800) {
    push(0xc0 | (point >> 6));
  } else {
    if (point < 0x10000) {
      push(0xe0 | (point >> 12));
    } else {
      push(0xf0 | (point >> 18));
      push(0x80 | ((point >> 12) & 0x3f));
    }
    push(0x80 | ((point >> 6) & 0x3f));
  }
  push(0x80 | (point & 0x3f));
}
