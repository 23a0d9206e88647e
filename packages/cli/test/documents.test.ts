// The documents name what there is: every key of slipway.yaml, every command.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { falseTripsMax, requestsToTrip } from "@slipway/core";
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
    (key) => key !== "models" && key !== "pools" && !text.includes(`\`${key}\``),
  );
  assert.deepEqual([...new Set(missing)], []);
});

test("docs/cli.md has every command", async () => {
  const text = documentNamed("cli.md");
  for (const group of [
    [],
    ["rollout"],
    ["journal"],
    ["gateway"],
    ["mirror"],
    ["freeze"],
    ["incident"],
    ["notify"],
  ]) {
    const { out } = await slipway([...group, "--help"]);
    const listed = out.split("Commands:\n")[1]?.split("\nExit")[0] ?? "";
    const names = [...listed.matchAll(/^ {2}([a-z-]+)/gm)].map((match) => match[1] ?? "");
    assert.ok(names.length > 0);
    const missing = names.filter((name) => name !== "help" && !text.includes(name));
    assert.deepEqual(missing, []);
  }
});

/** The cells of the table row that begins so, after `heading`. */
function cellsOf(text: string, heading: string, first: string): readonly string[] {
  const row = text
    .slice(text.indexOf(heading))
    .split("\n")
    .find((line) => line.startsWith(`| ${first} |`));
  return (row ?? "")
    .split("|")
    .slice(2, 5)
    .map((cell) => cell.trim());
}

test("docs/configuration.md states the fast trip's figures as the rule gives them", () => {
  const text = documentNamed("configuration.md");
  const limits = [5, 10, 20];
  for (const rate of [0.5, 0.8, 1]) {
    const mean = limits.map((failures) => String(Math.round(requestsToTrip(rate, failures))));
    assert.deepEqual(cellsOf(text, "until it trips, on average", `${rate * 100}%`), mean);
  }
  for (const rate of [0.001, 0.01, 0.05, 0.1]) {
    const stated = cellsOf(text, "ever trips falsely", `${Number((rate * 100).toFixed(1))}%`);
    for (const [index, cell] of stated.entries()) {
      const value = cell.endsWith("%") ? Number(cell.slice(0, -1)) / 100 : Number(cell);
      const exact = falseTripsMax(rate, 1e6, limits[index] ?? 0);
      assert.ok(Math.abs(value / exact - 1) < 0.1, `${rate}: ${cell} is not ${exact}`);
    }
    assert.equal(stated.length, limits.length);
  }
});
