// A controller that is killed at 20 random moments of a rollout under load, on real processes and sockets: users notice
// nothing, and the rollout goes on where it was, with all that it knew.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createRandom } from "@slipway/core";
import { presets, type SeenAnswer, synthetic, Users, usersDefault } from "@slipway/simulator";
import { startFleet, startLoad } from "@slipway/simulator/edge";
import type { JournalEntry, RolloutView } from "@slipway/wire";
import { ControlClient } from "slipway";
import { scratch, until } from "../slipway.ts";
import { end, launch, modelsOf } from "./programs.ts";

const KILLS = 20;
const SEED = 20;
/** A killed controller may come back at any moment of its next second. */
const LIVES_MS_MAX = 1_200;
/** Patience, not a measure: every stage may still lie ahead, on a machine that is busy. */
const COMPLETES_MS_MAX = 300_000;

/** The controller notices a confirmation at its next tick. */
const CONFIRM_TICK_MS = 1_000;

const PROGRESS = ["preflight", "stage", "bake", "completed"];

function config(stable: string, candidate: string): string {
  return `
models:
  code-assistant:
    stable: gpt-5.0
    versions:
      gpt-5.0: { upstreams: [{ url: "${stable}" }] }
      gpt-5.3: { upstreams: [{ url: "${candidate}" }] }
    policy:
      stages:
        - { share: 5%, hold: 10s, min-requests: 20 }
        - { share: 25%, hold: 10s, min-requests: 100 }
        - { share: 50%, hold: 10s, min-requests: 100 }
        - { share: 100%, hold: 10s, min-requests: 100 }
      bake: 5s
      guards:
        errors: { metric: errors, test: threshold, difference: 5%, window: 60s, min-requests: 20, action: rollback }
      evidence: { tick: 1s, horizon: 10s }
      lease: { duration: 30s, on-lapse: stable }
`;
}

/** How far a rollout has come, as a number that may only grow. */
function progressOf({ phase }: RolloutView): number {
  return PROGRESS.indexOf(phase.kind) * 10 + (phase.kind === "stage" ? phase.stage : 0);
}

/** What was known before a kill is known after it. */
function assertKept(known: RolloutView, back: RolloutView, kill: number): void {
  assert.ok(
    progressOf(back) >= progressOf(known),
    `kill ${kill}: from ${known.phase.kind} to ${back.phase.kind}`,
  );
  assert.ok(back.sequence >= known.sequence, `kill ${kill}: the journal became shorter`);
  for (const arm of ["stable", "candidate"] as const) {
    const [had, has] = [known.totals[arm].arrivals, back.totals[arm].arrivals];
    assert.ok(has >= had, `kill ${kill}: ${arm} had ${had} requests, and now ${has}`);
  }
}

async function completed(client: ControlClient, id: string): Promise<void> {
  const probe = async (): Promise<true | null> => {
    const { phase, decision } = await client.rollout(id);
    assert.notEqual(phase.kind, "rolled-back", decision.because.text);
    return phase.kind === "completed" ? true : null;
  };
  await until("the rollout completes", probe, COMPLETES_MS_MAX);
}

/**
 * Users whom the old version served after the new one had. While a stage grows, workers learn of it one after the other, so
 * that a user may be served by both until all have confirmed it; afterwards never.
 */
function movedBack(
  answers: readonly SeenAnswer[],
  journal: readonly JournalEntry[],
): readonly string[] {
  const growing = journal.flatMap(({ event }) =>
    event.type === "confirmed"
      ? [{ fromMs: event.atMs - event.confirmMs - CONFIRM_TICK_MS, toMs: event.atMs }]
      : [],
  );
  const last = new Map<string, string>();
  const backs: string[] = [];
  for (const { user, version, dueMs } of [...answers].sort((a, b) => a.index - b.index)) {
    const atMs = performance.timeOrigin + dueMs;
    const settled = !growing.some(({ fromMs, toMs }) => atMs >= fromMs && atMs <= toMs);
    if (settled && version === "gpt-5.0" && last.get(user) === "gpt-5.3") {
      backs.push(`${user} at ${atMs}`);
    }
    last.set(user, version);
  }
  return backs;
}

test("a controller killed 20 times during a rollout under load loses and repeats nothing", async (t) => {
  const folder = scratch((clean) => t.after(clean));
  const fleet = await startFleet({
    versions: { stable: presets["gpt-5.0"], candidate: presets["gpt-5.3-scaled"] },
    seed: SEED,
  });
  t.after(() => fleet.close());
  const args = ["controller", "--data-dir", `${folder}/controller`];
  let controller = await launch([...args, "--port", "0"]);
  t.after(() => end(controller, "SIGKILL"));
  const url = `http://127.0.0.1:${controller.port}`;
  const client = new ControlClient({ url, token: null });
  const { stable = "", candidate = "" } = fleet.urls;
  await client.apply({
    models: modelsOf(config(stable, candidate)),
    pools: [],
    clients: null,
    by: "test",
  });
  const gateway = await launch([
    ...["gateway", "--port", "0", "--workers", "2", "--name", "edge"],
    ...["--data-dir", `${folder}/gateway`, "--controller", url],
  ]);
  t.after(() => end(gateway, "SIGKILL"));
  await until("both workers are members", async () =>
    (await client.members()).filter((member) => member.state === "leased").length === 2
      ? true
      : null,
  );
  const answers: SeenAnswer[] = [];
  const load = startLoad({
    onAnswer: (seen) => answers.push(seen),
    urls: [`http://127.0.0.1:${gateway.port}/v1`],
    model: "code-assistant",
    arrivals: synthetic({ ratePerSecond: 60, burstiness: 0.1 }, createRandom(SEED)),
    users: new Users(usersDefault, createRandom(SEED + 1)),
  });
  t.after(() => load.stop());
  const started = await client.start({
    model: "code-assistant",
    to: "gpt-5.3",
    by: "test",
    reason: "",
  });
  const random = createRandom(SEED + 2);
  let known = started;
  for (let kill = 1; kill <= KILLS; kill++) {
    await sleep(random.next() * LIVES_MS_MAX);
    known = await client.rollout(started.id);
    assert.ok(!["completed", "rolled-back"].includes(known.phase.kind), `over before kill ${kill}`);
    await end(controller, "SIGKILL");
    controller = await launch([...args, "--port", String(controller.port)]);
    const back = await client.rollout(started.id);
    assertKept(known, back, kill);
  }
  await completed(client, started.id);
  const report = await load.stop();
  assert.equal(report.errors, 0, JSON.stringify(report.arms));
  assert.equal(report.shed, 0);
  assert.ok(report.requests > 2_000, `${report.requests} requests`);

  const journal = await client.journal(started.id);
  assert.deepEqual(movedBack(answers, journal), [], "no user moved back from the candidate");
  assert.deepEqual(
    journal.map(({ sequence }) => sequence),
    journal.map((_, index) => index + 1),
  );
  const moves = journal.flatMap(({ event }) => (event.type === "moved" ? [event.move] : []));
  assert.deepEqual(moves, [
    { kind: "advance", stage: 0 },
    { kind: "advance", stage: 1 },
    { kind: "advance", stage: 2 },
    { kind: "advance", stage: 3 },
    { kind: "bake" },
    { kind: "complete" },
  ]);
  const verified = await client.verify();
  assert.deepEqual(verified.problems, []);
  assert.ok(verified.replayed >= moves.length, `${verified.replayed} decisions replayed`);
});
