// The hash of what a gate is set up with: it changes with every setting and with what is in the files, and with nothing else.
import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { settingsDigest } from "@slipway/preflight";
import type { GateSettings } from "@slipway/wire/config";

const BENCHMARK = {
  data: ["items.jsonl"],
  results: [{ stable: "one.json", candidate: "two.json" }],
  margin: 0.05,
  alpha: 0.05,
  discordance: 0.1,
  outputTokensMax: 1_024,
  temperature: 0,
  concurrency: 4,
  timeoutMs: 60_000,
  slowerMax: null,
  judge: null,
};
const FILES = { "items.jsonl": "{}", "one.json": "1", "two.json": "2" };

function digestOf(
  settings: GateSettings,
  files: { readonly [path: string]: string } = FILES,
): string | null {
  const found = settingsDigest("benchmark", settings, {
    read: (path) => files[path] ?? null,
    sha256: (text) => hash("sha256", text, "hex"),
  });
  if (found === null) return null;
  return found.kind === "known" ? found.digest : `unreadable ${found.file}`;
}

test("settings and contents make the hash, in whatever order they are written", () => {
  const first = digestOf({ benchmark: BENCHMARK });
  const reversed = Object.fromEntries(Object.entries(BENCHMARK).reverse()) as typeof BENCHMARK;
  assert.equal(digestOf({ benchmark: reversed }), first);
  assert.equal(digestOf({ benchmark: BENCHMARK, command: { run: "true", timeoutMs: 1 } }), first);
  const others = [
    digestOf({ benchmark: { ...BENCHMARK, margin: 0.06 } }),
    digestOf({ benchmark: BENCHMARK }, { ...FILES, "items.jsonl": "{} " }),
    digestOf({ benchmark: BENCHMARK }, { ...FILES, "two.json": "1" }),
  ];
  assert.equal(new Set([first, ...others]).size, 4);
});

test("a file that is not there is named, and a gate that is not set up has no hash", () => {
  assert.equal(digestOf({ benchmark: BENCHMARK }, {}), "unreadable items.jsonl");
  assert.equal(digestOf({}), null);
});
