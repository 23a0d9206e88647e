// Properties as tests: cheap by default, as long as wanted by the environment, and told with the line that does a failure
// again.

import { test } from "node:test";
import fc from "fast-check";

/** Every property runs so many times as often: `SLIPWAY_PROPERTY_RUNS=100 npm test -- packages/gateway/test/property`. */
const FACTOR = Number(process.env["SLIPWAY_PROPERTY_RUNS"] ?? 1);
const SEED = process.env["SLIPWAY_PROPERTY_SEED"];
const PATH = process.env["SLIPWAY_PROPERTY_PATH"];
const SHOWN_LENGTH_MAX = 6_000;
const OUTSIDE_PATTERNS = /[^\w ]/g;

export function property<Ts>(name: string, runs: number, rule: fc.IRawProperty<Ts>): void {
  test(name, async () => {
    const told = await fc.check(rule, {
      numRuns: Math.ceil(runs * FACTOR),
      ...(SEED === undefined ? {} : { seed: Number(SEED) }),
      ...(PATH === undefined ? {} : { path: PATH, endOnFailure: true }),
    });
    if (told.failed) throw new Error(`${report(told)}\n  again: ${again(name, told)}`);
  });
}

function report<Ts>(told: fc.RunDetails<Ts>): string {
  const text = fc.defaultReportMessage(told) ?? "";
  const cause = told.errorInstance instanceof Error ? (told.errorInstance.stack ?? "") : "";
  return `${text.slice(0, SHOWN_LENGTH_MAX)}\n${cause.slice(0, SHOWN_LENGTH_MAX)}`;
}

function again<Ts>(name: string, { counterexamplePath, seed }: fc.RunDetails<Ts>): string {
  const file = (process.argv[1] ?? "").replace(`${process.cwd()}/`, "");
  const pattern = name.replaceAll(OUTSIDE_PATTERNS, ".");
  const path = counterexamplePath === null ? "" : ` SLIPWAY_PROPERTY_PATH=${counterexamplePath}`;
  return `SLIPWAY_PROPERTY_SEED=${seed}${path} npm test -- ${file} --test-name-pattern="^${pattern}$"`;
}
