// Text for prompts of a load test: so many tokens of it, the same for the same number, and with a beginning of its own, so
// that a cache helps with what the trace says is shared and with nothing else.

import { createRandom, type DueShot } from "@slipway/core";

/** With the space before it each is one token in the usual tokenizers; the answer's own count says how many there were. */
const WORDS =
  "the and for are but not you all any can had her was one our out day get has him his how man new now old see two way who boy did its let put say she too use".split(
    " ",
  );
/** Tokens of a block that a trace names, as the Mooncake traces have them. */
const BLOCK_TOKENS = 512;

/** `number`: of the shot in its test; what is not in a named block is drawn from it. */
export function promptText(
  { promptTokens, blocks }: Pick<DueShot, "promptTokens" | "blocks">,
  number: number,
): string {
  const words: string[] = [];
  for (const block of blocks) {
    if (words.length >= promptTokens) break;
    addWords(words, Math.min(BLOCK_TOKENS, promptTokens - words.length), block);
  }
  // Numbers of their own, apart from those of blocks.
  addWords(words, promptTokens - words.length, 2 ** 40 + number);
  return words.join(" ");
}

function addWords(words: string[], count: number, seed: number): void {
  const random = createRandom(seed);
  for (let i = 0; i < count; i++) {
    words.push(WORDS[Math.floor(random.next() * WORDS.length)] ?? "");
  }
}
