// A simulated version on a real socket, in a process of its own: fleet-main.ts PLACE. Writes its base URL, and serves until it
// is ended.
import { startFleet } from "@slipway/simulator/edge";
import { LOAD_SETTINGS, versionOf } from "./settings.ts";

const setting = LOAD_SETTINGS[Number(process.argv[2])];
if (setting === undefined) throw new Error(`there is no setting ${process.argv[2]}`);
const fleet = await startFleet({ versions: { bench: versionOf(setting) }, seed: 1 });
process.stdout.write(`${fleet.urls["bench"]}\n`);
