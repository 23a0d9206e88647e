// slipway maintenance: announce it on the status page, list it, end it.

import type { PageMaintenance } from "@slipway/core";
import { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { laterOption } from "../../options/moment-option.ts";
import { answer } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { momentText } from "../../text/rollout-text.ts";
import { textColumns } from "../../text/text-columns.ts";

export function maintenanceCommand(context: Context): Command {
  return new Command("maintenance")
    .description("announce maintenance on the status page, list it, end it")
    .addCommand(announceCommand(context))
    .addCommand(listCommand(context))
    .addCommand(endCommand(context));
}

type AnnounceOptions = ControlOptions & {
  readonly from: string;
  readonly until: string;
  readonly text: string;
  readonly component: readonly string[];
  readonly by: string;
};

function announceCommand(context: Context): Command {
  return controlCommand("announce", "announce maintenance", context)
    .argument("<title>", "what is done, for the public")
    .requiredOption("--from <time>", "2026-01-15T09:30:00Z, or 2h for two hours from now")
    .requiredOption("--until <time>", "when it is over, in the same form")
    .option("--component <id>", "what it touches; may be given again", collected, [])
    .option("--text <text>", "what users will notice of it", "")
    .option("--by <name>", "who, for the record", context.user)
    .action((title: string, options: AnnounceOptions) =>
      run(context, options, async () => {
        const { from, until, text, component: components, by } = options;
        const nowMs = context.nowMs();
        const maintenances = await clientOf(context, options).announceMaintenance({
          ...{ title, text, components, by },
          fromMs: laterOption(from, nowMs),
          untilMs: laterOption(until, nowMs),
        });
        answer(context, options.json === true, maintenances, maintenancesText);
      }),
    );
}

function collected(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function listCommand(context: Context): Command {
  return controlCommand("list", "list maintenance, the latest first", context).action(
    (options: ControlOptions) =>
      run(context, options, async () => {
        const { maintenances } = await clientOf(context, options).statusPage();
        answer(context, options.json === true, maintenances, maintenancesText);
      }),
  );
}

type EndOptions = ControlOptions & { readonly by: string; readonly reason: string };

function endCommand(context: Context): Command {
  return controlCommand("end", "end maintenance before its time, or call it off", context)
    .argument("<id>", "as the list names it")
    .requiredOption("--reason <text>", "why, for the record")
    .option("--by <name>", "who, for the record", context.user)
    .action((id: string, options: EndOptions) =>
      run(context, options, async () => {
        const { by, reason } = options;
        const maintenances = await clientOf(context, options).endMaintenance(id, { by, reason });
        answer(context, options.json === true, maintenances, maintenancesText);
      }),
    );
}

function maintenancesText(maintenances: readonly PageMaintenance[]): string {
  if (maintenances.length === 0) return "no maintenance was announced\n";
  return textColumns([
    ["MAINTENANCE", "STATUS", "FROM", "UNTIL", "COMPONENTS", "TITLE"],
    ...maintenances.map(({ id, status, fromMs, untilMs, components, title }) => [
      id,
      status,
      momentText(fromMs),
      momentText(untilMs),
      components.join(", "),
      title,
    ]),
  ]);
}
