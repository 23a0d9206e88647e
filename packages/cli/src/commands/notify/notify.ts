// slipway notify: test who is told what, and see what became of it.

import { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { EXIT } from "../../exit-code.ts";
import { answer, usageError } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { notificationsText, notificationText, testsText } from "./notifications-text.ts";

export function notifyCommand(context: Context): Command {
  return new Command("notify")
    .description("test who is told what, and see what became of it")
    .addCommand(testCommand(context))
    .addCommand(listCommand(context))
    .addCommand(showCommand(context));
}

type TestOptions = ControlOptions & { readonly by: string };

function testCommand(context: Context): Command {
  return controlCommand("test", "send a marked test, and say what was answered", context)
    .argument("[target]", "as slipway.yaml names it; all where it is left out")
    .option("--by <name>", "who, for whoever reads it", context.user)
    .action((target: string | undefined, options: TestOptions) =>
      run(context, options, async () => {
        const { by } = options;
        const tests = await clientOf(context, options).notifications.test({
          by,
          ...(target === undefined ? {} : { target }),
        });
        answer(context, options.json === true, tests, testsText);
        if (tests.some(({ state }) => state !== "delivered")) context.exitWith(EXIT.failed);
      }),
    );
}

function listCommand(context: Context): Command {
  return controlCommand(
    "list",
    "list targets, what waits for them, and what became of it",
    context,
  ).action((options: ControlOptions) =>
    run(context, options, async () => {
      const view = await clientOf(context, options).notifications.all();
      answer(context, options.json === true, view, notificationsText);
    }),
  );
}

function showCommand(context: Context): Command {
  return controlCommand("show", "show one notification", context)
    .argument("<number>", "as the list has it")
    .action((number: string, options: ControlOptions) =>
      run(context, options, async () => {
        if (!/^[1-9]\d{0,14}$/.test(number)) {
          throw usageError(`${number} is not the number of a notification`, "slipway notify list");
        }
        const one = await clientOf(context, options).notifications.one(Number(number));
        answer(context, options.json === true, one, notificationText);
      }),
    );
}
