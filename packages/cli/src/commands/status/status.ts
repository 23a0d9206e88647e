// slipway status: the public page, served, looked at, and told something by hand.

import { Command } from "commander";
import type { Context } from "../../terminal.ts";
import { noticeCommand } from "./notice.ts";
import { serveStatusCommand } from "./serve.ts";
import { showStatusCommand } from "./show.ts";
import { subscribersCommand } from "./subscribers.ts";

export function statusCommand(context: Context): Command {
  return new Command("status")
    .description("serve the public status page, look at it, put a notice on it")
    .addCommand(serveStatusCommand(context))
    .addCommand(showStatusCommand(context))
    .addCommand(noticeCommand(context))
    .addCommand(subscribersCommand(context));
}
