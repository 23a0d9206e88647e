// slipway gateway status: what the workers of a gateway on this machine serve, and by which table.

import { durationText } from "@slipway/core";
import type { AdminAnswer } from "@slipway/gateway/edge";
import type { Command } from "commander";
import { plainCommand, run } from "../command.ts";
import { GATEWAY_DATA_DIR } from "../options/serving.ts";
import { answer } from "../output.ts";
import type { Context } from "../terminal.ts";
import { loadText } from "../text/load-text.ts";
import { textColumns } from "../text/text-columns.ts";
import { asked } from "./gateway-ask.ts";

type Status = Pick<Extract<AdminAnswer, { ok: true }>, "diverted" | "workers">;

export function statusCommand(context: Context): Command {
  return plainCommand("status", "show the workers of a gateway on this machine")
    .option("--data-dir <folder>", "the gateway's data directory", GATEWAY_DATA_DIR)
    .action((options: { readonly json?: boolean; readonly dataDir: string }) =>
      run(context, options, async () => {
        const { diverted, workers } = await asked(options.dataDir, { do: "status" });
        answer(context, options.json === true, { diverted, workers }, statusText);
      }),
    );
}

function statusText({ diverted, workers }: Status): string {
  const rows = workers.map(({ member, table, leaseMs, openRequests, versions }) => [
    `${member.gateway}/${member.worker}`,
    table === null ? "none" : String(table.number),
    leaseMs > 0 ? durationText(leaseMs) : "none",
    String(openRequests),
    versions
      .map(({ model, version, inFlight }) => `${model} → ${version}: ${inFlight} in flight`)
      .join(", "),
  ]);
  const left = [...new Set(workers.flatMap(({ tripped }) => tripped))].sort();
  const trips = left.length === 0 ? "" : `tripped, candidate left here: ${left.join(", ")}\n`;
  const note = diverted.length === 0 ? "" : `diverted to stable here: ${diverted.join(", ")}\n`;
  return `${textColumns([["WORKER", "TABLE", "LEASE", "OPEN", "SERVING"], ...rows])}${note}${trips}${loadText(workers)}`;
}
