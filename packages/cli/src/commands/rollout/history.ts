// slipway rollout history: the whole journal of a rollout.

import { eventText, type Policy } from "@slipway/core";
import type { JournalEntry } from "@slipway/wire";
import type { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { answer } from "../../output.ts";
import { rolloutIdOf } from "../../rollout-id.ts";
import type { Context } from "../../terminal.ts";
import { textColumns } from "../../text/text-columns.ts";

export function historyCommand(context: Context): Command {
  return controlCommand("history", "print the journal of a rollout", context)
    .argument("[id]", "the rollout; may be left out when exactly one is under way")
    .action((id: string | undefined, options: ControlOptions) =>
      run(context, options, async () => {
        const client = clientOf(context, options);
        const entries = await client.journal(await rolloutIdOf(client, id));
        answer(context, options.json === true, entries, historyText);
      }),
    );
}

function historyText(entries: readonly JournalEntry[]): string {
  const first = entries.find(({ event }) => event.type === "started")?.event;
  const policy = first?.type === "started" ? first.rollout.policy : null;
  return textColumns(entries.map((entry) => row(entry, policy)));
}

function row(entry: JournalEntry, policy: Policy | null): readonly string[] {
  const { what, why } =
    policy === null ? { what: entry.event.type, why: "" } : eventText(entry.event, policy);
  return [String(entry.sequence), new Date(entry.event.atMs).toISOString(), what, why];
}
