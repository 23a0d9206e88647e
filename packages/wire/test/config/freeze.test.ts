// What freezes, approvals and the mode of a slipway.yaml mean.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { ConfigDocument } from "@slipway/wire";
import { applyRequestSchema } from "@slipway/wire";
import { loadConfig, problemsText } from "@slipway/wire/config";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const DAY = 24 * 60;

function loaded(top: string, ofModel = ""): ConfigDocument {
  const text = `${top}
models:
  chat:
    stable: "1"
    versions:
      1: {upstreams: [{url: "http://127.0.0.1:9000/v1"}]}
${ofModel}`;
  const config = loadConfig({ file: "slipway.yaml", text, sha256, isSet: null });
  assert.equal(problemsText(config.problems), "");
  assert.ok(config.ok);
  const { ok: _, problems: __, ...document } = config;
  assert.deepEqual(applyRequestSchema.safeParse({ ...document, by: "ann" }).error, undefined);
  return document;
}

function whenOf(window: string): unknown {
  const [first] = loaded(`freeze:\n  one: ${window}`).freeze ?? [];
  return first?.kind === "weekly" ? first.spans : [first?.fromLocalMs, first?.toLocalMs];
}

test("a freeze from one day of the week to another goes around its end", () => {
  assert.deepEqual(whenOf("{from: fri 16:00, to: mon 08:00, zone: Europe/Berlin}"), [
    { fromMinute: 4 * DAY + 16 * 60, minutes: 2 * DAY + 16 * 60 },
  ]);
  assert.deepEqual(whenOf("{from: sat 00:00, to: sun 24:00, zone: UTC}"), [
    { fromMinute: 5 * DAY, minutes: 2 * DAY },
  ]);
});

test("a freeze from time to time is every day's, or that of the days it names, over midnight too", () => {
  const nights = whenOf("{from: 18:00, to: 08:00, zone: UTC}");
  assert.deepEqual(
    nights,
    [0, 1, 2, 3, 4, 5, 6].map((day) => ({ fromMinute: day * DAY + 18 * 60, minutes: 14 * 60 })),
  );
  assert.deepEqual(whenOf("{from: 12:00, to: 13:00, days: [tue, sat], zone: UTC}"), [
    { fromMinute: DAY + 720, minutes: 60 },
    { fromMinute: 5 * DAY + 720, minutes: 60 },
  ]);
  assert.deepEqual(whenOf("{from: 00:00, to: 24:00, days: [sun], zone: UTC}"), [
    { fromMinute: 6 * DAY, minutes: DAY },
  ]);
});

test("a dated freeze lasts to the end of its last day, or to the time that is written", () => {
  const from = Date.UTC(2026, 11, 20);
  assert.deepEqual(whenOf("{from: 2026-12-20, to: 2027-01-04, zone: Europe/Berlin}"), [
    from,
    Date.UTC(2027, 0, 5),
  ]);
  assert.deepEqual(whenOf("{from: 2026-12-20 18:30, to: 2026-12-21 07:00, zone: Europe/Berlin}"), [
    from + 18.5 * 3_600_000,
    from + 31 * 3_600_000,
  ]);
});

test("freezes of all models and of one are told apart, and silence means none", () => {
  const one = "{from: 18:00, to: 08:00, zone: UTC, reason: nights}";
  const both = loaded(`freeze:\n  all: ${one}`, `    freeze:\n      own: ${one}`);
  assert.deepEqual(
    both.freeze?.map(({ name, reason }) => [name, reason]),
    [["all", "nights"]],
  );
  assert.deepEqual(
    both.models[0]?.freeze?.map(({ name }) => name),
    ["own"],
  );
  const none = loaded("");
  assert.deepEqual([none.freeze, none.models[0]?.freeze], [undefined, undefined]);
});

test("a stage says whose approval it needs, and how many", () => {
  const [model] = loaded(
    "",
    `    policy:
      mode: observe
      stages:
        - {share: 5%}
        - {share: 25%, approval: required}
        - {share: 50%, approval: [ann, bob, ann], approvals: 2}
        - {share: 100%, approvals: 3}
`,
  ).models;
  assert.equal(model?.policy.mode, "observe");
  assert.deepEqual(
    model?.policy.stages.map(({ approval }) => approval),
    [undefined, { needed: 1, by: [] }, { needed: 2, by: ["ann", "bob"] }, { needed: 3, by: [] }],
  );
});
