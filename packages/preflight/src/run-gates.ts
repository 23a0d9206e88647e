// Runs gates one after the other. A gate that breaks has told nothing: it is inconclusive, and the others still run.

import type { GateResult } from "@slipway/core";
import { SlipwayError } from "@slipway/wire";
import type { ConfiguredGate, GateSettings } from "@slipway/wire/config";
import type { Gate, GateContext, GateFinding, Gates } from "./gate.ts";
import { findingsOfGate } from "./learnt/lesson-findings.ts";

/** What every gate is given; its settings, its progress and what ran before it are added here. */
export type Surroundings = Omit<GateContext<unknown>, "settings" | "progress" | "before">;

export type GateProgress = {
  readonly gate: ConfiguredGate;
  readonly done: number;
  readonly of: number | null;
  readonly text: string;
};

export type GateRun = {
  readonly gates: Gates;
  /** In the order in which they are to run. */
  readonly names: readonly ConfiguredGate[];
  readonly settings: GateSettings;
  readonly surroundings: Surroundings;
  readonly started: (gate: ConfiguredGate) => void;
  readonly progress: (progress: GateProgress) => void;
  readonly ended: (result: GateResult) => void;
};

export async function runGates(run: GateRun): Promise<readonly GateResult[]> {
  const results: GateResult[] = [];
  for (const name of run.names) {
    if (run.surroundings.signal.aborted) break;
    run.started(name);
    const result = await resultOf(run, name, results);
    results.push(result);
    run.ended(result);
  }
  return results;
}

async function resultOf<G extends ConfiguredGate>(
  { gates, settings, surroundings, progress }: GateRun,
  name: G,
  before: readonly GateResult[],
): Promise<GateResult> {
  const gate: Gate<NonNullable<GateSettings[G]>> = gates[name];
  const own = settings[name];
  if (own === undefined) return { ...inconclusive("it is not set up in slipway.yaml"), gate: name };
  try {
    const finding = await gate.run({
      ...surroundings,
      settings: own,
      before: [...before],
      progress: (done, of, text) => progress({ gate: name, done, of, text }),
    });
    return surroundings.signal.aborted
      ? { ...inconclusive("it was ended before it could tell"), gate: name }
      : { ...withGateLessons(finding, name, surroundings.learnt), gate: name };
  } catch (error) {
    const because = surroundings.signal.aborted
      ? "it was ended before it could tell"
      : reasonOf(error);
    return { ...inconclusive(because), gate: name };
  }
}

/** None where there is none, so that reports have no empty list. */
function withGateLessons(
  { lessons = [], ...finding }: GateFinding,
  gate: ConfiguredGate,
  learnt: GateContext<unknown>["learnt"],
): GateFinding {
  const all = [...lessons, ...findingsOfGate(gate, finding, learnt)];
  return all.length === 0 ? finding : { ...finding, lessons: all };
}

function reasonOf(error: unknown): string {
  if (error instanceof SlipwayError && error.fix !== null) return `${error.message}; ${error.fix}`;
  return error instanceof Error ? error.message : String(error);
}

function inconclusive(because: string): Omit<GateResult, "gate"> {
  return { outcome: "inconclusive", because, figures: [], details: null };
}
