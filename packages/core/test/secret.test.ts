// Which secrets may be used where: exactly what was granted.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Grant, grantText, isGranted, type Secret, ungrantedText } from "@slipway/core";

const KEY: Secret = { kind: "env", name: "KEY" };
const FILE: Secret = { kind: "file", path: "/run/secrets/key" };
const GRANTS: readonly Grant[] = [
  { secret: KEY, to: "https://api.example.com" },
  { secret: FILE, to: null },
];

test("a secret goes where it was granted to go, and nowhere else", () => {
  const cases: readonly (readonly [Secret, string | null, boolean])[] = [
    [KEY, "https://api.example.com", true],
    [KEY, "http://api.example.com", false],
    [KEY, "https://api.example.com:8443", false],
    [KEY, "https://evil.example.com", false],
    // A signature would let a password be guessed at.
    [KEY, null, false],
    [FILE, null, true],
    [FILE, "https://api.example.com", false],
    [{ kind: "env", name: "SLIPWAY_TOKEN" }, "https://api.example.com", false],
    // A variable with the name of a file's notation is no file.
    [{ kind: "env", name: "/run/secrets/key" }, null, false],
    [{ kind: "file", path: "/run/secrets/../secrets/key" }, null, false],
  ];
  for (const [secret, to, granted] of cases) {
    assert.equal(isGranted(GRANTS, secret, to), granted, grantText({ secret, to }));
  }
});

test("a refusal names what would have granted it", () => {
  const { message, fix } = ungrantedText(FILE, "https://evil.example.com");
  assert.equal(
    message,
    "this process was not started with leave to send file:/run/secrets/key to https://evil.example.com",
  );
  assert.match(fix, /--secret 'file:\/run\/secrets\/key@https:\/\/evil\.example\.com'/);
});
