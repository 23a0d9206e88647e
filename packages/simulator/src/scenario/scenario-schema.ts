// A scenario's file as a zod schema, with its defaults: a thousand requests a minute of code completions, one in a
// hundred of which fails on either version.
import { count, duration, number, share } from "@slipway/wire/config";
import { z } from "zod";
import { usersDefault } from "../population/users.ts";
import { presets } from "../presets.ts";
import type { SimulatedVersion } from "../version.ts";
import { faultSchema } from "./fault-schema.ts";
import {
  type ArmFeedback,
  CAUSES,
  ENDINGS,
  OUTAGES,
  type Outage,
  type Scenario,
  type ScenarioFault,
  type ScenarioFeedback,
  type ScenarioTraffic,
  SHAPES,
} from "./scenario.ts";
import { spell, spellOf } from "./spell-schema.ts";

const traffic = z
  .strictObject({
    "requests-per-minute": number("On average.", { min: 0.01, max: 1_000_000 }).prefault(1_000),
    shape: z.enum(SHAPES).prefault("steady").meta({ description: "How the rate changes." }),
    hours: number("How long the world lasts.", { min: 0.1, max: 1_000 }).prefault(8),
    users: count("How many there are.", { min: 1, max: 1_000_000 }).prefault(10_000),
    skew: number("How unevenly they send: the exponent of Zipf's law, 0 where all send alike.", {
      min: 0,
      max: 2,
    }).prefault(usersDefault.activitySkew),
    heaviest: share("Of all requests, sent by one user.", { min: 0, max: 0.9 }).prefault("0%"),
    retries: count("How often a client sends again what got 429.", { min: 0, max: 10 }).prefault(0),
    parameter: share("Of requests that carry a parameter which a version may reject.", {
      min: 0,
      max: 1,
    }).prefault("0%"),
    errors: share("Of requests that fail on either version.", { min: 0, max: 1 }).prefault("1%"),
    keyless: z.string().min(1).optional().meta({
      description: "A language whose requests name no user, and stay on stable until the end.",
    }),
    "troubled-one-in": count("One user in so many has all of these failures.", {
      min: 1,
      max: 1_000,
    }).prefault(1),
  })
  .meta({ title: "traffic" });

type TrafficDraft = z.output<typeof traffic>;

const version = z
  .strictObject({
    preset: z.enum(["gpt-5.0", "gpt-5.3"]).meta({ description: "The simulated model it is." }),
    replicas: count("Warm ones.", { min: 1, max: 1_000 }),
    output: number("Length of its answers, as a multiple of the usual.", {
      min: 0.1,
      max: 20,
    }).prefault(1),
    "characters-per-token": number("Of its tokenizer.", { min: 0.5, max: 10 }).optional(),
    context: count("Tokens of prompt and answer together; longer requests get 400.", {
      min: 16,
    }).optional(),
    refusals: z
      .record(z.string(), share("Of the requests.", { min: 0, max: 1 }))
      .prefault({})
      .meta({ title: "refusals", description: 'By language; "*" for all others.' }),
  })
  .meta({ title: "a version" })
  .transform((draft): SimulatedVersion => {
    const base = presets[draft.preset];
    return {
      ...base,
      replicas: draft.replicas,
      outputFactor: draft.output,
      charactersPerToken: draft["characters-per-token"] ?? base.charactersPerToken,
      contextTokensMax: draft.context ?? base.contextTokensMax,
      refusals: draft.refusals,
    };
  });

const armFeedback = z
  .strictObject({
    acceptance: share("Of answers that are spoken of.", { min: 0, max: 1 }).prefault("60%"),
    memory: count("MiB of the client at the start.", { min: 1 }).prefault(400),
    "memory-per-hour": number("MiB that an hour adds.", { min: 0, max: 100_000 }).prefault(0),
    crashes: share("Reports that tell of a crash.", { min: 0, max: 1 }).prefault("0.1%"),
  })
  .meta({ title: "feedback of an arm" })
  .transform(
    (draft): ArmFeedback => ({
      acceptance: draft.acceptance,
      memoryMib: draft.memory,
      memoryMibPerHour: draft["memory-per-hour"],
      crashRate: draft.crashes,
    }),
  );

const feedback = z
  .strictObject({
    share: share("Of answers that users or clients speak of.", { min: 0, max: 1 }).prefault("20%"),
    delay: duration("Until it comes, on average.").prefault("1m"),
    stable: armFeedback.prefault({}),
    candidate: armFeedback.prefault({}),
  })
  .meta({ title: "feedback" })
  .transform(
    (draft): ScenarioFeedback => ({
      share: draft.share,
      delayMs: draft.delay,
      stable: draft.stable,
      candidate: draft.candidate,
    }),
  );

const outage = z
  .strictObject({
    kind: z.enum(OUTAGES).meta({ description: "What is out of order." }),
    ...spell,
  })
  .meta({ title: "an outage" })
  .transform(({ kind, ...at }): Outage => ({ kind, ...spellOf(at) }));

export type ScenarioDraft = Omit<Scenario, "name">;

export const scenarioSchema: z.ZodType<ScenarioDraft> = z
  .strictObject({
    about: z.string().min(1).meta({ description: "What happens, in a sentence." }),
    cause: z.enum(CAUSES).meta({ description: "What is behind it." }),
    expect: z.enum(ENDINGS).meta({ description: "How a rollout ought to end." }),
    traffic: traffic.prefault({}),
    stable: version.prefault({ preset: "gpt-5.0", replicas: 3 }),
    candidate: version.prefault({ preset: "gpt-5.0", replicas: 3 }),
    faults: z.array(faultSchema).prefault([]).meta({ title: "faults" }),
    outages: z.array(outage).prefault([]).meta({ title: "outages" }),
    feedback: feedback.optional(),
  })
  .meta({ title: "a scenario" })
  .transform(
    (draft): ScenarioDraft => ({
      about: draft.about,
      cause: draft.cause,
      expect: draft.expect,
      traffic: trafficOf(draft.traffic),
      stable: { ...draft.stable, model: "stable" },
      candidate: { ...draft.candidate, model: "candidate" },
      faults: [...background(draft.traffic), ...draft.faults],
      outages: draft.outages,
      feedback: draft.feedback ?? null,
    }),
  );

function trafficOf(draft: TrafficDraft): ScenarioTraffic {
  return {
    perMinute: draft["requests-per-minute"],
    shape: draft.shape,
    recorded: null,
    hours: draft.hours,
    users: { ...usersDefault, users: draft.users, activitySkew: draft.skew },
    heaviestShare: draft.heaviest,
    retries: draft.retries,
    parameterShare: draft.parameter,
    keyless: draft.keyless ?? null,
    troubledOneIn: draft["troubled-one-in"],
  };
}

/** What fails whatever the version. */
function background({ errors }: TrafficDraft): readonly ScenarioFault[] {
  if (errors === 0) return [];
  return [
    {
      on: "both",
      language: null,
      replica: null,
      fault: { kind: "errors", rate: errors, status: 500 },
      fromMs: 0,
      untilMs: Number.MAX_SAFE_INTEGER,
      everyMs: null,
    },
  ];
}
