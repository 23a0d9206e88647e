// Raw headers: looked up without case, and passed on without what belongs to one connection only.

import type { RawHeaders } from "./ports.ts";

/** RFC 9110, 7.6.1, with the older names that are still sent. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** The first value of a header; `name` in lower case. Null when it is not there. */
export function headerOf(headers: RawHeaders, name: string): string | null {
  for (let i = 0; i < headers.length; i += 2) {
    const candidate = headers[i];
    if (candidate?.length === name.length && candidate.toLowerCase() === name) {
      return headers[i + 1] ?? null;
    }
  }
  return null;
}

/** A copy without hop-by-hop headers, without those that `Connection` names, and without those `drop` names. */
export function endToEnd(headers: RawHeaders, drop: (lowerCaseName: string) => boolean): string[] {
  const named = namedByConnection(headers);
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? "";
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || named.has(lower) || drop(lower)) continue;
    kept.push(name, headers[i + 1] ?? "");
  }
  return kept;
}

const CONNECTION = "connection";
const NONE: ReadonlySet<string> = new Set();

/** All that `Connection` names, however often it stands there. */
function namedByConnection(headers: RawHeaders): ReadonlySet<string> {
  let named: Set<string> | null = null;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i];
    if (name?.length !== CONNECTION.length || name.toLowerCase() !== CONNECTION) continue;
    const value = headers[i + 1] ?? "";
    if (value === "keep-alive" || value === "close") continue;
    named ??= new Set();
    for (const one of value.split(",")) named.add(one.trim().toLowerCase());
  }
  return named ?? NONE;
}
