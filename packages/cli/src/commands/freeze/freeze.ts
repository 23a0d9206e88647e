// slipway freeze: while it lasts no rollout moves forwards; the way back is always open.

import { Command } from "commander";
import type { Context } from "../../terminal.ts";
import { endFreezeCommand } from "./end.ts";
import { listFreezesCommand } from "./list.ts";
import { startFreezeCommand } from "./start.ts";

export function freezeCommand(context: Context): Command {
  return new Command("freeze")
    .description("keep rollouts from moving forwards; moves back always happen")
    .addCommand(startFreezeCommand(context))
    .addCommand(endFreezeCommand(context))
    .addCommand(listFreezesCommand(context));
}
