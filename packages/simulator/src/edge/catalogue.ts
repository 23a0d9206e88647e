// The catalogue of scenarios: the files in the package's folder, by name.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SlipwayError } from "@slipway/wire";
import { problemsText } from "@slipway/wire/config";
import { readScenario } from "../scenario/read-scenario.ts";
import type { Scenario } from "../scenario/scenario.ts";

const FOLDER = new URL("../../scenarios/", import.meta.url);
const ENDING = ".yaml";

/** In the order of the alphabet. */
export function scenarioNames(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(ENDING))
    .map((file) => file.slice(0, -ENDING.length))
    .sort();
}

export function catalogue(): readonly Scenario[] {
  return scenarioNames().map((name) => scenarioOf(name));
}

/** By its name in the catalogue. */
export function scenarioOf(name: string): Scenario {
  return scenarioFile(fileURLToPath(new URL(`${name}${ENDING}`, FOLDER)));
}

/** A scenario from a file of one's own. Throws what is wrong with it, with its place. */
export function scenarioFile(file: string): Scenario {
  const text = readFileSync(file, "utf8");
  const name = file.replace(/^.*[/\\]/, "").replace(/\.ya?ml$/, "");
  const read = readScenario(name, file, text);
  if (read.ok) return read.scenario;
  throw new SlipwayError({
    code: "scenario_invalid",
    status: 400,
    message: problemsText(read.problems),
    fix: null,
  });
}
