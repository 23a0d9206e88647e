// slipway status serve: the status page on a port, from its files alone.

import type { Command } from "commander";
import { plainCommand, run } from "../../command.ts";
import { serve } from "../../edge/serve.ts";
import { portOption } from "../../number-option.ts";
import { STATUS_DIR, STATUS_PORT, urlOf } from "../../serving.ts";
import type { Context } from "../../terminal.ts";

type ServeOptions = {
  readonly json?: boolean;
  readonly dir: string;
  readonly host: string;
  readonly port: number;
};

export function serveStatusCommand(context: Context): Command {
  return plainCommand("serve", "serve the status page from its files; no controller is needed")
    .option("--dir <folder>", "where the controller publishes it", STATUS_DIR)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option(
      "--port <number>",
      "port to listen on; 0 lets the system choose",
      portOption,
      STATUS_PORT,
    )
    .action((options: ServeOptions) =>
      run(context, options, () => {
        const { dir, host, port } = options;
        return serve(
          context,
          async () => {
            const { serveStatus } = await import("@slipway/status/edge");
            return serveStatus({ dir, listen: { host, port }, nowMs: context.nowMs });
          },
          (actual) =>
            options.json === true
              ? `${JSON.stringify({ status: urlOf(host, actual), dir })}\n`
              : `status page on ${urlOf(host, actual)}, from ${dir}\n`,
        );
      }),
    );
}
