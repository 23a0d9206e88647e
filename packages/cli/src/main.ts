// The slipway command: reads the arguments, runs one command, ends with its exit code.

import { processContext } from "./edge/process-context.ts";
import { mainCommand } from "./main-command.ts";

await mainCommand(processContext(), process.argv.slice(2));
