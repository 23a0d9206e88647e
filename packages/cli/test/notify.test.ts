// slipway notify, against a controller that answers by script.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Notification, OCCASIONS } from "@slipway/core";
import type { NotificationsView } from "@slipway/wire";
import { type Script, scriptedController } from "./scripted-controller.ts";
import { type Ran, slipway } from "./slipway.ts";

const AT = Date.UTC(2026, 0, 15, 9, 30);

function notificationOf(changes: Partial<Notification>): Notification {
  return {
    number: 7,
    target: "team",
    notice: {
      ...{ id: "r1-4-rolled-back", occasion: "rolled-back", atMs: AT, thread: "rollout-r1" },
      ...{ call: null, urgency: "error", model: "chat", facts: { rollout: "r1" } },
      title: "chat a → b: rolled back, everybody returns to a",
      text: "P99 latency is 2x",
    },
    state: "pending",
    attempts: 3,
    dueAtMs: AT + 60_000,
    giveUpAtMs: AT + 86_400_000,
    said: "connection refused",
    settledAtMs: null,
    ...changes,
  };
}

const VIEW: NotificationsView = {
  targets: [
    { name: "team", kind: "slack", occasions: OCCASIONS, models: [], pending: 1 },
    { name: "leads", kind: "email", occasions: ["posted"], models: ["chat"], pending: 0 },
  ],
  notifications: [notificationOf({})],
};

async function ran(script: Script, args: readonly string[]): Promise<Ran & { asked: unknown }> {
  const controller = await scriptedController(script);
  try {
    const result = await slipway(["notify", ...args, "--controller", controller.url]);
    return { ...result, asked: controller.asked[0]?.body };
  } finally {
    controller.close();
  }
}

test("notify list shows who is told what, and what waits with why", async () => {
  const { out, code } = await ran({ "GET /v1/notifications": { body: VIEW } }, ["list"]);
  assert.equal(code, 0);
  assert.match(out, /team +slack +1 +all\n/);
  assert.match(out, /leads +email +0 +posted of chat\n/);
  assert.match(out, /7 .* team +rolled-back +pending +3 +connection refused\n/);
});

test("notify list says where nobody is told anything", async () => {
  const script: Script = { "GET /v1/notifications": { body: { targets: [], notifications: [] } } };
  const { out } = await ran(script, ["list"]);
  assert.match(out, /nobody is told anything: write notifications in slipway\.yaml/);
});

test("notify show says when it is tried next, and a number that is none is refused", async () => {
  const script: Script = { "GET /v1/notifications/7": { body: notificationOf({}) } };
  const { out } = await ran(script, ["show", "7"]);
  assert.match(out, /next +2026-01-15 09:31 UTC\n/);
  assert.match(out, /id +r1-4-rolled-back\n/);
  const wrong = await ran(script, ["show", "seven"]);
  assert.equal(wrong.code, 2);
});

test("notify test says what each target answered, and ends with 1 where one failed", async () => {
  const body = [
    notificationOf({ state: "delivered", said: "200 ok" }),
    notificationOf({ target: "audit", state: "failed", said: "302, redirects are not followed" }),
  ];
  const script: Script = { "POST /v1/notifications/test": { body } };
  const { out, code, asked } = await ran(script, ["test", "--by", "ann"]);
  assert.equal(code, 1);
  assert.deepEqual(asked, { by: "ann" });
  assert.match(out, /team +delivered +200 ok\naudit +failed +302, redirects are not followed\n/);
  const one = await ran({ "POST /v1/notifications/test": { body: body.slice(0, 1) } }, [
    "test",
    "team",
    "--by",
    "ann",
  ]);
  assert.equal(one.code, 0);
  assert.deepEqual(one.asked, { target: "team", by: "ann" });
});
