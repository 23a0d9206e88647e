// slipway gateway restart: replaces the workers of a gateway on this machine, one by one, while it goes on serving.

import { counted } from "@slipway/core";
import type { Command } from "commander";
import { plainCommand, run } from "../command.ts";
import { GATEWAY_DATA_DIR } from "../options/serving.ts";
import { answer } from "../output.ts";
import type { Context } from "../terminal.ts";
import { asked } from "./gateway-ask.ts";

export function restartCommand(context: Context): Command {
  return plainCommand("restart", "replace the workers one by one, without refusing anybody")
    .option("--data-dir <folder>", "the gateway's data directory", GATEWAY_DATA_DIR)
    .action((options: { readonly json?: boolean; readonly dataDir: string }) =>
      run(context, options, async () => {
        const { workers } = await asked(options.dataDir, { do: "restart" });
        answer(
          context,
          options.json === true,
          { workers },
          () => `${counted(workers.length, "worker")} replaced\n`,
        );
      }),
    );
}
