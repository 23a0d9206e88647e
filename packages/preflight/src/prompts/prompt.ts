// A prompt of the team's: the request as both versions get it, and what its answer must be like.

import type { Json } from "@slipway/core";

export type JsonObject = { readonly [key: string]: Json };

/** What an answer must be like, whichever version gives it. */
type PromptExpectation = {
  /** It is JSON, and fits this schema; true for any JSON; null where it need not be. */
  readonly json: JsonObject | true | null;
  /** It calls this function, or any (true); null where it need not. */
  readonly toolCall: string | true | null;
  /** Its text has each of these, such as the boundaries between files. */
  readonly markers: readonly string[];
  /** It ends for one of these reasons; any where empty. */
  readonly finish: readonly string[];
};

export type Prompt = {
  /** Unique among all that are asked. */
  readonly id: string;
  /** The body of the request, without model and stream. */
  readonly body: JsonObject;
  /** By function, the schema of its arguments; of the tools that the request offers. */
  readonly tools: ReadonlyMap<string, JsonObject>;
  /** Sequences that end an answer, and so cannot be in it. */
  readonly stops: readonly string[];
  /** The longest answer that the request allows, in tokens; null where it sets no limit. */
  readonly outputTokensMax: number | null;
  readonly expect: PromptExpectation;
  readonly tags: Readonly<Record<string, string>>;
};
