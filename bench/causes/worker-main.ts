// A process that analyses the incidents of one scenario after another: scenarios come in as names, cells go out.
import { Trials } from "@slipway/simulator";
import { scenarioOf } from "@slipway/simulator/edge";
import { causesPolicy } from "./bench-policy.ts";
import { type CauseCell, causeCellOf } from "./cell.ts";

export type Order = {
  readonly scenario: string;
  readonly seeds: number;
  /** Answers measured of a version at each load. */
  readonly answers: number;
};

export type Filled = { readonly cell: CauseCell; readonly cpuSeconds: number };

/** By answers a load. Most scenarios have the same stable version: it is measured once. */
const trialsBy = new Map<number, Trials>();

function trialsOf(answers: number): Trials {
  const known = trialsBy.get(answers) ?? new Trials({ answers });
  trialsBy.set(answers, known);
  return known;
}

process.on("message", ({ scenario, seeds, answers }: Order) => {
  const from = process.cpuUsage().user;
  const cell = causeCellOf(scenarioOf(scenario), trialsOf(answers), causesPolicy(), seeds);
  const filled: Filled = { cell, cpuSeconds: (process.cpuUsage().user - from) / 1e6 };
  process.send?.(filled);
});
