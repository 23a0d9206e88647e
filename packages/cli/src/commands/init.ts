// slipway init: writes a commented slipway.yaml to start from.

import type { Command } from "commander";
import { type CommonOptions, plainCommand, run } from "../command.ts";
import { starterConfig } from "../config/starter-config.ts";
import { CONFIG_FILE } from "../edge/config-file.ts";
import { schemaFor, writeNew } from "../edge/starter-file.ts";
import { answer } from "../output.ts";
import type { Context } from "../terminal.ts";

export function initCommand(context: Context): Command {
  return plainCommand("init", "write a commented slipway.yaml to start from")
    .argument("[file]", "where to", CONFIG_FILE)
    .action((file: string, options: CommonOptions) =>
      run(context, options, () => {
        const schema = schemaFor(file);
        writeNew(file, starterConfig(schema));
        answer(
          context,
          options.json === true,
          { file, schema },
          () => `wrote ${file}: put in your upstreams, then run slipway up\n`,
        );
      }),
    );
}
