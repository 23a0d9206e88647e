// The leaves of slipway.yaml as zod schemas: each reads one value with its unit and its limits, and carries
// what an editor needs to complete it. Messages come from the reader, so that they can say how to mend.

import { z } from "zod";
import {
  DURATION_PATTERN,
  durationNotation,
  type Reading,
  readCount,
  readDuration,
  readNumber,
  readShare,
  SHARE_PATTERN,
  shareNotation,
} from "../document/quantity.ts";

/** What a leaf's JSON Schema says; passed through as it stands. */
type Notation = { readonly [keyword: string]: unknown };

export type Limits = {
  readonly min?: number;
  readonly max?: number;
  /** Whether the value must lie strictly above `min`. */
  readonly above?: boolean;
  /** Why the limits are what they are; ends the message. */
  readonly why?: string;
};

export function field<T>(read: (value: unknown) => Reading<T>, notation: Notation): z.ZodType<T> {
  return z
    .unknown()
    .transform((value, context): T => {
      const reading = read(value);
      if (reading.ok) return reading.value;
      context.addIssue({
        code: "custom",
        message: reading.message,
        params: { fix: reading.fix },
        input: value,
      });
      return z.NEVER;
    })
    .meta(notation);
}

export function duration(description: string, limits: Limits = {}): z.ZodType<number> {
  return field((value) => within(readDuration(value), limits, durationNotation), {
    type: "string",
    pattern: DURATION_PATTERN,
    description,
    examples: ["10s", "5m", "1h"],
  });
}

/** A share as a fraction: "5%" reads as 0.05. */
export function share(description: string, limits: Limits = {}): z.ZodType<number> {
  const bounds = { min: 0, max: 1, ...limits };
  return field((value) => within(readShare(value), bounds, shareNotation), {
    type: "string",
    pattern: SHARE_PATTERN,
    description,
    examples: ["5%"],
  });
}

export function count(description: string, limits: Limits = {}): z.ZodType<number> {
  const bounds = { min: 0, max: 1_000_000_000, ...limits };
  return field((value) => within(readCount(value), bounds, String), {
    type: "integer",
    minimum: bounds.min,
    maximum: bounds.max,
    description,
  });
}

export function number(description: string, limits: Limits): z.ZodType<number> {
  return field((value) => within(readNumber(value), limits, String), {
    type: "number",
    ...(limits.min === undefined
      ? {}
      : { [limits.above === true ? "exclusiveMinimum" : "minimum"]: limits.min }),
    ...(limits.max === undefined ? {} : { maximum: limits.max }),
    description,
  });
}

function within(
  reading: Reading<number>,
  limits: Limits,
  write: (value: number) => string,
): Reading<number> {
  if (!reading.ok) return reading;
  const { value } = reading;
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, why } = limits;
  const because = why === undefined ? "" : `: ${why}`;
  if (value < min || (limits.above === true && value === min)) {
    const fix = limits.above === true ? `more than ${write(min)}` : `${write(min)} or more`;
    return { ok: false, message: `${write(value)} is too little${because}`, fix: `write ${fix}` };
  }
  if (value > max) {
    return {
      ok: false,
      message: `${write(value)} is too much${because}`,
      fix: `write ${write(max)} or less`,
    };
  }
  return reading;
}

/** One of some words, given as word → meaning. */
export function choice<T>(
  description: string,
  meanings: { readonly [word: string]: T },
): z.ZodType<T> {
  const words = Object.keys(meanings);
  return z
    .enum(words)
    .transform((word): T => meanings[word] as T)
    .meta({ type: "string", enum: words, description });
}

export function flag(description: string): z.ZodType<boolean> {
  return z.boolean().meta({ description });
}
