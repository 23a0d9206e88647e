// What the scan finds in a body, and in the parts that are read later, is what JSON.parse finds; splices change the model
// and nothing else; and no bytes make it throw or never end.

import assert from "node:assert/strict";
import fc from "fast-check";
import { type BodyScan, scanBody } from "../../src/body/body-scan.ts";
import { conversationOf } from "../../src/body/conversation.ts";
import { batchModel } from "../../src/body/message-batch.ts";
import { modelName, spliced } from "../../src/body/spliced.ts";
import { bytes, text } from "../fixtures.ts";
import { property } from "./property.ts";
import {
  arrayOf,
  between,
  type Member,
  objectText,
  type Written,
  writtenObject,
  writtenString,
  writtenValue,
} from "./written-json.ts";

const NAMES: readonly string[] = [
  "model",
  "stream",
  "user",
  "metadata",
  "prompt_cache_key",
  "service_tier",
  "store",
  "background",
  "previous_response_id",
  "max_tokens",
];

const value = fc.oneof(
  { weight: 3, arbitrary: writtenValue },
  { weight: 1, arbitrary: writtenObject(["user_id", "id"]).map((members) => objectText(members)) },
);
const members = writtenObject(NAMES, value);
const body = fc
  .tuple(members, between, between)
  .map(([all, gap, around]) => around + objectText(all, gap) + around);

function isModel([name]: Member): boolean {
  return name === "model" || name === "~model";
}

function scanOf(json: string): BodyScan {
  const scan = scanBody(bytes(json));
  assert.ok(scan !== null, "an object is read as one");
  return scan;
}

function isRecord(of: unknown): of is { readonly [key: string]: unknown } {
  return typeof of === "object" && of !== null && !Array.isArray(of);
}
const textOf = (of: unknown): string | null => (typeof of === "string" ? of : null);

property(
  "every field is what JSON.parse finds, however it is written",
  600,
  fc.property(body, (json) => {
    const parsed: unknown = JSON.parse(json);
    assert.ok(isRecord(parsed));
    const { metadata } = parsed;
    const scan = scanOf(json);
    assert.deepEqual(
      {
        model: scan.model,
        stream: scan.stream,
        user: scan.user,
        metadataUser: scan.metadataUser,
        promptCacheKey: scan.promptCacheKey,
        serviceTier: scan.serviceTier,
        nested: scan.text(["metadata", "user_id"]),
      },
      {
        model: textOf(parsed["model"]),
        stream: parsed["stream"] === true,
        user: textOf(parsed["user"]),
        metadataUser: isRecord(metadata) ? textOf(metadata["user_id"]) : null,
        promptCacheKey: textOf(parsed["prompt_cache_key"]),
        serviceTier: textOf(parsed["service_tier"]),
        nested: isRecord(metadata) ? textOf(metadata["user_id"]) : null,
      },
    );
  }),
);

property(
  "a splice puts the model in every place where it stands, and leaves every other byte",
  400,
  fc.property(members, between, fc.string({ unit: "binary" }), (all, gap, model) => {
    const json = objectText(all, gap);
    const name = JSON.stringify(model);
    const places = all.filter(isModel);
    const isThere = places.length === 1 && JSON.parse(places[0]?.[1] ?? "null") === model;
    const renamed = all.map((member): Member => (isModel(member) ? [member[0], name] : member));
    const out = spliced(bytes(json), scanOf(json), modelName(model));
    assert.equal(text(out), isThere ? json : objectText(renamed, gap));
  }),
);

const role = fc
  .constantFrom("user", "assistant", "system", "developer", "tool")
  .map((name) => `"${name}"`);
const part = writtenObject(["type", "text", "cache_control"]).map((members) => objectText(members));
const content = fc.oneof(
  writtenString,
  fc.array(part, { maxLength: 3 }).map((parts) => arrayOf(...parts)),
);
const message: fc.Arbitrary<readonly Member[]> = fc
  .tuple(role, content, writtenObject(["name", "id"]))
  .map(([who, what, more]) => [["role", who], ...more, ["content", what]]);
const messages = fc.array(message, { maxLength: 5 });

type Message = { readonly role?: unknown };
const ASKING: ReadonlySet<unknown> = new Set(["user", "system", "developer"]);

property(
  "a conversation is found by its opening alone, wherever that stands, and is continued once it was answered",
  400,
  fc.property(messages, writtenObject(["x", "tools", "metadata"]), between, (all, more, gap) => {
    const said = all.map((one) => objectText(one, gap));
    const parsed = said.map((one): Message => JSON.parse(one));
    const first = parsed.findIndex((one) => one.role === "user");
    const whole: readonly Member[] = [
      ...more.filter(([name]) => name !== "system"),
      ["messages", arrayOf(...said)],
      ["y", `"${"y".repeat(60)}\\"${"y".repeat(60)}\\\\"`],
    ];
    const scan = scanOf(objectText(whole, gap));
    const found = conversationOf(scan);
    assert.equal(found !== null, first !== -1);
    if (found === null) return;
    const opening = scanOf(objectText([["messages", arrayOf(...said.slice(0, first + 1))]], gap));
    assert.equal(found.key, conversationOf(opening)?.key);
    assert.equal(
      found.isContinued,
      parsed.slice(first + 1).some((one) => !ASKING.has(one.role)),
    );
  }),
);

const request = fc.record({
  model: fc.constantFrom('"a"', '"b"', '"\\u0061"', "1", null),
  more: writtenObject(["x", "messages"]),
});

function requestText(more: readonly Member[], model: Written | null): Written {
  const params: readonly Member[] = model === null ? more : [...more, ["model", model]];
  return objectText([
    ["custom_id", '"1"'],
    ["params", objectText(params)],
  ]);
}

property(
  "a batch has a model where all of its requests have the same, and all of them get another",
  300,
  fc.property(fc.array(request, { maxLength: 4 }), between, (requests, gap) => {
    const written = (texts: readonly Written[]): Written =>
      objectText(
        [
          ["requests", arrayOf(...texts)],
          ["z", '"\\""'],
        ],
        gap,
      );
    const json = written(requests.map(({ model, more }) => requestText(more, model)));
    const models = requests.map(({ model }): unknown => JSON.parse(model ?? "null"));
    const [only] = models;
    const isOne = typeof only === "string" && models.every((model) => model === only);
    const scan = scanOf(json);
    assert.equal(batchModel(scan), isOne ? only : null);
    if (!isOne) return;
    const out = text(spliced(bytes(json), scan, modelName("new")));
    assert.equal(out, written(requests.map(({ more }) => requestText(more, '"new"'))));
  }),
);

const MORSELS = ["{", "}", "[", "]", '"', "\\", ",", ":", "\0", "\u00ff", "t", "n", "-", " "];
const broken = fc
  .tuple(
    body,
    fc.array(fc.tuple(fc.nat(), fc.nat(12), fc.constantFrom(...MORSELS)), { maxLength: 4 }),
  )
  .map(([json, changes]) => {
    let out = json;
    for (const [at, removed, put] of changes) {
      const place = at % (out.length + 1);
      out = out.slice(0, place) + put + out.slice(place + removed);
    }
    return bytes(out);
  });

property(
  "whatever the bytes, the scan ends, finds spans within them, and splices what stands there",
  600,
  fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), broken), (data) => {
    const scan = scanBody(data);
    if (scan === null) return;
    conversationOf(scan);
    batchModel(scan);
    scan.text(["metadata", "user_id"]);
    let last = 0;
    for (const { end, start } of [...scan.modelSpans].sort((a, b) => a.start - b.start)) {
      assert.ok(last <= start && start < end && end <= data.length, `${start} to ${end}`);
      last = end;
    }
    spliced(data, scan, modelName("new"));
  }),
);
