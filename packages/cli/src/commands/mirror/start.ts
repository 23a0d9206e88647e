// slipway mirror start: from now on copies of a model's requests go to a version too.

import { percentText } from "@slipway/core";
import type { MirrorRequest, MirrorView } from "@slipway/wire";
import type { Command } from "commander";
import { type ControlOptions, clientOf, controlCommand, run } from "../../command.ts";
import {
  countOption,
  durationOption,
  rateOption,
  shareOption,
} from "../../options/number-option.ts";
import { answer } from "../../output.ts";
import type { Context } from "../../terminal.ts";

type StartOptions = ControlOptions & {
  readonly to: string;
  readonly share: number;
  readonly amplify?: number;
  readonly again?: number;
  readonly inFlightMax?: number;
  readonly perMinute?: number;
  readonly keep?: boolean;
  readonly for?: number;
  readonly sharePools?: boolean;
  readonly reason: string;
  readonly by: string;
};

export function startMirrorCommand(context: Context): Command {
  return controlCommand("start", "send copies of a model's requests to a version too", context)
    .argument("<model>", "the model")
    .requiredOption("--to <version>", "the version that gets the copies")
    .requiredOption("--share <share>", "share of the requests to copy, such as 10%", shareOption)
    .option("--amplify <times>", "copies of each request; 1.5 sends every other twice", rateOption)
    .option(
      "--again <share>",
      "share of them that stable is sent once more, to see how far it differs from itself",
      shareOption,
    )
    .option("--in-flight-max <n>", "copies open at once, per gateway worker (16)", countOption)
    .option("--per-minute <n>", "copies a minute, per gateway worker", rateOption)
    .option("--keep", "keep both answers on the gateways' disks, redacted, for scoring")
    .option("--for <duration>", "end it by itself after so long (mirror stop)", durationOption)
    .option("--share-pools", "start although a rollout of another model uses a pool of it")
    .option("--reason <text>", "why, to be shown with it", "")
    .option("--by <name>", "who", context.user)
    .action((model: string, options: StartOptions) =>
      run(context, options, async () => {
        const view = await clientOf(context, options).startMirror(model, requestOf(options));
        answer(context, options.json === true, view, startText);
      }),
    );
}

function requestOf(options: StartOptions): MirrorRequest {
  const { to, share, amplify, again, inFlightMax, perMinute, keep, sharePools, by, reason } =
    options;
  return {
    to,
    share,
    by,
    reason,
    ...(keep === true ? { keep } : {}),
    ...(options.for === undefined ? {} : { forMs: options.for }),
    ...(sharePools === true ? { sharePools } : {}),
    ...(amplify === undefined ? {} : { copies: amplify }),
    ...(again === undefined ? {} : { again }),
    ...(inFlightMax === undefined ? {} : { inFlightMax }),
    ...(perMinute === undefined ? {} : { perMinuteMax: perMinute }),
  };
}

function startText({ model, to, share, copies }: MirrorView): string {
  const times = copies === 1 ? "" : `, ${copies} times each`;
  return `copies of ${percentText(share)} of ${model}'s requests go to ${to}${times}\nsee them: slipway mirror status ${model}\n`;
}
