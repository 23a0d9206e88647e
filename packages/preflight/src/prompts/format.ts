// Whether an answer has the form that its prompt asks for. Strict, as the program that reads it is: JSON in a fence is
// not JSON.

import { z } from "zod";
import type { Answer, ToolCall } from "../ask.ts";
import type { JsonObject, Prompt } from "./prompt.ts";

/** What is wrong with its form; null where nothing is. */
export function malformation(prompt: Prompt, answer: Answer): string | null {
  const { expect, tools, stops } = prompt;
  const marker = expect.markers.find((one) => !answer.text.includes(one));
  if (marker !== undefined) return `lacks ${JSON.stringify(marker)}`;
  const stop = stops.find((one) => answer.text.includes(one));
  if (stop !== undefined) return `goes on after its stop sequence ${JSON.stringify(stop)}`;
  if (expect.finish.length > 0 && !expect.finish.includes(answer.finishReason ?? "")) {
    return `ends for ${answer.finishReason ?? "no reason"}, not ${expect.finish.join(" or ")}`;
  }
  return (
    withoutCall(expect.toolCall, answer.toolCalls) ??
    firstOf(answer.toolCalls, (call) => wrongCall(tools, call)) ??
    wrongText(expect.json, answer)
  );
}

function firstOf<T>(items: readonly T[], wrong: (item: T) => string | null): string | null {
  for (const item of items) {
    const said = wrong(item);
    if (said !== null) return said;
  }
  return null;
}

function withoutCall(wanted: string | true | null, calls: readonly ToolCall[]): string | null {
  if (wanted === null) return null;
  if (wanted === true) return calls.length > 0 ? null : "calls no function";
  return calls.some(({ name }) => name === wanted) ? null : `does not call ${wanted}`;
}

/** Functions that the request does not offer, and arguments that do not fit those that it does. */
function wrongCall(tools: ReadonlyMap<string, JsonObject>, call: ToolCall): string | null {
  const schema = tools.get(call.name);
  if (schema === undefined) return `calls ${call.name}, which it was not offered`;
  const problem = wrongJson(schema, call.arguments);
  return problem === null ? null : `arguments of ${call.name}: ${problem}`;
}

function wrongText(wanted: JsonObject | true | null, { text, toolCalls }: Answer): string | null {
  // A call stands in for the text.
  if (wanted === null || (text === "" && toolCalls.length > 0)) return null;
  return wrongJson(wanted === true ? null : wanted, text);
}

function wrongJson(schema: JsonObject | null, text: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text.trimStart().startsWith("```") ? "is JSON in a fence, not JSON" : "is not JSON";
  }
  if (schema === null) return null;
  const checked = z.fromJSONSchema(schema).safeParse(value);
  const [problem] = checked.error?.issues ?? [];
  if (problem === undefined) return null;
  return `${["$", ...problem.path.map(String)].join(".")}: ${problem.message}`;
}
