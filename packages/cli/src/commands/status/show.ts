// slipway status show: the public page as text, as it would be published now.

import type { StatusPage } from "@slipway/core";
import type { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { answer } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { momentText } from "../../text/rollout-text.ts";
import { textColumns } from "../../text/text-columns.ts";

export function showStatusCommand(context: Context): Command {
  return controlCommand("show", "show what the status page says now", context).action(
    (options: ControlOptions) =>
      run(context, options, async () => {
        const page = await clientOf(context, options).statusPage();
        answer(context, options.json === true, page, statusText);
      }),
  );
}

function statusText({ title, indicator, components, incidents, maintenances }: StatusPage): string {
  const current = incidents.filter(({ status }) => status !== "resolved");
  const ahead = maintenances.filter(
    ({ status }) => status === "scheduled" || status === "in_progress",
  );
  return [
    `${title}: ${indicator === "none" ? "all operational" : indicator}\n`,
    textColumns([["COMPONENT", "STATUS"], ...components.map(({ name, status }) => [name, status])]),
    ...current.map(
      ({ id, status, impact, updatedAtMs }) =>
        `incident ${id}: ${impact}, ${status}, updated ${momentText(updatedAtMs)}\n`,
    ),
    ...ahead.map(
      ({ id, title: what, status, fromMs }) =>
        `maintenance ${id}: ${what}, ${status}, from ${momentText(fromMs)}\n`,
    ),
  ].join("");
}
