// How an answer to a real request ended, and which form it has: what a program that reads it would stumble over. Nobody
// wrote down what a right answer is, so that this is all that can be told of one by itself.

import { LIVE_SCORES, languageNamed } from "@slipway/core";
import {
  fencedBlock,
  fencedLanguage,
  type LiveInstruments,
  liveScores,
  refusalOf,
} from "@slipway/scorers";
import type { AnswerRecord } from "@slipway/wire";

/** The first of them that is true, the worst first. */
export const BAD_FORMS = ["failed", "refused", "empty", "cut off", "malformed"] as const;
export type BadForm = (typeof BAD_FORMS)[number];

export type Form = {
  readonly bad: BadForm | null;
  /** What it is made of: prose, json, or code of a language. */
  readonly kind: string;
};

export async function formOf(record: AnswerRecord, instruments: LiveInstruments): Promise<Form> {
  const { outcome, ending, answer } = record;
  const kind = kindOf(answer);
  if (outcome !== "ok") return { bad: "failed", kind };
  const said = { text: answer, refusal: null, finishReason: null };
  if (ending === "refused" || refusalOf(said).refused) return { bad: "refused", kind };
  if (ending === "empty" || answer.trim() === "") return { bad: "empty", kind };
  if (ending === "cut-off") return { bad: "cut off", kind };
  return { bad: (await isMalformed(record, instruments)) ? "malformed" : null, kind };
}

function kindOf(answer: string): string {
  if (jsonOf(answer) !== null) return "json";
  if (fencedBlock(answer) === null) return "prose";
  const word = fencedLanguage(answer);
  return word === null ? "code" : `code ${languageNamed(word) ?? word}`;
}

/** JSON that was asked for and is none, and code that its own language's grammar does not take. */
async function isMalformed(record: AnswerRecord, instruments: LiveInstruments): Promise<boolean> {
  const { api, request, answer, ending, segment } = record;
  if (wantsJson(request)) return jsonOf(answer) === null;
  // A chat's fences say what they hold; of a completion only the segment may.
  const language = api === "completions" ? languageNamed(segment) : null;
  const asked = { api, request, answer, ending, language, packages: null };
  const scores = await liveScores({ ...asked, scorers: ["parse"] }, instruments);
  return scores[LIVE_SCORES.parseFailures]?.bad === 1;
}

const JSON_FORMATS: readonly unknown[] = ["json_object", "json_schema"];

/** Of chat completions; a request that went through redaction may be no JSON any more. */
function wantsJson(request: string): boolean {
  const body = jsonOf(request);
  if (body === null || !("response_format" in body)) return false;
  const { response_format: format } = body;
  return (
    typeof format === "object" &&
    format !== null &&
    "type" in format &&
    JSON_FORMATS.includes(format.type)
  );
}

/** A document: an object or a list. A lone number or word is prose. */
function jsonOf(text: string): object | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" ? parsed : null;
  } catch {
    return null;
  }
}
