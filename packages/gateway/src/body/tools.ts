// Which tools of a request do something outside when the upstream runs them. Those that the client runs itself do not:
// asking twice only gets two suggestions. Nor do those that look something up.

import type { JsonCursor } from "./json-cursor.ts";

/** Types of OpenAI's, and of Anthropic's without the date that they end with. */
const HARMLESS: ReadonlySet<string> = new Set([
  "function",
  "custom",
  "namespace",
  "apply_patch",
  "local_shell",
  "computer",
  "computer_use_preview",
  "tool_search",
  "file_search",
  "web_search",
  "web_search_preview",
  "bash",
  "memory",
  "text_editor",
  "web_fetch",
]);
/** `_20250305` and `_2025_03_11`: what dated types end with. */
const DATE = /_\d{4}_?\d\d_?\d\d$/;

/** Whether the tools in the array at `start` include one that acts, or one that is not known. */
export function hasActingTool(cursor: JsonCursor, start: number): boolean {
  let acts = false;
  cursor.elements(start, (toolStart) => {
    let type: string | null = null;
    cursor.members(toolStart, (keyStart, keyEnd, valueStart, valueEnd) => {
      if (cursor.key(keyStart, keyEnd) === "type") type = cursor.string(valueStart, valueEnd);
    });
    // A tool without a type is the client's own in every API that allows it.
    acts = type !== null && !isHarmless(type);
    return !acts;
  });
  return acts;
}

function isHarmless(type: string): boolean {
  return HARMLESS.has(type) || HARMLESS.has(type.replace(DATE, ""));
}
