// The outbox on a clock that the test owns: what is told of a rollout and of its incident, that a crash loses none of it,
// and what a receiver that fails is sent when it is back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemoryStore, type MemoryStoreHooks } from "@slipway/controller";
import type { Answer } from "@slipway/core";
import { notificationsViewSchema } from "@slipway/wire";
import { GOOD } from "./fake-gateway.ts";
import { documentOf, MODEL, POLICY, requestOf, versionOf } from "./fake-world.ts";
import { MINUTE_MS, Story } from "./status-story.ts";
import { AWAY, drained, FakeReceiver, pass, targetOf, worldOf } from "./told-world.ts";

test("a rollout that completes tells its start, its stages and its end, each once and in order", async () => {
  const receiver = new FakeReceiver();
  const world = await worldOf(receiver, [targetOf("team")]);
  await world.start();
  await world.seconds(40);
  assert.match(await world.story(), /complete$/);
  await drained(world);
  assert.deepEqual(receiver.words(), [
    ...["rollout-started", "stage-began", "stage-began", "stage-began", "rollout-completed"],
  ]);
  const ids = receiver.taken.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.match(
    receiver.taken[0]?.title ?? "",
    /code-assistant gpt-5\.0 → gpt-5\.3: a rollout started/,
  );
  const view = notificationsViewSchema.parse(await world.controller.notifications());
  assert.equal(view.notifications.length, 5);
  assert.ok(
    view.notifications.every(({ state, attempts }) => state === "delivered" && attempts === 1),
  );
});

test("a target hears the events and models that it asked for, in its own words", async () => {
  const receiver = new FakeReceiver();
  const world = await worldOf(receiver, [
    targetOf("some", {
      occasions: ["rollout-started"],
      templates: { "rollout-started": "{by} moves {model} to {to}{incident}" },
    }),
    targetOf("others", { models: ["another-model"] }),
  ]);
  await world.start();
  await drained(world);
  assert.deepEqual(
    receiver.attempts.map(({ target, notice }) => [target, notice.title]),
    [["some", `ann moves ${MODEL} to gpt-5.3`]],
  );
});

test("an incident is opened, its post is due, somebody takes it on, it is posted and ends", async () => {
  const receiver = new FakeReceiver();
  const story = new Story({ deliver: receiver.deliver });
  const { world } = story;
  await world.open();
  const request = requestOf(documentOf({ policy: world.policy }));
  await world.controller.apply({
    ...request,
    notifications: { mail: null, targets: [targetOf("team")] },
  });
  await world.start();
  await world.seconds(4);
  await world.seconds(10, { ...GOOD, latencyMs: 900 });
  await world.controller.communicate();
  await story.wait(11 * MINUTE_MS);
  await drained(world);
  const told = receiver
    .words()
    .filter((word) => !word.startsWith("rollout") && word !== "stage-began");
  assert.deepEqual(told, [
    "rolled-back",
    "incident-opened",
    "incident-mitigated",
    "post-due",
    "posted",
  ]);
  const due = receiver.taken.find(({ occasion }) => occasion === "post-due");
  assert.match(
    due?.text ?? "",
    /slipway incident publish .*\. It is due by .* UTC; if nobody has posted by .* UTC, Slipway does/,
  );
  const threads = new Map(receiver.taken.map(({ occasion, thread }) => [occasion, thread]));
  assert.equal(threads.get("incident-opened"), threads.get("incident-mitigated"));
  assert.equal(threads.get("post-due"), threads.get("posted"));
});

test("an approval is asked for once for a stage, however often the rollout looks", async () => {
  const receiver = new FakeReceiver();
  const approval = { needed: 1, by: [] };
  const stages = [
    { percent: 25, holdMs: 6_000, minRequests: 100 },
    { percent: 50, holdMs: 6_000, minRequests: 100, approval },
  ];
  const asked = targetOf("team", { occasions: ["approval-asked", "stage-began"] });
  const world = await worldOf(receiver, [asked], { policy: { stages } });
  await world.start();
  await world.seconds(30);
  await drained(world);
  assert.deepEqual(receiver.words(), ["stage-began", "approval-asked"]);
  assert.match(receiver.taken[1]?.text ?? "", /50% needs an approval: slipway rollout approve /);
  await world.command("approve");
  await world.seconds(4);
  await drained(world);
  assert.deepEqual(receiver.words(), ["stage-began", "approval-asked", "stage-began"]);
});

test("a rollout that holds for a person's decision says so once, and not while it waits by itself", async () => {
  const receiver = new FakeReceiver();
  const asked = targetOf("team", { occasions: ["decision-asked"] });
  const guards = POLICY.guards.map((guard) => ({ ...guard, action: "block" as const }));
  const world = await worldOf(receiver, [asked], { policy: { guards } });
  await world.start();
  await world.seconds(6);
  await drained(world);
  assert.deepEqual(receiver.words(), []);
  for (const errors of [0.5, 0.01, 0.5]) await world.seconds(8, { ...GOOD, errors });
  await drained(world);
  assert.deepEqual(receiver.words(), ["decision-asked"]);
  assert.match(receiver.taken[0]?.title ?? "", /whether it goes on is a person's to say$/);
  assert.match(receiver.taken[0]?.text ?? "", /^error rate .*limit \+5%/);
});

test("an outage calls somebody once, and ends the call when it is over", async () => {
  const receiver = new FakeReceiver();
  const onCall = targetOf("on-call", {
    occasions: ["page-opened", "acknowledged", "page-resolved"],
  });
  const world = await worldOf(receiver, [onCall]);
  const versions = [versionOf("gpt-5.0", undefined, "p"), versionOf("gpt-5.3", undefined, "q")];
  const notifications = { mail: null, targets: [onCall] };
  await world.controller.apply({ ...requestOf(documentOf({ versions })), notifications });
  await world.start();
  await world.seconds(12);
  await world.seconds(10, { ...GOOD, errors: 0.5, stableErrors: 0.5 });
  await world.command("acknowledge");
  await world.seconds(60);
  await drained(world);
  const calls = receiver.taken.map(({ call, thread }) => [call, thread]);
  const thread = `page-${world.rolloutId}-outage`;
  assert.deepEqual(calls.at(0), ["trigger", thread]);
  assert.deepEqual(calls.at(-1), ["resolve", thread]);
  assert.deepEqual(receiver.words(), ["page-opened", "acknowledged", "page-resolved"]);
  assert.equal(receiver.taken[1]?.text, "outage: because (bob)");
});

test("a receiver that is away for an hour is asked ever more rarely, and gets each notice once when it is back", async () => {
  const receiver = new FakeReceiver();
  const world = await worldOf(receiver, [targetOf("team")]);
  receiver.answer = AWAY;
  await world.start();
  await world.seconds(40);
  await pass(world, 60 * MINUTE_MS);
  assert.deepEqual(receiver.taken, []);
  // Doubling from 5 s to 5 min: one attempt at a time, whatever waits.
  assert.ok(
    receiver.attempts.length >= 15 && receiver.attempts.length <= 30,
    String(receiver.attempts.length),
  );
  receiver.answer = { ok: true, said: "200" };
  await pass(world, 6 * MINUTE_MS);
  assert.deepEqual(receiver.words(), [
    ...["rollout-started", "stage-began", "stage-began", "stage-began", "rollout-completed"],
  ]);
});

test("Retry-After is honoured, and no receiver can have it wait for more than an hour", async () => {
  for (const [askedMs, waitedMs] of [
    [20 * MINUTE_MS, 20 * MINUTE_MS],
    [48 * 60 * MINUTE_MS, 60 * MINUTE_MS],
  ] as const) {
    const receiver = new FakeReceiver();
    const world = await worldOf(receiver, [targetOf("team", { occasions: ["rollout-started"] })]);
    receiver.answer = { ...AWAY, said: "429", retryAfterMs: askedMs };
    await world.start();
    await world.controller.deliverDue();
    receiver.answer = { ok: true, said: "200" };
    await pass(world, waitedMs + 60_000);
    const [first, second] = receiver.attempts.map(({ atMs }) => atMs);
    assert.equal(receiver.attempts.length, 2);
    const betweenMs = (second ?? 0) - (first ?? 0);
    assert.ok(betweenMs >= waitedMs && betweenMs <= waitedMs + 20_000, String(betweenMs));
  }
});

test("what nobody takes is given up after its time, and shown with why", async () => {
  const receiver = new FakeReceiver();
  const world = await worldOf(receiver, [
    targetOf("team", { occasions: ["rollout-started"], giveUpAfterMs: 10 * MINUTE_MS }),
  ]);
  receiver.answer = AWAY;
  await world.start();
  await pass(world, 20 * MINUTE_MS);
  const { notifications } = await world.controller.notifications();
  assert.deepEqual(
    notifications.map(({ state, said }) => [state, said]),
    [["failed", "connection refused"]],
  );
  const { attempts } = receiver;
  assert.ok(attempts.length >= 4);
});

test("one notice that is refused holds up nothing but its own thread", async () => {
  const receiver = new FakeReceiver();
  const world = await worldOf(receiver, [
    targetOf("team", { occasions: ["rollout-started", "stage-began"] }),
  ]);
  receiver.answer = { ...AWAY, said: "409", isOfReceiver: false };
  await world.start();
  await world.controller.deliverDue();
  receiver.answer = { ok: true, said: "200" };
  await world.controller.testNotifications({ by: "ann" });
  await world.seconds(2);
  await world.controller.deliverDue();
  assert.deepEqual(receiver.words(), ["test"]);
  await pass(world, MINUTE_MS);
  assert.deepEqual(receiver.words(), ["test", "rollout-started", "stage-began"]);
});

test("what is refused for good fails at once, is said, and lets its thread go on", async () => {
  const receiver = new FakeReceiver();
  const world = await worldOf(receiver, [
    targetOf("team", { occasions: ["rollout-started", "stage-began"] }),
  ]);
  receiver.answer = { ...AWAY, said: "422", isOfReceiver: false, isFinal: true };
  await world.start();
  await world.controller.deliverDue();
  receiver.answer = { ok: true, said: "200" };
  await world.seconds(2);
  await world.controller.deliverDue();
  assert.deepEqual(receiver.words(), ["stage-began"]);
  const { notifications } = await world.controller.notifications();
  assert.deepEqual(
    notifications.map(({ notice, state, said }) => [notice.occasion, state, said]),
    [
      ["stage-began", "delivered", "200"],
      ["rollout-started", "failed", "422"],
    ],
  );
});

test("a drill that fails is told, and one that passes is not", async () => {
  const receiver = new FakeReceiver();
  const world = await worldOf(receiver, [targetOf("team", { occasions: ["drill-failed"] })]);
  await world.controller.startDrill(MODEL, { by: "the schedule" });
  await world.seconds(2);
  await world.controller.faultDrill(MODEL);
  await world.controller.endDrill(MODEL, "the schedule");
  await world.controller.deliverDue();
  const [told] = receiver.taken;
  assert.deepEqual(
    [told?.occasion, told?.model, told?.facts["by"]],
    ["drill-failed", MODEL, "the schedule"],
  );
  assert.match(told?.text ?? "", /^the fault was not noticed/);
});

test("a receiver that is slow keeps no other waiting", async () => {
  const receiver = new FakeReceiver();
  const slow = Promise.withResolvers<Answer>();
  const deliver: typeof receiver.deliver = (sending) =>
    sending.target.name === "slow" ? slow.promise : receiver.deliver(sending);
  const world = await worldOf(receiver, [targetOf("slow"), targetOf("quick")], { deliver });
  await world.start();
  void world.controller.deliverDue();
  for (let turns = 0; turns < 20; turns++) await Promise.resolve();
  assert.deepEqual(receiver.words(), ["rollout-started"]);
  slow.resolve({ ok: true, said: "200" });
  await drained(world);
});

test("whoever stops lets what was begun end, and is kept by nobody for ever", async () => {
  const receiver = new FakeReceiver();
  const slow = Promise.withResolvers<Answer>();
  const world = await worldOf(receiver, [targetOf("team")], { deliver: () => slow.promise });
  await world.start();
  void world.controller.deliverDue();
  let isSettled = false;
  const settled = world.controller.settled().then(() => {
    isSettled = true;
  });
  for (let turns = 0; turns < 20; turns++) await Promise.resolve();
  assert.equal(isSettled, false);
  world.clock.advance(5_000);
  await settled;
  slow.resolve({ ok: true, said: "200" });
});

test("a notice is stored with the entry that causes it, or neither is", async () => {
  for (const when of ["before", "after"] as const) {
    let isKilled = true;
    const kill = (): void => {
      if (isKilled) return;
      isKilled = true;
      throw new Error("killed");
    };
    const hooks: MemoryStoreHooks =
      when === "before" ? { beforeCommit: kill } : { afterCommit: kill };
    const receiver = new FakeReceiver();
    const world = await worldOf(receiver, [targetOf("team")], {
      store: createMemoryStore("s", hooks),
    });
    isKilled = false;
    await assert.rejects(world.start());
    await world.restart();
    await drained(world);
    const rollouts = await world.controller.rollouts(null);
    assert.equal(rollouts.length, when === "before" ? 0 : 1);
    assert.deepEqual(receiver.words(), when === "before" ? [] : ["rollout-started"]);
  }
});

test("an answer that a crash swallows has the notice sent again, under the same id", async () => {
  const store = createMemoryStore("s");
  const receiver = new FakeReceiver();
  const world = await worldOf(receiver, [targetOf("team", { occasions: ["rollout-started"] })], {
    store,
  });
  await world.start();
  const { commit } = store;
  let commits = 0;
  Object.assign(store, {
    commit: (fence: number, changes: Parameters<typeof commit>[1]) => {
      commits++;
      // The attempt is recorded, its outcome is not.
      return commits === 2 ? Promise.reject(new Error("killed")) : commit(fence, changes);
    },
  });
  await world.controller.deliverDue();
  Object.assign(store, { commit });
  assert.equal(receiver.taken.length, 1);
  await world.restart();
  await pass(world, MINUTE_MS);
  assert.equal(receiver.taken.length, 2);
  assert.equal(new Set(receiver.taken.map(({ id }) => id)).size, 1);
  const { notifications } = await world.controller.notifications();
  assert.deepEqual(
    notifications.map(({ state, attempts }) => [state, attempts]),
    [["delivered", 2]],
  );
});

test("a controller that has lost the lead sends nothing", async () => {
  const receiver = new FakeReceiver();
  const world = await worldOf(receiver, [targetOf("team", { occasions: ["rollout-started"] })]);
  await world.start();
  const deposed = world.controller;
  await world.restart();
  await deposed.deliverDue();
  assert.deepEqual(receiver.attempts, []);
  await drained(world);
  assert.equal(receiver.attempts.length, 1);
});

test("what waits for a target that slipway.yaml no longer has is given up, and says so", async () => {
  const receiver = new FakeReceiver();
  const world = await worldOf(receiver, [targetOf("team", { occasions: ["rollout-started"] })]);
  await world.start();
  await world.controller.apply(requestOf(documentOf({ policy: world.policy })));
  await drained(world);
  const { targets, notifications } = await world.controller.notifications();
  assert.deepEqual(targets, []);
  assert.deepEqual(
    notifications.map(({ state, said }) => [state, said]),
    [["failed", "slipway.yaml has no target team any more"]],
  );
});

test("a test is sent once, and says what was answered", async () => {
  const receiver = new FakeReceiver();
  const world = await worldOf(receiver, [targetOf("a"), targetOf("b")]);
  const sent = await world.controller.testNotifications({ by: "ann" });
  assert.deepEqual(
    sent.map(({ target, state, said }) => [target, state, said]),
    [
      ["a", "delivered", "200"],
      ["b", "delivered", "200"],
    ],
  );
  receiver.answer = AWAY;
  const [failed] = await world.controller.testNotifications({ target: "b", by: "ann" });
  assert.deepEqual(
    [failed?.target, failed?.state, failed?.said],
    ["b", "failed", "connection refused"],
  );
  await assert.rejects(world.controller.testNotifications({ target: "c", by: "ann" }), {
    code: "unknown_target",
  });
  await pass(world, 10 * MINUTE_MS);
  assert.equal(receiver.attempts.length, 3);
});
