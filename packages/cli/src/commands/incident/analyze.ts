// slipway incident analyze: the causes of an incident, ranked, with the counts behind them.

import type { Command } from "commander";
import { controlCommand, run } from "../../command.ts";
import { answer } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { analysisText } from "./analysis-text.ts";
import { analysisRead, DATA_DIR, type IncidentOptions } from "./read-incident.ts";

export function analyzeCommand(context: Context): Command {
  return controlCommand("analyze", "rank an incident's causes by the harm they explain", context)
    .argument("<id>", "the incident, as the list names it")
    .option(...DATA_DIR)
    .addHelpText("after", "\n--json has the counts behind every hypothesis, to draw them from.")
    .action((id: string, options: IncidentOptions) =>
      run(context, options, async () => {
        const analysis = await analysisRead(context, options, id);
        answer(context, options.json === true, analysis, analysisText);
      }),
    );
}
