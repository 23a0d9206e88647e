// What every command shares: its options for machines and for reaching a controller, and the one place where
// errors become text and exit codes.

import { Command, Option } from "commander";
import { ControlClient } from "./client/control-client.ts";
import { EXIT_HELP } from "./exit-code.ts";
import { report } from "./output.ts";
import type { Context } from "./terminal.ts";

const CONTROLLER_DEFAULT = "http://127.0.0.1:4701";

export type CommonOptions = { readonly json?: boolean };
export type ControlOptions = CommonOptions & { readonly controller: string };

export function plainCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option("--json", "answer with one JSON value, errors with one on standard error")
    .addHelpText("after", EXIT_HELP);
}

/** A command that talks to a controller. */
export function controlCommand(name: string, description: string, context: Context): Command {
  const address = context.env["SLIPWAY_CONTROLLER"] ?? CONTROLLER_DEFAULT;
  return plainCommand(name, description).addOption(
    new Option("--controller <url>", "address of the controller (or SLIPWAY_CONTROLLER)").default(
      address,
    ),
  );
}

export function tokenOf(context: Context): string | null {
  const token = context.env["SLIPWAY_TOKEN"];
  return token === undefined || token === "" ? null : token;
}

export function clientOf(context: Context, options: ControlOptions): ControlClient {
  return new ControlClient({ url: options.controller, token: tokenOf(context) });
}

/** Runs a command's work; what it throws is told, never shown as a stack. */
export async function run(
  context: Context,
  options: CommonOptions,
  work: () => Promise<void> | void,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (context.env["SLIPWAY_DEBUG"] !== undefined && error instanceof Error) {
      context.terminal.err(`${error.stack ?? error.message}\n`);
    }
    report(context, options.json === true, error);
  }
}
