// How commands answer: people get text, machines get one JSON value on standard output. Errors go to standard
// error: what, and how to mend it; with --json as the control API's error body.

import { SlipwayError } from "@slipway/wire";
import { exitCodeOf } from "./exit-code.ts";
import type { Context } from "./terminal.ts";

/** Answers with a value: as JSON, or as the text for people. */
export function answer<T>(
  context: Context,
  json: boolean,
  value: T,
  text: (value: T) => string,
): void {
  context.terminal.out(json ? `${JSON.stringify(value, null, 2)}\n` : text(value));
}

export function usageError(message: string, fix: string | null): SlipwayError {
  return new SlipwayError({ code: "usage", status: 400, message, fix });
}

/** Tells an error and sets the exit code. */
export function report(context: Context, json: boolean, error: unknown): void {
  context.exitWith(exitCodeOf(error));
  const { code, message, fix } = fieldsOf(error);
  context.terminal.err(
    json
      ? `${JSON.stringify({ error: { code, message, fix } })}\n`
      : `slipway: ${message}\n${fix === null ? "" : `         ${fix}\n`}`,
  );
}

function fieldsOf(error: unknown): { code: string; message: string; fix: string | null } {
  if (error instanceof SlipwayError) return error;
  return {
    code: "fault",
    message: `a fault in Slipway itself: ${error instanceof Error ? error.message : String(error)}`,
    fix: "set SLIPWAY_DEBUG=1 to see where, and please report it",
  };
}
