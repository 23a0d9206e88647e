// The body with another model name in it, and otherwise the bytes that came.

import type { BodyScan } from "./body-scan.ts";

/** A model's name, and the same as bytes of JSON, made once for many bodies. */
export type ModelName = { readonly text: string; readonly json: Uint8Array };

export function modelName(text: string): ModelName {
  return { text, json: new TextEncoder().encode(JSON.stringify(text)) };
}

/** A new body in which every top-level `model` value is `model`; the same bytes when it has none. */
export function spliced(bytes: Uint8Array, scan: BodyScan, model: ModelName): Uint8Array {
  const spans = scan.modelSpans;
  if (spans.length === 0 || (spans.length === 1 && scan.model === model.text)) return bytes;
  const name = model.json;
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
