// Asks a version's probes with real servers and a real controller: a look, or a baseline.

import type { DriftVersion, DriftView } from "@slipway/wire";
import type { ControlClient } from "../client/control-client.ts";
import { sha256 } from "../edge/config-file.ts";
import { usageError } from "../output.ts";
import { driftingOf, type GrantedKeys, grantedKey } from "../preflight/control-ports.ts";
import { endpointsOf } from "../preflight/endpoints.ts";

export type DriftRun = {
  readonly client: ControlClient;
  readonly view: DriftView;
  readonly version: DriftVersion;
  /** Why it is taken as a baseline; null for a look. */
  readonly reason: string | null;
  readonly by: string;
  readonly keys: GrantedKeys;
  readonly progress: (done: number, of: number) => void;
  readonly signal: AbortSignal;
};

export async function drifted(run: DriftRun): Promise<DriftView> {
  const { client, view, version, by, keys, progress, signal, reason } = run;
  const { model, order } = view;
  if (order === null) throw notWatched(model);
  // Loaded when first needed: a controller that watches nothing needs none of it.
  const { lookedAt, rebased } = await import("@slipway/preflight");
  const { chatClient, systemClock } = await import("@slipway/preflight/edge");
  const endpoints = endpointsOf(version, (name, url) => grantedKey(keys, name, url));
  const chat = chatClient();
  try {
    const asking = {
      ...{ model, version, order, endpoints, sha256, progress, signal },
      drifting: driftingOf(client, model, by),
      ask: chat.ask,
      clock: systemClock,
    };
    return reason === null ? await lookedAt(asking) : await rebased(asking, reason);
  } finally {
    await chat.close();
  }
}

export function notWatched(model: string): Error {
  return usageError(
    `${model} is not watched for drift`,
    "write drift: under preflight: of the model in slipway.yaml, and apply it",
  );
}
