// The commands that an operator gives to a rollout, each with its reason, from pause to revert.

import type { Command as RolloutCommand } from "@slipway/core";
import type { CommandBody, RolloutView } from "@slipway/wire";
import type { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { answer } from "../../output.ts";
import { rolloutIdOf } from "../../rollout-id.ts";
import type { Context } from "../../terminal.ts";
import { pageText, phaseText } from "../../text/rollout-text.ts";

type ActOptions = ControlOptions & {
  readonly reason: string;
  readonly by: string;
  readonly toEnd?: boolean;
};

const DESCRIPTIONS: { readonly [command in RolloutCommand]: string } = {
  pause: "hold a rollout where it stands; its guards stay armed",
  resume: "let a paused rollout go on; its hold time starts again",
  approve: "approve the next stage, where its policy asks for that",
  promote: "skip the rest of this stage",
  "step-back": "return to the stage before, then pause",
  rollback: "return everybody to the stable version",
  revert: "return to the old version in one step, also after completion while it is kept warm",
  override: "let a rollout go on although it is frozen, for as long as these freezes last",
  observe: "have a rollout only say what it would do; commands still act",
  act: "let a rollout that only observes act by itself again",
  acknowledge: "say that you look at the pages that are open; they stay open until it is over",
};

export function actCommand(command: RolloutCommand, context: Context): Command {
  const built = controlCommand(command, DESCRIPTIONS[command], context)
    .argument("[id]", "the rollout; may be left out when exactly one is under way")
    .requiredOption("--reason <text>", "why, for the journal")
    .option("--by <name>", "who, for the journal", context.user);
  if (command === "promote")
    built.option("--to-end", "skip all other stages too, straight to bake");
  return built.action((id: string | undefined, options: ActOptions) =>
    run(context, options, async () => {
      const client = clientOf(context, options);
      const view = await client.command(await rolloutIdOf(client, id), bodyOf(command, options));
      answer(context, options.json === true, view, actText);
    }),
  );
}

function bodyOf(command: RolloutCommand, { by, reason, toEnd }: ActOptions): CommandBody {
  if (command !== "promote") return { command, by, reason };
  return { command, by, reason, to: toEnd === true ? "end" : "next" };
}

function actText(view: RolloutView): string {
  const { code, text } = view.decision.because;
  const held = ["approval", "frozen"].includes(code) ? `  ${text}\n` : "";
  const pages = view.pages.map((page) => `  ${pageText(page)}\n`).join("");
  return `${view.id} ${phaseText(view)}\n${held}${pages}`;
}
