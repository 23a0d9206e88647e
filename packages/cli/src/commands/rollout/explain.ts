// slipway rollout explain: why a rollout's decision was what it was, now or at an earlier moment.

import type { Explanation } from "@slipway/wire";
import type { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { controllerFolder } from "../../edge/machine.ts";
import { EXIT } from "../../exit-code.ts";
import { momentOption } from "../../options/moment-option.ts";
import { answer, usageError } from "../../output.ts";
import { rolloutIdOf } from "../../rollout-id.ts";
import type { Context } from "../../terminal.ts";
import { explainText } from "../../text/explain-text.ts";

type ExplainOptions = ControlOptions & { readonly at?: string; readonly dataDir?: string };

export function explainCommand(context: Context): Command {
  return controlCommand("explain", "say why a decision was what it was, with the counts", context)
    .argument("[id]", "the rollout; may be left out when exactly one is under way")
    .option("--at <time>", "then instead of now: 2026-01-15T09:30:00Z, or 10m for ten minutes ago")
    .option("--data-dir <folder>", "read the files of a controller, or of up, instead of asking it")
    .action((id: string | undefined, options: ExplainOptions) =>
      run(context, options, async () => {
        const at = options.at;
        const atMs = at === undefined ? null : momentOption(at, context.nowMs());
        const explanation = await explained(context, options, id, atMs);
        answer(context, options.json === true, explanation, explainText);
        const isSame = (explanation.recorded?.replayed ?? "same") === "same";
        context.exitWith(isSame ? EXIT.ok : EXIT.failed);
      }),
    );
}

async function explained(
  context: Context,
  options: ExplainOptions,
  id: string | undefined,
  atMs: number | null,
): Promise<Explanation> {
  if (options.dataDir === undefined) {
    const client = clientOf(context, options);
    return await client.explanation(await rolloutIdOf(client, id), atMs);
  }
  if (id === undefined) throw usageError("--data-dir needs the rollout's id", "name the rollout");
  const { readStore } = await import("@slipway/controller/edge");
  const ask = { rolloutId: id, atMs, nowMs: context.nowMs() };
  return await readStore(controllerFolder(options.dataDir), (readings) => readings.explain(ask));
}
