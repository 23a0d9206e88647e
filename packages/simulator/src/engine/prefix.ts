// Keys of prompt prefixes, one per full block. A key covers everything up to its block's end, so that two
// prompts share exactly the blocks they have in common from the start.
import { murmur3 } from "@slipway/core";

/** A stretch of a prompt. Stretches with the same key have the same tokens from their start. */
export type PromptSpan = {
  readonly key: string;
  readonly tokens: number;
};

/** Keys of a prompt given as spans, in order. */
export function spanBlockKeys(spans: readonly PromptSpan[], blockTokens: number): number[] {
  const keys: number[] = [];
  let chain = 0;
  let position = 0;
  let start = 0;
  for (const span of spans) {
    const spanHash = murmur3(span.key);
    const end = start + span.tokens;
    for (;;) {
      const blockEnd = (keys.length + 1) * blockTokens;
      // What this span adds to the block: its identity, and which of its tokens.
      chain = extend(extend(chain, spanHash), position - start);
      if (blockEnd > end) break;
      chain = extend(chain, blockEnd - start);
      keys.push(chain);
      position = blockEnd;
      if (blockEnd === end) break;
    }
    position = end;
    start = end;
  }
  return keys;
}

/** Keys of a prompt given as text. */
export function textBlockKeys(
  text: string,
  charactersPerToken: number,
  blockTokens: number,
): number[] {
  const step = Math.max(1, Math.round(charactersPerToken * blockTokens));
  const keys: number[] = [];
  let chain = 0;
  for (let end = step; end <= text.length; end += step) {
    chain = extend(chain, murmur3(text.slice(end - step, end)));
    keys.push(chain);
  }
  return keys;
}

// 52 bits: wide enough that two prefixes out of millions do not meet, narrow enough for an exact number.
function extend(chain: number, word: number): number {
  const low = chain >>> 0;
  const high = Math.floor(chain / 2 ** 32);
  const a = mix(low ^ word, high);
  const b = mix(high ^ a, word ^ 0x5bd1e995);
  return (b & 0xfffff) * 2 ** 32 + a;
}

function mix(value: number, salt: number): number {
  let h = Math.imul(value ^ (value >>> 16), 0x85ebca6b) ^ Math.imul(salt, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
