// Which answers a gateway keeps for scoring, as slipway.yaml writes it.

import type { LiveScorerName, Policy } from "@slipway/core";
import { z } from "zod";
import { PACKAGES_MAX } from "../../answers.ts";
import { DEFAULT_ANSWERS_AGE, DEFAULT_ANSWERS_MIB } from "../defaults.ts";
import { kindOf, quoted, type Reading } from "../document/quantity.ts";
import { choice, count, duration, field, share } from "../fields/field.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PATTERNS_MAX = 50;
const PATTERN_LENGTH_MAX = 200;

const pattern: z.ZodType<string> = field((value) => readPattern(value), {
  type: "string",
  maxLength: PATTERN_LENGTH_MAX,
  description: "A regular expression of JavaScript; what matches is hidden.",
  examples: ["EMP-[0-9]{6}"],
});

function readPattern(value: unknown): Reading<string> {
  const fix = "write a regular expression such as EMP-[0-9]{6}";
  if (typeof value !== "string" || value === "" || value.length > PATTERN_LENGTH_MAX) {
    return { ok: false, message: `${kindOf(value)} is not a pattern`, fix };
  }
  if (isUnbounded(value)) {
    return {
      ok: false,
      message: `${quoted(value)} repeats without a limit, or repeats a group: one text could keep it busy for hours`,
      fix,
    };
  }
  try {
    return new RegExp(value, "g").test("")
      ? { ok: false, message: `${quoted(value)} matches nothing at all, everywhere`, fix }
      : { ok: true, value };
  } catch {
    return { ok: false, message: `${quoted(value)} is not a regular expression`, fix };
  }
}

export const answersSchema: z.ZodType<Policy["answers"]> = z
  .strictObject({
    sample: share("Share of requests whose answers are kept on the gateway's disk.").prefault("0%"),
    redact: z
      .array(pattern)
      .max(PATTERNS_MAX)
      .meta({ description: "What is hidden beside e-mail addresses, keys and card numbers." })
      .prefault([]),
    score: z
      .array(
        choice<LiveScorerName>("What is scored.", {
          parse: "parse",
          names: "names",
          refusals: "refusals",
        }),
      )
      .min(1)
      .meta({
        description:
          "What is scored in kept answers of users while a rollout is under way: parse (code without syntax errors), names (only names that there are), refusals (in words).",
      })
      .optional(),
    packages: z
      .array(z.string().min(1).max(PATTERN_LENGTH_MAX))
      .max(PACKAGES_MAX)
      .meta({
        description:
          "Packages that answers may import, beside a language's own; without it none is called unknown.",
      })
      .optional(),
    "mib-max": count("Disk space for them, in MiB, per gateway worker; the oldest go first.", {
      min: 1,
      max: 1_000_000,
    }).prefault(DEFAULT_ANSWERS_MIB),
    "age-max": duration("Older ones are deleted.", { min: HOUR_MS, max: 90 * DAY_MS }).prefault(
      DEFAULT_ANSWERS_AGE,
    ),
  })
  .meta({ title: "answers", description: "Answers kept, and what is scored in them." })
  .transform((a) => ({
    sample: a.sample,
    redact: a.redact,
    bytesMax: a["mib-max"] * 2 ** 20,
    ageMsMax: a["age-max"],
    ...(a.score === undefined ? {} : { score: a.score }),
    ...(a.packages === undefined ? {} : { packages: a.packages }),
  }));

/** What is left without escapes and classes of characters shows what repeats. */
function isUnbounded(source: string): boolean {
  const bare = source.replace(/\\./g, "").replace(/\[[^\]]*\]/g, "");
  return /[+*]|\{\d*,\}|\)\{/.test(bare);
}
