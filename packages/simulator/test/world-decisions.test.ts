// What checkers of a world say about decisions that are wrong, or not stored as a whole: bugs planted between the controller
// and its store.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Change } from "@slipway/controller";
import { type Tampering, World, type WorldPlan } from "@slipway/simulator";
import { digest, settle } from "./world-ports.ts";

const CALM: WorldPlan = {
  seed: 5,
  gateways: 2,
  workersPerGateway: 1,
  requestsPerSecond: 28,
  candidate: "healthy",
  leaseMs: 5_000,
  onLapse: "stable",
  horizonMs: 3_000,
  faultsMs: 20_000,
  faults: {},
  conditions: { delayMsMin: 1, delayMsMean: 5, lossShare: 0, copyShare: 0, copyDelayMsMean: 0 },
  commits: { crashShare: 0, failShare: 0, delayMsMean: 0 },
};

/** A controller that stores other changes than it should. */
function storing(change: (changes: readonly Change[]) => readonly Change[]): Tampering {
  const store: Tampering["store"] = (inner) => ({
    ...inner,
    commit: (fence, changes) => inner.commit(fence, change(changes)),
  });
  return { store };
}

function appended(change: Change, from: string | RegExp, to: string): Change {
  return change.kind === "append" ? { ...change, text: change.text.replace(from, to) } : change;
}

async function underWay(tampering: Tampering, plan: Partial<WorldPlan> = {}): Promise<World> {
  const world = new World({ plan: { ...CALM, ...plan }, digest, settle, tampering });
  await world.open();
  world.operator.ensureRollout();
  await world.pass(3_000);
  return world;
}

function complaintsOf({ record }: World): string {
  return record.violations.map(({ checker, text }) => `${checker}: ${text}`).join("\n");
}

async function promoted(world: World): Promise<void> {
  const id = world.operator.rollout ?? assert.fail("no rollout");
  const ask = {
    command: "promote" as const,
    by: "operator",
    reason: "promote it",
    to: "next" as const,
  };
  await world.controller.call((controller) => controller.command(id, ask));
}

test("an operator may promote before the evidence is there, and no checker objects", async () => {
  const world = await underWay({});
  await promoted(world);
  assert.equal(complaintsOf(world), "");
});

test("maturity: a decision that says it moved on by evidence that was not there", async () => {
  const world = await underWay(
    storing((changes) =>
      changes.map((one) => appended(one, /("cause":.*?)"kind":"operator"/, '$1"kind":"evidence"')),
    ),
  );
  await promoted(world);
  assert.match(complaintsOf(world), /^maturity: rollout-1 moved on \(advance\) /m);
});

test("journal: a decision that is stored without the table that it routes by", async () => {
  const world = await underWay(
    storing((changes) =>
      changes.some(({ kind }) => kind === "append")
        ? changes.filter(({ kind }) => kind !== "put-table")
        : changes,
    ),
  );
  assert.match(complaintsOf(world), /^journal: rollout-1 moved .*, which is not stored/m);
});

test("journal: an entry whose hash does not follow from the one before", async () => {
  let isLeftOut = false;
  const world = await underWay(
    storing((changes) =>
      changes.map((one) => {
        if (one.kind !== "append" || one.sequence < 2) return one;
        isLeftOut = true;
        return { ...one, hash: digest(`\n${one.text}`) };
      }),
    ),
  );
  assert.ok(isLeftOut);
  assert.match(complaintsOf(world), /^journal: the hash of entry 2 .*does not follow/m);
});

test("trip: a rollout that is tripped by a worker that did not leave the candidate", async () => {
  const link: Tampering["link"] = (inner) => ({
    ...inner,
    report: (frame, done) => {
      const table = frame.confirmedTable ?? 0;
      const counts = { limit: 10, failures: 10, successes: 0, outcomes: {} };
      const stable = { failures: 0, successes: 0 };
      const tripped = [{ rolloutId: "rollout-1", table, ...counts, stable }];
      return inner.report({ ...frame, tripped }, done);
    },
  });
  const world = await underWay({ link });
  assert.match(complaintsOf(world), /^trip: rollout-1 is tripped by .*did not leave/m);
});
