// What gates ask of the controller: mirrors, drills and watches of a model, by who runs them.

import { type Grant, isGranted, ungrantedText } from "@slipway/core";
import type { Drifting, Drilling, Mirroring } from "@slipway/preflight";
import { SlipwayError } from "@slipway/wire";
import type { ControlClient } from "../client/control-client.ts";
import type { Context } from "../terminal.ts";

export type ControlPorts = {
  readonly mirroring: Mirroring;
  readonly drilling: Drilling;
  readonly drifting: Drifting;
};

/** Keys that may be sent where a controller says: to a drill's gateways, to watched upstreams. */
export type GrantedKeys = Pick<Context, "env"> & { readonly grants: () => readonly Grant[] };

export function controlPorts(
  client: ControlClient,
  model: string,
  by: string,
  keys: GrantedKeys,
): ControlPorts {
  return {
    mirroring: {
      start: (asked) => client.startMirror(model, { ...asked, by }),
      look: () => client.mirror(model),
      stop: (reason) => client.stopMirror(model, { by, reason }),
    },
    drilling: drillingOf(client, model, by, keys),
    drifting: driftingOf(client, model, by),
  };
}

export function drillingOf(
  client: ControlClient,
  model: string,
  by: string,
  keys: GrantedKeys,
): Drilling {
  return {
    key: (name, gateway) => grantedKey(keys, name, gateway),
    look: () => client.drilling.look(model),
    start: (fault) => client.drilling.start(model, { by, fault }),
    phase: async (rollout) => (await client.rollout(rollout)).phase,
    fault: () => client.drilling.fault(model, { by }),
    end: (because) => client.drilling.end(model, because === null ? { by } : { by, because }),
  };
}

/** Throws where this process has no leave to send it there. */
export function grantedKey({ env, grants }: GrantedKeys, name: string, url: string): string | null {
  const secret = { kind: "env", name } as const;
  const to = URL.canParse(url) ? new URL(url).origin : url;
  if (isGranted(grants(), secret, to)) return env[name] ?? null;
  throw new SlipwayError({
    status: 400,
    code: "secret_not_granted",
    ...ungrantedText(secret, to),
  });
}

export function driftingOf(client: ControlClient, model: string, by: string): Drifting {
  return {
    view: () => client.drift.view(model),
    takeBaseline: (request) => client.drift.takeBaseline(model, { ...request, by }),
    look: (request) => client.drift.look(model, { ...request, by }),
  };
}
