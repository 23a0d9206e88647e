// slipway incident postmortem: a draft in Markdown, with the incident's numbers, and questions where people must write.

import { postmortemDraft } from "@slipway/core";
import type { Command } from "commander";
import { controlCommand, run } from "../../command.ts";
import { writeNew } from "../../edge/starter-file.ts";
import { answer } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { analysisRead, DATA_DIR, type IncidentOptions, incidentRead } from "./read-incident.ts";

type PostmortemOptions = IncidentOptions & { readonly out?: string };

export function postmortemCommand(context: Context): Command {
  return controlCommand("postmortem", "draft an incident's postmortem in Markdown", context)
    .argument("<id>", "the incident, as the list names it")
    .option("--out <file>", "write it there instead of to standard output; never overwrites")
    .option(...DATA_DIR)
    .action((id: string, options: PostmortemOptions) =>
      run(context, options, async () => {
        const incident = await incidentRead(context, options, id);
        const markdown = postmortemDraft(incident, await analysisRead(context, options, id));
        const { out: file } = options;
        if (file === undefined) {
          answer(context, options.json === true, { markdown }, (draft) => draft.markdown);
          return;
        }
        writeNew(file, markdown);
        answer(
          context,
          options.json === true,
          { file },
          () => `wrote ${file}: answer its questions, then run slipway incident lint ${file}\n`,
        );
      }),
    );
}
