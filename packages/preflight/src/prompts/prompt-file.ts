// Prompts from the team's files: one JSON value a line, or a list in YAML. What is wrong is said with file and line.

import type { Json } from "@slipway/core";
import { SlipwayError } from "@slipway/wire";
import { type Problem, problemsText, readDocument } from "@slipway/wire/config";
import { z } from "zod";
import type { JsonObject, Prompt } from "./prompt.ts";

const PROMPTS_MAX = 10_000;
const PROBLEMS_MAX = 10;
const TAGS_MAX = 10;

const text = z.string().min(1);
const json: z.ZodType<Json> = z.json();
const object: z.ZodType<JsonObject> = z.record(z.string(), json);

const entry = z
  .strictObject({
    id: text.optional().meta({ description: "its name in reports" }),
    system: text.optional().meta({ description: "the system prompt" }),
    examples: z
      .array(z.strictObject({ user: text, assistant: text }))
      .meta({ description: "questions with their answers, before the request itself" })
      .default([]),
    user: text.optional().meta({ description: "the request" }),
    messages: z
      .array(object)
      .min(1)
      .optional()
      .meta({ description: "the whole conversation, in place of system, examples and user" }),
    request: object
      .meta({ description: "what else stands in the request's body: max_tokens, tools, stop" })
      .default({}),
    expect: z
      .strictObject({
        json: z.union([z.literal(true), object]).optional(),
        "tool-call": z.union([z.literal(true), text]).optional(),
        markers: z.array(text).default([]),
        finish: z.array(text).default([]),
      })
      .meta({ title: "expect", description: "what every version's answer must be like" })
      .prefault({}),
    tags: z
      .record(text, text)
      .refine((tags) => Object.keys(tags).length <= TAGS_MAX, { message: "too many tags" })
      .meta({ description: "what it is compared by, such as language: typescript" })
      .default({}),
  })
  .meta({ title: "a prompt" })
  .refine((written) => (written.user === undefined) !== (written.messages === undefined), {
    message: "a prompt has either user or messages",
    params: { fix: "write user: and the request, or messages: and the whole conversation" },
  });

type Entry = z.infer<typeof entry>;

export type PromptText = { readonly file: string; readonly text: string };

/** Throws a SlipwayError with everything that is wrong, up to a number. */
export function readPrompts(files: readonly PromptText[]): readonly Prompt[] {
  const prompts = files.flatMap((file) =>
    (file.file.endsWith(".jsonl") ? linesOf(file) : listOf(file)).map((written, index) =>
      promptOf(written, `${file.file}#${index + 1}`),
    ),
  );
  if (prompts.length === 0) throw unusable("the files hold no prompts", "write one a line");
  if (prompts.length > PROMPTS_MAX) {
    throw unusable(`${prompts.length} prompts are more than ${PROMPTS_MAX}`, "take a sample");
  }
  const ids = new Set<string>();
  for (const { id } of prompts) {
    if (ids.has(id)) throw unusable(`two prompts have the id ${id}`, "give each one its own");
    ids.add(id);
  }
  return prompts;
}

function listOf(file: PromptText): readonly Entry[] {
  const read = readDocument(file, z.array(entry));
  if (!read.ok) throw wrong(read.problems);
  return read.value;
}

function linesOf({ file, text: lines }: PromptText): readonly Entry[] {
  const problems: Problem[] = [];
  const entries = lines.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const read = readDocument({ file, text: line }, entry);
    if (read.ok) return [read.value];
    problems.push(...read.problems.map((problem) => ({ ...problem, line: index + 1 })));
    return [];
  });
  if (problems.length > 0) throw wrong(problems);
  return entries;
}

function wrong(problems: readonly Problem[]): SlipwayError {
  const more = problems.length - PROBLEMS_MAX;
  const rest = more > 0 ? `and ${more} more\n` : "";
  const said = problemsText(problems.slice(0, PROBLEMS_MAX));
  return unusable(`the prompts cannot be read:\n${said}${rest}`.trimEnd(), "mend the file");
}

function unusable(message: string, fix: string): SlipwayError {
  return new SlipwayError({ code: "prompts_unusable", status: 400, message, fix });
}

function promptOf(written: Entry, place: string): Prompt {
  const { request, expect } = written;
  const json = expect.json ?? schemaIn(request["response_format"]);
  const tools = toolsIn(request["tools"]);
  for (const schema of [json, ...tools.values()]) assertSchema(schema, written.id ?? place);
  return {
    id: written.id ?? place,
    body: { ...request, messages: written.messages ?? messagesOf(written) },
    tools,
    stops: stopsIn(request["stop"]),
    outputTokensMax: countIn(request["max_completion_tokens"] ?? request["max_tokens"]),
    expect: {
      json,
      toolCall: expect["tool-call"] ?? null,
      markers: expect.markers,
      finish: expect.finish,
    },
    tags: written.tags,
  };
}

function assertSchema(schema: JsonObject | true | null, id: string): void {
  if (schema === null || schema === true) return;
  try {
    z.fromJSONSchema(schema);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw unusable(`a JSON Schema of the prompt ${id} cannot be used: ${why}`, "mend the schema");
  }
}

function messagesOf({ system, examples, user = "" }: Entry): readonly JsonObject[] {
  return [
    ...(system === undefined ? [] : [{ role: "system", content: system }]),
    ...examples.flatMap((example) => [
      { role: "user", content: example.user },
      { role: "assistant", content: example.assistant },
    ]),
    { role: "user", content: user },
  ];
}

const responseFormat = z.union([
  z.object({ type: z.literal("json_schema"), json_schema: z.object({ schema: object }) }),
  z.object({ type: z.literal("json_object") }),
]);

/** What the request itself asks the answer to be. */
function schemaIn(format: Json | undefined): JsonObject | true | null {
  const parsed = responseFormat.safeParse(format);
  if (!parsed.success) return null;
  return parsed.data.type === "json_schema" ? parsed.data.json_schema.schema : true;
}

const tool = z.object({
  function: z.object({ name: z.string(), parameters: object.default({}) }),
});

function toolsIn(tools: Json | undefined): ReadonlyMap<string, JsonObject> {
  const parsed = z.array(z.unknown()).safeParse(tools);
  const known = (parsed.data ?? []).flatMap((one) => {
    const { data } = tool.safeParse(one);
    return data === undefined ? [] : [[data.function.name, data.function.parameters] as const];
  });
  return new Map(known);
}

function stopsIn(stop: Json | undefined): readonly string[] {
  const parsed = z.union([text.transform((one) => [one]), z.array(text)]).safeParse(stop);
  return parsed.data ?? [];
}

function countIn(value: Json | undefined): number | null {
  return typeof value === "number" ? value : null;
}
