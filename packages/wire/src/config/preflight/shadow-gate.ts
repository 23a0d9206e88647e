// The gate `shadow` as slipway.yaml writes it: real requests, answered by both versions, of which users see stable's alone.

import { z } from "zod";
import { count, duration, number, share } from "../fields/field.ts";
import { nameField } from "../fields/name-field.ts";
import { type JudgeModel, judgeFields, judgeOf } from "./judge-fields.ts";
import { type LoadBudget, sendingFields } from "./load-fields.ts";

export type ShadowJudge = JudgeModel & { readonly criterion: string; readonly timeoutMs: number };

/** The candidate's pool under all that it is to take. */
export type Amplified = {
  readonly perSecond: number;
  readonly lengthMs: number;
  readonly errorsMax: number;
  /** Null where whole answers may take as long as they do. */
  readonly totalMsMax: number | null;
  /** What it may use at a provider's; null where nobody says. */
  readonly budget: LoadBudget | null;
};

export type ShadowGate = {
  readonly pairs: number;
  readonly withinMs: number;
  /** Of the model's requests, those that are copied. */
  readonly share: number;
  /** Of the copied ones, those that stable gets once more. */
  readonly again: number;
  readonly coverageMin: number;
  readonly margin: number;
  readonly alpha: number;
  /** How many times as long, or as short, answers may be. */
  readonly lengthRatioMax: number;
  /** How many times as long they may take. */
  readonly slowerMax: number;
  /** The data directory of the gateway that keeps the answers, relative to the folder of slipway.yaml. */
  readonly gatewayDir: string;
  /** Files of kept answers, where they are compared instead; none for a mirror. */
  readonly recorded: readonly string[];
  readonly judge: ShadowJudge | null;
  readonly amplify: Amplified | null;
};

const DAY_MS = 86_400_000;
const PAIRS_MAX = 20_000;
const FILES_MAX = 500;

const judge = z
  .strictObject({
    ...judgeFields,
    criterion: nameField("By what it compares two answers."),
    timeout: duration("A verdict that takes longer is none.", {
      min: 1_000,
      max: 600_000,
    }).prefault("60s"),
  })
  .meta({
    title: "the judge",
    description: "A model that compares every two answers. It is sent users' requests, redacted.",
  })
  .transform(
    ({ criterion, timeout, ...written }): ShadowJudge => ({
      ...judgeOf(written),
      criterion,
      timeoutMs: timeout,
    }),
  );

const amplify = z
  .strictObject({
    "per-second": number("Requests a second that the candidate's pool is to take.", {
      min: 0,
      above: true,
      max: 1_000_000,
    }),
    length: duration("For how long.", { min: 5_000, max: DAY_MS }).prefault("5m"),
    errors: share("Copies that may fail, at most.").prefault("1%"),
    "latency-p99": duration("P99 of whole answers under this load, at most.", {
      min: 1,
      max: DAY_MS,
    }).optional(),
    budget: sendingFields.budget,
  })
  .meta({
    title: "amplification",
    description: "Once the pairs hold, real requests copied so often that the load is full.",
  })
  .transform(
    (written): Amplified => ({
      perSecond: written["per-second"],
      lengthMs: written.length,
      errorsMax: written.errors,
      totalMsMax: written["latency-p99"] ?? null,
      budget: written.budget ?? null,
    }),
  );

export const shadowGate: z.ZodType<ShadowGate> = z
  .strictObject({
    pairs: count("Requests of which both answers are compared.", {
      min: 20,
      max: PAIRS_MAX,
    }).prefault(500),
    within: duration("How long they are waited for.", { min: 1_000, max: 30 * DAY_MS }).prefault(
      "1h",
    ),
    share: share("Of the model's requests, those that are copied to the candidate.", {
      min: 0,
      above: true,
    }).prefault("10%"),
    again: share(
      "Of the copied ones, those that stable is sent once more: how far it differs from itself is the yardstick.",
      { min: 0, above: true },
    ).prefault("50%"),
    coverage: share(
      "Of the model's requests, those that what is compared must speak for.",
    ).prefault("50%"),
    margin: share("More answers that end badly than stable's, at most.", {
      min: 0.001,
      max: 0.5,
    }).prefault("3%"),
    "false-alarm": share("Chance that a version that is like stable fails, at most.", {
      min: 0.001,
      max: 0.2,
    }).prefault("5%"),
    "length-ratio": number("How many times as long, or as short, as stable's answers may be.", {
      min: 1,
      above: true,
      max: 100,
    }).prefault(1.5),
    "slower-max": number("How many times as long as stable's answers may take.", {
      min: 0.1,
      max: 1_000,
    }).prefault(1.5),
    "gateway-dir": nameField(
      "Data directory of the gateway, where it keeps the answers; relative to the folder of this file.",
    ).prefault(".slipway/gateway"),
    recorded: z
      .array(nameField("A file of kept answers."))
      .max(FILES_MAX)
      .meta({
        description:
          "Answers that a mirror had gateways keep earlier, or elsewhere. They are compared instead, and nothing is mirrored.",
      })
      .prefault([]),
    judge: judge.optional(),
    amplify: amplify.optional(),
  })
  .refine(({ recorded, amplify: load }) => recorded.length === 0 || load === undefined, {
    message: "recorded answers put no load on anything: write amplify, or recorded",
  })
  .meta({
    title: "the gate shadow",
    description: "Real requests, copied to the candidate and compared answer by answer.",
  })
  .transform(
    (gate): ShadowGate => ({
      pairs: gate.pairs,
      withinMs: gate.within,
      share: gate.share,
      again: gate.again,
      coverageMin: gate.coverage,
      margin: gate.margin,
      alpha: gate["false-alarm"],
      lengthRatioMax: gate["length-ratio"],
      slowerMax: gate["slower-max"],
      gatewayDir: gate["gateway-dir"],
      recorded: gate.recorded,
      judge: gate.judge ?? null,
      amplify: gate.amplify ?? null,
    }),
  );
