// Whether a stretch of bytes begins with others: what is looked for in answers is found without decoding them.

export function startsWith(
  bytes: Uint8Array,
  start: number,
  end: number,
  prefix: readonly number[],
): boolean {
  if (end - start < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) {
    if (bytes[start + i] !== prefix[i]) return false;
  }
  return true;
}
