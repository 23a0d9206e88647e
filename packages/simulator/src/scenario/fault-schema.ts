// How a scenario's file writes its faults: the kind with its own keys, and where and when it strikes.
import { count, duration, number, share } from "@slipway/wire/config";
import { z } from "zod";
import type { FaultKind } from "../fault.ts";
import type { ScenarioFault } from "./scenario.ts";
import { spell, spellOf, type WrittenSpell } from "./spell-schema.ts";

const where = {
  on: z.enum(["candidate", "stable", "both"]).prefault("candidate").meta({
    description: "Which version it strikes.",
  }),
  language: z.string().min(1).optional().meta({ description: "Strikes this language alone." }),
  replica: count("Strikes what this replica serves alone, counted from 0.", { min: 0 }).optional(),
  ...spell,
};

const rate = share("Of the requests.", { min: 0, max: 1, above: true });
const afterTokens = count("Tokens of the answer before it; 0: before its head.", {
  min: 0,
}).prefault(0);

type Where = WrittenSpell & {
  readonly on: ScenarioFault["on"];
  readonly language?: string | undefined;
  readonly replica?: number | undefined;
};

function placed(at: Where, fault: FaultKind): ScenarioFault {
  return {
    on: at.on,
    language: at.language ?? null,
    replica: at.replica ?? null,
    fault,
    ...spellOf(at),
  };
}

const slowdown = z
  .strictObject({
    kind: z.literal("slowdown"),
    factor: number("Every iteration takes so many times as long.", { min: 0.1, max: 100 }),
    replicas: count("On the first so many replicas; on all without it.", { min: 1 }).optional(),
    ...where,
  })
  .transform(({ factor, replicas, ...at }) =>
    placed(at, { kind: "slowdown", factor, ...(replicas === undefined ? {} : { replicas }) }),
  );

const slowTail = z
  .strictObject({
    kind: z.literal("slow-tail"),
    rate,
    extra: duration("What it waits before the engine sees it."),
    ...where,
  })
  .transform(({ rate: struck, extra, ...at }) =>
    placed(at, { kind: "slow-tail", rate: struck, extraMs: extra }),
  );

const errors = z
  .strictObject({
    kind: z.literal("errors"),
    rate,
    status: count("The HTTP status.", { min: 400, max: 599 }).prefault(500),
    ...where,
  })
  .transform(({ rate: struck, status, ...at }) =>
    placed(at, { kind: "errors", rate: struck, status }),
  );

const breakage = z
  .strictObject({
    kind: z.enum(["hang", "cut", "error-event"]),
    rate,
    "after-tokens": afterTokens,
    ...where,
  })
  .transform(({ kind, rate: struck, "after-tokens": tokens, ...at }) =>
    placed(at, { kind, rate: struck, afterTokens: tokens }),
  );

const garbage = z
  .strictObject({ kind: z.literal("garbage"), rate, ...where })
  .transform(({ rate: struck, ...at }) => placed(at, { kind: "garbage", rate: struck }));

const rejects = z
  .strictObject({
    kind: z.literal("rejects"),
    parameter: z.string().min(1).meta({ description: "Answers 400 to requests that carry it." }),
    ...where,
  })
  .transform(({ parameter, ...at }) => placed(at, { kind: "rejects", parameter }));

const quota = z
  .strictObject({
    kind: z.literal("quota"),
    "requests-per-minute": count("More get 429. On both versions: shared by them.", { min: 1 }),
    "tokens-per-minute": count("Prompts and answers.", { min: 1, max: 1e12 }),
    ...where,
  })
  .transform(
    ({ "requests-per-minute": requestsPerMinute, "tokens-per-minute": tokensPerMinute, ...at }) =>
      placed(at, { kind: "quota", requestsPerMinute, tokensPerMinute }),
  );

const crash = z
  .strictObject({ kind: z.literal("crash"), ...where })
  .transform((at) => placed(at, { kind: "crash" }));

export const faultSchema: z.ZodType<ScenarioFault> = z
  .discriminatedUnion("kind", [
    slowdown,
    slowTail,
    errors,
    breakage,
    garbage,
    rejects,
    quota,
    crash,
  ])
  .meta({ title: "a fault" });
