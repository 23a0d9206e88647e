// The demo's model servers, as a process of their own: simulated versions on real sockets. Told its versions and seed as
// one JSON argument; says its addresses as one JSON line; ends when its parent does.

import { presets } from "@slipway/simulator";
import { startFleet } from "@slipway/simulator/edge";
import { z } from "zod";

const names = Object.keys(presets) as [keyof typeof presets, ...(keyof typeof presets)[]];
const argument = z.object({ versions: z.array(z.enum(names)), seed: z.number().int() });

const { versions, seed } = argument.parse(JSON.parse(process.argv[2] ?? "null"));
const fleet = await startFleet({
  versions: Object.fromEntries(versions.map((name) => [name, presets[name]])),
  seed,
});
process.stdout.write(`${JSON.stringify(fleet.urls)}\n`);

const end = (): void => {
  fleet.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.on("SIGTERM", end);
// Standard input closes when the parent is gone, however it went.
process.stdin.on("end", end).resume();
