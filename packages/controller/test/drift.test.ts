// Watches for drift through a whole controller: what is kept of them, whom an alarm calls, what it voids, and how it ends.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BASELINE_ROUNDS, type DriftOrder, type DriftRound } from "@slipway/core";
import type { DriftBaselineRequest, DriftView, ModelDocument } from "@slipway/wire";
import { documentOf, type FakeWorld, MODEL, requestOf, versionOf } from "./fake-world.ts";
import { drained, FakeReceiver, targetOf, worldOf } from "./told-world.ts";

const PROBES = 20;
const ORDER: DriftOrder = {
  ...{ schedule: "0 6 * * *", versions: [], timeoutMs: 1_000, falseAlarmMax: 0.01, margin: 0.1 },
  probes: Array.from({ length: PROBES }, (_, at) => ({ id: `p${at}`, line: "{}" })),
};
const STABLE = versionOf("gpt-5.0");
const HASH = "0".repeat(64);

function round(says: string = "a", changes: Partial<DriftRound> = {}): DriftRound {
  const answers = Array.from({ length: PROBES }, (_, at) => {
    return { probe: `p${at}`, text: says.repeat(16), ending: "fine", tokens: 10 };
  });
  return { asked: PROBES, answers, models: ["m-1"], backends: [], ...changes };
}

function watchedDocument(changes: Partial<ModelDocument> = {}): ModelDocument {
  return documentOf({ drift: ORDER, ...changes });
}

async function watching(receiver: FakeReceiver = new FakeReceiver()): Promise<FakeWorld> {
  const world = await worldOf(receiver, [targetOf("on-call")]);
  await world.controller.apply({
    ...requestOf(watchedDocument({ policy: world.policy })),
    notifications: { mail: null, targets: [targetOf("on-call")] },
  });
  return world;
}

function rebase(
  { controller }: FakeWorld,
  changes: Partial<DriftBaselineRequest> = {},
): Promise<DriftView> {
  return controller.takeDriftBaseline(MODEL, {
    ...{ version: STABLE.id, fingerprint: STABLE.fingerprint, replaces: 0, probes: HASH },
    rounds: Array.from({ length: BASELINE_ROUNDS }, () => round()),
    ...{ by: "ann", reason: "the first one" },
    ...changes,
  });
}

function look({ controller }: FakeWorld, seen: DriftRound, baseline = 1): Promise<DriftView> {
  const { id: version, fingerprint } = STABLE;
  return controller.lookForDrift(MODEL, {
    ...{ version, fingerprint, baseline, round: seen, by: "the schedule" },
  });
}

const alarmOf = ({ versions }: DriftView): string | null =>
  versions.find(({ id }) => id === STABLE.id)?.watch?.alarm?.because ?? null;

test("a version is watched from its baseline on, what is stable by schedule, and a controller that starts again knows of it", async () => {
  const world = await watching();
  await rebase(world);
  const view = await look(world, round());
  assert.deepEqual(
    view.versions.map(({ id, scheduled, watch }) => [id, scheduled, watch?.looks ?? null]),
    [
      ["gpt-5.0", true, 1],
      ["gpt-5.3", false, null],
    ],
  );
  assert.equal(alarmOf(view), null);
  await world.restart();
  assert.deepEqual(world.controller.drift(MODEL), view);
});

test("an alarm calls whoever is to be called, once, until somebody takes the new behaviour as the baseline", async () => {
  const receiver = new FakeReceiver();
  const world = await watching(receiver);
  await rebase(world);
  assert.match(alarmOf(await look(world, round("b"))) ?? "", /^0 of 20 answers say what is known/);
  await look(world, round("b"));
  await drained(world);
  assert.deepEqual(receiver.words(), ["page-opened"]);
  const [call] = receiver.taken;
  assert.deepEqual(
    [call?.title, call?.call, call?.urgency],
    [`${MODEL} gpt-5.0: it has changed under its name`, "trigger", "critical"],
  );
  const rounds = Array.from({ length: BASELINE_ROUNDS }, () => round("b"));
  const view = await rebase(world, { replaces: 1, rounds, by: "bob", reason: "they told us" });
  assert.equal(alarmOf(view), null);
  await drained(world);
  assert.deepEqual(receiver.words(), ["page-opened", "page-resolved"]);
  assert.equal(receiver.taken[1]?.thread, call?.thread);
  assert.deepEqual(
    view.entries.map(({ kind, by, text }) => [kind, by, text.slice(0, 13)]),
    [
      ["baseline", "ann", "the first one"],
      ["alarm", "the schedule", "0 of 20 answe"],
      ["baseline", "bob", "they told us"],
    ],
  );
  assert.equal(alarmOf(await look(world, round("b"), 2)), null);
});

test("a call for a version that is served no longer ends with it", async () => {
  const receiver = new FakeReceiver();
  const world = await watching(receiver);
  const { id: version, fingerprint } = versionOf("gpt-5.3");
  await rebase(world, { version, fingerprint });
  await world.controller.lookForDrift(MODEL, {
    ...{ version, fingerprint, baseline: 1, round: round("b"), by: "the schedule" },
  });
  await drained(world);
  assert.deepEqual(receiver.words(), ["page-opened"]);
  await world.controller.apply({
    ...requestOf(watchedDocument({ policy: world.policy, versions: [STABLE] })),
    notifications: { mail: null, targets: [targetOf("on-call")] },
  });
  await drained(world);
  assert.deepEqual(receiver.words(), ["page-opened", "page-resolved"]);
  assert.equal(receiver.taken[1]?.thread, receiver.taken[0]?.thread);
  assert.deepEqual(
    world.controller.drift(MODEL).entries.map(({ kind }) => kind),
    ["baseline", "alarm"],
    "what it was is remembered",
  );
});

test("an alarm voids what gates had found of that version, and a rollout is told which to run again", async () => {
  const world = await watching();
  const required = { required: ["prompts"], evidenceAgeMsMax: 86_400_000 } as const;
  const document = watchedDocument({ policy: world.policy, preflight: required });
  await world.controller.apply(requestOf(document));
  const candidate = versionOf("gpt-5.3");
  const evidence = () =>
    world.controller.keepEvidence(MODEL, {
      from: { version: STABLE.id, fingerprint: STABLE.fingerprint },
      to: { version: candidate.id, fingerprint: candidate.fingerprint },
      gates: [
        {
          result: { gate: "prompts", outcome: "pass", because: "", figures: [], details: null },
          ...{ grade: "A", settings: null },
        },
      ],
      ...{ endedAtMs: world.controller.nowMs(), by: "ann", slipwayVersion: "0.1.0" },
    });
  await evidence();
  await rebase(world);
  await world.second();
  await look(world, round("b"));
  const voided = {
    code: "gates_missing",
    message: /prompts has not run since gpt-5\.0 changed under its name: 0 of 20 answers/,
    fix: /slipway preflight code-assistant --to gpt-5\.3 --gate prompts/,
  };
  await assert.rejects(world.start(), voided);
  const rounds = Array.from({ length: BASELINE_ROUNDS }, () => round("b"));
  await rebase(world, { replaces: 1, rounds });
  await assert.rejects(world.start(), voided, "accepting it makes old evidence no better");
  await world.second();
  await evidence();
  await world.start();
});

test("what is held against a baseline that somebody has replaced is refused, as is a second first one", async () => {
  const world = await watching();
  await assert.rejects(look(world, round()), { message: /gpt-5\.0 has no baseline for drift/ });
  await rebase(world);
  await assert.rejects(rebase(world), {
    code: "drift_baseline_replaced",
    message: /^ann took another baseline of code-assistant gpt-5\.0 meanwhile \(number 1\)$/,
  });
  await rebase(world, { replaces: 1 });
  await assert.rejects(look(world, round(), 1), { code: "drift_baseline_replaced" });
});

test("what nobody watches, other weights, and too few answers are refused with what to do", async () => {
  const world = await watching();
  const thin = Array.from({ length: BASELINE_ROUNDS }, () => round("a", { answers: [] }));
  await assert.rejects(rebase(world, { rounds: thin }), { code: "drift_baseline_thin" });
  await assert.rejects(rebase(world, { fingerprint: "others" }), { code: "other_versions" });
  await world.controller.apply(requestOf(documentOf({ policy: world.policy })));
  await assert.rejects(rebase(world), { code: "drift_not_watched", fix: /write drift:/ });
});
