// Everything that the demo runs: simulated model servers, a real controller and gateway, and simulated users.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom } from "@slipway/core";
import {
  type LoadReport,
  type PresetName,
  presets,
  type SeenAnswer,
  Users,
  usersDefault,
} from "@slipway/simulator";
import { type HttpLoad, startLoad } from "@slipway/simulator/edge";
import { checkedConfig } from "../config/config-check.ts";
import { applyAndServe, type Stack, startStack } from "../edge/stack.ts";
import type { Context } from "../terminal.ts";
import { trafficOf } from "./arrivals.ts";
import { startFleetChild } from "./fleet-child.ts";
import { demoPrompts } from "./prompts.ts";
import { demoConfig, type PolicyName, type Scenario, type Served } from "./scenario.ts";

const GATEWAY_WORKERS = 2;

export type Theatre = {
  readonly stack: Stack;
  /** Holds slipway.yaml, the journal and the logs; left there for the reader. */
  readonly folder: string;
  readonly traffic: string;
  readonly report: () => LoadReport;
  /** Answers by the candidate to requests that were due after this moment, from now on. */
  readonly countCandidateFromNow: () => () => number;
  /** Sends nothing more, and waits for what is under way. */
  readonly endTraffic: () => Promise<LoadReport>;
  readonly close: () => Promise<void>;
};

export async function openTheatre(
  context: Context,
  scenario: Scenario,
  options: {
    readonly seed: number;
    readonly trace: string | null;
    readonly policy: PolicyName;
    readonly preflight: boolean;
  },
): Promise<Theatre> {
  const { seed, trace } = options;
  const traffic = trafficOf(trace, seed);
  const folder = mkdtempSync(join(tmpdir(), "slipway-demo-"));
  const fleet = await startFleetChild([scenario.stable, scenario.candidate], seed);
  try {
    const file = join(folder, "slipway.yaml");
    const served = (version: PresetName): Served => ({
      url: fleet.urls[version] ?? "",
      replicas: presets[version].replicas,
    });
    const both = { stable: served(scenario.stable), candidate: served(scenario.candidate) };
    writeFileSync(file, demoConfig(scenario, both, options.policy, options.preflight));
    writeFileSync(join(folder, "prompts.jsonl"), demoPrompts(scenario.longestPromptTokens));
    const stack = await startServing(context, folder, file);
    const watched = watchedLoad(stack.gatewayUrl, traffic.arrivals, seed);
    return {
      stack,
      folder,
      traffic: traffic.description,
      report: watched.load.report,
      countCandidateFromNow: watched.countCandidateFromNow,
      endTraffic: watched.load.stop,
      close: async () => {
        // Whoever ends the story in the middle leaves users who would go on asking.
        const silence = watched.load.stop();
        await stack.close();
        await fleet.close();
        await silence;
      },
    };
  } catch (error) {
    await fleet.close();
    throw error;
  }
}

async function startServing(context: Context, folder: string, file: string): Promise<Stack> {
  const stack = await startStack({
    configFile: null,
    host: "127.0.0.1",
    gatewayPort: 0,
    controlPort: 0,
    statusPort: 0,
    dataDir: folder,
    workers: GATEWAY_WORKERS,
    transport: null,
    name: "gateway",
    token: null,
    logLevel: "info",
    onEvent: () => {},
  });
  try {
    const config = checkedConfig(context, file, false);
    await applyAndServe(stack, GATEWAY_WORKERS, { ...config, by: "demo" });
    return stack;
  } catch (error) {
    await stack.close();
    throw error;
  }
}

function watchedLoad(
  gatewayUrl: string,
  arrivals: Parameters<typeof startLoad>[0]["arrivals"],
  seed: number,
): { readonly load: HttpLoad } & Pick<Theatre, "countCandidateFromNow"> {
  const listeners: ((seen: SeenAnswer) => void)[] = [];
  const load = startLoad({
    urls: [`${gatewayUrl}/v1`],
    model: "code-assistant",
    arrivals,
    users: new Users(usersDefault, createRandom(seed + 1)),
    onAnswer: (seen) => {
      for (const listen of listeners) listen(seen);
    },
  });
  const countCandidateFromNow = (): (() => number) => {
    const fromMs = performance.now();
    let count = 0;
    listeners.push((seen) => {
      if (seen.arm === "candidate" && seen.dueMs > fromMs) count++;
    });
    return () => count;
  };
  return { load, countCandidateFromNow };
}
