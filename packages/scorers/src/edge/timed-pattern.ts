// Matches regular expressions with a limit of time: the engine looks at its interrupts while it backtracks, so that a
// script that is ended also ends its matching.

import { createContext, Script } from "node:vm";
import type { Match, MatchPattern } from "../pattern.ts";

/** Far more than any pattern needs that does not run away: those of real use take microseconds. */
const MATCH_MS_MAX = 500;
const MATCHING = new Script("new RegExp(pattern, 'su').test(text)");

export const timedPattern: MatchPattern = (pattern, text): Match => {
  try {
    new RegExp(pattern, "su");
  } catch {
    return "no-pattern";
  }
  try {
    const context = createContext({ pattern, text });
    return MATCHING.runInContext(context, { timeout: MATCH_MS_MAX }) === true
      ? "matches"
      : "differs";
  } catch (error) {
    if (isTimeout(error)) return "too-slow";
    throw error;
  }
};

/** It is an error of the script's own world, so that it is no instance of this one's. */
function isTimeout(error: unknown): boolean {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
  return code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
}
