// A batch of messages names its model in each of its requests. Where all name the same one, the batch belongs to that; a
// batch of several models cannot be split here, and names none.

import type { BodyScan, Span } from "./body-scan.ts";
import type { JsonCursor } from "./json-cursor.ts";

export const MESSAGE_BATCHES = "/messages/batches";

/** The model that every request of a batch names, or null; its places are then the scan's to be replaced. */
export function batchModel(scan: BodyScan): string | null {
  const { cursor, requests } = scan;
  if (requests === null) return null;
  const spans: Span[] = [];
  const names = new Set<string | null>();
  cursor.elements(requests.start, (request) => {
    const before = spans.length;
    // Every place counts, also where a name stands twice: which of them an upstream reads cannot be known.
    visit(cursor, request, "params", (params) => {
      visit(cursor, params, "model", (start, end) => {
        names.add(cursor.string(start, end));
        spans.push({ start, end });
      });
    });
    if (spans.length === before) names.add(null);
    return true;
  });
  const [only = null] = names;
  if (names.size !== 1 || only === null) return null;
  for (const span of spans) scan.modelSpans.push(span);
  return only;
}

function visit(
  cursor: JsonCursor,
  object: number,
  name: string,
  found: (start: number, end: number) => void,
): void {
  cursor.members(object, (keyStart, keyEnd, start, end) => {
    if (cursor.key(keyStart, keyEnd) === name) found(start, end);
  });
}
