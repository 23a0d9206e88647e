// What the gateway makes of an answer is the same however its bytes are cut, is what was put into it, and comes to an end
// whatever the bytes are.

import assert from "node:assert/strict";
import fc from "fast-check";
import type { AnswerScan } from "../../src/answer/answer-scan.ts";
import { scanOf } from "../../src/answer/scan-of.ts";
import type { Api } from "../../src/api.ts";
import { ObjectIdScan } from "../../src/objects/object-id-scan.ts";
import { bytes } from "../fixtures.ts";
import { property } from "./property.ts";
import { type Member, objectText, writtenObject } from "./written-json.ts";

const STREAM = ["content-type", "text/event-stream"];
const DOCUMENT = ["content-type", "application/json"];
const APIS = ["chat.completions", "completions", "responses", "messages", "other"] as const;
type StreamApi = (typeof APIS)[number];

const cuts = fc.array(fc.nat(), { maxLength: 12 });

function piecesOf(data: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const ends = places.map((place) => place % (data.length + 1)).sort((a, b) => a - b);
  return [...ends, data.length].map((end, at) => data.subarray(ends[at - 1] ?? 0, end));
}

function scanned(scan: AnswerScan, pieces: readonly Uint8Array[]): object {
  for (const piece of pieces) scan.push(piece);
  const isComplete = scan.isComplete();
  const isBetween = scan.isBetweenEvents();
  const outcome = scan.outcome();
  return { isComplete, isBetween, outcome, usage: scan.usage(), outputs: scan.outputCount() };
}

type Tokens = { readonly input: number; readonly cached: number; readonly output: number };
const count = fc.nat(2 ** 31);
const tokens: fc.Arbitrary<Tokens> = fc.record({ input: count, cached: count, output: count });

/** A usage in the words of the API, beside members that say nothing. */
function usageText(api: Api, { cached, input, output }: Tokens): string {
  if (api === "messages") {
    return `{"input_tokens":${input},"cache_read_input_tokens":${cached},"output_tokens":${output}}`;
  }
  const [sent, got] =
    api === "responses"
      ? ["input_tokens", "output_tokens"]
      : ["prompt_tokens", "completion_tokens"];
  return `{"${sent}":${input},"x":"}","${sent}_details":{"cached_tokens":${cached}},"${got}":${output}}`;
}

/** Names that mean nothing in any answer, with values that hold all that means something. */
const filling = writtenObject(["delta", "choices", "index"]);
const TERMINAL: Readonly<Record<StreamApi, string | null>> = {
  "chat.completions": null,
  completions: null,
  responses: "response.completed",
  messages: "message_stop",
  other: null,
};

type StreamEvent = {
  readonly kind: "delta" | "usage" | "error" | "terminal" | "comment";
  readonly more: readonly Member[];
  readonly isNamed: boolean;
  readonly tokens: Tokens;
};
const event: fc.Arbitrary<StreamEvent> = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant("delta" as const) },
    {
      weight: 2,
      arbitrary: fc.constantFrom("usage" as const, "terminal" as const, "comment" as const),
    },
    { weight: 1, arbitrary: fc.constant("error" as const) },
  ),
  more: filling,
  isNamed: fc.boolean(),
  tokens,
});

const isTyped = (api: StreamApi): boolean => api === "responses" || api === "messages";

function dataOf(api: StreamApi, { kind, more, tokens: used }: StreamEvent): string {
  if (kind === "terminal" && !isTyped(api)) return "[DONE]";
  const usage = usageText(api, used);
  const members: Member[] = [["type", JSON.stringify(typeOf(api, kind))], ...more];
  if (kind === "error") members.push(["error", '{"code":500}']);
  if (kind === "usage" && api === "responses") members.push(["response", `{"usage":${usage}}`]);
  else if (kind === "usage") members.push(["usage", usage]);
  return oneLine(objectText(members));
}

/** Breaks of lines are only ever gaps: in strings they are escaped. */
function oneLine(json: string): string {
  return json.replaceAll(/[\r\n]/g, " ");
}

function typeOf(api: StreamApi, kind: StreamEvent["kind"]): string {
  if (kind === "terminal") return TERMINAL[api] ?? "";
  return kind === "error" ? "error" : "some.delta";
}

function streamText(api: StreamApi, events: readonly StreamEvent[], end: string): string {
  const lines = events.flatMap((one) => {
    if (one.kind === "comment") return [": data: [DONE]", ""];
    const named = one.isNamed && isTyped(api) ? [`event: ${typeOf(api, one.kind)}`] : [];
    return [...named, `data: ${dataOf(api, one)}`, ""];
  });
  return lines.map((line) => line + end).join("");
}

function expectedOutcome(api: StreamApi, events: readonly StreamEvent[]): string {
  const has = (kind: StreamEvent["kind"]): boolean => events.some((one) => one.kind === kind);
  if (has("error")) return "stream_error";
  if (api === "other") return "ok";
  const isDone = has("terminal");
  const counted = events.some(
    ({ kind }) => kind !== "comment" && (kind !== "terminal" || isTyped(api)),
  );
  if (!counted) return "invalid";
  return isDone ? "ok" : "truncated";
}

property(
  "a stream has the outcome and the usage that were put into it, however it is cut",
  300,
  fc.property(
    fc.constantFrom(...APIS),
    fc.array(event, { maxLength: 8 }),
    fc.constantFrom("\n", "\r\n"),
    cuts,
    (api, events, end, places) => {
      const text = streamText(api, events, end);
      const found = scanned(scanOf(api, true, STREAM), piecesOf(bytes(text), places));
      const used = events.filter(({ kind }) => kind === "usage").map((one) => one.tokens);
      const latest = (of: (one: Tokens) => number): number =>
        used.map(of).filter(Boolean).at(-1) ?? 0;
      const usage = {
        inputTokens: latest(({ input }) => input),
        cachedTokens: latest(({ cached }) => cached),
        outputTokens: latest(({ output }) => output),
      };
      const isError = events.some(({ kind }) => kind === "error");
      const isDone = events.some(({ kind }) => kind === "terminal");
      const seen = events.filter(
        ({ kind }) => kind !== "comment" && !(kind === "terminal" && !isTyped(api)),
      );
      assert.deepEqual(found, {
        isComplete: isDone && !isError,
        isBetween: text !== "",
        outcome: expectedOutcome(api, events),
        usage: used.length === 0 ? null : usage,
        outputs: (used.length === 0 ? 0 : usage.outputTokens) || seen.length,
      });
    },
  ),
);

const MORSELS = [
  "data:",
  "data: ",
  "data: [DONE]",
  "event: error",
  "event: response.completed",
  '{"usage":{"prompt_tokens":1}}',
  '{"error":1}',
  '{"type":"message_stop"}',
  "\n",
  "\r\n",
  "\r",
  "\n\n",
  '"',
  "\\",
  "x".repeat(300),
];
const noise = fc.oneof(
  fc.array(fc.constantFrom(...MORSELS), { maxLength: 20 }).map((parts) => bytes(parts.join(""))),
  fc.uint8Array({ maxLength: 300 }),
);

property(
  "whatever the bytes of a stream, cuts change nothing, and between events is after an empty line",
  600,
  fc.property(fc.constantFrom(...APIS), noise, cuts, (api, data, places) => {
    const whole = scanned(scanOf(api, true, STREAM), [data]);
    assert.deepEqual(scanned(scanOf(api, true, STREAM), piecesOf(data, places)), whole);
    const scan = scanOf(api, true, STREAM);
    let passed = "";
    for (const piece of piecesOf(data, places)) {
      scan.push(piece);
      passed += Buffer.from(piece).toString("latin1");
      assert.equal(scan.isBetweenEvents(), /(^|\n)\r?\n$/.test(passed), JSON.stringify(passed));
    }
  }),
);

/** Above the size up to which a document is parsed, and below. */
const padding = fc.constantFrom("", "x".repeat(17_000));
const document = fc.record({
  more: filling,
  tokens: fc.option(tokens),
  isError: fc.boolean(),
  id: fc.option(fc.string({ maxLength: 8 })),
  pad: padding,
});

property(
  "a document has the outcome, the usage and the id that were put into it, of whatever size, however it is cut",
  200,
  fc.property(document, cuts, ({ more, tokens: used, isError, id, pad }, places) => {
    const members: Member[] = [["pad", `"${pad}"`], ...more];
    if (id !== null) members.push(["id", JSON.stringify(id)]);
    members.push(["error", isError ? '{"message":"x"}' : "null"]);
    if (used !== null) members.push(["usage", usageText("chat.completions", used)]);
    const data = bytes(`\n ${objectText(members)} \r\n`);
    const expected = {
      isComplete: false,
      isBetween: false,
      outcome: isError ? "invalid" : "ok",
      usage:
        used === null
          ? null
          : { inputTokens: used.input, cachedTokens: used.cached, outputTokens: used.output },
      outputs: used?.output ?? 0,
    };
    const pieces = piecesOf(data, places);
    assert.deepEqual(scanned(scanOf("chat.completions", false, DOCUMENT), pieces), expected);
  }),
);

property(
  "the id of what an answer made is found where it stands, however it is cut",
  200,
  fc.property(
    filling,
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.boolean(),
    cuts,
    (more, id, streamed, places) => {
      const name = JSON.stringify(id);
      const object = objectText([...more, ["id", name]]);
      const text = streamed
        ? `event: response.created\ndata: ${oneLine(objectText([...more, ["response", object]]))}\n\n`
        : object;
      const data = bytes(text);
      const found: string[] = [];
      const scan = new ObjectIdScan((one) => found.push(one));
      for (const piece of piecesOf(data, places)) scan.push(piece);
      assert.ok(
        data.length > 16_384 || (found.length === 1 && found[0] === id),
        JSON.stringify(found),
      );
    },
  ),
);

const broken = fc
  .tuple(document, fc.nat(), fc.nat(30), fc.uint8Array({ maxLength: 4 }))
  .map(([{ more, pad }, at, removed, put]) => {
    const text = bytes(objectText([["pad", `"${pad}"`], ...more, ["usage", "{}"]]));
    const place = at % text.length;
    return Buffer.concat([text.subarray(0, place), put, text.subarray(place + removed)]);
  });

property(
  "whatever the bytes of a document, cuts change nothing",
  300,
  fc.property(fc.oneof(broken, noise), cuts, (data, places) => {
    const whole = scanned(scanOf("responses", false, DOCUMENT), [data]);
    assert.deepEqual(scanned(scanOf("responses", false, DOCUMENT), piecesOf(data, places)), whole);
  }),
);
