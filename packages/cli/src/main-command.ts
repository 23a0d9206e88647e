// All commands under one name, and what happens when the arguments make no sense.

import { Command, CommanderError } from "commander";
import { applyCommand } from "./commands/apply.ts";
import { backtestCommand } from "./commands/backtest.ts";
import { checklistCommand } from "./commands/checklist.ts";
import { controllerCommand } from "./commands/controller.ts";
import { demoCommand } from "./commands/demo.ts";
import { doraCommand } from "./commands/dora.ts";
import { freezeCommand } from "./commands/freeze/freeze.ts";
import { gatewayCommand } from "./commands/gateway.ts";
import { incidentCommand } from "./commands/incident/incident.ts";
import { initCommand } from "./commands/init.ts";
import { journalCommand } from "./commands/journal.ts";
import { keyCommand } from "./commands/key.ts";
import { lessonCommand } from "./commands/lesson/lesson.ts";
import { maintenanceCommand } from "./commands/maintenance/maintenance.ts";
import { mirrorCommand } from "./commands/mirror/mirror.ts";
import { modelsCommand } from "./commands/models.ts";
import { preflightCommand } from "./commands/preflight.ts";
import { rolloutCommand } from "./commands/rollout/rollout.ts";
import { simulateCommand } from "./commands/simulate.ts";
import { statusCommand } from "./commands/status/status.ts";
import { upCommand } from "./commands/up.ts";
import { validateCommand } from "./commands/validate.ts";
import { EXIT, EXIT_HELP } from "./exit-code.ts";
import { report, usageError } from "./output.ts";
import type { Context } from "./terminal.ts";
import { VERSION } from "./version.ts";

export async function mainCommand(context: Context, args: readonly string[]): Promise<void> {
  const program = new Command("slipway")
    .description("Model upgrades that are gated, gradual and reversible.")
    .version(VERSION, "--version", "print the version")
    .helpOption("-h, --help", "say what a command does")
    .addHelpText("after", EXIT_HELP)
    .addCommand(initCommand(context))
    .addCommand(upCommand(context))
    .addCommand(gatewayCommand(context))
    .addCommand(controllerCommand(context))
    .addCommand(validateCommand(context))
    .addCommand(applyCommand(context))
    .addCommand(keyCommand(context))
    .addCommand(modelsCommand(context))
    .addCommand(preflightCommand(context))
    .addCommand(rolloutCommand(context))
    .addCommand(freezeCommand(context))
    .addCommand(mirrorCommand(context))
    .addCommand(incidentCommand(context))
    .addCommand(statusCommand(context))
    .addCommand(maintenanceCommand(context))
    .addCommand(lessonCommand(context))
    .addCommand(checklistCommand(context))
    .addCommand(doraCommand(context))
    .addCommand(journalCommand(context))
    .addCommand(backtestCommand(context))
    .addCommand(simulateCommand(context))
    .addCommand(demoCommand(context));
  tame(program, context);
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    ended(error, context, args.includes("--json"));
  }
}

/** Commander would end the process and choose its own words; both are ours to do. */
function tame(command: Command, context: Context): void {
  command
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({
      writeOut: context.terminal.out,
      writeErr: () => {},
      outputError: () => {},
    });
  for (const child of command.commands) tame(child, context);
}

function ended(error: unknown, context: Context, json: boolean): void {
  if (!(error instanceof CommanderError)) {
    report(context, json, error);
    return;
  }
  if (error.exitCode === 0) {
    context.exitWith(EXIT.ok);
    return;
  }
  if (error.code === "commander.help") {
    report(context, json, usageError("a command is missing", "slipway --help lists them"));
    return;
  }
  const [message = "", suggestion] = error.message.replace(/^error: /, "").split("\n");
  const fix = suggestion?.replace(/^\((.*)\)$/, "$1") ?? "--help says what a command takes";
  report(context, json, usageError(message, fix.charAt(0).toLowerCase() + fix.slice(1)));
}
