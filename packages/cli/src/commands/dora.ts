// slipway dora: how often rollouts fail, how soon that is seen, and how long until users are well again.

import { type Dora, durationText, percentText, type Quantiles } from "@slipway/core";
import type { Command } from "commander";
import { controlCommand, run } from "../command.ts";
import { answer } from "../output.ts";
import type { Context } from "../terminal.ts";
import { textColumns } from "../text/text-columns.ts";
import { DATA_DIR, doraRead, type IncidentOptions } from "./incident/read-incident.ts";

export function doraCommand(context: Context): Command {
  return controlCommand("dora", "say how often rollouts fail, and how soon users are well", context)
    .argument("[model]", "of this model alone")
    .option(...DATA_DIR)
    .action((model: string | undefined, options: IncidentOptions) =>
      run(context, options, async () => {
        const dora = await doraRead(context, options, model ?? null);
        answer(context, options.json === true, dora, doraText);
      }),
    );
}

function doraText({ changes, failed, failureRate, detect, recover, perWeek }: Dora): string {
  const rate = failureRate === null ? "–" : `${percentText(failureRate)} (${failed} of ${changes})`;
  return textColumns([
    ["change failure rate", rate],
    ["time to detect", quantilesText(detect)],
    ["recovery time", quantilesText(recover)],
    [
      "changes a week",
      perWeek === null ? "– (less than a week)" : String(Math.round(perWeek * 10) / 10),
    ],
  ]);
}

function quantilesText(found: Quantiles | null): string {
  if (found === null) return "–";
  const { n, halfMs, mostMs } = found;
  return `half within ${durationText(halfMs)}, nine in ten within ${durationText(mostMs)} (n = ${n})`;
}
