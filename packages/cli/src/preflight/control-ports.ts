// What gates ask of the controller: mirrors and drills of a model, by who runs them.

import { type Grant, isGranted, ungrantedText } from "@slipway/core";
import type { Drilling, Mirroring } from "@slipway/preflight";
import { SlipwayError } from "@slipway/wire";
import type { ControlClient } from "../control-client.ts";
import type { Context } from "../terminal.ts";

export type ControlPorts = { readonly mirroring: Mirroring; readonly drilling: Drilling };

/** Keys that synthetic users of a drill may have. */
export type DrillKeys = Pick<Context, "env"> & { readonly grants: () => readonly Grant[] };

export function controlPorts(
  client: ControlClient,
  model: string,
  by: string,
  keys: DrillKeys,
): ControlPorts {
  return {
    mirroring: {
      start: (asked) => client.startMirror(model, { ...asked, by }),
      look: () => client.mirror(model),
      stop: (reason) => client.stopMirror(model, { by, reason }),
    },
    drilling: drillingOf(client, model, by, keys),
  };
}

export function drillingOf(
  client: ControlClient,
  model: string,
  by: string,
  keys: DrillKeys,
): Drilling {
  return {
    key: (name, gateway) => keyFor(keys, name, gateway),
    look: () => client.drilling.look(model),
    start: (fault) => client.drilling.start(model, { by, fault }),
    phase: async (rollout) => (await client.rollout(rollout)).phase,
    fault: () => client.drilling.fault(model, { by }),
    end: () => client.drilling.end(model, { by }),
  };
}

function keyFor({ env, grants }: DrillKeys, name: string, gateway: string): string | null {
  const secret = { kind: "env", name } as const;
  const to = URL.canParse(gateway) ? new URL(gateway).origin : gateway;
  if (isGranted(grants(), secret, to)) return env[name] ?? null;
  throw new SlipwayError({
    status: 400,
    code: "secret_not_granted",
    ...ungrantedText(secret, to),
  });
}
