// A gateway that is cut off from its controller while a rollout is rolled back, on real processes and sockets: after its
// lease it serves nobody by the candidate, nor after a restart with no controller in reach.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { RolloutView } from "@slipway/wire";
import { ControlClient } from "slipway";
import { fakeUpstream } from "../fake-upstream.ts";
import { scratch, until } from "../slipway.ts";
import { end, launch, lineTo, modelsOf, type Program } from "./programs.ts";

const LEASE_MS = 3_000;
const USERS = 40;

async function armsOf(gateway: Program): Promise<readonly string[]> {
  const arms: string[] = [];
  for (let user = 0; user < USERS; user++) {
    const answer = await fetch(`http://127.0.0.1:${gateway.port}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        model: "m",
        user: `user-${user}`,
        messages: [{ role: "user", content: "hi" }],
      }),
    });
    assert.equal(answer.status, 200, await answer.text());
    arms.push(answer.headers.get("x-slipway-arm") ?? "none");
  }
  return arms;
}

function candidates(arms: readonly string[]): number {
  return arms.filter((arm) => arm === "candidate").length;
}

test("a gateway cut off during a rollback serves no candidate request after its lease, nor after a restart", async (t) => {
  const folder = scratch((clean) => t.after(clean));
  const upstream = await fakeUpstream("hello");
  t.after(() => upstream.close());
  const controller = await launch([
    "controller",
    "--port",
    "0",
    "--data-dir",
    `${folder}/controller`,
  ]);
  t.after(() => end(controller, "SIGKILL"));
  const url = `http://127.0.0.1:${controller.port}`;
  const client = new ControlClient({ url, token: null });
  const line = await lineTo(controller.port);
  t.after(() => line.close());
  const text = `
models:
  m:
    stable: one
    versions:
      one: { upstreams: [{ url: "${upstream.url}" }] }
      two: { upstreams: [{ url: "${upstream.url}", model: two }] }
    policy:
      stages: [{ share: 50%, hold: 1h, min-requests: 1 }, { share: 100%, hold: 1h, min-requests: 1 }]
      evidence: { tick: 1s, horizon: 5s }
      lease: { duration: ${LEASE_MS}ms, on-lapse: stable }
`;
  await client.apply({ models: modelsOf(text), pools: [], clients: null, by: "test" });
  const gateway = (name: string, controllerUrl: string, port: number): Promise<Program> =>
    launch([
      ...["gateway", "--port", String(port), "--workers", "1", "--name", name],
      ...["--data-dir", `${folder}/${name}`, "--controller", controllerUrl],
    ]);
  const near = await gateway("near", url, 0);
  t.after(() => end(near, "SIGKILL"));
  let far = await gateway("far", line.url, 0);
  t.after(() => end(far, "SIGKILL"));
  const started = await client.start({ model: "m", to: "two", by: "test", reason: "" });
  const when = (what: string, wanted: (view: RolloutView) => boolean): Promise<RolloutView> =>
    until(what, async () => {
      const view = await client.rollout(started.id);
      return wanted(view) ? view : null;
    });
  await when(
    "both gateways confirm 50%",
    ({ phase, gateways }) =>
      phase.kind === "stage" && phase.confirmedAtMs !== null && gateways.of === 2,
  );
  const [nearBefore, farBefore] = [await armsOf(near), await armsOf(far)];
  assert.ok(candidates(nearBefore) > 0);
  assert.deepEqual(farBefore, nearBefore, "both gateways send a user the same way");

  line.cut();
  await client.command(started.id, { command: "rollback", by: "test", reason: "drill" });
  assert.equal(
    (await client.rollout(started.id)).phase.kind,
    "rolling-back",
    "one gateway has not confirmed",
  );
  // Its last renewal was sent before the cut, so its lease is over by then.
  await sleep(LEASE_MS);
  assert.equal(candidates(await armsOf(far)), 0, "after its lease it serves stable only");
  assert.equal(candidates(await armsOf(near)), 0, "the other gateway has confirmed the rollback");
  const ended = await when("the rollback ends", ({ phase }) => phase.kind === "rolled-back");
  assert.ok(ended.phase.kind === "rolled-back");
  assert.equal(ended.phase.expired.length, 1);
  assert.match(ended.phase.expired[0] ?? "", /far/, "the gateway that was not reached is named");

  await end(far, "SIGKILL");
  far = await gateway("far", line.url, far.port);
  assert.equal(
    candidates(await armsOf(far)),
    0,
    "restarted from its old table, it serves stable only",
  );
  line.mend();
  await until("it is a member again", async () =>
    (await client.members()).filter(({ state }) => state === "leased").length >= 2 ? true : null,
  );
  assert.equal(candidates(await armsOf(far)), 0, "nobody returns to the candidate");
});
