// What people say of an incident, as the commands that say it: each appends one remark, and answers with what is then said.

import type { IncidentActRequest, IncidentRemarksView } from "@slipway/wire";
import type { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { answer } from "../../output.ts";
import type { Context } from "../../terminal.ts";

export type ActOptions = ControlOptions & { readonly by: string; readonly reason?: string };

export function actCommand(context: Context, name: string, description: string): Command {
  return controlCommand(name, description, context)
    .argument("<id>", "the incident, as the list names it")
    .option("--by <name>", "who, for the timeline", context.user);
}

/** `told`: what is said to a person once it is recorded. */
export function runAct(
  context: Context,
  options: ActOptions,
  id: string,
  act: () => IncidentActRequest["act"],
  told: (view: IncidentRemarksView) => string,
): Promise<void> {
  return run(context, options, async () => {
    const { by, reason = "" } = options;
    const view = await clientOf(context, options).actOnIncident(id, { by, reason, act: act() });
    answer(context, options.json === true, view, told);
  });
}
