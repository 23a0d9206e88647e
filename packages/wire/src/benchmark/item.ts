// A line of a benchmark's data set: Slipway's own form, or the one that HumanEval, MBPP and their translations have.

import { type BenchmarkItem, NAMED_LANGUAGES, type RightAnswer } from "@slipway/core";
import { z } from "zod";

const TEXT_CHARACTERS_MAX = 200_000;
const text = z.string().max(TEXT_CHARACTERS_MAX);
const name = z.string().min(1).max(200);

const message = z.strictObject({
  role: z.enum(["system", "user", "assistant"]),
  content: text,
});

const context = { before: text.default(""), after: text.default("") };

const expected: z.ZodType<RightAnswer> = z
  .strictObject({
    exact: text.exactOptional(),
    contains: z.array(text).min(1).max(100).exactOptional(),
    pattern: text.min(1).exactOptional(),
    schema: z.record(z.string(), z.json()).exactOptional(),
    refusal: z.boolean().exactOptional(),
    parse: z.strictObject({ language: name, ...context }).exactOptional(),
    names: z
      .strictObject({
        language: z.enum(NAMED_LANGUAGES),
        packages: z.array(name).max(1_000).nullable().default(null),
        ...context,
      })
      .exactOptional(),
    tests: z
      .strictObject({
        language: z.literal("typescript"),
        code: text.min(1),
        entryPoint: name.nullable().default(null),
        ...context,
      })
      .exactOptional(),
    judge: z.strictObject({ criterion: text.min(1) }).exactOptional(),
  })
  .refine((one) => Object.keys(one).length > 0, "says nothing about a right answer");

const own = z
  .strictObject({
    id: name,
    prompt: text.exactOptional(),
    messages: z.array(message).min(1).max(200).exactOptional(),
    expect: expected,
    tags: z.array(name).max(20).default([]),
    family: name.nullable().default(null),
  })
  .transform(({ id, prompt, messages, expect, tags, family }, issues): BenchmarkItem => {
    if ((prompt === undefined) === (messages === undefined)) {
      issues.addIssue({ code: "custom", message: "write either prompt or messages" });
      return z.NEVER;
    }
    return {
      id,
      messages: messages ?? [{ role: "user", content: prompt ?? "" }],
      expect,
      tags,
      family,
    };
  });

/** A function to complete, and the tests that it must pass. */
const completion = z
  .object({
    task_id: name,
    prompt: text,
    test: text.min(1),
    entry_point: name,
    language: z.literal("typescript", "only tasks in typescript can be run"),
  })
  .transform(
    ({ task_id, prompt, test, entry_point, language }): BenchmarkItem => ({
      id: task_id,
      messages: [{ role: "user", content: prompt }],
      expect: {
        parse: { language, before: prompt, after: "" },
        tests: { language, before: prompt, after: "", code: test, entryPoint: entry_point },
      },
      tags: [language],
      family: null,
    }),
  );

/** `{"task_id": …}` is a function to complete; anything else is in Slipway's own form. */
export function benchmarkItemOf(value: unknown): z.ZodSafeParseResult<BenchmarkItem> {
  const isTask = typeof value === "object" && value !== null && "task_id" in value;
  return isTask ? completion.safeParse(value) : own.safeParse(value);
}
