// Authenticate: whose key the request carries, where the table says who may call.

import type { Caller } from "../client/caller.ts";
import type { Directory } from "../client/directory.ts";
import { headerOf } from "../headers.ts";
import type { RawHeaders } from "../ports.ts";
import { missingKey, type Refusal, wrongKey } from "../refusal.ts";

const BEARER = /^Bearer +(\S+) *$/i;

/** Null where everyone may call. Either header will do, as clients of either API send it. */
export function authenticate(
  directory: Directory | null,
  headers: RawHeaders,
): Caller | Refusal | null {
  if (directory === null) return null;
  const bearer = BEARER.exec(headerOf(headers, "authorization") ?? "")?.[1] ?? null;
  const apiKey = headerOf(headers, "x-api-key");
  const caller =
    (bearer === null ? null : directory.find(bearer)) ??
    (apiKey === null ? null : directory.find(apiKey));
  return caller ?? (bearer === null && apiKey === null ? missingKey : wrongKey);
}
