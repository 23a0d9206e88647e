// slipway mirror: copies of a model's requests to a version, whose answers nobody sees.

import { Command } from "commander";
import type { Context } from "../../terminal.ts";
import { startMirrorCommand } from "./start.ts";
import { mirrorStatusCommand } from "./status.ts";
import { stopMirrorCommand } from "./stop.ts";

export function mirrorCommand(context: Context): Command {
  return new Command("mirror")
    .description("send copies of a model's requests to a version; nobody sees the answers")
    .addCommand(startMirrorCommand(context))
    .addCommand(stopMirrorCommand(context))
    .addCommand(mirrorStatusCommand(context));
}
