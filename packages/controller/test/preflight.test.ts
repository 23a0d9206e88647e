// Evidence of gates through a whole controller: kept, asked when a rollout starts, overridden by name and with a reason.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GateName, GateOutcome } from "@slipway/core";
import type { EvidenceRequest, ModelDocument } from "@slipway/wire";
import { documentOf, FakeWorld, MODEL, requestOf } from "./fake-world.ts";

const DAY_MS = 86_400_000;

function needing(...required: readonly GateName[]): ModelDocument {
  return { ...documentOf(), preflight: { required, evidenceAgeMsMax: DAY_MS } };
}

async function opened(...required: readonly GateName[]): Promise<FakeWorld> {
  const world = await new FakeWorld().open();
  await world.controller.apply(requestOf(needing(...required)));
  return world;
}

function left(
  world: FakeWorld,
  outcome: GateOutcome,
  changes: Partial<EvidenceRequest> = {},
): Promise<unknown> {
  const { stable, versions } = needing();
  const seen = (id: string): EvidenceRequest["from"] => ({
    version: id,
    fingerprint: versions.find((version) => version.id === id)?.fingerprint ?? "",
  });
  const to = versions.find(({ id }) => id !== stable)?.id ?? "";
  const result = {
    gate: "prompts",
    outcome,
    because: "3 of 40",
    figures: [],
    details: null,
  } as const;
  return world.controller.keepEvidence(MODEL, {
    from: seen(stable),
    to: seen(to),
    gates: [{ result, grade: "A", settings: null }],
    endedAtMs: world.controller.nowMs(),
    by: "ann",
    slipwayVersion: "0.1.0",
    ...changes,
  });
}

test("a rollout without the evidence that its model needs is refused, and is told which gates to run", async () => {
  const world = await opened("prompts", "command");
  await assert.rejects(world.start(), {
    code: "gates_missing",
    message: `rollouts of ${MODEL} need gates to pass: prompts has not run; command has not run`,
    fix: /slipway preflight code-assistant --to \S+ --gate prompts --gate command;/,
  });
  await left(world, "fail");
  await assert.rejects(world.start(), { message: /prompts failed: 3 of 40; command has not run/ });
});

test("a rollout with a pass of the same versions starts, and its journal keeps what it was", async () => {
  const world = await opened("prompts");
  await left(world, "pass");
  const { id, gates } = await world.start();
  assert.deepEqual(
    gates?.map(({ gate, outcome, overridden }) => [gate, outcome, overridden]),
    [["prompts", "pass", null]],
  );
  const [first] = await world.controller.journal(id);
  assert.ok(first?.event.type === "started");
  assert.deepEqual(first.event.rollout.gates, gates);
  assert.deepEqual((await world.controller.verify()).problems, []);
});

test("evidence counts for as long as the model says, and what is said to lie ahead counts as now", async () => {
  const world = await opened("prompts");
  await left(world, "pass", { endedAtMs: world.controller.nowMs() + 100 * DAY_MS });
  await world.controller.apply(
    requestOf({
      ...needing("prompts"),
      preflight: { required: ["prompts"], evidenceAgeMsMax: 5_000 },
    }),
  );
  await world.seconds(6);
  await assert.rejects(world.start(), {
    message: /prompts passed 6\S* s ago, and evidence counts for 5 s/,
  });
});

test("an older report that is handed in later takes the place of nothing that was found since", async () => {
  const world = await opened("prompts");
  await left(world, "fail");
  await left(world, "pass", { endedAtMs: world.controller.nowMs() - 1 });
  await assert.rejects(world.start(), { message: /prompts failed: 3 of 40/ });
});

test("a gate is overridden by name, with a reason and whose it is; one that is not needed cannot be", async () => {
  const world = await opened("prompts", "command");
  await left(world, "fail");
  const request = { model: MODEL, to: "gpt-5.3", by: "ann", reason: "new weights" };
  const withoutGates = [
    { gate: "prompts", reason: "the three are known" },
    { gate: "command", reason: "ran by hand" },
  ] as const;
  await assert.rejects(world.controller.start({ ...request, withoutGates: [withoutGates[0]] }), {
    message: /need gates to pass: command has not run$/,
  });
  await assert.rejects(
    world.controller.start({ ...request, withoutGates: [{ gate: "load", reason: "x" }] }),
    { code: "gate_not_required" },
  );
  const view = await world.controller.start({ ...request, withoutGates });
  assert.deepEqual(
    view.gates?.map(({ outcome, overridden }) => [outcome, overridden?.by, overridden?.reason]),
    [
      ["fail", "ann", "the three are known"],
      [null, "ann", "ran by hand"],
    ],
  );
});

test("evidence of another version under the same name is refused", async () => {
  const world = await opened("prompts");
  const to = { version: "gpt-5.3", fingerprint: "of other weights" };
  await assert.rejects(left(world, "pass", { to }), { code: "other_versions" });
});

test("evidence outlives the controller, is replaced by the same gate's, and goes with its model", async () => {
  const world = await opened("prompts");
  await left(world, "fail");
  await left(world, "pass");
  await world.restart();
  assert.deepEqual(
    world.controller.evidence(MODEL).map(({ result }) => result.outcome),
    ["pass"],
  );
  await world.controller.apply({ models: [], clients: null, pools: [], by: "ann" });
  await world.controller.apply(requestOf(needing("prompts")));
  assert.deepEqual(world.controller.evidence(MODEL), []);
});

test("the way back needs no gates", async () => {
  const world = await opened("prompts");
  await left(world, "pass");
  await world.start();
  await world.seconds(2);
  assert.equal((await world.command("rollback")).phase.kind, "rolling-back");
});
