// The body with another model name in it, and otherwise the bytes that came.

import type { Form } from "../ports.ts";
import { BodyScan, type Span } from "./body-scan.ts";

/** A model's name, and the same as bytes of JSON and of a form, made once for many bodies. */
export type ModelName = {
  readonly text: string;
  readonly json: Uint8Array;
  readonly plain: Uint8Array;
};

export function modelName(text: string): ModelName {
  const encoder = new TextEncoder();
  return { text, json: encoder.encode(JSON.stringify(text)), plain: encoder.encode(text) };
}

/** A new body in which every top-level `model` value is `model`; the same bytes when it has none. */
export function spliced(
  bytes: Uint8Array,
  said: BodyScan | Form | null,
  model: ModelName,
): Uint8Array {
  if (said === null) return bytes;
  const spans: readonly Span[] = said.modelSpans;
  if (spans.length === 0 || (spans.length === 1 && said.model === model.text)) return bytes;
  const name = said instanceof BodyScan ? model.json : model.plain;
  const removed = spans.reduce((sum, span) => sum + span.end - span.start, 0);
  // From Node's pool where it is small: an array of its own costs more than filling it.
  const out = Buffer.allocUnsafe(bytes.length - removed + spans.length * name.length);
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
