// What the gates that make load have in common: limits of latency, how they send, and what they may spend.

import type { LatencyLimits } from "@slipway/core";
import { z } from "zod";
import { count, duration, flag, number } from "../fields/field.ts";

/** What a version at a provider may be asked for at most; null where that is not what limits it. */
export type LoadBudget = { readonly tokens: number | null; readonly dollars: number | null };

const HOUR_MS = 3_600_000;

type LimitName = "latency-p99" | "ttft-p99" | "token-p99";

const latency = (of: string): z.ZodType<number | undefined> =>
  duration(`P99 of ${of} at the load that is asked about, at most.`, {
    min: 1,
    max: HOUR_MS,
  }).optional();

export const limitFields: {
  readonly [limit in LimitName]: z.ZodType<number | undefined>;
} = {
  "latency-p99": latency("whole answers"),
  "ttft-p99": latency("the time to the first token"),
  "token-p99": latency("the time per token of an answer"),
};

type WrittenLimits = { readonly [limit in LimitName]?: number | undefined };

export function limitsOf(written: WrittenLimits): LatencyLimits {
  return {
    totalMsMax: written["latency-p99"] ?? null,
    ttftMsMax: written["ttft-p99"] ?? null,
    tpotMsMax: written["token-p99"] ?? null,
  };
}

const budget: z.ZodType<LoadBudget | undefined> = z
  .strictObject({
    "tokens-max": count("Tokens, in and out.", { min: 1, max: 1e12 }).optional(),
    "dollars-max": number("US dollars, by the version's prices.", {
      min: 0,
      above: true,
      max: 1_000_000,
    }).optional(),
  })
  .refine((written) => Object.values(written).some((most) => most !== undefined), {
    message: "a budget is tokens-max, or dollars-max, or both",
  })
  .meta({
    title: "budget",
    description:
      "What the run may use at most. Without it a version that a provider serves is sent no load at all.",
  })
  .transform(
    (written): LoadBudget => ({
      tokens: written["tokens-max"] ?? null,
      dollars: written["dollars-max"] ?? null,
    }),
  )
  .optional();

export const sendingFields: {
  readonly timeout: z.ZodType<number>;
  readonly "lag-p99": z.ZodType<number>;
  readonly "ignore-eos": z.ZodType<boolean | undefined>;
  readonly budget: z.ZodType<LoadBudget | undefined>;
} = {
  timeout: duration("A request that has no whole answer after so long has failed.", {
    min: 1_000,
    max: HOUR_MS,
  }).prefault("60s"),
  "lag-p99": duration(
    "The run is void when the generator itself was later than this, at P99: it would have measured itself.",
    { min: 1, max: 60_000 },
  ).prefault("100ms"),
  "ignore-eos": flag(
    "Whether answers are made as long as they were drawn, by ignore_eos, which vLLM, SGLang and llama.cpp know. Default: for versions of one's own.",
  ).optional(),
  budget,
};

export type Sending = {
  readonly timeoutMs: number;
  readonly lagMsMax: number;
  /** Null where it depends on who serves the version. */
  readonly ignoreEos: boolean | null;
  readonly budget: LoadBudget | null;
};

export function sendingOf(written: {
  readonly timeout: number;
  readonly "lag-p99": number;
  readonly "ignore-eos"?: boolean | undefined;
  readonly budget?: LoadBudget | undefined;
}): Sending {
  return {
    timeoutMs: written.timeout,
    lagMsMax: written["lag-p99"],
    ignoreEos: written["ignore-eos"] ?? null,
    budget: written.budget ?? null,
  };
}
