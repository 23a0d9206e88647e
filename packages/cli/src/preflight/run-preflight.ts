// Runs a preflight with real servers, files and processes, and shows how far it is.

import { dirname, resolve } from "node:path";
import { createRandom, type GateResult, type Version } from "@slipway/core";
import { type Endpoint, gates, runGates, type Served } from "@slipway/preflight";
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
import { usageError } from "../output.ts";
import type { Context } from "../terminal.ts";
import type { ControlPorts } from "./control-ports.ts";
import { digestOf } from "./digests.ts";
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

/** Null where ctrl-C ended it. `file`: the slipway.yaml, whose folder paths are relative to. */
export async function flown(
  context: Context,
  plan: PreflightPlan,
  file: string,
  control: ControlPorts,
): Promise<Flight | null> {
  const stable = served(plan.stable, context.env);
  const candidate = served(plan.candidate, context.env);
  const folder = dirname(resolve(file));
  const client = chatClient();
  const stop = new AbortController();
  const forget = context.terminal.onStop(() => stop.abort());
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
        pools: plan.pools,
        signal: stop.signal,
      },
      started: lines.started,
      progress: lines.progress,
      ended: lines.ended,
    });
    if (stop.signal.aborted) return null;
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

function served(version: Version, env: Context["env"]): Served {
  const [first, ...others] = version.upstreams.map((upstream): Endpoint => {
    const key = upstream.keyEnv === null ? null : (env[upstream.keyEnv] ?? "");
    if (key === "") {
      throw usageError(
        `${upstream.keyEnv}, the key of ${version.id} at ${upstream.url}, is not set`,
        "gates ask the servers themselves: set it in this shell",
      );
    }
    return {
      id: upstream.id,
      baseUrl: upstream.url,
      model: upstream.model,
      headers: key === null ? {} : { authorization: `Bearer ${key}` },
      caFile: upstream.caFile ?? null,
    };
  });
  if (first === undefined) {
    throw usageError(`${version.id} has no upstreams`, "name one under its upstreams");
  }
  return { version, endpoints: [first, ...others] };
}
