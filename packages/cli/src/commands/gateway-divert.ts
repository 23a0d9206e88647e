// slipway gateway divert: sends a model's requests to stable on this gateway, whatever its table says.

import type { Command } from "commander";
import { plainCommand, run } from "../command.ts";
import { GATEWAY_DATA_DIR } from "../options/serving.ts";
import { answer } from "../output.ts";
import type { Context } from "../terminal.ts";
import { asked } from "./gateway-ask.ts";

type DivertOptions = {
  readonly json?: boolean;
  readonly dataDir: string;
  readonly undo?: boolean;
};

export function divertCommand(context: Context): Command {
  return plainCommand("divert", "send a model's requests to stable here, with no controller needed")
    .argument("<model>", "the model")
    .option("--undo", "follow the table again")
    .option("--data-dir <folder>", "the gateway's data directory", GATEWAY_DATA_DIR)
    .action((model: string, options: DivertOptions) =>
      run(context, options, async () => {
        const undo = options.undo === true;
        const { diverted } = await asked(options.dataDir, {
          do: undo ? "undivert" : "divert",
          model,
        });
        const text = undo
          ? `${model} follows the table again\n`
          : `every new request for ${model} on this gateway goes to stable, until --undo\n`;
        answer(context, options.json === true, { diverted }, () => text);
      }),
    );
}
