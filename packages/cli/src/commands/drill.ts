// slipway drill: the way back of a model, rehearsed with synthetic users on the real path, and timed.

import {
  DRILL_FAULT_DEFAULT,
  DRILL_FAULTS,
  type DrillFault,
  type DrillRecord,
  drillAgeDays,
  durationText,
  lapseText,
} from "@slipway/core";
import type { DrillsView } from "@slipway/wire";
import { type Command, Option } from "commander";
import type { ControlClient } from "../client/control-client.ts";
import { type ControlOptions, clientOf, controlCommand, run } from "../command.ts";
import { type DrillRun, drilled } from "../drill/drilled.ts";
import { EXIT } from "../exit-code.ts";
import { grantsNow, type SecretOptions, withSecretOptions } from "../options/secret-options.ts";
import { answer } from "../output.ts";
import type { Context } from "../terminal.ts";
import { momentText } from "../text/rollout-text.ts";
import { textColumns } from "../text/text-columns.ts";

type DrillOptions = ControlOptions &
  SecretOptions & { readonly list?: boolean; readonly fault: DrillFault };

export function drillCommand(context: Context): Command {
  const command = controlCommand(
    "drill",
    "rehearse the way back of a model with synthetic users",
    context,
  );
  return withSecretOptions(command)
    .argument("<model>", "the model")
    .option("--list", "show the drills that there were, and run none")
    .addOption(
      new Option("--fault <kind>", "how the synthetic users' requests fail")
        .choices(DRILL_FAULTS)
        .default(DRILL_FAULT_DEFAULT),
    )
    .addHelpText(
      "after",
      "\nExit code 0 when the fault was seen and the way back confirmed in time, 1 when not.",
    )
    .action((model: string, options: DrillOptions) =>
      run(context, options, async () => {
        const client = clientOf(context, options);
        const json = options.json === true;
        if (options.list === true) {
          answer(context, json, await client.drilling.look(model), (view) =>
            listText(view, context),
          );
          return;
        }
        const keys = { env: context.env, grants: grantsNow(context, options) };
        const record = await drilledNow(context, client, model, { keys, fault: options.fault });
        answer(context, json, record, recordText);
        context.exitWith(record.passed ? EXIT.ok : EXIT.failed);
      }),
    );
}

async function drilledNow(
  context: Context,
  client: ControlClient,
  model: string,
  how: Pick<DrillRun, "keys" | "fault">,
): Promise<DrillRecord> {
  const stop = new AbortController();
  const forget = context.terminal.onStop(() => stop.abort());
  try {
    return await drilled({
      ...{ client, model, by: context.user, ...how, signal: stop.signal },
      progress: (text) => context.terminal.err(`${text} …\n`),
    });
  } finally {
    forget();
  }
}

function recordText({ passed, because, expired, rollout }: DrillRecord): string {
  return [
    `${passed ? "passed" : "FAILED"}: ${because}`,
    ...expired.map((member) => `not confirmed by ${member}`),
    `all of it: slipway rollout history ${rollout}`,
    "",
  ].join("\n");
}

function listText({ model, drills, order, drilling, lapse }: DrillsView, context: Context): string {
  const schedule = order.schedule === null ? "when somebody asks" : `by ${order.schedule}`;
  const now = drilling === null ? "" : `; ${drilling.by} drills it now`;
  const isKnown = lapse?.toldAtMs === null && drills.length > 0;
  const how = isKnown ? "missed" : "NOT DRILLED";
  const missed = lapse === null ? "" : `${how}: ${lapseText(lapse, momentText)}\n`;
  const head = `${model} is drilled ${schedule}${now}\n${missed}`;
  if (drills.length === 0) return `${head}the way back has never been rehearsed\n`;
  const ms = (value: number | null): string => (value === null ? "-" : durationText(value));
  const rows = drills
    .toReversed()
    .map((one) => [
      momentText(one.atMs),
      `${drillAgeDays(one, context.nowMs())}`,
      one.passed ? "passed" : "FAILED",
      one.fault,
      ms(one.detectMs),
      ms(one.confirmMs),
      one.by,
      one.rollout,
    ]);
  return `${head}${textColumns([["WHEN", "DAYS AGO", "", "FAULT", "SEEN AFTER", "CONFIRMED AFTER", "BY", "ROLLOUT"], ...rows])}`;
}
