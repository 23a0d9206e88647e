// What an upstream does by itself for the tools of a request. Those that the client runs are only suggested: asking
// twice gets two suggestions. A look-up done twice changes nothing, but is paid for twice. The rest acts on something.

import type { JsonCursor } from "./json-cursor.ts";

/** What the upstream does for the tools of a request, from the least to the most. */
const USES = ["nothing", "look-up", "action"] as const;
export type ToolUse = (typeof USES)[number];

/** Types of OpenAI's, and of Anthropic's without the date that they end with. What is not named here acts. */
const USE_BY_TYPE: ReadonlyMap<string, ToolUse> = new Map([
  ["function", "nothing"],
  ["custom", "nothing"],
  ["namespace", "nothing"],
  ["apply_patch", "nothing"],
  ["local_shell", "nothing"],
  ["computer", "nothing"],
  ["computer_use_preview", "nothing"],
  ["bash", "nothing"],
  ["memory", "nothing"],
  ["text_editor", "nothing"],
  ["tool_search", "look-up"],
  ["file_search", "look-up"],
  ["web_search", "look-up"],
  ["web_search_preview", "look-up"],
  ["web_fetch", "look-up"],
]);
/** `_20250305` and `_2025_03_11`: what dated types end with. */
const DATE = /_\d{4}_?\d\d_?\d\d$/;

/** The most that any of the tools in the array at `start` has the upstream do. */
export function toolUseOf(cursor: JsonCursor, start: number): ToolUse {
  let most: ToolUse = "nothing";
  cursor.elements(start, (toolStart) => {
    let type: string | null = null;
    cursor.members(toolStart, (keyStart, keyEnd, valueStart, valueEnd) => {
      if (cursor.key(keyStart, keyEnd) === "type") type = cursor.string(valueStart, valueEnd);
    });
    // A tool without a type is the client's own in every API that allows it.
    const use = type === null ? "nothing" : useOf(type);
    if (USES.indexOf(use) > USES.indexOf(most)) most = use;
    return most !== "action";
  });
  return most;
}

function useOf(type: string): ToolUse {
  return USE_BY_TYPE.get(type) ?? USE_BY_TYPE.get(type.replace(DATE, "")) ?? "action";
}
