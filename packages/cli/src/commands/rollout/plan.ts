// slipway rollout plan: what to expect of a rollout before it begins.

import type { LatencyFigures, PlanRequest } from "@slipway/wire";
import type { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import { durationOption, rateOption, shareOption } from "../../options/number-option.ts";
import { answer, usageError } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { planText } from "../../text/plan-text.ts";

type PlanOptions = ControlOptions & {
  readonly to: string;
  readonly requestsPerMinute?: number;
  readonly errorRate?: number;
  readonly p50?: number;
  readonly p99?: number;
  readonly ttftP50?: number;
  readonly ttftP99?: number;
  readonly tpotP50?: number;
  readonly tpotP99?: number;
};

export function planCommand(context: Context): Command {
  return controlCommand("plan", "say how long a rollout will take, and what it will see", context)
    .argument("<model>", "the model")
    .requiredOption("--to <version>", "the candidate: a version of that model")
    .option("--requests-per-minute <n>", "of all users together", rateOption)
    .option("--error-rate <share>", "of the stable version, such as 1%", shareOption)
    .option("--p50 <time>", "of its latency, such as 800ms", durationOption)
    .option("--p99 <time>", "of its latency", durationOption)
    .option("--ttft-p50 <time>", "of its time to first token", durationOption)
    .option("--ttft-p99 <time>", "of its time to first token", durationOption)
    .option("--tpot-p50 <time>", "of its time per output token", durationOption)
    .option("--tpot-p99 <time>", "of its time per output token", durationOption)
    .addHelpText("after", "\nWhat is not given is taken from the model's last rollout.")
    .action((model: string, options: PlanOptions) =>
      run(context, options, async () => {
        const view = await clientOf(context, options).plan(model, requestOf(options));
        answer(context, options.json === true, view, planText);
      }),
    );
}

function requestOf(options: PlanOptions): PlanRequest {
  const { to, requestsPerMinute, errorRate } = options;
  const total = figures("", options.p50, options.p99);
  const ttft = figures("ttft-", options.ttftP50, options.ttftP99);
  const tpot = figures("tpot-", options.tpotP50, options.tpotP99);
  const latency = {
    ...(total === null ? {} : { total }),
    ...(ttft === null ? {} : { ttft }),
    ...(tpot === null ? {} : { tpot }),
  };
  return {
    to,
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    ...(errorRate === undefined ? {} : { errorRate }),
    ...(Object.keys(latency).length === 0 ? {} : { latency }),
  };
}

function figures(name: string, p50Ms?: number, p99Ms?: number): LatencyFigures | null {
  if (p50Ms === undefined && p99Ms === undefined) return null;
  if (p50Ms === undefined || p99Ms === undefined) {
    throw usageError(
      `--${name}p50 and --${name}p99 go together`,
      "give both, so that the tail beyond the P99 can be told",
    );
  }
  return { p50Ms, p99Ms };
}
