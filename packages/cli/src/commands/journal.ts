// slipway journal verify: makes every stored decision again, and checks the chain that binds the entries.

import { counted } from "@slipway/core";
import type { VerifyResult } from "@slipway/wire";
import { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../command.ts";
import { controllerFolder } from "../edge/machine.ts";
import { EXIT } from "../exit-code.ts";
import { answer } from "../output.ts";
import type { Context } from "../terminal.ts";

type VerifyOptions = ControlOptions & { readonly dataDir?: string };

export function journalCommand(context: Context): Command {
  return new Command("journal")
    .description("check the journal of all rollouts")
    .addCommand(verifyCommand(context));
}

function verifyCommand(context: Context): Command {
  return controlCommand("verify", "check every entry and make every decision again", context)
    .option("--data-dir <folder>", "read the files of a controller, or of up, instead of asking it")
    .action((options: VerifyOptions) =>
      run(context, options, async () => {
        const result = await verified(context, options);
        answer(context, options.json === true, result, verifyText);
        context.exitWith(result.ok ? EXIT.ok : EXIT.failed);
      }),
    );
}

async function verified(context: Context, options: VerifyOptions): Promise<VerifyResult> {
  if (options.dataDir === undefined) return clientOf(context, options).verify();
  const { verifyStore } = await import("@slipway/controller/edge");
  return verifyStore(controllerFolder(options.dataDir));
}

function verifyText(result: VerifyResult): string {
  const read = `${counted(result.entries, "entry", "entries")} of ${counted(result.rollouts, "rollout")}, ${counted(result.replayed, "decision")} made again`;
  if (result.ok) return `the journal is right: ${read}\n`;
  const problems = result.problems.map(
    ({ rolloutId, sequence, problem }) => `  ${rolloutId} entry ${sequence}: ${problem}\n`,
  );
  return `the journal is NOT right: ${read}\n${problems.join("")}`;
}
