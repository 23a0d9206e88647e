// What a body costs, before its tokens have been counted.

/** What a token of English or of code takes, roughly: a guess until the upstream has counted. */
const BYTES_PER_TOKEN = 4;

export function estimatedTokens(bodyBytes: number): number {
  return Math.ceil(bodyBytes / BYTES_PER_TOKEN);
}
