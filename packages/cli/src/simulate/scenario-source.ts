// Where a rehearsal's scenario comes from: the catalogue by name, or a file of one's own; and the recorded traffic that
// takes the place of its shape.

import {
  readScenario,
  recordedLengths,
  type Scenario,
  type SurfacesOptions,
  Trials,
  withRecordedRate,
} from "@slipway/simulator";
import { scenarioNames, scenarioOf } from "@slipway/simulator/edge";
import { parseTrace, SlipwayError } from "@slipway/wire";
import { problemsText } from "@slipway/wire/config";
import { invalidFile } from "../config/config-check.ts";
import { readText } from "../edge/config-file.ts";
import type { Context } from "../terminal.ts";

export type SourceOptions = {
  /** A name of the catalogue, or a file. */
  readonly scenario: string;
  readonly traffic: string | null;
  readonly hours: number | null;
  readonly json: boolean;
};

export type Staged = {
  readonly scenario: Scenario;
  readonly trials: Trials;
  /** What the trials' versions are measured with: another thread has to do it again. */
  readonly surfaces: SurfacesOptions;
};

const SCENARIO_BYTES_MAX = 1024 * 1024;
const TRACE_BYTES_MAX = 256 * 1024 * 1024;
/** Measured at each load: a tail's P99 then rests on some ten answers. */
const ANSWERS = 1_000;
const NAMES = "slipway simulate --list names those that there are";

export function staged(context: Context, options: SourceOptions): Staged {
  const { traffic, hours } = options;
  const found = scenarioNamed(context, options);
  const scenario =
    hours === null ? found : { ...found, traffic: { ...found.traffic, hours: hours } };
  if (traffic === null) return measuredBy(scenario, { answers: ANSWERS });
  const fix = "name a CSV file of an inference trace";
  const trace = parseTrace(readText(traffic, "a trace", fix, TRACE_BYTES_MAX), traffic);
  const surfaces = { answers: ANSWERS, lengths: recordedLengths(trace) };
  return measuredBy(withRecordedRate(scenario, trace), surfaces);
}

function measuredBy(scenario: Scenario, surfaces: SurfacesOptions): Staged {
  return { scenario, surfaces, trials: new Trials(surfaces) };
}

function scenarioNamed(context: Context, { scenario: named, json }: SourceOptions): Scenario {
  if (scenarioNames().includes(named)) return scenarioOf(named);
  if (!/[/\\.]/.test(named)) {
    throw new SlipwayError({
      code: "scenario_missing",
      status: 400,
      message: `there is no scenario ${named}`,
      fix: `${NAMES}; a file of your own is named with its ending, as in ${named}.yaml`,
    });
  }
  const name = named.replace(/^.*[/\\]/, "").replace(/\.ya?ml$/, "");
  const read = readScenario(name, named, readText(named, "a scenario", NAMES, SCENARIO_BYTES_MAX));
  if (read.ok) return read.scenario;
  if (!json) context.terminal.err(problemsText(read.problems));
  throw invalidFile("scenario_invalid", read.problems, json);
}
