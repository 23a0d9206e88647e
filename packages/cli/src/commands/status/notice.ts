// slipway status notice: a word on the page by hand, for when the controller cannot be reached.

import type { Command } from "commander";
import { type CommonOptions, plainCommand, run } from "../../command.ts";
import { STATUS_DIR } from "../../options/serving.ts";
import { answer, usageError } from "../../output.ts";
import type { Context } from "../../terminal.ts";

type NoticeOptions = CommonOptions & { readonly dir: string; readonly clear?: boolean };

export function noticeCommand(context: Context): Command {
  return plainCommand("notice", "put a notice on the status page by hand; no controller is needed")
    .argument("[text]", "the notice, as text")
    .option("--clear", "take it away")
    .option("--dir <folder>", "where the page is served from", STATUS_DIR)
    .action((text: string | undefined, options: NoticeOptions) =>
      run(context, options, async () => {
        const { dir, clear } = options;
        if ((text === undefined) !== (clear === true)) {
          throw usageError("a notice is a text, or --clear", "name one of them");
        }
        const { NOTICE_LENGTH_MAX, putNotice } = await import("@slipway/status/edge");
        if (text !== undefined && text.length > NOTICE_LENGTH_MAX) {
          throw usageError(`the notice is longer than ${NOTICE_LENGTH_MAX} characters`, null);
        }
        putNotice(dir, text ?? null);
        answer(context, options.json === true, { dir, notice: text ?? null }, ({ notice }) =>
          notice === null ? "the notice is gone\n" : "the notice is on every page\n",
        );
      }),
    );
}
