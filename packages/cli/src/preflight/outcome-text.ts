// What came of a preflight as a whole, in one line; and the differences that a gate lists, the worst first.

import { stripVTControlCharacters } from "node:util";
import { counted, type GateResult, preflightOutcome } from "@slipway/core";

export function outcomeLine(results: readonly GateResult[]): string {
  const outcome = preflightOutcome(results);
  if (outcome === "pass") return `preflight passed: ${counted(results.length, "gate")}`;
  const names = results.filter((result) => result.outcome === outcome).map(({ gate }) => gate);
  const which = names.length === 0 ? "no gate applied" : names.join(", ");
  return `preflight ${outcome === "fail" ? "failed" : "could not tell"}: ${which}`;
}

/** What came of each lesson that the gate looks after. */
export function lessonLines({ lessons = [] }: GateResult): readonly string[] {
  return lessons.map(({ id, holds, because }) => {
    const word = holds === null ? "?" : holds ? "✓" : "✗";
    return `${word} ${id}: ${shownText(because)}`;
  });
}

/** Lines of a command's output that are shown; all that was kept is in the JSON report. */
const TAIL_LINES_MAX = 15;

/** The end of what a gate's command wrote, where it did not pass; none for other gates. */
export function tailIn({ outcome, details }: GateResult): readonly string[] {
  if (outcome === "pass" || details === null || typeof details !== "object") return [];
  const tail = "tail" in details ? details["tail"] : "";
  if (typeof tail !== "string" || tail.trim() === "") return [];
  return tail.trimEnd().split("\n").slice(-TAIL_LINES_MAX).map(withoutControls);
}

/** What a program or a model wrote must not move the reader's cursor. */
export function withoutControls(line: string): string {
  return stripVTControlCharacters(line).replace(/\p{Cc}/gu, "");
}

/** Names of functions and finish reasons are the model's own words, of any length. */
const WHAT_LENGTH_MAX = 300;

function shownText(what: string): string {
  const text = withoutControls(what);
  return text.length > WHAT_LENGTH_MAX ? `${text.slice(0, WHAT_LENGTH_MAX)}…` : text;
}

export type ListedDifference = { readonly of: string; readonly what: string };

/** Of a gate whose details have a list `differences`. */
export function differencesIn({ details }: GateResult): readonly ListedDifference[] {
  if (details === null || typeof details !== "object" || !("differences" in details)) return [];
  const { differences } = details;
  if (!Array.isArray(differences)) return [];
  return differences.flatMap((one: unknown): ListedDifference[] => {
    if (one === null || typeof one !== "object" || !("of" in one && "what" in one)) return [];
    return [{ of: withoutControls(String(one.of)), what: shownText(String(one.what)) }];
  });
}
