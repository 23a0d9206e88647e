// What gates ask of the controller: mirrors and drills of a model, by who runs them.

import type { Drilling, Mirroring } from "@slipway/preflight";
import type { ControlClient } from "../control-client.ts";

export type ControlPorts = { readonly mirroring: Mirroring; readonly drilling: Drilling };

export function controlPorts(client: ControlClient, model: string, by: string): ControlPorts {
  return {
    mirroring: {
      start: (asked) => client.startMirror(model, { ...asked, by }),
      look: () => client.mirror(model),
      stop: (reason) => client.stopMirror(model, { by, reason }),
    },
    drilling: drillingOf(client, model, by),
  };
}

export function drillingOf(client: ControlClient, model: string, by: string): Drilling {
  return {
    look: () => client.drilling.look(model),
    start: () => client.drilling.start(model, { by }),
    phase: async (rollout) => (await client.rollout(rollout)).phase,
    fault: () => client.drilling.fault(model, { by }),
    end: () => client.drilling.end(model, { by }),
  };
}
