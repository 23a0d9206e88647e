// What the parser lets pass and the gateway does not: heads that the next server might read in another way.

import type { RawHeaders } from "../../ports.ts";
import { malformed, type Refusal, tooManyHeaders, uriTooLong } from "../../refusal.ts";
import type { DataLimits } from "./data-limits.ts";

export type RequestHead = {
  readonly target: string;
  readonly headers: RawHeaders;
  /** Of HTTP: 1.1. */
  readonly version: string;
};

const HOST = "host";
const CODING = "transfer-encoding";

/** Null when there is nothing wrong with it. */
export function headFault(head: RequestHead, limits: DataLimits): Refusal | null {
  const { headers, target, version } = head;
  if (version !== "1.1" && version !== "1.0") {
    return malformed("it is neither HTTP/1.1 nor HTTP/1.0");
  }
  if (target.length > limits.targetLengthMax) return uriTooLong;
  if (headers.length / 2 > limits.headersMax) return tooManyHeaders;
  let hosts = 0;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? "";
    if (isNamed(name, HOST) && ++hosts > 1) return malformed("it has two Host headers");
    if (isNamed(name, CODING)) {
      const fault = codingFault(headers[i + 1] ?? "", version);
      if (fault !== null) return malformed(fault);
    }
  }
  return null;
}

function isNamed(name: string, wanted: string): boolean {
  return name.length === wanted.length && name.toLowerCase() === wanted;
}

/**
 * RFC 9112, 6.1: of a coding that is not undone here the next server would know nothing; and what speaks HTTP/1.0 does not
 * know where such a body ends.
 */
function codingFault(coding: string, version: string): string | null {
  if (version === "1.0") return "it is HTTP/1.0 with a transfer coding";
  return coding.toLowerCase() === "chunked"
    ? null
    : "its body has a transfer coding other than chunked";
}
