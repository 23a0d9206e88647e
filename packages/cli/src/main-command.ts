// All commands under one name, and what happens when the arguments make no sense. A command's code is loaded when it is
// the one that was asked for: most need a fraction of what the gateway, the controller and the simulator bring.

import { Command, CommanderError } from "commander";
import { EXIT, EXIT_HELP } from "./exit-code.ts";
import { report, usageError } from "./output.ts";
import type { Context } from "./terminal.ts";
import { VERSION } from "./version.ts";

type Load = () => Promise<(context: Context) => Command>;

/** In the order in which --help lists them. */
const COMMANDS: Readonly<Record<string, Load>> = {
  init: async () => (await import("./commands/init.ts")).initCommand,
  up: async () => (await import("./commands/up.ts")).upCommand,
  gateway: async () => (await import("./commands/gateway.ts")).gatewayCommand,
  controller: async () => (await import("./commands/controller.ts")).controllerCommand,
  validate: async () => (await import("./commands/validate.ts")).validateCommand,
  apply: async () => (await import("./commands/apply.ts")).applyCommand,
  key: async () => (await import("./commands/key.ts")).keyCommand,
  models: async () => (await import("./commands/models.ts")).modelsCommand,
  preflight: async () => (await import("./commands/preflight.ts")).preflightCommand,
  drill: async () => (await import("./commands/drill.ts")).drillCommand,
  drift: async () => (await import("./commands/drift/drift.ts")).driftCommand,
  rollout: async () => (await import("./commands/rollout/rollout.ts")).rolloutCommand,
  freeze: async () => (await import("./commands/freeze/freeze.ts")).freezeCommand,
  mirror: async () => (await import("./commands/mirror/mirror.ts")).mirrorCommand,
  incident: async () => (await import("./commands/incident/incident.ts")).incidentCommand,
  status: async () => (await import("./commands/status/status.ts")).statusCommand,
  maintenance: async () =>
    (await import("./commands/maintenance/maintenance.ts")).maintenanceCommand,
  notify: async () => (await import("./commands/notify/notify.ts")).notifyCommand,
  lesson: async () => (await import("./commands/lesson/lesson.ts")).lessonCommand,
  checklist: async () => (await import("./commands/checklist.ts")).checklistCommand,
  baseline: async () => (await import("./commands/baseline/baseline.ts")).baselineCommand,
  dora: async () => (await import("./commands/dora.ts")).doraCommand,
  journal: async () => (await import("./commands/journal.ts")).journalCommand,
  backtest: async () => (await import("./commands/backtest.ts")).backtestCommand,
  simulate: async () => (await import("./commands/simulate.ts")).simulateCommand,
  demo: async () => (await import("./commands/demo.ts")).demoCommand,
};

export async function mainCommand(context: Context, args: readonly string[]): Promise<void> {
  const program = new Command("slipway")
    .description("Model upgrades that are gated, gradual and reversible.")
    .version(VERSION, "--version", "print the version")
    .helpOption("-h, --help", "say what a command does")
    .addHelpText("after", EXIT_HELP);
  for (const load of loadsFor(args)) program.addCommand((await load())(context));
  tame(program, context);
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    ended(error, context, args.includes("--json"));
  }
}

/** The one command that is named first; all of them for help, for what is none of them, and for no argument. */
function loadsFor([first = ""]: readonly string[]): readonly Load[] {
  const load = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  return load === undefined ? Object.values(COMMANDS) : [load];
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
