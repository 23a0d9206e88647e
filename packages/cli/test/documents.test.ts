// The documents name what there is: every key of slipway.yaml, every command.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { configJsonSchema } from "@slipway/wire/config";
import { slipway } from "./slipway.ts";

function documentNamed(name: string): string {
  return readFileSync(join(import.meta.dirname, "../../../docs", name), "utf8");
}

/** Names of all keys that a schema knows, at any depth. */
function keysOf(schema: unknown): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([name, value]) => [
    ...(name === "properties" ? Object.keys(value) : []),
    ...keysOf(value),
  ]);
}

test("docs/configuration.md has every key of slipway.yaml", () => {
  const text = documentNamed("configuration.md");
  const missing = keysOf(configJsonSchema()).filter(
    (key) => key !== "models" && !text.includes(`\`${key}\``),
  );
  assert.deepEqual([...new Set(missing)], []);
});

test("docs/cli.md has every command", async () => {
  const text = documentNamed("cli.md");
  for (const group of [[], ["rollout"], ["journal"], ["gateway"]]) {
    const { out } = await slipway([...group, "--help"]);
    const listed = out.split("Commands:\n")[1]?.split("\nExit")[0] ?? "";
    const names = [...listed.matchAll(/^ {2}([a-z-]+)/gm)].map((match) => match[1] ?? "");
    assert.ok(names.length > 0);
    const missing = names.filter((name) => name !== "help" && !text.includes(name));
    assert.deepEqual(missing, []);
  }
});
