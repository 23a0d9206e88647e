// One item of a benchmark: what is asked, and what a right answer is. Read from a team's own JSONL.

import type { Json } from "../canonical-json.ts";

export type ItemMessage = {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
};

/** What stands around a piece of code that a model wrote: an answer is judged where it belongs. */
export type CodeContext = { readonly before: string; readonly after: string };

/** All that is given must hold. */
export type RightAnswer = {
  /** The whole answer, but for space at its ends. */
  readonly exact?: string;
  /** Every one of these is in the answer. */
  readonly contains?: readonly string[];
  /** A regular expression that some part of the answer matches. */
  readonly pattern?: string;
  /** A JSON schema that the answer, read as JSON, meets. */
  readonly schema?: { readonly [key: string]: Json };
  /** Whether the answer refuses. */
  readonly refusal?: boolean;
  readonly parse?: CodeContext & { readonly language: string };
  /** Only names, members and packages that there are. */
  readonly names?: CodeContext & {
    readonly language: NamedLanguage;
    /** Packages that the code may import; null where nobody says. */
    readonly packages: readonly string[] | null;
  };
  readonly tests?: CodeContext & {
    readonly language: "typescript";
    /** Run after the code; throws where the code is wrong. */
    readonly code: string;
    /** A name that the code declares; an answer that declares it itself is not put behind `before`. */
    readonly entryPoint: string | null;
  };
  /** What a judge looks for when it compares both versions' answers. */
  readonly judge?: { readonly criterion: string };
};

/** Languages whose names can be looked up. */
export const NAMED_LANGUAGES = ["typescript", "python"] as const;
export type NamedLanguage = (typeof NAMED_LANGUAGES)[number];

export type BenchmarkItem = {
  readonly id: string;
  readonly messages: readonly ItemMessage[];
  readonly expect: RightAnswer;
  readonly tags: readonly string[];
  /** Items of one family are one item told several ways; null for an item by itself. */
  readonly family: string | null;
};
