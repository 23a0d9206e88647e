// Recorded traffic, in whichever of the known formats the file is.

import type { TracedRequest } from "@slipway/core";
import { parseAzureTrace } from "./azure-trace.ts";
import { parseMooncakeTrace } from "./mooncake-trace.ts";

/** JSON lines or CSV: the first character tells. Throws SlipwayError `trace_invalid` with the place. */
export function parseTrace(text: string, file: string): readonly TracedRequest[] {
  return text.trimStart().startsWith("{")
    ? parseMooncakeTrace(text, file)
    : parseAzureTrace(text, file);
}
