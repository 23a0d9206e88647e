// Whose request it is: the key that assignment sticks to. What the client says outright comes before what can
// be guessed, and an API key is nobody in particular unless the policy says so.

import type { KeyPolicy } from "@slipway/core";
import { BodyScan } from "../body/body-scan.ts";
import { conversationKey } from "../body/conversation.ts";
import { headerOf } from "../headers.ts";
import type { Form, RawHeaders } from "../ports.ts";

/** Headers in which tools name their session, looked at in this order. */
const SESSION_HEADERS: readonly string[] = [
  "x-session-id",
  "session_id",
  "session-id",
  "x-client-session-id",
  "x-claude-code-session-id",
  "x-amp-thread-id",
  "x-conversation-id",
  "conversation_id",
];
/** What is known of a request besides what it says itself. */
type Known = {
  /**
   * Whether it goes on from an earlier answer, and whose that was. What such a request brings along is not how its
   * conversation opened.
   */
  readonly isContinued: boolean;
  readonly key: string | null;
  /** The declared client whose key it carries. */
  readonly client: string | null;
};
const NOTHING: Known = { isContinued: false, key: null, client: null };
/** Longer keys are cut: they are hashed for every request. */
const KEY_LENGTH_MAX = 1_024;

/** Null when there is nothing to tell users apart by. A `client` with a name stays the same when its key changes. */
export function userKey(
  policy: KeyPolicy,
  headers: RawHeaders,
  said: BodyScan | Form | null,
  known: Known = NOTHING,
): string | null {
  const scan = said instanceof BodyScan ? said : null;
  const key =
    (policy.header === null ? null : filled(headerOf(headers, policy.header))) ??
    sessionOf(headers) ??
    filled(said?.user) ??
    filled(scan?.metadataUser) ??
    filled(scan?.promptCacheKey) ??
    (known.isContinued ? known.key : scan === null ? null : conversationKey(scan)) ??
    (policy.apiKeyIsUser ? (known.client ?? apiKeyOf(headers)) : null);
  return key !== null && key.length > KEY_LENGTH_MAX ? key.slice(0, KEY_LENGTH_MAX) : key;
}

function sessionOf(headers: RawHeaders): string | null {
  for (const name of SESSION_HEADERS) {
    const value = filled(headerOf(headers, name));
    if (value !== null) return value;
  }
  return null;
}

function apiKeyOf(headers: RawHeaders): string | null {
  return filled(headerOf(headers, "authorization")) ?? filled(headerOf(headers, "x-api-key"));
}

function filled(value: string | null | undefined): string | null {
  return value === undefined || value === null || value === "" ? null : value;
}
