// A thread that rehearses seeds of one scenario: seeds come in, rehearsals without their series go out.
import { parentPort, workerData } from "node:worker_threads";
import type { Policy } from "@slipway/core";
import { rehearse } from "../counts/rehearsal.ts";
import type { SurfacesOptions } from "../counts/surfaces.ts";
import { Trials } from "../counts/trial.ts";
import type { Scenario } from "../scenario/scenario.ts";

export type RehearsalOrder = {
  readonly scenario: Scenario;
  readonly policy: Policy;
  readonly surfaces: SurfacesOptions;
};

const { scenario, policy, surfaces } = workerData as RehearsalOrder;
const trials = new Trials(surfaces);

parentPort?.on("message", (seed: number) => {
  parentPort?.postMessage({ ...rehearse(trials, scenario, seed, policy), series: [] });
});
