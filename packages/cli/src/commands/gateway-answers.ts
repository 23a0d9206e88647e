// slipway gateway answers: the answers that a gateway on this machine has kept for scoring, and where they are.

import type { KeptFile } from "@slipway/gateway/edge";
import type { Command } from "commander";
import { plainCommand, run } from "../command.ts";
import { GATEWAY_DATA_DIR } from "../options/serving.ts";
import { answer } from "../output.ts";
import type { Context } from "../terminal.ts";
import { momentText } from "../text/rollout-text.ts";
import { textColumns } from "../text/text-columns.ts";

export function answersCommand(context: Context): Command {
  return plainCommand("answers", "list the answers that a gateway on this machine has kept")
    .option("--data-dir <folder>", "the gateway's data directory", GATEWAY_DATA_DIR)
    .action((options: { readonly json?: boolean; readonly dataDir: string }) =>
      run(context, options, async () => {
        const { keptFiles } = await import("@slipway/gateway/edge");
        const files = await keptFiles(options.dataDir);
        answer(context, options.json === true, files, filesText);
      }),
    );
}

function filesText(files: readonly KeptFile[]): string {
  if (files.length === 0) return "no answers are kept; policy.answers or a mirror's --keep does\n";
  return textColumns([
    ["MODEL", "ANSWERS", "KIB", "LAST", "FILE"],
    ...files.map(({ model, answers, bytes, modifiedMs, path }) => [
      model,
      String(answers),
      String(Math.ceil(bytes / 1_024)),
      momentText(modifiedMs),
      path,
    ]),
  ]);
}
