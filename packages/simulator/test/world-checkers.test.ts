// Each checker of a world catches a bug that is planted for it, between the real code and one of its ports.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Change, Store } from "@slipway/controller";
import type { Table } from "@slipway/core";
import type { ControllerLink } from "@slipway/gateway";
import {
  runWorld,
  type Tampering,
  World,
  type WorldPlan,
  type WorldReport,
} from "@slipway/simulator";
import type { Acknowledgement, Frame } from "@slipway/wire";
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
  faultsMs: 40_000,
  faults: {},
  conditions: {
    delayMsMin: 1,
    delayMsMean: 5,
    lossShare: 0,
    copyShare: 0,
    copyDelayMsMean: 0,
  },
  commits: { crashShare: 0, failShare: 0, delayMsMean: 0 },
};

const SLOW_NETWORK = { ...CALM.conditions, delayMsMean: 400 };

async function ran(tampering: Tampering, changes: Partial<WorldPlan> = {}): Promise<WorldReport> {
  return await runWorld({ plan: { ...CALM, ...changes }, digest, settle, tampering });
}

/** The first checker that objects, and what it says. */
async function caught(tampering: Tampering, changes: Partial<WorldPlan> = {}): Promise<string> {
  const { violations } = await ran(tampering, changes);
  const [first] = violations;
  return first === undefined ? "nothing" : `${first.checker}: ${first.text}`;
}

function complaintOf({ record }: World): string {
  const [first] = record.violations;
  return first === undefined ? "nothing" : `${first.checker}: ${first.text}`;
}

/** A gateway that sees other tables than it was sent. */
function seeing(change: (table: Table, last: Table | null) => Table | null): Tampering {
  const link = (inner: ControllerLink): ControllerLink => {
    let last: Table | null = null;
    return {
      ...inner,
      follow: (onTable) =>
        inner.follow((table) => {
          const changed = change(table, last);
          if (changed === null) return;
          last = changed;
          onTable(changed);
        }),
    };
  };
  return { link };
}

/** A gateway that sends other frames than it should. */
function sending(change: (frame: Frame) => Frame): Tampering {
  const link = (inner: ControllerLink): ControllerLink => ({
    ...inner,
    report: (frame, done) => inner.report(change(frame), done),
  });
  return { link };
}

/** A controller that stores other things than it should. */
function storing(change: (one: Change) => Change): Tampering {
  const store = (inner: Store): Store => ({
    ...inner,
    commit: (fence, changes) => inner.commit(fence, changes.map(change)),
  });
  return { store };
}

function withSplit(
  table: Table,
  change: Partial<NonNullable<Table["routes"][number]["split"]>>,
): Table {
  const routes = table.routes.map((route) =>
    route.split === null ? route : { ...route, split: { ...route.split, ...change } },
  );
  return { ...table, routes };
}

function withReplay(table: Table, replay: Table["routes"][number]["replay"]): Table {
  return { ...table, routes: table.routes.map((route) => ({ ...route, replay })) };
}

test("without a planted bug and without faults nothing is caught", async () => {
  assert.equal(await caught({}), "nothing");
});

test("lease: a gateway that counts its lease from when the acknowledgement came", async () => {
  const link = (
    inner: ControllerLink,
    { clock }: { clock: { mono: () => number } },
  ): ControllerLink => ({
    ...inner,
    report: (frame, done) => {
      const sentMs = clock.mono();
      return inner.report(frame, (ack) =>
        done(ack && { ...ack, leaseMs: ack.leaseMs + clock.mono() - sentMs }),
      );
    },
  });
  const plan = { ...CALM, requestsPerSecond: 70, conditions: SLOW_NETWORK };
  const world = new World({ plan, digest, settle, tampering: { link } });
  await world.open();
  world.operator.ensureRollout();
  await world.pass(6_000);
  world.network.cut("edge-1", ["to-controller", "from-controller"]);
  await world.pass(CALM.leaseMs + 3_000);
  assert.match(complaintOf(world), /^lease: .*whose lease had ended/);
});

test("lease: a gateway that takes an acknowledgement without a lease for one", async () => {
  const link = (inner: ControllerLink): ControllerLink => ({
    ...inner,
    report: (frame, done) =>
      inner.report(frame, (ack) => done(ack && { ...ack, leaseMs: ack.leaseMs || 5_000 })),
  });
  const changes = { faults: { "worker-crash": 4_000 }, conditions: SLOW_NETWORK };
  assert.match(await caught({ link }, changes), /^lease: .*never had a lease/);
});

test("lease: a gateway that says goodbye and goes on", async () => {
  const bug = sending((frame) => ({ ...frame, goodbye: frame.sequence > 5 }));
  assert.match(await caught(bug), /^lease: .*which had left/);
});

test("share: a gateway that assigns by another hash", async () => {
  const other = seeing((table) => {
    const split = table.routes[0]?.split;
    return split ? withSplit(table, { rolloutId: `${split.rolloutId}!` }) : table;
  });
  // Its frames name the rollout as it is, so that nothing but the hash is wrong.
  const honest = sending((frame) => JSON.parse(JSON.stringify(frame).replaceAll("!", "")) as Frame);
  const bug: Tampering = {
    link: (inner, worker) => other.link?.(honest.link?.(inner, worker) ?? inner, worker) ?? inner,
  };
  assert.match(await caught(bug), /^(share|stickiness): /);
});

test("share: a gateway that gives the candidate more slots than the table", async () => {
  const bug = seeing((table) => {
    const slots = table.routes[0]?.split?.candidateSlots ?? 0;
    return withSplit(table, { candidateSlots: Math.ceil(slots * 1.1) });
  });
  assert.match(await caught(bug), /^share: .*is not below/);
});

test("share: a gateway that accepts a table with a lower number", async () => {
  const bug = seeing((table, last) =>
    last !== null && table.number < last.number
      ? { ...table, number: Math.floor(last.number) + 0.5 }
      : table,
  );
  const changes = { faults: { "old-table": 2_000 } };
  assert.match(await caught(bug, changes), /^share: /);
});

test("share: a controller that publishes another table than it stores", async () => {
  const bug = storing((one) =>
    one.kind === "put-table"
      ? { ...one, text: one.text.replace('"candidateSlots":2000', '"candidateSlots":1999') }
      : one,
  );
  assert.match(await caught(bug), /^share: .* got table \d+, which is not stored so/);
});

test("stickiness: a gateway that keeps from the candidate what is the candidate's", async () => {
  const bug = seeing((table) => {
    const slots = table.routes[0]?.split?.candidateSlots ?? 0;
    return withSplit(table, { candidateSlots: Math.floor(slots * 0.9) });
  });
  assert.match(await caught(bug), /^stickiness: .*though its slot is the candidate's/);
});

test("stickiness: a gateway that confirms a rollback and does not follow it", async () => {
  const bug = seeing((table, last) => {
    const slots = table.routes[0]?.split?.candidateSlots ?? 0;
    return slots === 0 && last !== null && last.routes[0]?.split
      ? { ...last, number: table.number }
      : table;
  });
  const report = await ran(bug, { candidate: "failing", faultsMs: 20_000 });
  const checkers = new Set(report.violations.map(({ checker }) => checker));
  assert.ok(checkers.has("share") || checkers.has("stickiness"), [...checkers].join(" "));
});

test("confirmation: a controller that takes whoever is heard of for confirmed", async () => {
  const bug: Tampering = {
    controller: (inner) => ({
      ...inner,
      acceptFrame: (frame) => inner.acceptFrame({ ...frame, confirmedTable: inner.table().number }),
    }),
  };
  const changes = { conditions: SLOW_NETWORK, faults: { "stream-break": 3_000 } };
  assert.match(await caught(bug, changes), /^confirmation: table \d+ of .* is called confirmed/);
});

test("confirmation: a controller that does not name whom it could not reach", async () => {
  const tampering = storing((one) =>
    one.kind === "append" && one.text.includes('"confirmed"')
      ? { ...one, text: one.text.replace(/"expired":\[[^\]]*\]/, '"expired":[]') }
      : one,
  );
  // No luck is needed: a rollback comes while a gateway is cut off, and stays so until its lease has run out.
  const world = new World({ plan: CALM, digest, settle, tampering });
  await world.open();
  world.operator.ensureRollout();
  await world.pass(4_000);
  world.network.cut("edge-1", ["to-controller", "from-controller"]);
  world.operator.rollBack();
  await world.pass(CALM.leaseMs + 8_000);
  assert.match(complaintOf(world), /^confirmation: .*and is not named/);
});

test("confirmation: a gateway that forgets the candidate requests that it serves", async () => {
  const bug = sending((frame) => ({ ...frame, candidateInFlight: {} }));
  const changes: Partial<WorldPlan> = { candidate: "slow-under-load" };
  assert.match(await caught(bug, changes), /^confirmation: .*is called drained; request/);
});

test("counting: a controller that merges a frame twice", async () => {
  const bug: Tampering = {
    controller: (inner) => ({
      ...inner,
      acceptFrame: async (frame) => {
        const ack = await inner.acceptFrame(frame);
        await inner.acceptFrame({ ...frame, sequence: frame.sequence + 1 });
        return ack;
      },
    }),
  };
  assert.match(await caught(bug), /^counting: rollout-\d+: stored frames report/);
});

test("counting: a gateway that loses what it had not sent", async () => {
  const bug = sending((frame) => ({ ...frame, rows: frame.rows.slice(1) }));
  assert.match(await caught(bug), /^counting: edge-.*requests of rollout-\d+ table/);
});

test("counting: a gateway that changes a frame when it sends it again", async () => {
  let sent = 0;
  const bug = sending((frame) => ({ ...frame, asOfMs: frame.asOfMs - (sent++ % 2) }));
  const changes = { conditions: { ...CALM.conditions, lossShare: 0.2 } };
  assert.match(await caught(bug, changes), /^counting: edge-.*again, and changed/);
});

test("maturity: a gateway that claims to have reported what it has not", async () => {
  const bug = sending((frame) => ({ ...frame, asOfMs: frame.asOfMs + 4_000 }));
  const changes = { conditions: SLOW_NETWORK };
  assert.match(await caught(bug, changes), /^maturity: tick/);
});

test("maturity: a controller that waits for nobody", async () => {
  const bug: Tampering = {
    controller: (inner) => ({
      ...inner,
      acceptFrame: (frame) => inner.acceptFrame({ ...frame, asOfMs: Number.MAX_SAFE_INTEGER }),
    }),
  };
  assert.match(await caught(bug, { conditions: SLOW_NETWORK }), /^maturity: tick/);
});

test("journal: an entry that is not what was hashed", async () => {
  const bug = storing((one) =>
    one.kind === "append" ? { ...one, text: one.text.replace("requirements", "requirement") } : one,
  );
  assert.match(await caught(bug), /^journal: the hash of entry/);
});

test("journal: an acknowledgement before the commit", async () => {
  const bug: Tampering = {
    controller: (inner) => ({
      ...inner,
      acceptFrame: (frame) => {
        inner.acceptFrame(frame).catch(() => {});
        const { number, storeId } = inner.table();
        const ack: Acknowledgement = {
          sequence: frame.sequence,
          leaseMs: 0,
          nowMs: frame.asOfMs,
          storeId,
          table: number,
          members: 1,
          rank: 0,
        };
        return Promise.resolve(ack);
      },
    }),
  };
  assert.match(await caught(bug), /^journal: frame \d+ of .* is acknowledged/);
});

test("journal: a command that is answered and not done", async () => {
  const bug: Tampering = {
    controller: (inner) => ({ ...inner, command: (id) => inner.rollout(id) }),
  };
  const changes = { faults: { operator: 2_000 } };
  assert.match(await caught(bug, changes), /^journal: ask-\d+ was answered as done/);
});

test("users: a gateway that does not replay", async () => {
  const bug = seeing((table) => withReplay(table, { enabled: false, budget: 0.2 }));
  assert.match(await caught(bug, { candidate: "failing" }), /^users: .*nothing explains it/);
});

test("users: a gateway that replays without a budget", async () => {
  const bug = seeing((table) => withReplay(table, { enabled: true, budget: 1 }));
  const changes = { faults: { "candidate-down": 3_000 } };
  assert.match(await caught(bug, changes), /^users: .*beyond the budget/);
});

test("liveness: a controller that does not tick", async () => {
  const bug: Tampering = {
    controller: (inner) => ({ ...inner, run: () => () => {} }),
  };
  assert.match(await caught(bug, { faultsMs: 5_000 }), /^liveness: /);
});
