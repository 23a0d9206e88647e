// The body with another model name in it, and otherwise the bytes that came.

import type { BodyScan } from "./body-scan.ts";

const encoder = new TextEncoder();

/** A new body in which every top-level `model` value is `model`; the same bytes when it has none. */
export function spliced(bytes: Uint8Array, scan: BodyScan, model: string): Uint8Array {
  const spans = scan.modelSpans;
  if (spans.length === 0 || (spans.length === 1 && scan.model === model)) return bytes;
  const name = encoder.encode(JSON.stringify(model));
  const removed = spans.reduce((sum, span) => sum + span.end - span.start, 0);
  const out = new Uint8Array(bytes.length - removed + spans.length * name.length);
  let from = 0;
  let to = 0;
  for (const span of spans) {
    out.set(bytes.subarray(from, span.start), to);
    to += span.start - from;
    out.set(name, to);
    to += name.length;
    from = span.end;
  }
  out.set(bytes.subarray(from), to);
  return out;
}
