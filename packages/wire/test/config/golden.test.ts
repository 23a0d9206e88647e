// Broken files and the exact text that a reader gets for each. After a deliberate change of the texts:
// UPDATE_GOLDEN=1 npm test -- packages/wire, then read the difference.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfig, problemsText } from "@slipway/wire/config";

const folder = join(import.meta.dirname, "broken");
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

for (const name of readdirSync(folder).filter((file) => file.endsWith(".yaml"))) {
  test(`${name} is answered with exactly its expected text`, () => {
    const text = readFileSync(join(folder, name), "utf8");
    const loaded = loadConfig({ file: name, text, sha256, isSet: () => false });
    const said = problemsText(loaded.problems);
    const golden = join(folder, name.replace(/\.yaml$/, ".txt"));
    if (process.env["UPDATE_GOLDEN"] !== undefined) writeFileSync(golden, said);
    assert.equal(said, readFileSync(golden, "utf8"));
    assert.equal(loaded.ok, name === "warnings.yaml");
  });
}
