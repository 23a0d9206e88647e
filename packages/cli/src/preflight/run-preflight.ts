// Runs a preflight with real servers, files and processes, and shows how far it is.

import { dirname, resolve } from "node:path";
import { createRandom, type GateResult } from "@slipway/core";
import { gates, runGates } from "@slipway/preflight";
import {
  chatClient,
  httpClient,
  localFiles,
  localFolders,
  scoringPorts,
  shellRunner,
  systemClock,
  threadedShoot,
} from "@slipway/preflight/edge";
import { sha256 } from "../edge/config-file.ts";
import type { Context } from "../terminal.ts";
import type { ControlPorts } from "./control-ports.ts";
import { digestOf } from "./digests.ts";
import { endpointsOf } from "./endpoints.ts";
import type { PreflightPlan } from "./gates-to-run.ts";
import { progressLines } from "./progress-lines.ts";

/** A preflight that ended by itself. */
export type Flight = {
  readonly model: string;
  readonly from: { readonly version: string; readonly fingerprint: string };
  readonly to: { readonly version: string; readonly fingerprint: string };
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly results: readonly GateResult[];
  /** Of each gate: a hash of what it was set up with; null where a file could not be read. */
  readonly settings: { readonly [gate: string]: string | null };
};

/** Null where ctrl-C, or `lost`, ended it. `file`: the slipway.yaml, whose folder paths are relative to. */
export async function flown(
  context: Context,
  plan: PreflightPlan,
  file: string,
  control: ControlPorts,
  lost: AbortSignal = new AbortController().signal,
): Promise<Flight | null> {
  // The file is this machine's own, and names where each key goes.
  const keyOf = (name: string): string | null => context.env[name] ?? null;
  const stable = { version: plan.stable, endpoints: endpointsOf(plan.stable, keyOf) };
  const candidate = {
    version: plan.candidate,
    endpoints: endpointsOf(plan.candidate, keyOf),
  };
  const folder = dirname(resolve(file));
  const client = chatClient();
  const stop = new AbortController();
  const forget = context.terminal.onStop(() => stop.abort());
  const signal = AbortSignal.any([stop.signal, lost]);
  const lines = progressLines(context.terminal);
  const startedAtMs = context.nowMs();
  // As they are before the first question: a file that is written meanwhile was not read whole.
  const settings = Object.fromEntries(
    plan.gates.map((gate) => [gate, digestOf(gate, plan.settings, file, () => {})]),
  );
  try {
    const results = await runGates({
      gates,
      names: plan.gates,
      settings: plan.settings,
      surroundings: {
        model: plan.model,
        stable,
        candidate,
        policy: plan.policy,
        learnt: plan.learnt,
        clock: systemClock,
        random: createRandom,
        ask: client.ask,
        files: localFiles(folder),
        listFolder: localFolders(folder),
        runCommand: shellRunner(folder),
        scoring: scoringPorts,
        secret: (name) => context.env[name] ?? null,
        shoot: threadedShoot,
        http: httpClient,
        ...control,
        sha256,
        pools: plan.pools,
        signal,
      },
      started: lines.started,
      progress: lines.progress,
      ended: lines.ended,
    });
    if (signal.aborted) return null;
    return {
      model: plan.model,
      from: { version: plan.stable.id, fingerprint: plan.stable.fingerprint },
      to: { version: plan.candidate.id, fingerprint: plan.candidate.fingerprint },
      startedAtMs,
      endedAtMs: context.nowMs(),
      results,
      settings,
    };
  } finally {
    lines.clear();
    forget();
    await client.close();
  }
}
