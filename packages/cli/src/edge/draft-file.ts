// Postmortems as people have written them, read to be checked.

import { readFileSync, statSync } from "node:fs";
import { SlipwayError } from "@slipway/wire";
import { usageError } from "../output.ts";

/** Longer ones are no postmortem. */
const BYTES_MAX = 4_194_304;

export function readDraft(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > BYTES_MAX) throw usageError(`${file} has ${size} bytes, at most ${BYTES_MAX}`, null);
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof SlipwayError) throw error;
    throw usageError(`${file} cannot be read (${codeOf(error)})`, "name a Markdown file");
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
