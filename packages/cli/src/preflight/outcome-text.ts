// What came of a preflight as a whole, in one line; and the differences that a gate lists, the worst first.

import { counted, type GateResult, preflightOutcome } from "@slipway/core";

export function outcomeLine(results: readonly GateResult[]): string {
  const outcome = preflightOutcome(results);
  if (outcome === "pass") return `preflight passed: ${counted(results.length, "gate")}`;
  const names = results.filter((result) => result.outcome === outcome).map(({ gate }) => gate);
  const which = names.length === 0 ? "no gate applied" : names.join(", ");
  return `preflight ${outcome === "fail" ? "failed" : "could not tell"}: ${which}`;
}

export type ListedDifference = { readonly of: string; readonly what: string };

/** Of a gate whose details have a list `differences`. */
export function differencesIn({ details }: GateResult): readonly ListedDifference[] {
  if (details === null || typeof details !== "object" || !("differences" in details)) return [];
  const { differences } = details;
  if (!Array.isArray(differences)) return [];
  return differences.flatMap((one: unknown): ListedDifference[] => {
    if (one === null || typeof one !== "object" || !("of" in one && "what" in one)) return [];
    return [{ of: String(one.of), what: String(one.what) }];
  });
}
