// Whose request it is, in the order in which the sources count.

import assert from "node:assert/strict";
import { test } from "node:test";
import { scanBody } from "../src/body/body-scan.ts";
import { userKey } from "../src/path/user-key.ts";
import { bytes } from "./fixtures.ts";

const HEADERS = ["X-User", "configured", "X-Session-Id", "session", "Authorization", "Bearer key"];
const BODY = {
  user: "user",
  metadata: { user_id: "metadata" },
  prompt_cache_key: "cache",
  messages: [{ role: "user", content: "Hello" }],
};

function keyOf(
  headers: readonly string[],
  body: object,
  apiKeyIsUser = false,
  client: string | null = null,
): string | null {
  const policy = { header: "x-user", apiKeyIsUser, withoutKey: "stable" } as const;
  return userKey(policy, headers, scanBody(bytes(JSON.stringify(body))), {
    isContinued: false,
    key: null,
    client,
  });
}

test("the configured header comes first, then sessions, the body's fields, the conversation, the API key", () => {
  const { user: _, ...noUser } = BODY;
  const { metadata: __, ...noMetadata } = noUser;
  const { prompt_cache_key: ___, ...noCache } = noMetadata;
  assert.equal(keyOf(HEADERS, BODY, true), "configured");
  assert.equal(keyOf(HEADERS.slice(2), BODY, true), "session");
  assert.equal(keyOf(HEADERS.slice(4), BODY, true), "user");
  assert.equal(keyOf(HEADERS.slice(4), noUser, true), "metadata");
  assert.equal(keyOf(HEADERS.slice(4), noMetadata, true), "cache");
  assert.match(keyOf(HEADERS.slice(4), noCache, true) ?? "", /^conversation:/);
  assert.equal(keyOf(HEADERS.slice(4), {}, true), "Bearer key");
  assert.equal(keyOf(HEADERS.slice(4), {}), null, "an API key is nobody unless the policy says so");
});

test("what is empty is not there", () => {
  assert.equal(keyOf(["X-User", "", "session_id", "s"], {}), "s");
  assert.equal(keyOf([], { user: "", prompt_cache_key: "c" }), "c");
});

test("a very long key is cut", () => {
  assert.equal(keyOf(["x-user", "k".repeat(5_000)], {})?.length, 1_024);
});

test("a declared client is a user by its name, which stays when its key changes", () => {
  const headers = ["Authorization", "Bearer key"];
  assert.equal(keyOf(headers, {}, true, "editor"), "editor");
  assert.equal(keyOf(headers, {}, false, "editor"), null);
});
