// The traffic that a gate asks about: how much there is at the busiest time, and how long its requests are.

import { z } from "zod";
import { choice, count, number, share } from "../fields/field.ts";
import { nameField } from "../fields/name-field.ts";

export type GateTraffic = {
  /** Requests a second of the whole model, when it is busiest. */
  readonly peakPerSecond: number;
  /** Of them, those that the candidate is to take. */
  readonly share: number;
  readonly lengths: {
    /** Medians, and the deviation of their logarithm. */
    readonly promptTokens: number;
    readonly outputTokens: number;
    readonly spread: number;
  };
  /** A file of recorded requests, whose lengths are taken instead; null for none. */
  readonly trace: string | null;
  readonly arrivals: "poisson" | "trace";
};

const TOKENS_MAX = 10_000_000;

export const trafficSchema: z.ZodType<GateTraffic> = z
  .strictObject({
    "peak-per-second": number("Requests a second of the whole model, when it is busiest.", {
      min: 0,
      above: true,
      max: 1_000_000,
    }),
    share: share(
      "Of them, those that the candidate is to take: the share of the stage that is asked about.",
      {
        min: 0,
        above: true,
      },
    ).prefault("100%"),
    "prompt-tokens": count("Median length of a prompt.", { min: 1, max: TOKENS_MAX }).prefault(
      1_000,
    ),
    "output-tokens": count("Median length of an answer.", { min: 1, max: TOKENS_MAX }).prefault(
      150,
    ),
    spread: number("Standard deviation of the logarithm of both lengths; 0 for all alike.", {
      min: 0,
      max: 3,
    }).prefault(0.8),
    trace: nameField(
      "Recorded requests to take lengths from: a CSV file as the Azure LLM traces, or JSON lines as the Mooncake traces.",
    ).optional(),
    arrivals: choice("When requests come: poisson, or with the gaps of the trace.", {
      poisson: "poisson",
      trace: "trace",
    } as const).prefault("poisson"),
  })
  .meta({ title: "traffic", description: "The traffic that is asked about." })
  .refine(({ arrivals, trace }) => arrivals === "poisson" || trace !== undefined, {
    message: "there is no trace to take the gaps from: name one as trace",
  })
  .transform(
    (t): GateTraffic => ({
      peakPerSecond: t["peak-per-second"],
      share: t.share,
      lengths: {
        promptTokens: t["prompt-tokens"],
        outputTokens: t["output-tokens"],
        spread: t.spread,
      },
      trace: t.trace ?? null,
      arrivals: t.arrivals,
    }),
  );
