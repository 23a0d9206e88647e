// The demo's gates, before any user: the real ones, against the simulated servers, while users are on stable.

import { join } from "node:path";
import { type GateResult, preflightOutcome } from "@slipway/core";
import { SlipwayError } from "@slipway/wire";
import { checkedGates } from "../config/config-check.ts";
import { controlPorts } from "../preflight/control-ports.ts";
import { leaveEvidence } from "../preflight/evidence.ts";
import { gatesToRun } from "../preflight/gates-to-run.ts";
import { preflightText } from "../preflight/preflight-text.ts";
import { flown } from "../preflight/run-preflight.ts";
import type { Context } from "../terminal.ts";
import { DEMO_MODEL, DEMO_START } from "./scenario.ts";
import type { Theatre } from "./theatre.ts";

/** What the gates said, and what came of the attempt to start all the same. */
export type StoppedByGates = {
  readonly outcome: "stopped";
  readonly seed: number;
  readonly gates: readonly Pick<GateResult, "gate" | "outcome" | "because">[];
  /** The controller's own words. */
  readonly refused: string;
  readonly requests: { readonly total: number; readonly candidate: number };
};

/** Null where every gate passed, and the controller knows it; `interrupted` where ctrl-C ended them. */
export async function playPreflight(
  context: Context,
  theatre: Theatre,
  seed: number,
): Promise<StoppedByGates | "interrupted" | null> {
  const { folder, stack } = theatre;
  const { out } = context.terminal;
  const file = join(folder, "slipway.yaml");
  out(`slipway preflight ${DEMO_MODEL} --to ${DEMO_START.to}\n\n`);
  const config = checkedGates(context, file, false);
  const asked = { model: DEMO_MODEL, to: DEMO_START.to, from: null, gates: [], learnt: [] };
  const control = controlPorts(stack.client, DEMO_MODEL, DEMO_START.by, {
    env: context.env,
    grants: () => [],
  });
  const flight = await flown(context, gatesToRun(config, asked, file), file, control);
  if (flight === null) return "interrupted";
  out(`\n${preflightText(flight)}\n`);
  const notKept = await leaveEvidence(stack.client, flight, DEMO_START.by, null);
  if (notKept !== null) throw notKept;
  if (preflightOutcome(flight.results) === "pass") return null;
  const refused = await refusalOf(theatre);
  out(`slipway rollout start ${DEMO_MODEL} --to ${DEMO_START.to}\n  refused: ${refused}\n`);
  const report = await theatre.endTraffic();
  const candidate = report.arms["candidate"]?.requests ?? 0;
  return {
    outcome: "stopped",
    seed,
    gates: flight.results.map(({ gate, outcome, because }) => ({ gate, outcome, because })),
    refused,
    requests: { total: report.due, candidate },
  };
}

/** What the controller says to a rollout that its gates have not let through. */
async function refusalOf({ stack }: Theatre): Promise<string> {
  try {
    await stack.client.start(DEMO_START);
  } catch (error) {
    if (error instanceof SlipwayError) return error.message;
    throw error;
  }
  throw new SlipwayError({
    code: "demo_failed",
    status: 500,
    message: "the rollout started although its gates had failed",
    fix: null,
  });
}

export function stoppedLines({ gates, requests }: StoppedByGates): string {
  const stopping = gates.filter(({ outcome }) => outcome !== "pass").map(({ gate }) => gate);
  return [
    `stopped before any user, by: ${stopping.join(", ")}`,
    `users sent ${requests.total.toLocaleString("en-US")} requests meanwhile, and ${DEMO_START.to} answered ${requests.candidate} of them\n`,
  ].join("\n");
}
