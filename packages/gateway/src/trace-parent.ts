// W3C trace context: whose request a span continues. https://www.w3.org/TR/trace-context/

import type { RawHeaders } from "./ports.ts";

export type TraceParent = {
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
  /** Null where there is none, or it is longer than anybody has to keep. */
  readonly state: string | null;
};

const PARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZEROS = /^0+$/;
const STATE_LENGTH_MAX = 512;

/** Null where a trace begins here: nothing came, or nothing that counts. */
export function traceParentOf(headers: RawHeaders): TraceParent | null {
  const parents = valuesOf(headers, "traceparent");
  const [, version, traceId = "", spanId = "", flags = ""] = PARENT.exec(parents[0] ?? "") ?? [];
  if (parents.length !== 1 || version === undefined || version === "ff") return null;
  // Later versions may say more after the flags; the first may not.
  if (version === "00" && parents[0]?.length !== 55) return null;
  if (ZEROS.test(traceId) || ZEROS.test(spanId)) return null;
  const state = valuesOf(headers, "tracestate").join(",");
  const isKept = state !== "" && state.length <= STATE_LENGTH_MAX;
  return { traceId, spanId, flags: Number.parseInt(flags, 16), state: isKept ? state : null };
}

function valuesOf(headers: RawHeaders, wanted: string): readonly string[] {
  const values: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() === wanted) values.push((headers[i + 1] ?? "").trim());
  }
  return values;
}
