// slipway rollout list: every rollout, the newest first.

import { becauseText } from "@slipway/core";
import type { RolloutSummary } from "@slipway/wire";
import type { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { answer } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { ageText, pageText } from "../../text/rollout-text.ts";
import { textColumns } from "../../text/text-columns.ts";

export function listCommand(context: Context): Command {
  return controlCommand("list", "list the rollouts, the newest first", context).action(
    (options: ControlOptions) =>
      run(context, options, async () => {
        const rollouts = await clientOf(context, options).rollouts();
        const newest = rollouts.toSorted((a, b) => b.startedAtMs - a.startedAtMs);
        const width = context.terminal.live ? context.terminal.columns() : Number.POSITIVE_INFINITY;
        answer(context, options.json === true, newest, (list) =>
          textColumns(rowsOf(list, context.nowMs()), width),
        );
      }),
  );
}

/** What a person must look at; else why it does not go on; else why it ended as it did. */
function reasonOf({ because, held, pages }: RolloutSummary): string {
  const [page] = pages;
  if (page !== undefined) return pageText(page);
  const reason = held ?? because;
  return reason === null ? "" : becauseText(reason);
}

function rowsOf(rollouts: readonly RolloutSummary[], nowMs: number): readonly string[][] {
  if (rollouts.length === 0) {
    return [["no rollouts yet; slipway rollout start MODEL --to VERSION --reason TEXT begins one"]];
  }
  return [
    ["ID", "MODEL", "FROM", "TO", "PHASE", "FOR", "SHARE", "STARTED", "BECAUSE"],
    ...rollouts.map((rollout) => [
      rollout.id,
      rollout.model,
      rollout.from,
      rollout.to,
      rollout.phase,
      ageText(nowMs - rollout.phaseSinceMs),
      `${rollout.candidatePercent}%`,
      `${ageText(nowMs - rollout.startedAtMs)} ago`,
      reasonOf(rollout),
    ]),
  ];
}
