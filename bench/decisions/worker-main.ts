// A process that fills cells of the table, one scenario at a time: scenarios come in as names, cells go out.
import { Trials } from "@slipway/simulator";
import { scenarioOf } from "@slipway/simulator/edge";
import { benchPolicy } from "./bench-policy.ts";
import { type Cell, cellOf } from "./cell.ts";
import { methodsOf, OWN } from "./methods.ts";

export type Order = {
  readonly scenario: string;
  readonly seeds: number;
  /** Of Slipway where nothing is worse: its false alarms are too few to be told from that many. */
  readonly seedsHealthy: number;
  /** Answers measured of a version at each load. */
  readonly answers: number;
  /** Names of methods contain this. */
  readonly method: string;
  /** Another holdback than the default. */
  readonly holdback?: string;
};

export type Filled = { readonly cells: readonly Cell[]; readonly cpuSeconds: number };

/** By answers a load. Most scenarios have the same stable version: it is measured once. */
const trialsBy = new Map<number, Trials>();

function trialsOf(answers: number): Trials {
  const known = trialsBy.get(answers);
  if (known !== undefined) return known;
  const made = new Trials({ answers });
  trialsBy.set(answers, made);
  return made;
}

process.on("message", (order: Order) => {
  const from = process.cpuUsage().user;
  const scenario = scenarioOf(order.scenario);
  const trials = trialsOf(order.answers);
  const seedsOf = (method: string): number =>
    scenario.expect === "completed" && method === OWN ? order.seedsHealthy : order.seeds;
  const methods = methodsOf(benchPolicy(order.holdback)).filter(({ name }) =>
    name.includes(order.method),
  );
  const cells = methods.map((method) => cellOf(scenario, method, trials, seedsOf(method.name)));
  const filled: Filled = { cells, cpuSeconds: (process.cpuUsage().user - from) / 1e6 };
  process.send?.(filled);
});
