// scanOf(api, streamed, headers) → the scan that fits an answer.

import type { Api } from "../api.ts";
import { headerOf } from "../headers.ts";
import type { RawHeaders } from "../ports.ts";
import type { AnswerScan } from "./answer-scan.ts";
import { DocumentScan } from "./document.ts";
import { EventStreamScan } from "./event-stream.ts";
import { OpaqueScan } from "./opaque.ts";

/** For an answer with a 2xx status; `streamed` is what the request asked for. */
export function scanOf(api: Api, streamed: boolean, headers: RawHeaders): AnswerScan {
  const encoding = headerOf(headers, "content-encoding");
  const known = api !== "other";
  if (encoding !== null && encoding.toLowerCase() !== "identity") return new OpaqueScan(known);
  const type = headerOf(headers, "content-type")?.toLowerCase() ?? null;
  if (type?.startsWith("text/event-stream") === true) return new EventStreamScan(api);
  if (!known) return new OpaqueScan(false);
  if (type === null && streamed) return new EventStreamScan(api);
  return new DocumentScan(api);
}
