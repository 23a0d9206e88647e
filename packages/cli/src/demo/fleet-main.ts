// The demo's model servers, as a process of their own: simulated versions on real sockets. Arguments: a seed and names
// of versions; sends its parent the addresses as one message, and ends when its parent does.

import { presets } from "@slipway/simulator";
import { startFleet } from "@slipway/simulator/edge";

const [seed, ...names] = process.argv.slice(2);
const versions = Object.entries(presets).filter(([name]) => names.includes(name));
const fleet = await startFleet({ versions: Object.fromEntries(versions), seed: Number(seed) });

const end = (): void => {
  fleet.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.on("SIGTERM", end);
process.on("disconnect", end);
// Ctrl-C reaches every process of a terminal; the parent decides when the servers end.
process.on("SIGINT", () => {});
process.send?.(fleet.urls);
