// The scan of a request's body against JSON.parse, and the splice of its model.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { scanBody } from "../src/body/body-scan.ts";
import { conversationKey } from "../src/body/conversation.ts";
import { JsonCursor } from "../src/body/json-cursor.ts";
import { batchModel } from "../src/body/message-batch.ts";
import { modelName, spliced } from "../src/body/spliced.ts";
import { bytes, text } from "./fixtures.ts";

type Fields = {
  readonly model: string | null;
  readonly stream: boolean;
  readonly user: string | null;
  readonly metadataUser: string | null;
  readonly promptCacheKey: string | null;
  readonly hasSideEffects: boolean;
};

/** What the scan must find, found by parsing everything. */
function parsedFields(json: string): Fields | null {
  const value: unknown = JSON.parse(json);
  if (!isRecord(value)) return null;
  const { metadata, tools, mcp_servers } = value;
  return {
    model: textOf(value["model"]),
    stream: value["stream"] === true,
    user: textOf(value["user"]),
    metadataUser: isRecord(metadata) ? textOf(metadata["user_id"]) : null,
    promptCacheKey: textOf(value["prompt_cache_key"]),
    hasSideEffects:
      value["store"] === true ||
      value["background"] === true ||
      (Array.isArray(tools) && tools.some(isHosted)) ||
      (Array.isArray(mcp_servers) && mcp_servers.length > 0),
  };
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);
const isHosted = (tool: unknown): boolean =>
  isRecord(tool) &&
  typeof tool["type"] === "string" &&
  !["function", "custom", "web_search"].includes(tool["type"]);

function scannedFields(json: string): Fields | null {
  const scan = scanBody(bytes(json));
  if (scan === null) return null;
  const { model, stream, user, metadataUser, promptCacheKey, hasSideEffects } = scan;
  return { model, stream, user, metadataUser, promptCacheKey, hasSideEffects };
}

const NAMES = [
  "model",
  "stream",
  "user",
  "metadata",
  "user_id",
  "prompt_cache_key",
  "store",
  "tools",
];
const names = fc.constantFrom(...NAMES, "background", "mcp_servers", "messages", "type", "x");
const leaf = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.constantFrom("function", "web_search", "mcp", 'a "quoted" \\ text', "\\", '"', "\u2028é😀"),
  fc.boolean(),
  fc.constant(null),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(names, tie("value")), { maxLength: 5 }).map((m) => new Members(m as never)),
  ),
})).value;

/** An object whose keys may stand twice, and be written with escapes. */
class Members {
  readonly members: readonly (readonly [string, unknown])[];
  constructor(members: readonly (readonly [string, unknown])[]) {
    this.members = members;
  }
}

function written(of: unknown, style: { readonly gap: string; readonly escapes: boolean }): string {
  const { gap } = style;
  if (Array.isArray(of)) return `[${gap}${of.map((v) => written(v, style)).join(`${gap},`)}${gap}]`;
  if (!(of instanceof Members)) return JSON.stringify(of);
  const members = of.members.map(
    ([key, v]) => `${gap}${keyText(key, style.escapes)}${gap}:${gap}${written(v, style)}`,
  );
  return `{${members.join(`${gap},`)}${gap}}`;
}

function keyText(key: string, escapes: boolean): string {
  if (!escapes) return JSON.stringify(key);
  return `"${[...key].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"`;
}

const json = fc
  .record({
    members: fc.array(fc.tuple(names, value), { maxLength: 8 }),
    gap: fc.constantFrom("", " ", "\n\t "),
    escapes: fc.boolean(),
  })
  .map(({ members, gap, escapes }) => gap + written(new Members(members), { gap, escapes }) + gap);

test("the scan finds what parsing everything finds", () => {
  fc.assert(
    fc.property(json, (body) => {
      assert.deepEqual(scannedFields(body), parsedFields(body));
    }),
    { numRuns: 2_000 },
  );
});

test("what is read again after what follows it is read as it stands: a user behind a long text with a quote", () => {
  const long = `${"x".repeat(60)}\\"${"x".repeat(10)}`;
  const scan = scanBody(bytes(`{"metadata":{"note":"${long}","user_id":"u"},"x":"${long}"}`));
  assert.equal(scan?.metadataUser, "u");
  const requests = `{"params":{"system":"${long}","model":"a"}}`;
  const batch = scanBody(bytes(`{"requests":[${requests},${requests}]}`));
  assert.equal(batch === null ? null : batchModel(batch), "a");
});

test("the scan never throws, whatever it is given", () => {
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    json.chain((body) => fc.nat(body.length).map((cut) => bytes(body.slice(0, cut)))),
  );
  fc.assert(
    fc.property(noise, (body) => {
      const scan = scanBody(body);
      if (scan !== null) conversationKey(scan);
    }),
    { numRuns: 1_000 },
  );
});

test("a body that breaks off is no JSON object", () => {
  fc.assert(
    fc.property(json, fc.nat(), (body, cut) => {
      const trimmed = body.trim();
      const broken = trimmed.slice(0, cut % trimmed.length);
      assert.equal(scanBody(bytes(broken)), null);
    }),
  );
});

test("a text that was met before is never taken for another of its length", () => {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const letters = fc.constantFrom(0x61, 0x62, 0x63, 0x80, 0xc3, 0xa9);
  const texts = fc.array(fc.array(letters, { maxLength: 6 }), { minLength: 20 });
  fc.assert(
    fc.property(texts, (all) => {
      for (const one of all) {
        const some = Uint8Array.from(one);
        const text = new JsonCursor(some).raw(0, some.length);
        assert.equal(text, decoder.decode(some));
      }
    }),
  );
});

test("the splice changes the model and nothing else", () => {
  fc.assert(
    fc.property(json, fc.string({ unit: "binary" }), (body, model) => {
      const data = bytes(body);
      const scan = scanBody(data);
      assert.ok(scan !== null);
      const expected = JSON.parse(body);
      if ("model" in expected) expected.model = model;
      assert.deepEqual(JSON.parse(text(spliced(data, scan, modelName(model)))), expected);
    }),
    { numRuns: 500 },
  );
});

test("a model that stands twice is replaced twice", () => {
  const data = bytes('{"model":"a", "x":{"model":"b"}, "model" : "c"}');
  const scan = scanBody(data);
  assert.ok(scan !== null);
  assert.equal(
    text(spliced(data, scan, modelName("new"))),
    '{"model":"new", "x":{"model":"b"}, "model" : "new"}',
  );
});

test("a conversation keeps its key while it grows, and another has another", () => {
  const key = (body: object): string | null => {
    const scan = scanBody(bytes(JSON.stringify(body)));
    return scan === null ? null : conversationKey(scan);
  };
  const system = { role: "system", content: "Be brief." };
  const first = { role: "user", content: "Hello" };
  const more = [
    { role: "assistant", content: "Hi" },
    { role: "user", content: "And?" },
  ];
  assert.equal(key({ messages: [system, first] }), key({ messages: [system, first, ...more] }));
  assert.notEqual(key({ messages: [system, first] }), key({ messages: [system, more[1]] }));
  assert.notEqual(key({ messages: [system, first] }), key({ messages: [first] }));
  const part = { type: "text", text: "Hello" };
  const marked = { ...part, cache_control: { type: "ephemeral" } };
  assert.equal(
    key({ system: "S", messages: [{ role: "user", content: [part] }] }),
    key({ system: "S", messages: [{ role: "user", content: [marked] }, ...more] }),
    "a mark on a part changes nothing",
  );
  assert.equal(
    key({ instructions: "S", input: "Hello" }),
    key({ instructions: "S", input: "Hello", stream: true }),
  );
  assert.equal(key({ prompt: "def f(" }), null, "a completion has no conversation");
  assert.equal(key({ messages: [system] }), null);
});
