// The mirror of a model, as a gate orders it from the controller.

import type { Mirroring } from "@slipway/preflight";
import type { ControlClient } from "../control-client.ts";

export function mirroringOf(client: ControlClient, model: string, by: string): Mirroring {
  return {
    start: (asked) => client.startMirror(model, { ...asked, by }),
    look: () => client.mirror(model),
    stop: (reason) => client.stopMirror(model, { by, reason }),
  };
}
