// slipway incident lint: what a postmortem still lacks, and where it speaks of a person's fault.

import { counted, type PostmortemProblem, postmortemProblems } from "@slipway/core";
import type { Command } from "commander";
import { type CommonOptions, plainCommand, run } from "../../command.ts";
import { readDraft } from "../../edge/draft-file.ts";
import { EXIT } from "../../exit-code.ts";
import { answer } from "../../output.ts";
import type { Context } from "../../terminal.ts";

export function lintCommand(context: Context): Command {
  return plainCommand("lint", "say what a postmortem lacks, and what in it blames a person")
    .argument("<file>", "the postmortem, in Markdown")
    .addHelpText("after", "\nExit code 1 when there is something to mend.")
    .action((file: string, options: CommonOptions) =>
      run(context, options, () => {
        const problems = postmortemProblems(readDraft(file));
        answer(context, options.json === true, problems, (all) => problemsText(file, all));
        context.exitWith(problems.length === 0 ? EXIT.ok : EXIT.failed);
      }),
    );
}

function problemsText(file: string, problems: readonly PostmortemProblem[]): string {
  if (problems.length === 0) return `${file}: nothing is missing, and nobody is blamed\n`;
  const lines = problems.map(({ line, rule, text }) => `${file}:${line ?? 1}: ${rule}: ${text}\n`);
  return `${lines.join("")}${counted(problems.length, "thing")} to mend\n`;
}
