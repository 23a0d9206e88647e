// The JSON Schema that editors use is generated from the reader's own schema and checked in. After a change:
// UPDATE_GOLDEN=1 npm test -- packages/wire.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { configJsonSchema } from "@slipway/wire/config";

const file = join(import.meta.dirname, "../../slipway.schema.json");

test("the checked-in JSON Schema is the one that the reader's schema generates", () => {
  const generated = `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
  if (process.env["UPDATE_GOLDEN"] !== undefined) writeFileSync(file, generated);
  assert.equal(readFileSync(file, "utf8"), generated);
});

/** Paths of all properties below a schema that say nothing about themselves. */
function silentIn(schema: unknown, path: string): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([name, value]) => {
    const children: Record<string, { description?: string }> = name === "properties" ? value : {};
    const silent = Object.entries(children).filter(([, child]) => child.description === undefined);
    return [...silent.map(([key]) => `${path}.${key}`), ...silentIn(value, `${path}.${name}`)];
  });
}

test("every key has a description, so that an editor can say what it is for", () => {
  assert.deepEqual(silentIn(configJsonSchema(), ""), []);
});
