// slipway incident note, pin, hide, annotate: people's part in the timeline. Nothing of it deletes anything.

import type { Mark } from "@slipway/core";
import type { Command } from "commander";
import type { Context } from "../../terminal.ts";
import { type ActOptions, actCommand, runAct } from "./act-on-incident.ts";

const ENTRY = ["<entry>", "the entry, as incident show --all names it: j12, r3"] as const;

type NoteOptions = ActOptions & { readonly public?: boolean };

export function noteCommand(context: Context): Command {
  return actCommand(context, "note", "write a note into an incident's timeline")
    .argument("<text>", "the note")
    .option("--public", "for readers of the status page too, where all of the cause is told")
    .action((id: string, text: string, options: NoteOptions) => {
      const visibility = options.public === true ? "public" : "internal";
      return runAct(
        context,
        options,
        id,
        () => ({ type: "noted", text, visibility }),
        () => `noted, ${visibility}\n`,
      );
    });
}

type MarkOptions = ActOptions & { readonly undo?: boolean };

export function pinCommand(context: Context): Command {
  return actCommand(context, "pin", "mark an entry of the timeline as one that matters")
    .argument(...ENTRY)
    .option("--reason <text>", "why")
    .option("--undo", "take the pin away again")
    .action((id: string, entry: string, options: MarkOptions) =>
      mark(context, options, id, entry, options.undo === true ? "unpinned" : "pinned"),
    );
}

export function hideCommand(context: Context): Command {
  return actCommand(context, "hide", "leave an entry out of the timeline; it is kept")
    .argument(...ENTRY)
    .requiredOption("--reason <text>", "why, for whoever looks for it later")
    .option("--undo", "show it again")
    .action((id: string, entry: string, options: MarkOptions) =>
      mark(context, options, id, entry, options.undo === true ? "shown" : "hidden"),
    );
}

function mark(
  context: Context,
  options: MarkOptions,
  id: string,
  entry: string,
  how: Mark,
): Promise<void> {
  return runAct(
    context,
    options,
    id,
    () => ({ type: "marked", entry, mark: how }),
    () => `${entry} is ${how}\n`,
  );
}

export function annotateCommand(context: Context): Command {
  return actCommand(context, "annotate", "write something beside an entry of the timeline")
    .argument(...ENTRY)
    .argument("<text>", "what there is to say of it")
    .action((id: string, entry: string, text: string, options: ActOptions) =>
      runAct(
        context,
        options,
        id,
        () => ({ type: "annotated", entry, text }),
        () => `${entry} is annotated\n`,
      ),
    );
}
